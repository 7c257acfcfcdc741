"""The way out of a kiosk: whoever looks after terminals leaves it, and types their PIN first."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QLabel, QVBoxLayout

from app.access.sign_in import Outcome as Entry
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told, sentence_of
from ui.kit.declared import Action, Declared, Place
from ui.kit.question import Question
from ui.kit.screen import Deed, Screen
from ui.theme import role, worn

NEEDS = "terminals.edit"
LEAVE = Action("kiosk.leave", _("Leave the full screen"), "sign-out", opens=Place("leave"), needs=NEEDS)


def with_way_out(declared: Declared) -> Declared:
    """The screens of a kiosk: all there are, and the way out."""
    return replace(declared, actions=(*declared.actions, LEAVE))


class LeavePage(Screen):
    """Says what leaving means; its button asks for the PIN."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Leave the full screen"))
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addWidget(role(QLabel(self.title), "title"))
        said = QLabel(say(_("Fettle closes, and this machine's own desktop is there. Nothing that was saved is touched.")))
        said.setWordWrap(True)
        layout.addWidget(said)
        layout.addStretch()

    @property
    def primary(self) -> Deed | None:
        if self.bench.leave is None or not self.bench.can(NEEDS):
            return None
        return Deed(say(_("Leave the full screen")), self._ask, "sign-out")

    def _ask(self) -> None:
        self.bench.ways.ask(Question(say(_("Type your PIN to leave")), self._typed, kind="pin", tone=""))

    def _typed(self, pin: str, told: Told) -> None:
        desk, person = self.bench.desk, self.bench.actor.id
        self.bench.read(self, lambda: desk.pin(person, pin, signs_in=False), partial(self._entered, told))

    def _entered(self, told: Told, entry: Entry) -> None:
        if entry.actor is not None and self.bench.leave is not None:
            self.bench.leave()
        elif entry.refused is not None:
            self._ask()
            told(Outcome.ERROR, sentence_of(entry.refused))
