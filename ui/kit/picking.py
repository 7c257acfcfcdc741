"""Picking: choosing several rows of one list: the buttons meanwhile, what a scan means, and what is done with the chosen ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from app.kernel.meanings import Meaning
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told
from ui.kit.declared import ListScreen
from ui.kit.going import NOT_YET
from ui.kit.paper import NO_PRINTER, print_it
from ui.kit.screen import Deed
from ui.kit.several import Several
from ui.kit.together import Labelling, Retiring

if TYPE_CHECKING:
    from ui.kit.list import Table

NOTHING = _("Nothing is chosen yet: touch the rows, or scan what they are about.")


class Picking(QObject):
    """`altered`: other rows are chosen, or something is further with them."""

    altered = Signal()

    def __init__(self, bench: Bench, declared: ListScreen, table: Table) -> None:
        super().__init__(table)
        self._bench, self._table = bench, table
        self._entity = declared.entity
        self._name = str(declared.entity.__tablename__)
        self.several = Several(self)
        self._labelling: Labelling | None = None
        table.pick_with(self.several)
        table.refused.connect(self._too_many)
        self.several.altered.connect(self.altered)

    @property
    def on(self) -> bool:
        return self.several.on

    @property
    def only(self) -> frozenset[UUID]:
        """The chosen rows; none where all are meant."""
        return frozenset(self.several.idents)

    @property
    def words(self) -> str:
        """How many there are, behind what a list is narrowed to."""
        return say(_("{count} chosen"), count=len(self.several)) if self.several else ""

    def choose_all(self) -> None:
        """All rows that the list shows."""
        if self._table.rows.in_order:
            self._table.pick_all(0, self._table.rows.rowCount())
        else:
            self._bench.ways.told(Outcome.ERROR, say(NOT_YET))

    def takes(self, meaning: Meaning, told: Told) -> bool:
        """A scan chooses its row, or lets it go; the PRINT card prints the labels of the chosen ones."""
        ours = [one for one in meaning.matches if one.entity == self._name]
        if self.on and meaning.command == "PRINT" and self._action is not None:
            self._label(told)
        elif self.on and len(ours) == 1:
            self._turn(ours[0].id, ours[0].title, told)
        else:
            return False
        return True

    def _turn(self, ident: UUID, title: str, told: Told) -> None:
        line = self._table.rows.line_of(ident)
        if line is None:
            missing = _("{title} is not in this list.") if self._table.rows.in_order else NOT_YET
            told(Outcome.ERROR, say(missing, title=title))
            return
        self.several.turn(ident)
        self._table.go_to(line)
        chosen = _("{title}: chosen.") if ident in self.several else _("{title}: not chosen any more.")
        told(Outcome.SUCCESS, say(chosen, title=title))

    def _too_many(self, count: int) -> None:
        said = _("{count} rows are too many to choose at once. Narrow the list first.")
        self._bench.ways.told(Outcome.ERROR, say(said, count=f"{count:,}".replace(",", " ")))

    # ----------------------------------------------------------------------------------------------------------- buttons

    def deeds(self) -> tuple[Deed, ...]:
        """Beside the filled button, while rows are chosen."""
        return (
            Deed(say(_("Choose all")), self.choose_all, "picked"),
            *self._retire_deed(),
            *self._label_deed(),
            Deed(say(_("Stop choosing")), self.several.end, "cross", stays=True),
        )

    def under_way(self) -> tuple[Deed, ...]:
        """What is being done with those that were chosen before."""
        if self._labelling is None:
            return ()
        return (Deed(say(_("Stop printing ({count})"), count=self._labelling.count), self._labelling.stop, "cross", stays=True),)

    def deed(self, label: str, run: partial[None], icon: str, *, grave: bool = False, why: str = "") -> Deed:
        """A button that names how many are chosen, and waits for the first."""
        count = len(self.several)
        why = why or ("" if count else say(NOTHING))
        return Deed(say(label, count=count), run, icon, live=not why, grave=grave, why=why)

    def _retire_deed(self) -> tuple[Deed, ...]:
        page, registry = self._bench.declared.page_of(self._name), self._bench.app.registry
        ends = registry.machines.get(self._entity) is None and page is not None and page.edits
        if not ends or not self._bench.can(registry.grant_of(self._entity, "edit")):
            return ()
        return (self.deed(_("Take out of use ({count})"), partial(self._retire), "lock", grave=True),)

    def _label_deed(self) -> tuple[Deed, ...]:
        if self._action is None or self._labelling is not None:
            return self.under_way()
        why = "" if self._bench.labels is not None else say(NO_PRINTER)
        return (self.deed(_("Print labels ({count})"), partial(self._label), "print", why=why),)

    @property
    def _action(self) -> object | None:
        """What prints one label, where this person may."""
        on = self._bench.declared.on(self._entity)
        return next((one for one in on if one.begins is print_it and self._bench.can(one.needs)), None)

    # ------------------------------------------------------------------------------------------------------------- doing

    def _retire(self) -> None:
        Retiring(self._bench, self._name, self.several.idents, self._bench.ways.told)
        self.several.end()

    def _label(self, told: Told | None = None) -> None:
        told, printer = told or self._bench.ways.told, self._bench.labels
        if printer is None or not self.several:
            told(Outcome.ERROR, say(NOTHING if printer is not None else NO_PRINTER))
        elif self._labelling is None:
            self._labelling = Labelling(self._bench, printer, self._name, self.several.idents, told)
            self._labelling.altered.connect(self._further)
            self.several.end()

    def _further(self) -> None:
        if self._labelling is not None and self._labelling.over:
            self._labelling = None
        self.altered.emit()
