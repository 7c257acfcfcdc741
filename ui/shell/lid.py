"""Lid: what lies over everything in the window. Neither a key nor a key's shortcut reaches what is underneath."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid


class Lid(QWidget):
    """As large as what it covers. `first` has the keys while it lies there; who had them before has them again."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self._before: QWidget | None = None
        self.setAutoFillBackground(True)
        parent.installEventFilter(self)
        self.hide()

    @property
    def first(self) -> QWidget:
        """Who has the keys."""
        raise NotImplementedError

    def cover(self) -> None:
        """Lies over everything from now on."""
        if not self.isVisible():
            self._before = self.window().focusWidget()
        self.setGeometry(self._around.rect())
        self.show()
        self.raise_()
        self.first.setFocus()

    def hold(self) -> None:
        """Somebody underneath was given the keys, such as the door when nobody works: they come after this."""
        now = self.window().focusWidget()
        if self.isVisible() and now is not None and not self.isAncestorOf(now):
            self._before = now
            self.first.setFocus()

    def uncover(self) -> None:
        """What was underneath is seen again."""
        if self.isHidden():
            return
        self.hide()
        if self._before is not None and isValid(self._before) and self._before.isVisible():
            self._before.setFocus()
        self._before = None

    def event(self, event: QEvent) -> bool:
        """A shortcut is a key like any other here."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._around.rect())
        return False
