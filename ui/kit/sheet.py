"""Sheet: what lies over the task for a while, as large as it; the task under it stays as it was."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.kernel.words import _, say
from ui.kit.buttons import quiet
from ui.theme import role


class Sheet(QFrame):
    """Follows the size of what it lies on. `closed` says that the task is seen again."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        role(self, "sheet")
        self._around = parent
        self._close = quiet(say(_("Close")), "cross")
        self._close.clicked.connect(self.leave)
        parent.installEventFilter(self)
        self.hide()

    def cover(self) -> None:
        """Is seen, over everything else in the task area."""
        self._close.setText(say(_("Close")))
        self.setGeometry(self._around.rect())
        self.show()
        self.raise_()

    def leave(self) -> None:
        """Closes it; nothing was done."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._around and event.type() == QEvent.Type.Resize and not self.isHidden():
            self.setGeometry(self._around.rect())
        return False
