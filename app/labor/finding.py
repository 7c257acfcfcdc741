"""Whose clock stands where: the stint somebody is in at a moment, those around it, and the hours on a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from app.kernel.clock import stamp_of, stamp_time
from app.kernel.records import EnvelopeRow
from app.kernel.scan_log import ScanRow
from app.kernel.types import Quantity, millis
from app.labor.model import Shift, Stint
from app.labor.states import BREAK, JOB, OUT

HOUR = 3_600_000  # milliseconds
LOOKED_THROUGH = 5000  # commands of a terminal
PRESENCE = ("SignIn", "SignOut")  # no work: the door, also when it closes by itself


def stints_of(person: UUID) -> Select[Stint]:
    return select(Stint).where(Stint.person_id == person, Stint.retired.is_(False))


def standing(session: Session, person: UUID, moment: datetime) -> Stint | None:
    """The stint that somebody is in at a moment; None where they are out."""
    there = stints_of(person).where(Stint.started <= moment, or_(Stint.ended.is_(None), Stint.ended > moment))
    return session.scalars(there.order_by(Stint.started.desc(), Stint.id.desc()).limit(1)).first()


def kind_of(stint: Stint | None) -> str:
    return stint.kind if stint is not None else OUT


def following(session: Session, person: UUID, moment: datetime) -> Stint | None:
    """The next stint that began after a moment."""
    later = stints_of(person).where(Stint.started > moment)
    return session.scalars(later.order_by(Stint.started, Stint.id).limit(1)).first()


def before(session: Session, stint: Stint) -> Stint | None:
    """The stint that went over into this one."""
    gone = stints_of(stint.person_id).where(Stint.ended == stint.started, Stint.id != stint.id)
    return session.scalars(gone.order_by(Stint.started.desc(), Stint.id.desc()).limit(1)).first()


def work_before(session: Session, pause: Stint) -> Stint | None:
    """What somebody did last before a break."""
    worked = stints_of(pause.person_id).where(Stint.started <= pause.started, Stint.kind != BREAK)
    return session.scalars(worked.order_by(Stint.started.desc(), Stint.id.desc()).limit(1)).first()


def last_of(session: Session, person: UUID) -> Stint | None:
    """The stint that began last."""
    return session.scalars(stints_of(person).order_by(Stint.started.desc(), Stint.id.desc()).limit(1)).first()


def shifts(session: Session, org_id: UUID, site: UUID | None) -> list[Shift]:
    """The shifts of a site; all of them where no site is known."""
    wanted = select(Shift).where(Shift.org_id == org_id, Shift.retired.is_(False)).order_by(Shift.starts, Shift.name, Shift.id)
    return list(session.scalars(wanted.where(Shift.site_id == site) if site is not None else wanted))


def last_acts(session: Session, terminal: UUID, person: UUID, after: datetime, until: datetime) -> list[datetime]:
    """The last command of somebody at a terminal between two moments, and their last scan that did something here."""
    newest = (
        select(EnvelopeRow).where(EnvelopeRow.terminal_id == terminal).order_by(EnvelopeRow.number.desc()).limit(LOOKED_THROUGH)
    )
    done = newest.subquery("newest")
    commands = select(func.max(done.c.stamp)).where(
        done.c.actor_id == person,
        done.c.stamp.between(stamp_of(millis(after)), stamp_of(millis(until))),
        done.c.command.not_in(PRESENCE),
    )
    scans = select(func.max(ScanRow.at)).where(
        ScanRow.at.between(after, until), ScanRow.actor_id == person, ScanRow.command_id.is_not(None)
    )
    stamp, scanned = session.scalar(commands), session.scalar(scans)
    return [one for one in (stamp_time(stamp) if stamp else None, scanned) if one is not None]


def lasted() -> ColumnElement[int]:
    """Milliseconds of a stint that has ended."""
    return type_coerce(Stint.ended, BigInteger) - type_coerce(Stint.started, BigInteger)


def in_hours(milliseconds: int) -> Quantity:
    """Whole thousandths of an hour, rounded once."""
    return Quantity.of_thousandths((milliseconds + HOUR // 2000) // (HOUR // 1000))


def worked(session: Session, order_id: UUID) -> int:
    """Milliseconds that people spent on a job; a clock that still runs counts when it stops."""
    spent: Select[Any] = select(func.sum(lasted())).where(
        Stint.order_id == order_id, Stint.kind == JOB, Stint.ended.is_not(None), Stint.retired.is_(False)
    )
    return int(session.scalar(spent) or 0)


def hours(session: Session, order_id: UUID) -> Quantity:
    """The hours that people spent on a job, as far as their clocks have stopped."""
    return in_hours(worked(session, order_id))
