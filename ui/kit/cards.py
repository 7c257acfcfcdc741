"""Cards of a board: what each says, how old it is, and in which column it stands. Nothing of the screen is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kernel.access import Actor
from app.kernel.standing import since
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.declared import Board
from ui.kit.values import shown, word

MOST = 300  # cards on one board
FRESH, AGED, LATE = "", "warn", "danger"
AGES: Mapping[str, str] = {FRESH: "", AGED: _("waiting"), LATE: _("late")}
DUES: Mapping[str, str] = {FRESH: "", AGED: _("soon"), LATE: _("late")}
URGENT = ("urgent", "high")
SOON = 1800  # seconds before what is promised is due


@dataclass(frozen=True)
class Card:
    """A record on a board: its short name, what it says, its state, and since when it stands there."""

    id: UUID
    name: str
    said: str
    state: str
    since: datetime
    tone: str
    age: str
    urgent: str = ""
    due: bool = False  # whether it tells by when, not since when

    @property
    def spoken(self) -> str:
        """All of it, for a screen reader."""
        return ", ".join(part for part in (self.name, self.said, self.urgent, self.told) if part)

    @property
    def about(self) -> str:
        """What it is about, with what makes it urgent first."""
        return " · ".join(part for part in (self.urgent, self.said) if part)

    @property
    def told(self) -> str:
        """Its age, and in words what that means."""
        return " · ".join(part for part in (self.age, say((DUES if self.due else AGES)[self.tone])) if part)


@dataclass(frozen=True)
class Stack:
    """A column of a board."""

    title: str
    cards: tuple[Card, ...]


def gathered(bench: Bench, board: Board, group: str, actor: Actor) -> Callable[[], list[Stack]]:
    """What a reader thread finds: the columns with their cards, the oldest first."""
    app = bench.app
    machine = app.registry.machines.get(board.entity)
    field = machine.field if machine else "id"

    def look() -> list[Stack]:
        rows = app.ask(board.query, actor, limit=MOST, **board.arguments).rows
        now = app.clock.now()
        moments = {row["id"]: row[board.since] for row in rows} if board.since else _moments(bench, board, actor, rows, field)
        names = short_names([str(row[board.name]) for row in rows])
        cards = [
            (str(row.get(group) or ""), _card(board, row, name, field, moments.get(row["id"], now), now))
            for row, name in zip(rows, names, strict=True)
        ]
        return stacked(board, group, cards)

    return look


def _moments(bench: Bench, board: Board, actor: Actor, rows: Sequence[Mapping[str, Any]], field: str) -> dict[UUID, datetime]:
    """Since when each record is in its state."""
    with bench.app.read(actor) as session:
        return since(session, board.entity, [row["id"] for row in rows], field)


def _card(board: Board, row: Mapping[str, Any], name: str, field: str, moment: datetime, now: datetime) -> Card:
    minutes = max(0, int((now - moment).total_seconds() // 60))
    said = " · ".join(shown(row[name], "", name) for name in board.said if row.get(name))
    told, shade = due(row[board.due], now) if board.due else (age(minutes), tone_of(board, minutes, row))
    urgent = word("priority", row["priority"]) if row.get("priority") in URGENT else ""
    return Card(
        row["id"],
        name,
        said,
        str(row.get(field) or ""),
        moment,
        shade,
        told,
        urgent,
        bool(board.due),
    )


def due(promised: datetime | None, now: datetime) -> tuple[str, str]:
    """By when it is promised, and whether that is near or past."""
    if promised is None:
        return "", FRESH
    left = (promised - now).total_seconds()
    return say(_("by {time}"), time=shown(promised)), LATE if left < 0 else AGED if left < SOON else FRESH


def tone_of(board: Board, minutes: int, row: Mapping[str, Any] | None = None) -> str:
    """New, waiting or late, by the board's two limits."""
    if row is not None and board.waits and row.get(board.groups[0][0]) not in board.waits:
        return FRESH
    return LATE if minutes >= board.late else AGED if minutes >= board.aged else FRESH


def age(minutes: int) -> str:
    """How long, in one unit."""
    if minutes < 60:
        return say(_("{count} min"), count=minutes)
    if minutes < 48 * 60:
        return say(_("{count} h"), count=minutes // 60)
    return say(_("{count} d"), count=minutes // (24 * 60))


def short_names(names: Sequence[str]) -> list[str]:
    """The ends of long numbers, by which people call them: 0007 of M-20261120-0007; two alike with the day, 20-0007, or with
    as much more as tells them apart."""
    short = [_tail(name) for name in names]
    for more in (3, 5, 9):
        times = Counter(short)
        short = [one if times[one] == 1 else name[-len(_tail(name)) - more :] for name, one in zip(names, short, strict=True)]
    return short


def _tail(name: str) -> str:
    tail = name.rpartition("-")[2]
    return tail if tail.isdigit() and len(tail) >= 3 else name


def stacked(board: Board, group: str, cards: Sequence[tuple[str, Card]]) -> list[Stack]:
    """The columns in their order, without empty ones; what is urgent stands above what is merely old."""
    there = {value for value, _card_of in cards}
    known = [step for step in board.steps.get(group, ()) if step in there]
    order = (*known, *sorted(there - set(known), key=lambda one: (not one, one)))
    return [Stack(_titled(board, group, step), _sorted(card for value, card in cards if value == step)) for step in order]


def _titled(board: Board, group: str, value: str) -> str:
    return shown(value, "text", group) if value else say(board.nowhere or _("None yet"))


def _sorted(cards: Any) -> tuple[Card, ...]:
    return tuple(sorted(cards, key=lambda card: (not card.urgent, card.since, card.name)))


def changed(before: Sequence[Stack], after: Sequence[Stack]) -> bool:
    """Whether anything that is seen differs."""
    return [(one.title, one.cards) for one in before] != [(one.title, one.cards) for one in after]
