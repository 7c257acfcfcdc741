"""Keys: reads a key event by the key's place, so that neither the layout of the machine nor caps lock can garble a scan."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent

from ui.scan.layouts import ALT, ALTGR, CAPS, CONTROLS, KEYPAD, PLAIN, SHIFTED, SHIFTS, THIRD, Layout

_OFFSETS = {"windows": 0, "cocoa": None}
"""What to take from a native scan code to get the place: 8 on X11, Wayland, the Linux console and Qt's own test platforms;
macOS tells no scan codes."""
_EXTENDED = {0x138: ALTGR, 0x11C: 96, 0x11D: 97, 0x135: 98}
_MODIFIER_KEYS = frozenset(
    {
        Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock, Qt.Key.Key_Meta,
        Qt.Key.Key_NumLock, Qt.Key.Key_Mode_switch,
    }
)  # fmt: skip
_MODIFIER_PLACES = SHIFTS | CONTROLS | {ALT, ALTGR, CAPS}
_TEXT_OF_KEYS = {int(Qt.Key.Key_Return): "\r", int(Qt.Key.Key_Enter): "\r", int(Qt.Key.Key_Tab): "\t"}


MUTE = "\0"
"""The character of a key that only completes the one before it: the space after a dead key."""


def code_offset() -> int | None:
    """What lies between a key's place and the native scan code on this machine; None where there are no scan codes."""
    return _OFFSETS.get(QGuiApplication.platformName(), 8)


class Keys:
    """The keyboard as one scanner sees it: which modifiers are down, and what a key writes."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._offset = code_offset()
        self._down: set[int] = set()
        self._after_dead = False

    def place(self, event: QKeyEvent) -> int:
        """The key's place on the keyboard, or 0 where the machine does not tell."""
        code = event.nativeScanCode()
        if self._offset is None or code <= self._offset:
            return 0
        return _EXTENDED.get(code, code - self._offset)

    def ident(self, event: QKeyEvent) -> int:
        """What tells this key from the others between its press and its release."""
        return self.place(event) or -event.key()

    def is_modifier(self, event: QKeyEvent) -> bool:
        """Whether the key only changes what other keys write."""
        return event.key() in _MODIFIER_KEYS or self.place(event) in _MODIFIER_PLACES

    def modify(self, event: QKeyEvent, down: bool) -> None:
        """Notes that a modifier went down or up."""
        if down:
            self._down.add(self.place(event))
        else:
            self._down.discard(self.place(event))

    def forget(self) -> None:
        """Lets go of every modifier: the keys went to another window meanwhile."""
        self._down.clear()
        self._after_dead = False

    def character(self, event: QKeyEvent) -> str:
        """What the key writes in the scanner's layout, or nothing; the event's own text where the place is unknown."""
        place = self.place(event)
        if not place:
            return _TEXT_OF_KEYS.get(event.key()) or event.text()
        if place in KEYPAD:
            return KEYPAD[place] if event.text() else ""
        return self._written(place, event.modifiers())

    def _written(self, place: int, told: Qt.KeyboardModifier) -> str:
        """What the key writes with the modifiers that were seen to go down, or that an input method kept but Qt tells."""
        third = ALTGR in self._down or told & Qt.KeyboardModifier.GroupSwitchModifier
        shifted = self._down & SHIFTS or told & Qt.KeyboardModifier.ShiftModifier
        level = THIRD if third else SHIFTED if shifted else PLAIN
        written = self._layout.character(place, level)
        after_dead, self._after_dead = self._after_dead, (place, level) in self._layout.dead
        if after_dead and written == " ":
            return MUTE
        return _control(written) if self._down & CONTROLS and not third else written


def _control(character: str) -> str:
    """The control character of Ctrl and a key (Ctrl+] is GS, Ctrl+B is STX), or nothing."""
    code = ord(character.upper()) if len(character) == 1 else 0
    return chr(code & 0x1F) if ord("@") <= code <= ord("_") else ""
