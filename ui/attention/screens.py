"""Attention: cards that wait for whoever is signed in, the most urgent first; open, choose, confirm."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from app.kernel.meanings import Meaning
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.attention.cardlist import CardHead, CardList
from ui.attention.closing import close
from ui.attention.gathering import cards, deeds
from ui.attention.pane import CardPane, Chosen
from ui.attention.reading import CardView, Group
from ui.kit.bench import Bench, Told
from ui.kit.declared import Action, Place
from ui.kit.live import Live, Once
from ui.kit.screen import Deed, Screen
from ui.theme import role, worn

NARROW = 52  # letters beside each other below which one card is shown at a time
KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
ACTIONS = (Action("attention", _("Needs you"), "question", word=_("Cards"), opens=Place("attention"), needs="kernel.read",
                  note=_("{count} to settle"), count=("attention", {})),)  # fmt: skip


class AttentionPage(Screen):
    """The cards on the left, the chosen one in full on the right."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Needs you"))
        self._cards, self.ready = list[CardView](), False
        self._noted, self._at, self._busy = False, 0, False
        self._group: Group | None = None
        self._head, self._empty = CardHead(bench), role(QLabel(), "title")
        self._head.turned.connect(self.turn)
        self._head.next_wanted.connect(lambda: self._open(self._at + 1))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._list, self._pane = CardList(), CardPane(bench)
        self._list.opened.connect(self._open)
        self._pane.altered.connect(self.altered)
        self._lay_out()
        self._once = Once(bench, self, lambda: partial(cards, bench, noted=self._noted, group=self._group), self._show)
        Live(bench, self, lambda: frozenset({"discrepancy"}), self._once.ask)
        bench.roomed.connect(self._once.ask)

    def _lay_out(self) -> None:
        gap = worn().density.gap
        body = QHBoxLayout()
        body.setSpacing(gap)
        body.addWidget(self._list, 2)
        body.addWidget(self._pane, 5)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        layout.addWidget(self._head)
        layout.addWidget(self._empty, 1)
        layout.addLayout(body, 1)

    def turn(self, noted: bool) -> None:
        """Shows the cards that need somebody, or what was merely noted."""
        self._head.turn(noted)
        self._noted, self._at, self._group = noted, 0, None
        self._once.ask()

    def _enter(self, group: Group | None) -> None:
        """Shows the cards of a group one by one, or all that was noted again."""
        self._group, self._at, self._cards = group, 0, []
        self._once.ask()

    # --------------------------------------------------------------------------------------------------------- showing

    def _show(self, found: list[CardView]) -> None:
        seen = self._cards[self._at].id if self._cards else None
        self._cards, self.ready = found, True
        self._at = next((at for at, card in enumerate(found) if card.id == seen), min(self._at, max(0, len(found) - 1)))
        self._empty.setText(self._head.nothing)
        self._empty.setVisible(not found)
        self._pane.setVisible(bool(found))
        self._draw()

    def _draw(self) -> None:
        self._list.show_cards(self._cards, self._at)
        self._show_place()
        if self._cards:
            self._pane.show_card(self._cards[self._at])
        self.altered.emit()

    @property
    def _narrow(self) -> bool:
        return self.width() < NARROW * worn().density.body

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list is beside the card, or the way to the next one above it."""
        super().resizeEvent(event)
        self._show_place()

    def _show_place(self) -> None:
        self._list.setVisible(len(self._cards) > 1 and not self._narrow)
        self._head.show_place(self._at, len(self._cards), alone=self._narrow)

    def _open(self, at: int) -> None:
        self._at = at % len(self._cards)
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down walk through the cards, left and right and the number keys choose, Enter confirms."""
        number = int(event.text()) if event.text() and event.text() in "123456789" else 0
        if self._cards and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._open(self._at + (1 if event.key() == Qt.Key.Key_Down else -1))
        elif self._cards and event.key() in KEYS:
            self._pane.step(KEYS[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.primary is not None:
            self.primary.run()
        elif not (number and self._pane.choose_at(number)):
            super().keyPressEvent(event)

    @property
    def primary(self) -> Deed | None:
        chosen = self._pane.chosen
        if not self._cards or chosen is None:
            return None
        return Deed(chosen.label, partial(self._settle, self._cards[self._at], chosen), "check")

    @property
    def others(self) -> tuple[Deed, ...]:
        card = self._cards[self._at] if self._cards else None
        return deeds(self.bench, card, self._group, self._enter)

    def takes(self, meaning: Meaning, told: Told) -> bool:
        """A number card chooses, the NEXT card shows the next one; DONE confirms, as everywhere."""
        if meaning.command == "NEXT" and self._cards:
            self._open(self._at + 1)
        elif meaning.quantity is None or not self._pane.choose_at(meaning.quantity.thousandths // 1000):
            return False
        told(Outcome.SUCCESS, self._pane.chosen.label if self._pane.chosen else meaning.shown)
        return True

    def _settle(self, card: CardView, chosen: Chosen) -> None:
        if not self._busy:
            self._busy = True
            close(self.bench, self, card, chosen, self._settled)

    def _settled(self) -> None:
        self._busy = False
