"""Home: the doors of a role, big, with how much waits behind each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.kernel import queries
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
        self._doors = bench.doors()
        self._tiles = {action.id: self._tile(action) for action in self._doors}
        sentence = role(QLabel(say(_("Scan a tag, a part or a bin"))), "sentence")
        sentence.setWordWrap(True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid_of(list(self._tiles.values()), 3), 100)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, 2 * gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addWidget(sentence)
        layout.addWidget(area, 1)
        self._reads = frozenset(bench.app.registry.entities)  # until the numbers say what they are counted from
        self._once = Once(bench, self, self._count, self._counted)
        Live(bench, self, lambda: self._reads, self._once.ask)

    def _tile(self, action: Action) -> BigTile:
        tile = BigTile(say(action.title), " " if action.count else say(action.note), action.icon, tall=True)
        tile.setToolTip(action.keys)
        tile.clicked.connect(partial(self._open, action))
        if action.rare:
            tile.hide()
        return tile

    def _open(self, action: Action) -> None:
        if action.opens is not None:
            self.bench.ways.go(action.opens)

    def _count(self) -> Callable[[], tuple[Counts, frozenset[str]]]:
        app, actor = self.bench.app, self.bench.actor
        wanted = {action.id: action.count for action in self._doors if action.count}

        def look() -> tuple[Counts, frozenset[str]]:
            with app.read(actor) as session:
                asks = {name: app.asked(session, query, actor, dict(given)) for name, (query, given) in wanted.items()}
                counts = {name: queries.count(session, ask) for name, ask in asks.items()}
            return counts, frozenset().union(*(ask.reads for ask in asks.values()))

        return look

    def _counted(self, found: tuple[Counts, frozenset[str]]) -> None:
        counts, self._reads = found
        doors = {action.id: action for action in self._doors}
        for name, number in counts.items():
            self._tiles[name].set_note(say(doors[name].note, count=number) if number else say(_("None")))
            if doors[name].rare:
                self._tiles[name].setVisible(number > 0)
