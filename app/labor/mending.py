"""Putting the clock right: steps taken back, ends confirmed, and two times at once settled."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.kernel.cards import ACCEPTED, SETTLES, Card, Choice
from app.kernel.ids import derived_id
from app.kernel.records import ChangeRow, Discrepancy
from app.kernel.words import _
from app.kernel.work import Work
from app.labor import finding, rules
from app.labor.commands import ConfirmEnd, UndoClock, UndoOut
from app.labor.model import Stint
from app.labor.steps import OTHERS, theirs


def undo_clock(do: UndoClock, work: Work) -> None:
    person = theirs(work, do.person)
    stint = work.find(Stint, derived_id(do.step, Stint.__tablename__))
    if stint is None or stint.retired or stint.person_id != do.person:
        work.check(rules.nothing_to_take_back(person.name))
        return
    work.check(rules.may_be_taken_back(stint.ended, work.now, person.name, may=work.may(OTHERS)))
    before = finding.before(work.session, stint)
    stint.retired = True
    if before is not None and before.source != "proposed":
        before.ended = stint.ended


def undo_out(do: UndoOut, work: Work) -> None:
    person = theirs(work, do.person)
    last = finding.last_of(work.session, do.person)
    if last is None or last.ended is None or last.source == "proposed" or not _ended_by(work, last, do.step):
        work.check(rules.nothing_to_take_back(person.name))
        return
    work.check(rules.may_be_taken_back(last.ended, work.now, person.name, may=work.may(OTHERS)))
    work.reads.add(last.id)
    last.ended = None


def _ended_by(work: Work, stint: Stint, step: UUID | None) -> bool:
    """Whether a command wrote this stint: an earlier clocking out is not taken back on a later one."""
    wrote = select(ChangeRow.id).where(ChangeRow.envelope_id == step, ChangeRow.row_id == stint.id).limit(1)
    return step is None or work.session.scalar(wrote) is not None


def confirm_end(do: ConfirmEnd, work: Work) -> None:
    stint = work.get(Stint, do.stint)
    work.hold(stint.person_id)
    person = theirs(work, stint.person_id)
    after = finding.following(work.session, stint.person_id, stint.started)
    running = stint.ended is None
    work.check(
        rules.ran_on(person.name) if running else None,
        None if running or stint.source == "proposed" or work.may(OTHERS) else rules.stands(person.name),
        rules.end_fits(stint.started, do.ended, work.now, after.started if after is not None else None),
    )
    stint.ended, stint.source = do.ended, "confirmed"


def end_with_the_later(card: Discrepancy, work: Work) -> None:
    """The later scan ends the earlier stint, as it would have at one terminal."""
    stint = work.find(Stint, card.row_id) if card.row_id is not None else None
    if stint is None:
        return
    work.hold(stint.person_id)
    after = finding.following(work.session, stint.person_id, stint.started)
    if after is not None and (stint.ended is None or after.started < stint.ended):
        stint.ended, stint.source = after.started, "confirmed"


OVERLAP = Card("fact", SETTLES, (Choice("end", _("The later scan ends the earlier time"), end_with_the_later), ACCEPTED))
