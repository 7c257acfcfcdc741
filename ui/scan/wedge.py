"""Wedge: a scanner that types. Tells its keys from a person's, takes back what it typed, and hands on a RawScan.

The rules are told in `burst`. A person's key always arrives: in a text field at once, elsewhere after at most the silence
that ends a scan (a space from a scanner must not press the button in focus).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

from ui.scan.burst import AIM, ENDS, STX, Burst, ScannerSetup, symbology
from ui.scan.keys import MUTE, Keys
from ui.scan.layouts import LAYOUTS
from ui.scan.raw import RawScan
from ui.scan.takeback import Restore, remember

PRESS, RELEASE = QEvent.Type.KeyPress, QEvent.Type.KeyRelease
_GRACE = 30
"""Milliseconds that keys get to arrive after the screen thread was busy for longer than the silence."""


def now_ms() -> int:
    """The machine's monotonic clock in milliseconds."""
    return time.monotonic_ns() // 1_000_000


@dataclass
class _Open:
    """A burst that is not yet decided: where it began, and the keys that were held back."""

    burst: Burst
    window: QWindow
    restore: Restore | None
    held: list[QKeyEvent] = field(default_factory=list)
    down: set[int] = field(default_factory=set)
    by_text: bool = False


class Wedge(QObject):
    """Listens to the keys of every window of the program, from any focus.

    `scanned` carries a RawScan, through the event loop and in the order of reading. `clock` gives milliseconds and stands
    in for time in tests, where `flush` says that there was silence.
    """

    scanned = Signal(object)
    _recognised = Signal(object)

    def __init__(
        self, setup: ScannerSetup | None = None, clock: Callable[[], int] = now_ms, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._setup = setup or ScannerSetup()
        self._clock = clock
        self._keys = Keys(LAYOUTS[self._setup.layout])
        self._open: _Open | None = None
        self._pressed: set[int] = set()
        self._swallowed: set[int] = set()
        self._pressed_at = 0
        self._repeating = 0
        self._ended_at: int | None = None
        self._replaying = False
        self._key_came = 0
        self._silence = QTimer(self, singleShot=True)
        self._silence.timeout.connect(self._on_silence)
        self._recognised.connect(self.scanned, Qt.ConnectionType.QueuedConnection)
        QGuiApplication.instance().focusWindowChanged.connect(self._on_focus_window)  # type: ignore[union-attr]
        self._on_focus_window(QGuiApplication.focusWindow())

    def learn(self, setup: ScannerSetup) -> None:
        """The scanner was set to something else; a burst under way ends by the old rules."""
        if setup != self._setup:
            self._setup, self._keys = setup, Keys(LAYOUTS[setup.layout])

    def watch(self, window: QWindow | None) -> None:
        """Listens to a window before it has had the focus; windows that get the focus are listened to anyway."""
        if window is not None:
            window.installEventFilter(self)

    def flush(self) -> None:
        """Decides what is open, as silence does: a scan is handed on, typing is given back."""
        self._silence.stop()
        self._decide("")

    def stop(self) -> None:
        """Ends listening; keys that were held back are given back."""
        self.flush()
        QGuiApplication.instance().focusWindowChanged.disconnect(self._on_focus_window)  # type: ignore[union-attr]
        for window in QGuiApplication.allWindows():
            window.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in (PRESS, RELEASE) or not isinstance(event, QKeyEvent) or not isinstance(watched, QWindow):
            return False
        if self._replaying:
            self._replaying = False
            return False
        return self._press(watched, event) if kind == PRESS else self._release(watched, event)

    def _press(self, window: QWindow, event: QKeyEvent) -> bool:
        if self._keys.is_modifier(event):
            self._keys.modify(event, down=True)
            return False
        at = self._time(event)
        if self._is_repeat(event, at):
            return self._repeat(event)
        self._pressed_at = at
        self._pressed.add(self._keys.ident(event))
        self._swallowed.discard(self._keys.ident(event))
        if self._open and not self._open.burst.follows(at):
            self._decide("")
        character = self._keys.character(event)
        if self._is_prefix(event, character):
            return self._begin_frame(window, event, character, at)
        if character in ENDS:
            return self._end(event, character, at)
        if not self._belongs(character):
            self._give_back()
            return False
        return self._take(window, event, character, at)

    def _belongs(self, character: str) -> bool:
        """Whether a scanner may have sent it: what can be printed, and GS and its kin once a scan is under way."""
        return bool(character) and (character >= " " or character == "\x1d" or self._open is not None)

    def _take(self, window: QWindow, event: QKeyEvent | None, character: str, at: int) -> bool:
        if self._open is None:
            self._open = _Open(Burst(self._setup, at), window, remember(window.focusObject()))
        pending = self._open
        pending.burst.add("" if character == MUTE else character, at)
        pending.by_text |= event is not None and not self._keys.place(event)
        if pending.burst.too_long() or (pending.restore is None and pending.burst.plodding()):
            self._hand_over(pending)
        self._listen_for_silence()
        if event is None or not self._holds(pending, character):
            return False
        self._hold(pending, event)
        return True

    def _holds(self, pending: _Open, character: str) -> bool:
        """Whether to hold the key back: a text field gets its first keys at once, because they can be taken back."""
        if pending.burst.by_hand:
            return False
        return pending.restore is None or bool(pending.held) or character < " " or pending.burst.fast()

    def _hold(self, pending: _Open, event: QKeyEvent) -> None:
        pending.held.append(_copy(event))
        pending.down.add(self._keys.ident(event))

    def _is_prefix(self, event: QKeyEvent, character: str) -> bool:
        prefix = self._setup.prefix
        if prefix in (STX, AIM):
            return character == prefix and not (prefix == AIM and self._open and self._open.burst.framed)
        return bool(prefix) and event.key() == getattr(Qt.Key, f"Key_{prefix}", None)

    def _begin_frame(self, window: QWindow, event: QKeyEvent, character: str, at: int) -> bool:
        self._decide("")
        burst = Burst(self._setup, at, framed=True)
        if character == AIM:
            burst.text = AIM
        self._open = _Open(burst, window, remember(window.focusObject()))
        self._open.by_text = not self._keys.place(event)
        self._hold(self._open, event)
        self._listen_for_silence()
        return True

    def _is_repeat(self, event: QKeyEvent, at: int) -> bool:
        """Whether a key is held down: the first repeat takes its time. A fast scanner's double letter is told as one, too."""
        ident = self._keys.ident(event)
        if not event.isAutoRepeat():
            self._repeating = 0
        elif at - self._pressed_at > self._setup.gap:
            self._repeating = ident
        return self._repeating == ident

    def _repeat(self, event: QKeyEvent) -> bool:
        self._give_back()
        return self._keys.ident(event) in self._swallowed

    def _end(self, event: QKeyEvent, character: str, at: int) -> bool:
        if self._open:
            if not self._decide("\t" if character == "\t" else "\r"):
                return False
            self._ended_at = at
        elif self._ended_at is None or not 0 <= at - self._ended_at <= self._setup.typical:
            return False
        self._swallowed.add(self._keys.ident(event))  # of Enter and line feed the second belongs to the scan too
        return True

    def _release(self, window: QWindow, event: QKeyEvent) -> bool:
        if self._keys.is_modifier(event):
            self._keys.modify(event, down=False)
            return False
        if self._is_repeat(event, self._time(event)):
            return False
        ident, pending = self._keys.ident(event), self._open
        if ident not in self._pressed:
            return self._kept_by_input_method(window, event)
        self._pressed.discard(ident)
        if ident in self._swallowed:
            self._swallowed.discard(ident)
            return True
        if pending and ident in pending.down:
            pending.held.append(_copy(event))
            pending.down.discard(ident)
            return True
        return False

    def _kept_by_input_method(self, window: QWindow, event: QKeyEvent) -> bool:
        """A release without its press: the input method kept the press of a dead key, but a scanner meant the key."""
        at, character = self._time(event), self._keys.character(event)
        if self._open and not self._open.burst.follows(at):
            self._decide("")
        if self._keys.place(event) and character >= " ":
            self._take(window, None, character, at)
        return False

    def _decide(self, end: str) -> bool:
        """Whether what is open was a scan; if so it is handed on, if not it is given back."""
        pending = self._open
        if pending is None or not pending.burst.is_scan(end):
            self._give_back()
            return False
        self._open = None
        self._silence.stop()
        self._swallowed |= pending.down
        if pending.restore:
            pending.restore()
        self._recognised.emit(self._raw(pending, end))
        return True

    def _raw(self, pending: _Open, end: str) -> RawScan:
        text = pending.burst.text
        return RawScan(
            text=text,
            source="wedge-text" if pending.by_text else "wedge",
            at_ms=self._clock(),
            symbology=symbology(text),
            certain=pending.burst.certain(end),
        )

    def _give_back(self) -> None:
        pending, self._open = self._open, None
        self._silence.stop()
        if pending:
            self._hand_over(pending)

    def _hand_over(self, pending: _Open) -> None:
        """This is a person: the keys that were held back do what they would have done."""
        pending.burst.by_hand = True
        held, pending.held = pending.held, []
        pending.down.clear()
        for event in held:
            if shiboken6.isValid(pending.window):
                self._replaying = True
                QCoreApplication.sendEvent(pending.window, event)
                self._replaying = False

    def _listen_for_silence(self) -> None:
        self._key_came = self._clock()
        self._silence.start(self._setup.gap)

    def _on_silence(self) -> None:
        late = self._clock() - self._key_came - self._setup.gap
        if late > _GRACE:
            self._key_came = self._clock()
            self._silence.start(_GRACE)
        else:
            self.flush()

    def _on_focus_window(self, window: QWindow | None) -> None:
        self.watch(window)
        if self._open is None:
            self._keys.forget()
            self._pressed.clear()

    def _time(self, event: QKeyEvent) -> int:
        return event.timestamp() or self._clock()


def _copy(event: QKeyEvent) -> QKeyEvent:
    made = QKeyEvent(
        event.type(), event.key(), event.modifiers(), event.nativeScanCode(), event.nativeVirtualKey(),
        event.nativeModifiers(), event.text(), event.isAutoRepeat(), event.count(),
    )  # fmt: skip
    made.setTimestamp(event.timestamp())
    return made
