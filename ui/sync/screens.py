"""Sync: what waits for the hub and since when, what it has confirmed, why the last try failed, and what was repaired."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.kernel.records import CONFIRMED, PARKED, WAITING
from app.kernel.words import _, say
from app.terminals.commands import InviteTerminal
from ui.kit.bench import Bench
from ui.kit.buttons import Button
from ui.kit.declared import Place
from ui.kit.list import Table
from ui.kit.live import Live, Once
from ui.kit.nothing import Nothing
from ui.kit.screen import Deed, Screen
from ui.kit.table import Source
from ui.sync.facts import Facts
from ui.sync.reading import Known, known
from ui.theme import worn

CHIPS = ((WAITING, _("Waiting")), (PARKED, _("Parked")), (CONFIRMED, _("Confirmed")))
NARROW = 52  # letters beside each other below which the commands have the room to themselves
COLUMNS = ("command", "what", "at", "state", "problems")


class SyncPage(Screen):
    """On the left how it stands, on the right the commands, the latest first."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Hub"))
        self._known: Known | None = None
        self._chips: list[Button] = []
        self._turned = False
        self._facts, self._right = Facts(), QWidget()
        self._state = WAITING if bench.app.station.enrolled else ""
        shown = {"state": self._state} if self._state else {}
        self._table = Table(bench, Source("sent", shown, COLUMNS), name=say(_("What was done here")), page=self)
        self._nothing = Nothing(bench, "sent")
        self._nothing.cleared.connect(partial(self._turn, ""))
        self._nothing.hide()
        self._table.rows.counted.connect(self._counted)
        self._lay_out()
        self._once = Once(bench, self, lambda: partial(known, bench), self._show)
        every = frozenset(bench.app.registry.entities)
        Live(bench, self, lambda: every, self._once.ask)
        bench.linked.connect(self._seen_again)

    def _lay_out(self) -> None:
        gap = worn().density.gap
        chips = QHBoxLayout()
        for state, label in CHIPS if self.bench.app.station.enrolled else ():
            chip = Button(say(label), button_role="chip")
            chip.setChecked(state == WAITING)
            chip.clicked.connect(partial(self._turn, state))
            self._chips.append(chip)
            chips.addWidget(chip)
        chips.addStretch()
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(gap)
        right.addLayout(chips)
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
        narrow = self._narrow
        self._facts.setVisible(not (narrow and self._turned))
        self._right.setVisible(not narrow or self._turned)

    @property
    def _narrow(self) -> bool:
        return self.width() < NARROW * worn().density.body

    def _turn_over(self) -> None:
        self._turned = not self._turned
        self._facts.setVisible(not self._turned)
        self._right.setVisible(self._turned)
        self.altered.emit()

    @property
    def others(self) -> tuple[Deed, ...]:
        if not self._narrow:
            return ()
        return (Deed(say(_("How it stands")) if self._turned else say(_("What was done")), self._turn_over, "jobs"),)

    def _turn(self, state: str, _on: bool = True) -> None:
        for chip, (one, _label) in zip(self._chips, CHIPS, strict=False):
            chip.setChecked(one == state)
        self._state = state
        self._table.rows.point({"state": state} if state else {})

    def _counted(self, number: int) -> None:
        """Where nothing is so far on its way, something else may well be."""
        self._table.setVisible(number > 0)
        self._nothing.setVisible(number == 0)
        if number == 0:
            words = {state: say(label) for state, label in CHIPS}
            self._nothing.tell(say(_("Nothing was done here yet.")), words.get(self._state, ""))

    def _show(self, found: Known) -> None:
        self._known = found
        self._facts.show_known(found)
        self.altered.emit()

    @property
    def primary(self) -> Deed | None:
        """Tries at once, where there is a hub; where there is none, one may be joined."""
        if self._known is None or not self._known.hub:
            join = self.bench.join
            return Deed(say(_("Join a hub")), join, "sync") if join is not None and self.bench.can(InviteTerminal.needs) else None
        return Deed(say(_("Try now")), self._try, "sync")

    def _try(self) -> None:
        self.bench.link.try_now()
        self._once.ask()

    def _seen_again(self) -> None:
        """The link stands otherwise now."""
        if self.isVisible():
            self._once.ask()
            self._table.rows.reload()

    def arrive(self) -> None:
        self._once.ask()
