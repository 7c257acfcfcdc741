"""Typist: plays a scanner, or a person, by the very key events that the real ones cause; for the guided tour and the benches."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent, QWindow

from ui.scan.keys import code_offset
from ui.scan.layouts import ALT, ALTGR, CONTROLS, LAYOUTS, PLAIN, SHIFTED, SHIFTS, SPACE, THIRD, Layout
from ui.scan.wedge import now_ms

_SHIFT, _CONTROL = min(SHIFTS), min(CONTROLS)
_MODIFIERS = {
    _SHIFT: (Qt.Key.Key_Shift, Qt.KeyboardModifier.ShiftModifier),
    _CONTROL: (Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier),
    ALT: (Qt.Key.Key_Alt, Qt.KeyboardModifier.AltModifier),
    ALTGR: (Qt.Key.Key_AltGr, Qt.KeyboardModifier.GroupSwitchModifier),
}
_NAMED = {"\r": Qt.Key.Key_Return, "\t": Qt.Key.Key_Tab, " ": Qt.Key.Key_Space}


class Typist:
    """Posts key events to a window, each with its scan code and its own time; the event loop delivers them in order.

    `pc` is the layout of the machine, which decides what the events say as text; all times are milliseconds. Times run ahead of
    `clock` by the gaps, so that nobody has to wait.
    """

    def __init__(self, window: QWindow, pc: str = "us", caps_lock: bool = False, clock: Callable[[], int] = now_ms) -> None:
        self._window = window
        self._pc = LAYOUTS[pc]
        self._caps_lock = caps_lock
        self._clock = clock
        self._at = 0
        self._held = Qt.KeyboardModifier.NoModifier

    def scan(self, text: str, gap: int = 3, prefix: str = "", suffix: str = "\r", scanner: str = "us", after: int = 200) -> None:
        """A trigger pull `after` the key before: the text as a scanner of that layout types it, `gap` from key to key."""
        self._pause(after)
        for character in prefix + text + suffix:
            self._strike(character, LAYOUTS[scanner])
            self._at += gap

    def type(self, text: str, gap: int = 140) -> None:
        """A person types on the machine's own keyboard."""
        for character in text:
            self._pause(gap)
            self._strike(character, self._pc)

    def press(self, key: Qt.Key, place: int, text: str = "", repeats: int = 0, after: int = 140) -> None:
        """Any other key (a function key, an arrow), held down until it has repeated so many times."""
        self._pause(after)
        self._post(QEvent.Type.KeyPress, key, place, text)
        for again in range(repeats):
            self._at += 33 if again else 500
            self._post(QEvent.Type.KeyPress, key, place, text, repeated=True)
        self._post(QEvent.Type.KeyRelease, key, place, text)

    def _pause(self, gap: int) -> None:
        self._at = max(self._at + gap, self._clock())

    def _strike(self, character: str, layout: Layout) -> None:
        place, modifiers, dead = _how(character, layout)
        for modifier in modifiers:
            self._modify(modifier, down=True)
        text = character if _CONTROL in modifiers else self._text(place)
        key = _NAMED.get(character) or _key(text)
        self._post(QEvent.Type.KeyPress, key, place, text)
        self._post(QEvent.Type.KeyRelease, key, place, "")
        for modifier in reversed(modifiers):
            self._modify(modifier, down=False)
        if dead:
            self._post(QEvent.Type.KeyPress, Qt.Key.Key_Space, SPACE, " ")
            self._post(QEvent.Type.KeyRelease, Qt.Key.Key_Space, SPACE, "")

    def _text(self, place: int) -> str:
        """What the machine, in its own layout, takes the key for."""
        shifted = bool(self._held & Qt.KeyboardModifier.ShiftModifier)
        third = bool(self._held & Qt.KeyboardModifier.GroupSwitchModifier)
        if self._caps_lock and self._pc.character(place, PLAIN).isalpha():
            shifted = not shifted
        return self._pc.character(place, THIRD if third else SHIFTED if shifted else PLAIN)

    def _modify(self, place: int, down: bool) -> None:
        key, modifier = _MODIFIERS[place]
        self._post(QEvent.Type.KeyPress if down else QEvent.Type.KeyRelease, key, place, "")
        self._held = self._held | modifier if down else self._held & ~modifier

    def _post(self, kind: QEvent.Type, key: int, place: int, text: str, repeated: bool = False) -> None:
        offset = code_offset()
        code = 0 if offset is None else place + offset
        event = QKeyEvent(kind, key, self._held, code, 0, 0, text, repeated, 1)
        event.setTimestamp(self._at)
        QCoreApplication.postEvent(self._window, event)


def _key(text: str) -> int:
    """Qt's number of a key that writes that text; a letter has its capital's."""
    capital = text.upper()
    return ord(capital) if len(capital) == 1 else 0


def _how(character: str, layout: Layout) -> tuple[int, tuple[int, ...], bool]:
    """The place of a character, the modifiers to hold, and whether it is dead until a space follows."""
    if character < " " and character not in "\r\t":
        place, level = LAYOUTS["us"].place(chr(ord(character) | 0x40).lower())
        return place, (_CONTROL, _SHIFT) if level == SHIFTED else (_CONTROL,), False
    place, level = layout.place(character)
    modifiers = {PLAIN: (), SHIFTED: (_SHIFT,), THIRD: (ALTGR,)}[level]
    return place, modifiers, (place, level) in layout.dead
