"""Set-up: the first screens found again by whoever may change settings."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout

from app.kernel.meanings import Meaning
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.first.port import Known
from ui.first.printer import PrinterStep
from ui.first.scanner import ScannerStep
from ui.first.shop import ShopStep
from ui.first.step import Step
from ui.first.stock import StockStep
from ui.kit.bench import Bench, Told
from ui.kit.buttons import Button
from ui.kit.choosing import SHEETS, chosen
from ui.kit.declared import Action, Place
from ui.kit.screen import Deed, Screen
from ui.scan.raw import RawScan
from ui.theme import role, worn

ACTIONS = (
    Action("setup", _("Set up"), "settings", opens=Place("setup"), needs="kernel.set",
           note=_("Workshop, printer, scanner, stock")),
    Action("data", _("Where my data is"), "info", opens=Place("data"), needs="kernel.read",
           note=_("Backups, and help from outside")),
)  # fmt: skip


class SetupPage(Screen):
    """A chip for each of the steps; the one that is seen has its own filled button."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Set up"))
        self._steps: tuple[Step, ...] = ()
        self._chips = QHBoxLayout()
        self._advice = role(QLabel(), "heading")
        self._advice.setWordWrap(True)
        self._stage = QStackedWidget()
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(self._chips)
        layout.addWidget(self._advice)
        layout.addWidget(self._stage, 1)
        if bench.begins is not None:
            begins = bench.begins.by(bench.actor)
            bench.read(self, begins.begin, self._show)

    def _show(self, known: Known) -> None:
        if self.bench.begins is None:
            return
        begins, works = self.bench.begins.by(self.bench.actor), self.bench.runner
        self._steps = (
            ShopStep(begins, works, known.shop),
            PrinterStep(begins, works, known.printer),
            ScannerStep(begins, works, known.scanner),
            StockStep(begins, works, self._choose),
        )
        for place, step in enumerate(self._steps):
            step.done.connect(partial(self._kept, step))
            step.altered.connect(self.altered)
            self._stage.addWidget(step)
            chip = Button(say(step.label), button_role="chip")
            chip.clicked.connect(partial(self._turn, place))
            self._chips.addWidget(chip)
        self._chips.addStretch()
        self._turn(0)

    def _turn(self, place: int, _on: bool = True) -> None:
        self._stage.setCurrentIndex(place)
        for count in range(len(self._steps)):
            item = self._chips.itemAt(count)
            chip = item.widget() if item is not None else None
            if isinstance(chip, Button):
                chip.setChecked(count == place)
        advice = self._steps[place].advice
        self._advice.setText(say(advice))
        self._advice.setVisible(bool(advice))
        self.altered.emit()

    @property
    def _step(self) -> Step | None:
        seen = self._stage.currentWidget()
        return seen if isinstance(seen, Step) else None

    @property
    def primary(self) -> Deed | None:
        step = self._step
        if step is None or isinstance(step, StockStep):
            return None
        return Deed(say(step.verb), step.submit, "check", live=not step.busy)

    def _kept(self, step: Step) -> None:
        self.bench.ways.told(Outcome.SUCCESS, say(_("{what}: kept."), what=say(step.label)))

    def takes(self, meaning: Meaning, told: Told) -> bool:
        """Here a scan is a test of the scanner, whatever it would mean elsewhere."""
        step = self._step
        if not isinstance(step, ScannerStep) or meaning.command in ("CANCEL", "SIGNOUT"):
            return False
        step.takes(RawScan(meaning.text))
        told.quietly(Outcome.SUCCESS, meaning.shown)
        return True

    def _choose(self) -> Path | None:
        return chosen(self, say(_("Choose a file")), say(_("Sheets")), SHEETS)
