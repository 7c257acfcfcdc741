"""How each step of the clock is taken, also when it comes in late among those that another terminal knows of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from app.access.model import Person
from app.kernel.cards import side, side_of
from app.kernel.problems import Contest, Problem
from app.kernel.types import millis, moment
from app.kernel.work import Work
from app.labor import finding, rules, states
from app.labor.commands import BackToWork, ClockIn, ClockOff, ClockOn, ClockOut, ClockStarted, TakeBreak
from app.labor.model import Shift, Stint
from app.labor.shifts import day_of, end_of, shift_at

OTHERS = "labor.others"


class Step(Protocol):
    """What the commands of the clock have in common."""

    @property
    def person(self) -> UUID: ...

    @property
    def at(self) -> datetime | None: ...

    @property
    def source(self) -> str: ...


class Taken:
    """A step under way: whose clock, from which moment on, and where it stands there."""

    def __init__(self, do: Step, work: Work) -> None:
        self.work, self.source = work, do.source
        self.person = theirs(work, do.person)
        if do.at is not None:
            work.check(rules.moment_counts(do.at, work.now, may=work.may(OTHERS)))
        self.moment = work.now if do.at is None else self._counted(do.at)
        self.look()

    def _counted(self, at: datetime) -> datetime:
        """The moment of a scan that waited; none of one's own is older than what was done at this terminal since."""
        own = self.person.id == self.work.envelope.actor_id
        last = finding.last_of(self.work.session, self.person.id) if own else None
        known = (last.started, last.ended or last.started) if last is not None else ()
        return moment(self.work.draw("moment", lambda: millis(max((at, *known)))))

    def look(self) -> None:
        """Where the clock stands at the moment."""
        self.stint = finding.standing(self.work.session, self.person.id, self.moment)
        self.standing = finding.kind_of(self.stint)

    def leads(self, name: str) -> bool:
        """Whether a step is legal from here. One that comes in late and is true already is nobody's matter."""
        if states.way(self.standing, name):
            return True
        if not (self.work.questions_only and self.standing in _MEANT.get(name, ())):
            self.work.check(rules.illegal(self.standing, self.person.name))
        return False

    def begin(self, kind: str, order: UUID | None = None) -> None:
        begin(self.work, self.person, kind, self.moment, order, self.source)


_MEANT = {"in": ("idle", "job", "break"), "off": ("idle",), "break": ("break",), "back": ("idle", "job")}


def theirs(work: Work, person: UUID) -> Person:
    """Whose clock it is, if the actor may move it."""
    own = person == work.envelope.actor_id
    work.check(rules.own_or_may(own=own, may=own or work.may(OTHERS)))
    return work.get(Person, person)


def clock_in(do: ClockIn, work: Work) -> None:
    settle_forgotten(work, do.person, work.now)
    taken = Taken(do, work)
    if taken.leads("in"):
        taken.begin(states.IDLE)


def clock_on(do: ClockOn, work: Work) -> None:
    settle_forgotten(work, do.person, work.now)
    taken = Taken(do, work)
    if taken.stint is not None and taken.stint.order_id == do.order:
        if not work.questions_only:
            work.check(rules.on_it_already(taken.person.name))
        return
    work.emit(ClockStarted(order=do.order, person=do.person))
    taken.begin(states.JOB, do.order)


def clock_off(do: ClockOff, work: Work) -> None:
    settle_forgotten(work, do.person, work.now, runs_on=True)
    taken = Taken(do, work)
    if taken.leads("off"):
        taken.begin(states.IDLE)


def take_break(do: TakeBreak, work: Work) -> None:
    settle_forgotten(work, do.person, work.now, runs_on=True)
    taken = Taken(do, work)
    if taken.leads("break"):
        taken.begin(states.BREAK)


def back_to_work(do: BackToWork, work: Work) -> None:
    settle_forgotten(work, do.person, work.now, runs_on=True)
    taken = Taken(do, work)
    if not taken.leads("back") or taken.stint is None:
        return
    done = finding.work_before(work.session, taken.stint)
    order = done.order_id if done is not None else None
    over: list[Problem] = []
    if order is not None:
        work.emit(ClockStarted(order=order, person=do.person, back=True, over=over))
    if order is None or over:
        taken.begin(states.IDLE)
    else:
        taken.begin(states.JOB, order)


def clock_out(do: ClockOut, work: Work) -> None:
    if settle_forgotten(work, do.person, work.now, runs_on=True) is not None:
        return
    taken = Taken(do, work)
    stint = taken.stint
    if not taken.leads("out") or stint is None:
        return
    after = finding.following(work.session, do.person, taken.moment)
    if stint.ended is None or (after is not None and after.started == stint.ended):
        stint.ended = taken.moment
    else:
        work.check(rules.ended_before(taken.person.name))


# ------------------------------------------------------------------------------------------------------ beginning anew


def begin(work: Work, person: Person, kind: str, now: datetime, order: UUID | None = None, source: str = "scan") -> None:
    """Starts a stint: the one that runs ends with it, and it ends itself where a later one began. One that had ended by itself
    and goes beyond it stays as it is, beside it, for somebody to look at."""
    here = finding.standing(work.session, person.id, now)
    after = finding.following(work.session, person.id, now)
    if here is not None and here.ended is None:
        here.ended = now
    work.session.flush()
    shift_id, day = (here.shift_id, here.day) if here is not None else _comes_for(work, now)
    stint = work.add(
        Stint(
            person_id=person.id,
            kind=kind,
            order_id=order,
            shift_id=shift_id,
            day=day,
            started=now,
            ended=after.started if after is not None else None,
            source=source,
        )
    )
    work.reads.update(one.id for one in (here, after) if one is not None)
    if here is not None and here.ended != now:
        work.check(rules.overlap(person.name, _contest(work, here, stint)))


def _comes_for(work: Work, now: datetime) -> tuple[UUID | None, date]:
    """The shift that somebody is there for who comes now, and the day it belongs to, drawn at the terminal where they came."""
    envelope = work.envelope
    known = "shift" in envelope.drawn
    shift = None if known else shift_at(finding.shifts(work.session, envelope.org_id, envelope.site_id), now, envelope.zone)
    drawn = work.draw("shift", lambda: shift.id.hex if shift is not None else "")
    day = work.draw("shift_day", lambda: day_of(shift, now, work.today, envelope.zone).isoformat())
    return UUID(drawn) if drawn else None, date.fromisoformat(day)


def _contest(work: Work, earlier: Stint, later: Stint) -> Contest:
    """Both sides of an overlap: the end that was known, and the start that came in."""
    known = side(earlier.ended and millis(earlier.ended), earlier.made_by, millis(earlier.made_at), None)
    return Contest("stint", earlier.id, "ended", side_of(work.envelope, millis(later.started)), known)


# ----------------------------------------------------------------------------------------------------------- forgotten


def settle_forgotten(work: Work, person: UUID, now: datetime, *, runs_on: bool = False) -> Stint | None:
    """Ends a clock that was surely forgotten at the end that is proposed, until its person confirms it or says otherwise.

    Whoever takes a step that only leads on from a clock that runs (`runs_on`) worked longer than their shift: they forgot it
    only where nobody works that long in one go.
    """
    stint = finding.standing(work.session, person, now)
    if stint is None or stint.ended is not None:
        return None
    drawn = work.draw(f"forgotten:{stint.id.hex}", lambda: _proposed(work, stint, now, runs_on=runs_on))
    if drawn is None:
        return None
    stint.ended, stint.source = moment(drawn), "proposed"
    work.session.flush()
    return stint


def _proposed(work: Work, stint: Stint, now: datetime, *, runs_on: bool) -> int | None:
    """When a clock that still runs most likely ended, in milliseconds; None where it may well run."""
    shift = work.session.get(Shift, stint.shift_id) if stint.shift_id is not None else None
    ends = end_of(shift, stint.started, work.envelope.zone) if shift is not None else None
    grace, longest = int(work.setting("labor.grace")), int(work.setting("labor.longest"))
    if not rules.forgotten(stint.started, now, None if runs_on else ends, grace, longest):
        return None
    acts = finding.last_acts(work.session, work.envelope.terminal_id, stint.person_id, stint.started, now)
    return millis(rules.proposed_end(stint.started, now, ends, acts))
