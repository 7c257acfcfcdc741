"""Board: cards in columns, read from five metres; a number, an arrow or a touch picks one, Enter takes it its next step on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.kernel.commands import Answer
from app.kernel.meanings import Meaning
from app.kernel.scan_log import Outcome
from app.kernel.standard import Transition
from app.kernel.states import Move
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told, said_of
from ui.kit.buttons import Button
from ui.kit.cards import Card, Stack, changed, gathered
from ui.kit.declared import Board, Place
from ui.kit.fitted import Fitted
from ui.kit.live import Live, Once
from ui.kit.question import Question, Tile
from ui.kit.screen import Deed, Screen
from ui.theme import role, tone, worn

AGAIN = 30_000  # milliseconds after which the ages are told anew
KEYS = 9  # cards that a number key picks
RECALLED = 9  # cards that are remembered after they were taken on
WIDE = 16  # letters of a column


class BoardView(QWidget):
    """The columns. `picked` carries the card that was touched. Seen from `far`, cards are big and nobody picks them."""

    picked = Signal(object)

    def __init__(self, *, far: bool = False) -> None:
        super().__init__()
        self._far = far
        self._tiles: dict[UUID, CardTile] = {}
        self.stacks: Sequence[Stack] = ()
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(worn().density.gap)

    @property
    def cards(self) -> list[Card]:
        """All of them, column by column."""
        return [card for stack in self.stacks for card in stack.cards]

    def show_stacks(self, stacks: Sequence[Stack]) -> None:
        self.stacks, self._tiles = stacks, {}
        while item := self._line.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        number = 0
        for stack in stacks:
            self._line.addWidget(self._column(stack, number), 100)
            number += len(stack.cards)
        self._line.addStretch(1)

    def _column(self, stack: Stack, before: int) -> QWidget:
        box = QWidget()
        box.setMinimumWidth(WIDE * worn().density.body)
        box.setMaximumWidth((4 if self._far else 2) * WIDE * worn().density.body)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(worn().density.gap)
        head = role(QLabel(f"{stack.title}   {len(stack.cards)}"), "title" if self._far else "heading")
        head.setWordWrap(True)
        column.addWidget(head)
        for place, card in enumerate(stack.cards, start=before + 1):
            column.addWidget(far_card(card) if self._far else self._tile(card, place))
        column.addStretch()
        return box

    def _tile(self, card: Card, place: int) -> CardTile:
        tile = CardTile(card, str(place) if place <= KEYS else "")
        tile.clicked.connect(partial(self._touched, card))
        self._tiles[card.id] = tile
        return tile

    def _touched(self, card: Card, _checked: bool = False) -> None:
        self.picked.emit(card)

    def mark(self, ident: UUID | None) -> None:
        """Shows which card is picked."""
        for own, tile in self._tiles.items():
            tile.setChecked(own == ident)


class CardTile(QPushButton):
    """A card that can be picked: the key that picks it, its name and age, and two lines of what it is about."""

    def __init__(self, card: Card, lead: str) -> None:
        super().__init__()
        tone(role(self, "tile"), card.tone)
        self.setAccessibleName(f"{lead}, {card.spoken}" if lead else card.spoken)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        gap = worn().density.gap
        head = QHBoxLayout()
        head.setSpacing(gap)
        for text, name in ((lead, "quiet"), (card.name, "heading")):
            head.addWidget(_through(role(QLabel(text), name)))
        head.addStretch()
        head.addWidget(_through(tone(QLabel(card.told), card.tone)))
        column = QVBoxLayout(self)
        column.setContentsMargins(gap + 4, gap, gap + 4, gap)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(Fitted(card.about, "", worn().font(), 2))
        heading, body = QFontMetrics(worn().font("large", strong=True)), QFontMetrics(worn().font())
        self.setFixedHeight(heading.lineSpacing() + 2 * body.lineSpacing() + 2 * gap + 10)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


def _through(label: QLabel) -> QLabel:
    """A touch on the words is a touch on the card."""
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return label


def far_card(card: Card) -> QFrame:
    """A card that is read from five metres."""
    frame = tone(role(QFrame(), "farcard"), card.tone)
    frame.setAccessibleName(card.spoken)
    column = QVBoxLayout(frame)
    column.setSpacing(0)
    head = QHBoxLayout()
    head.setSpacing(2 * worn().density.gap)
    head.addWidget(role(QLabel(card.name), "sentence"))
    head.addStretch()
    head.addWidget(tone(role(QLabel(card.told), "title"), card.tone))
    column.addLayout(head)
    column.addWidget(Fitted(card.about, "heading", worn().font("large", strong=True), 2))
    return frame


class BoardPage(Screen):
    """A declared board. What it shows follows the store; the ages are told anew twice a minute."""

    def __init__(self, bench: Bench, place: Place, board: Board) -> None:
        super().__init__(bench, place)
        self.board = board
        self.title = say(board.title)
        self._machine = bench.app.registry.machines.get(board.entity)
        self._group = board.groups[0][0] if board.groups else ""
        self._picked: UUID | None = None
        self._recall: deque[Card] = deque(maxlen=RECALLED)
        self.view = BoardView()
        self.view.picked.connect(self._touched)
        self._count = role(QLabel(), "quiet")
        self._none = role(QLabel(say(board.empty)), "heading")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._none.hide()
        self._chips: list[tuple[str, Button]] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self._once = Once(bench, self, lambda: gathered(bench, board, self._group, bench.actor), self._show)
        self._live = Live(bench, self, lambda: board.watched, self._once.ask)
        self._again = QTimer(self, interval=AGAIN)
        self._again.timeout.connect(self._once.ask)

    def _lay_out(self) -> None:
        gap = worn().density.gap
        head = QHBoxLayout()
        head.setSpacing(gap)
        head.addWidget(role(QLabel(self.title), "title"))
        head.addWidget(self._count)
        head.addStretch()
        for field, word in self.board.groups:
            chip = Button(say(word), button_role="chip")
            chip.setChecked(field == self._group)
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.clicked.connect(partial(self._turn, field))
            self._chips.append((field, chip))
            head.addWidget(chip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(head)
        layout.addWidget(self._none)
        layout.addWidget(_scrolled(self.view), 1)

    def _turn(self, field: str, _checked: bool = False) -> None:
        self._group = field
        for own, chip in self._chips:
            chip.setChecked(own == field)
        self._once.ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._again.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._again.stop()

    def _show(self, stacks: Sequence[Stack]) -> None:
        if changed(self.view.stacks, stacks):
            self.view.show_stacks(stacks)
        self._count.setText(str(len(self.view.cards)))
        self._none.setVisible(not self.view.cards)
        if self._card() is None:
            self._picked = None
        self.view.mark(self._picked)
        self.altered.emit()

    # --------------------------------------------------------------------------------------------------------- picking

    def _card(self) -> Card | None:
        return next((card for card in self.view.cards if card.id == self._picked), None)

    def pick(self, card: Card) -> None:
        """The card that Enter and the buttons mean."""
        self._picked = card.id
        self.view.mark(card.id)
        self.altered.emit()

    def _touched(self, card: Card) -> None:
        """A second touch on the same card opens its page."""
        if card.id == self._picked:
            self._open(card)
        self.pick(card)

    def _open(self, card: Card) -> None:
        self.bench.ways.go(Place("page", self.board.entity.__tablename__, card.id))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A number picks, arrows walk, Enter takes the card on."""
        cards = self.view.cards
        number = int(event.text()) if event.text() and event.text() in "123456789" else 0
        if 0 < number <= len(cards):
            self.pick(cards[number - 1])
        elif event.key() in _STEPS and cards:
            self._walk(*_STEPS[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.primary is not None:
            self.primary.run()
        else:
            super().keyPressEvent(event)

    def _walk(self, across: int, down: int) -> None:
        """From card to card; at the end of a column it stays, to the side it passes empty ones."""
        full = [stack.cards for stack in self.view.stacks if stack.cards]
        place = next(((x, y) for x, stack in enumerate(full) for y, card in enumerate(stack) if card.id == self._picked), None)
        if place is None:
            self.pick(full[0][0])
            return
        x = max(0, min(place[0] + across, len(full) - 1))
        self.pick(full[x][max(0, min(place[1] + down, len(full[x]) - 1))])

    @property
    def expected(self) -> tuple[str, ...]:
        return (self.board.entity.__tablename__,)

    def takes(self, meaning: Meaning, told: Told) -> bool:
        """The scan of a card's record picks it."""
        found = {match.id for match in meaning.matches if match.entity == self.board.entity.__tablename__}
        card = next((one for one in self.view.cards if one.id in found), None)
        if card is None:
            return False
        self.pick(card)
        told(Outcome.SUCCESS, card.spoken)
        return True

    # ---------------------------------------------------------------------------------------------------------- acting

    def _next(self, card: Card) -> Move | None:
        """The step onward, if there is one that this person may take."""
        moves = self._machine.open_moves(card.state) if self._machine else ()
        return next((move for move in moves if move.forward and self.bench.can(move.needs)), None)

    @property
    def primary(self) -> Deed | None:
        card = self._card()
        move = self._next(card) if card is not None else None
        if card is None or move is None:
            return None
        return Deed(f"{say(move.label)} {card.name}", partial(self._bump, card, move), "next")

    @property
    def others(self) -> tuple[Deed, ...]:
        card = self._card()
        recall = (Deed(say(_("Recall")), self._ask_back, "undo"),) if self._recall else ()
        return recall + ((Deed(say(_("Open {name}"), name=card.name), partial(self._open, card), "next"),) if card else ())

    def _bump(self, card: Card, move: Move) -> None:
        command = Transition(entity=self.board.entity.__tablename__, id=card.id, move=move.name)
        self.bench.run(self, command, partial(self._bumped, card, say(move.label)))

    def _bumped(self, card: Card, label: str, answer: Answer) -> None:
        if answer.done:
            self._recall.appendleft(card)
            self.bench.ways.told(Outcome.SUCCESS, f"{card.name}: {label}", answer.id)
        else:
            self.bench.ways.told(Outcome.ERROR, said_of(answer))

    def _ask_back(self) -> None:
        """Those that were taken on last; the one that is chosen opens."""
        tiles = tuple(Tile(card.name, card, card.said) for card in self._recall)
        self.bench.ways.ask(Question(say(_("Which one was it?")), lambda card, _by: self._open(card), tiles=tiles, tone=""))


_STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area
