"""In Odoo: how the hub stands to it, how much waits, and what is stuck: since when, whose it is, and why."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.kernel.queries import Row
from app.kernel.words import _, say
from app.odoo.commands import MatchInOdoo
from app.odoo.states import SETTLES
from ui.kit.bench import Bench
from ui.kit.declared import Place
from ui.kit.list import Table
from ui.kit.live import Live, Once
from ui.kit.nothing import Nothing
from ui.kit.readable import ReadArea, table, words
from ui.kit.screen import Deed, Screen
from ui.kit.table import Source
from ui.odoo.reading import READS, Known, known
from ui.theme import role, worn

COLUMNS = ("subject", "said", "age", "owner", "verdict", "state")
NARROW = 52  # letters beside each other below which what is stuck has the room to itself


class OdooPage(Screen):
    """On the left how it stands, on the right what is stuck, the oldest first."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("In Odoo"))
        self._known: Known | None = None
        self._turned = False
        self._facts, self._right, self._head = ReadArea(), QWidget(), role(QLabel(), "heading")
        self._table = Table(bench, Source("odoo_letters", {"open": True}, COLUMNS), name=say(_("What is stuck")), page=self)
        self._table.opened.connect(self._open)
        self._table.rows.counted.connect(self._counted)
        self._nothing = Nothing(bench, "odoo_letters")
        self._nothing.hide()
        self._lay_out()
        self._once = Once(bench, self, lambda: partial(known, bench), self._show)
        Live(bench, self, lambda: READS, self._once.ask)

    def _lay_out(self) -> None:
        gap = worn().density.gap
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(gap)
        right.addWidget(self._head)
        right.addWidget(self._table, 1)
        right.addWidget(self._nothing, 1)
        body = QHBoxLayout(self)
        body.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        body.setSpacing(2 * gap)
        body.addWidget(self._facts, 4)
        body.addWidget(self._right, 7)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, one of the two is seen at a time."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        narrow = self.width() < NARROW * worn().density.body
        self._facts.setVisible(not (narrow and self._turned))
        self._right.setVisible(not narrow or self._turned)

    def _turn_over(self) -> None:
        self._turned = not self._turned
        self._place()
        self.altered.emit()

    def _counted(self, number: int) -> None:
        self._table.setVisible(number > 0)
        self._nothing.setVisible(number == 0)
        self._nothing.tell(say(_("Nothing is stuck.")))

    def _show(self, found: Known) -> None:
        self._known = found
        inside, gap = QWidget(), worn().density.gap
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, gap, 0)
        column.setSpacing(gap)
        column.addWidget(words(found.state, "title", found.tone))
        for sentence, advice in found.said:
            column.addWidget(words(sentence, "heading"))
            column.addWidget(words(advice, "quiet"))
        column.addLayout(table(found.facts))
        column.addStretch()
        self._facts.setWidget(inside)
        self._head.setText(say(_("What is stuck: {count}"), count=found.letters))
        self.altered.emit()

    def _open(self, row: Row) -> None:
        self.bench.ways.go(Place("page", "odoo_letter", row["id"]))

    @property
    def primary(self) -> Deed | None:
        """What somebody can settle here: first what is to be matched, since it holds other things up."""
        found = self._known
        if found is None:
            return None
        if found.matches and self.bench.can(MatchInOdoo.needs):
            return Deed(say(_("Match ({count})"), count=found.matches), partial(self._list, "odoo_match"), "edit")
        if found.differences and self.bench.can(SETTLES):
            return Deed(say(_("Differences ({count})"), count=found.differences), partial(self._list, "odoo_difference"), "stock")
        return None

    @property
    def others(self) -> tuple[Deed, ...]:
        filled = self.primary.label if self.primary is not None else ""
        deeds = (
            Deed(say(_("All records")), partial(self._list, "odoo_link", is_open=False), "jobs"),
            Deed(say(_("Differences")), partial(self._list, "odoo_difference", is_open=False), "stock"),
            Deed(say(_("Matches")), partial(self._list, "odoo_match", is_open=False), "edit"),
        )
        turn = Deed(say(_("How it stands")) if self._turned else say(_("What is stuck")), self._turn_over, "sync")
        narrow = self.width() < NARROW * worn().density.body
        return (*(one for one in deeds if not filled.startswith(one.label)), *((turn,) if narrow else ()))

    def _list(self, name: str, is_open: bool = True) -> None:
        self.bench.ways.go(Place("list", name, given={"open": True} if is_open else {}))

    def arrive(self) -> None:
        self._once.ask()
