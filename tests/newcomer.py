"""Somebody before the first screens, on a machine that holds nothing; every touch of theirs is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget

from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.words import speak
from ui.cli.beginning import EmptyPlace
from ui.first.window import FirstWindow
from ui.main import application
from ui.scan.raw import RawScan
from ui.scan.typist import Typist
from ui.theme import Theme

PATIENCE = 10_000


class Somebody:
    """A person with one finger and a scanner. A field that is typed into is a touch, and so is a button; a scan is none."""

    def __init__(self, window: FirstWindow, place: EmptyPlace, store: Path, wait: Callable[..., None]) -> None:
        self.window, self.place, self.store, self._wait = window, place, store, wait
        self.touched = self.scanned = 0
        self.file: Path | None = None
        self._hand: Typist | None = None

    def until(self, so: Callable[[], bool]) -> None:
        self._wait(so, timeout=PATIENCE)

    def types(self, name: str, text: str) -> None:
        box = self._field(name)
        box.clear()
        if isinstance(box.parent(), QComboBox):
            box.setText(text)  # the list that opens under a typing hand is a window, which no test's screen can raise
        else:
            QTest.keyClicks(box, text)
        self.touched += 1

    def _field(self, name: str) -> QLineEdit:
        self.until(lambda: self._found(name) is not None)
        found = self._found(name)
        assert found is not None
        return found

    def _found(self, name: str) -> QLineEdit | None:
        named = [one for one in self.window.findChildren(QWidget) if one.isVisible() and one.accessibleName() == name]
        for one in named:
            if isinstance(one, QLineEdit):
                return one
            if isinstance(one, QComboBox):
                return one.lineEdit()
        return None

    def touches(self, name: str) -> None:
        self.until(lambda: self._button(name) is not None)
        button = self._button(name)
        assert button is not None
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.touched += 1

    def _button(self, name: str) -> QAbstractButton | None:
        buttons = self.window.findChildren(QAbstractButton)
        there = (one for one in buttons if one.isVisible() and one.isEnabled())
        return next((one for one in there if one.accessibleName().partition(", ")[0] == name), None)

    def press(self, letters: str) -> None:
        """Keys at a hand's pace, wherever they go now; a scanner is faster."""
        self.until(self.window.isActiveWindow)
        self._hand = self._hand or Typist(self.window.windowHandle())
        self._hand.type(letters)
        application().processEvents()

    def tabs_to(self, name: str) -> None:
        """Tab, until it has come there."""
        self.until(lambda: bool(self._named(name)))
        for _stop in range(30):
            if name in self._keys_at():
                return
            self.press("\t")
        raise AssertionError(f"Tab does not come to {name}; it is at {self._keys_at()}")

    def keys_in(self, name: str, text: str) -> None:
        """Typed where Tab has come to."""
        self.tabs_to(name)
        self.press(text)

    def _keys_at(self) -> tuple[str, ...]:
        """What has the keys, by the words of a screen reader."""
        there = self.window.focusWidget()
        return (there.accessibleName(), there.accessibleName().partition(", ")[0]) if there is not None else ()

    def _named(self, name: str) -> list[QWidget]:
        there = (one for one in self.window.findChildren(QWidget) if one.isVisible() and one.isEnabled())
        return [one for one in there if name in (one.accessibleName(), one.accessibleName().partition(", ")[0])]

    def scans(self, text: str) -> None:
        self.window.wedge.scanned.emit(RawScan(text))
        self.scanned += 1

    def reads(self, words: str) -> None:
        self.until(lambda: words in self.words())

    def words(self) -> str:
        return "\n".join(one.text() for one in self.window.findChildren(QLabel) if one.isVisible() and one.text())


@contextmanager
def at_first_screens(
    store: Path, wait: Callable[..., None], theme: str = "light", density: str = "desk", size: tuple[int, int] = (1280, 800)
) -> Iterator[Somebody]:
    """Somebody before the window; the store is closed again at the end."""
    bugs = list[BaseException]()
    Theme.load(theme, density).wear(application())
    place = EmptyPlace(store, KeyKeeper(KeyFile()))
    window = FirstWindow(place, bugs.append, lambda: somebody.file)
    somebody = Somebody(window, place, store, wait)
    window.resize(*size)
    window.show()
    try:
        yield somebody
    finally:
        window.close()
        window.deleteLater()
        place.close()
        speak("en")
    assert bugs == []
