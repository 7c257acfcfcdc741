"""What people decide on Odoo: a dead letter is tried again or let go, ours is matched with theirs, a difference is settled."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.kernel.access import SYSTEM
from app.kernel.commands import Command
from app.kernel.standard import Transition, transition
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.odoo.model import (
    COUNT,
    MATCHED,
    OPEN,
    OURS,
    THEIRS,
    OdooDifference,
    OdooLetter,
    OdooMatch,
    OdooThing,
    thing_id,
)
from app.odoo.rules import (
    choice_is_there,
    is_a_way,
    is_not_counting,
    is_not_done,
    is_unsettled,
    reason_is_given,
)
from app.odoo.states import LETTERS, SETTLES
from app.stock.commands import AdjustStock, adjust

TOGETHER = 500  # letters that one act tries again
WAYS = (OURS, THEIRS, COUNT)


@dataclass(frozen=True, kw_only=True)
class TryAgainInOdoo(Command):
    """What Odoo would not take is tried once more with the next pass, since whatever stood against it was put right.

    `alike`, with all that lie there for the same reason.
    """

    label = _("Tried again in Odoo")
    about = {"letter": "odoo_letter"}
    needs = LETTERS
    letter: UUID
    alike: bool = False


@dataclass(frozen=True, kw_only=True)
class LetGoOfOdoo(Command):
    """Odoo shall do without it: nothing is tried any more until the record changes, or somebody tries it again."""

    label = _("Let go of in Odoo")
    about = {"letter": "odoo_letter"}
    needs = LETTERS
    letter: UUID
    reason: str

    def undone_by(self, command_id: UUID) -> Command:
        return TryAgainInOdoo(letter=self.letter)


@dataclass(frozen=True, kw_only=True)
class MatchInOdoo(Command):
    """Says what something of ours is in Odoo, by Odoo's own number; without one it is to be chosen again."""

    label = _("Matched with Odoo")
    final = _("Open the match again and choose what is right: what is sent from then on follows it.")
    about = {"match": "odoo_match"}
    needs = "odoo.match"
    match: UUID
    theirs: int | None = None


@dataclass(frozen=True, kw_only=True)
class SettleDifference(Command):
    """Two numbers of one bin: `ours` stands and Odoo follows, `theirs` is taken over here, or the bin is to be counted.

    Taking theirs adjusts our stock by what lies between the two; the adjustment names the difference as what it was done for,
    and Odoo is not told of it, as it was right.
    """

    label = _("Difference with Odoo settled")
    final = _("Which number holds is not taken back. Count the bin: the count holds here and in Odoo.")
    about = {"difference": "odoo_difference"}
    needs = SETTLES
    difference: UUID
    how: str = OURS
    reason: str = ""


def try_again_in_odoo(do: TryAgainInOdoo, work: Work) -> None:
    letter = work.get(OdooLetter, do.letter)
    work.check(is_not_done(letter))
    others = work.draw("alike", lambda: _alike(work, letter)) if do.alike else ()
    for one in (letter, *(work.find(OdooLetter, UUID(ident)) for ident in others)):
        if one is not None and (one is letter or one.state == OPEN):
            one.reason = ""
            _look_after(work, one)
            _step(work, one, "again")


def _alike(work: Work, letter: OdooLetter) -> list[str]:
    """The others that lie open for the same reason, the oldest first."""
    wanted = select(OdooLetter.id).where(
        OdooLetter.org_id == letter.org_id,
        OdooLetter.code == letter.code,
        OdooLetter.state == OPEN,
        OdooLetter.retired.is_(False),
        OdooLetter.id != letter.id,
    )
    return [ident.hex for ident in work.session.scalars(wanted.order_by(OdooLetter.since, OdooLetter.id).limit(TOGETHER))]


def let_go_of_odoo(do: LetGoOfOdoo, work: Work) -> None:
    letter = work.get(OdooLetter, do.letter)
    work.check(is_not_done(letter), reason_is_given(do.reason))
    letter.reason = do.reason.strip()[:500]
    _look_after(work, letter)
    _step(work, letter, "let_go", letter.reason)


def _look_after(work: Work, letter: OdooLetter) -> None:
    """Whoever decided on it last is who it is asked of."""
    if work.envelope.actor_id != SYSTEM:
        letter.owner_id = work.envelope.actor_id


def match_in_odoo(do: MatchInOdoo, work: Work) -> None:
    match = work.get(OdooMatch, do.match)
    thing = None if do.theirs is None else work.find(OdooThing, thing_id(match.org_id, match.kind, do.theirs))
    work.check(choice_is_there(match, known=do.theirs is None or (thing is not None and thing.active)))
    match.theirs, match.state = do.theirs, OPEN if do.theirs is None else MATCHED
    match.theirs_name = thing.name if thing is not None else ""


def settle_difference(do: SettleDifference, work: Work) -> None:
    difference = work.get(OdooDifference, do.difference)
    work.check(is_a_way(do.how, WAYS), is_unsettled(difference))
    difference.reason = do.reason.strip()[:255]
    if do.how == COUNT:
        work.check(is_not_counting(difference))
        _step(work, difference, "count")
        return
    if do.how == THEIRS:
        _take_theirs(do, work, difference)
    close(work, difference, do.how)


def _take_theirs(do: SettleDifference, work: Work, difference: OdooDifference) -> None:
    """By what lay between the numbers, and not to theirs: what was handed out since is gone from both."""
    change: Quantity = difference.theirs - difference.ours
    booked = AdjustStock(part=difference.part_id, bin=difference.bin_id, change=change, reason=do.reason)
    adjust(booked, work, source=difference.id, lot=difference.lot or "")


def close(work: Work, difference: OdooDifference, how: str) -> None:
    """Settles a difference one way or another."""
    difference.settled_how = how
    _step(work, difference, "settle")


def _step(work: Work, row: OdooLetter | OdooDifference, move: str, reason: str = "") -> None:
    transition(Transition(entity=row.__tablename__, id=row.id, move=move, reason=reason), work)
