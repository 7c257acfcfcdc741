"""The clock of people: in, on a job, in a break, back, off the job, out; and the end of one that was forgotten.

Every start ends what ran before. `at` is the moment of a scan that waited, as behind a question: what is counted begins with
the scan, never with its answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.kernel.commands import Authority, Command
from app.kernel.events import Event
from app.kernel.problems import Problem
from app.kernel.words import _


@dataclass(frozen=True, kw_only=True)
class ClockStarted(Event):
    """Somebody's clock begins to run on a job. Where they come `back` to it from a break and it takes no more work, whoever
    knows puts the reason into `over`: then they stand between jobs."""

    order: UUID
    person: UUID
    back: bool = False
    over: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ClockStep(Command):
    """What every step of a clock says: whose it is, and when, where that was before the command."""

    about = {"person": "person"}
    needs = "labor.clock"
    authority = Authority.FACT
    person: UUID
    at: datetime | None = None
    source: str = "hand"

    def undone_by(self, command_id: UUID) -> Command:
        return UndoClock(person=self.person, step=command_id)


@dataclass(frozen=True, kw_only=True)
class ClockIn(ClockStep):
    """Somebody came to work and stands between jobs."""

    label = _("Clocked in")


@dataclass(frozen=True, kw_only=True)
class ClockOn(ClockStep):
    """Somebody begins to work on a job; whatever their clock ran on before ends with it."""

    label = _("Clocked on")
    about = {"person": "person", "order": "work_order"}
    order: UUID


@dataclass(frozen=True, kw_only=True)
class ClockOff(ClockStep):
    """Somebody stops working on their job and stands between jobs."""

    label = _("Clocked off the job")


@dataclass(frozen=True, kw_only=True)
class TakeBreak(ClockStep):
    """Somebody's break begins."""

    label = _("Break begun")


@dataclass(frozen=True, kw_only=True)
class BackToWork(ClockStep):
    """Somebody's break is over: they go on with what they did before it."""

    label = _("Break ended")


@dataclass(frozen=True, kw_only=True)
class ClockOut(ClockStep):
    """Somebody went home."""

    label = _("Clocked out")

    def undone_by(self, command_id: UUID) -> Command:
        return UndoOut(person=self.person, step=command_id)


@dataclass(frozen=True, kw_only=True)
class UndoClock(Command):
    """Takes a step of somebody's clock back as if it had not been: what ran before runs on."""

    label = _("Clock step taken back")
    about = {"person": "person"}
    needs = "labor.clock"
    authority = Authority.FACT
    person: UUID
    step: UUID


@dataclass(frozen=True, kw_only=True)
class UndoOut(Command):
    """Takes clocking out back: what ran before runs on."""

    label = _("Clocking out taken back")
    about = {"person": "person"}
    needs = "labor.clock"
    authority = Authority.FACT
    person: UUID
    step: UUID | None = None  # the very clocking out; without it, the last one


@dataclass(frozen=True, kw_only=True)
class ConfirmEnd(Command):
    """Somebody confirms, or puts right, when their forgotten clock ended."""

    label = _("End of a clock confirmed")
    about = {"stint": "stint"}
    needs = "labor.clock"
    authority = Authority.FACT
    stint: UUID
    ended: datetime
