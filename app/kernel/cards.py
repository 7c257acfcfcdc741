"""Cards: which findings somebody must settle, who decides them, and what there is to choose from. Decided once, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.kernel.commands import Envelope
from app.kernel.problems import Problem
from app.kernel.records import Discrepancy
from app.kernel.types import millis
from app.kernel.words import _

if TYPE_CHECKING:
    from app.kernel.work import Work

SETTLES = "kernel.settle"
AUTHOR = "author"  # whoever did it decides, and nobody else is asked
NOBODY = ""  # decided by a rule, or a fact that simply stands: kept to look at
ACCEPT, MINE, THEIRS, AGAIN, LET_GO = "accept", "mine", "theirs", "again", "let_go"


@dataclass(frozen=True)
class Choice:
    """One way to settle a card: the word of `Settle`, the verb on its button, and what it does beside closing the card."""

    name: str
    label: str
    effect: Callable[[Discrepancy, Work], None] | None = None
    says_how: bool = False  # whoever chooses it writes a few words


@dataclass(frozen=True)
class Card:
    """How findings of one code are settled. The first choice is the default button's; `urgent` ones come first."""

    kind: str  # field, state, claim, twins, fact, returned
    decides: str
    choices: tuple[Choice, ...]
    urgent: bool = False


@dataclass(frozen=True)
class Master:
    """Whose word counts on an entity's fields, where that is not simply the later one's.

    With a `setting`, people do not write these fields as long as it names somebody else than the hub. Without one, the hub's
    value stands when it was changed there meanwhile. No fields named means all of them.
    """

    who: str
    fields: tuple[str, ...] = ()
    setting: str = ""

    def covers(self, name: str) -> bool:
        return not self.fields or name in self.fields


ACCEPTED = Choice(ACCEPT, _("Leave it so"), says_how=True)
NOTED = Card("fact", NOBODY, (ACCEPTED,))
DECIDED = Card("fact", SETTLES, (ACCEPTED,))
RETURNED = Card("returned", AUTHOR, (Choice(AGAIN, _("Do it again")), Choice(LET_GO, _("Let it go"))))


def card_of(cards: Mapping[str, Card], problem: Problem, *, whole: bool = False) -> Card:
    """The card of a finding. Where nothing is declared for its code, a fact that stands is merely noted; what could not be
    booked as a `whole` wants a decision."""
    return cards.get(problem.code) or (DECIDED if whole else NOTED)


def topic_of(envelope: Envelope, problem: Problem) -> str:
    """What is settled together: findings of one code on one record; where they name none, those of one person's acts."""
    contest = problem.contest
    about = f"{contest.row_id.hex}:{contest.field}" if contest else envelope.actor_id.hex
    return f"{problem.code}:{about}"


def side(value: Any, by: UUID | None, at: int | None, terminal: UUID | None) -> dict[str, Any]:
    """One side of a contest: its value, who gave it, when (milliseconds) and at which terminal."""
    return {"value": value, "by": by.hex if by else None, "at": at, "terminal": terminal.hex if terminal else None}


def side_of(envelope: Envelope, value: Any) -> dict[str, Any]:
    """The side of a command that runs now."""
    return side(value, envelope.actor_id, millis(envelope.occurred_at), envelope.terminal_id)


def returned(row: Discrepancy, envelope: Envelope, tried: dict[str, Any]) -> Discrepancy:
    """A request that was turned down, on its way back to its author with the fields it was tried with."""
    row.kind, row.decides, row.topic = RETURNED.kind, RETURNED.decides, f"returned:{envelope.id.hex}"
    row.mine = side_of(envelope, tried)
    row.entity, row.row_id = str(tried.get("entity", ""))[:64], _id(tried.get("id"))
    return row


def _id(value: Any) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
