"""Results: what the find box finds while somebody types: actions by their word, and records."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from app.kernel.meanings import Match
from app.kernel.words import _, say
from ui.kit.declared import Place
from ui.kit.live import Once
from ui.kit.picker import ResultList, step_of
from ui.shell.floor import Floor
from ui.theme import role, worn

PAUSE = 60
MOST = 12
Found = list[tuple[str, Match | Place | None]]


class Results(QFrame):
    """Hangs under the scan line, over the task. `picked` carries a Match or a Place."""

    picked = Signal(object)

    def __init__(self, floor: Floor, box: QLineEdit, parent: QWidget) -> None:
        super().__init__(parent)
        role(self, "card")
        self._floor = floor
        self._around = parent
        self._box = box
        self.list = ResultList(say(_("What was found")))
        self.list.picked.connect(self.picked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._once = Once(floor.bench, self, self._find, self._show)
        self._pause.timeout.connect(self._once.ask)
        box.installEventFilter(self)
        parent.installEventFilter(self)
        self.hide()

    def seek(self, text: str) -> None:
        """Looks for what is being typed; nothing closes the list."""
        if text.strip() and self._floor.who is not None:
            self._pause.start()
        else:
            self._pause.stop()
            self.hide()

    def chosen(self) -> bool:
        """Whether somebody has walked into the list with the arrows; if so the row is picked."""
        return not self.isHidden() and self.list.walked and self.list.pick()

    def _find(self) -> Callable[[], Found]:
        bench = self._floor.bench
        sought, app, actor = self._box.text().strip(), bench.app, bench.actor
        near = self._floor.screen.near if self._floor.screen else None
        declared, can = bench.declared, bench.can
        named = [(say(action.title), action) for action in declared.actions if action.opens and can(action.needs)]
        doors: Found = [(title, action.opens) for title, action in named if sought.casefold() in title.casefold()]
        labels = {screen.name: say(screen.entity.__about__.label) for screen in declared.pages()}

        def look() -> Found:
            matches = app.find(sought, actor, near=near)
            rows: Found = [(f"{one.title}   ·   {labels[one.entity]}", one) for one in matches if one.entity in labels]
            return [*doors, *rows][:MOST]

        return look

    def _show(self, found: Found) -> None:
        text = self._box.text().strip()
        if not text:
            self.hide()
            return
        self.list.show_rows(found or [(say(_("Nothing is called “{text}”."), text=text), None)])
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        around, row = self._around, worn().density.row
        height = min(around.height() - 16, row * max(1, self.list.count()) + 8)
        self.setGeometry(worn().density.gap, 0, min(around.width() - 32, 720), height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._box and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and not self.isHidden():
            return self.list.step(step_of(event))
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False
