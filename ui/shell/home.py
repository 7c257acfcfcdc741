"""Home: the doors of a role, big, with how much waits behind each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.declared import Action, Place
from ui.kit.live import Live, Once
from ui.kit.screen import Screen
from ui.kit.tiles import BigTile, grid_of
from ui.theme import role, worn

Counts = dict[str, int]


class HomePage(Screen):
    """What somebody of this role can begin here; everything else by a scan."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Home"))
        self._doors = [action for action in bench.declared.home(bench.actor.home) if bench.can(action.needs)]
        self._tiles = {action.id: self._tile(action) for action in self._doors}
        sentence = role(QLabel(say(_("Scan a tag, a part or a bin"))), "sentence")
        sentence.setWordWrap(True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid_of(list(self._tiles.values()), 3))
        column.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, 2 * gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addWidget(sentence)
        layout.addWidget(role(QLabel(say(_("or begin here"))), "quiet"))
        layout.addWidget(area, 1)
        self._once = Once(bench, self, self._count, self._counted)
        Live(bench, self, lambda: READS, self._once.ask)

    def _tile(self, action: Action) -> BigTile:
        note = say(action.note) if action.note else ""
        tile = BigTile(say(action.title), note or (" " if action.count else ""), action.icon)
        tile.setToolTip(action.keys)
        place = action.opens
        tile.clicked.connect(lambda: place and self.bench.ways.go(place))
        return tile

    def _count(self) -> Callable[[], Counts]:
        app, actor = self.bench.app, self.bench.actor
        wanted = {action.id: action.count for action in self._doors if action.count}
        return lambda: {name: app.count(query, actor, **given) for name, (query, given) in wanted.items()}

    def _counted(self, counts: Counts) -> None:
        for name, number in counts.items():
            self._tiles[name].set_note(say(_("{count} here"), count=number))


READS = frozenset({"work_order", "stock_line", "part", "part_line", "person", "bin"})
