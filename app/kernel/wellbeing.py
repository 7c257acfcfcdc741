"""How a terminal is just now: its disk, how long a commit takes, its black box, its hub and its printer, each as a Check."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel import journal, meta
from app.kernel.caretaker import LOOKED
from app.kernel.clock import stamp_time
from app.kernel.commit_times import SLOW_MS, CommitTimes
from app.kernel.health import BAD, OK, WARN, Check, graded
from app.kernel.journal import Journal
from app.kernel.problems import Problem
from app.kernel.records import PARKED, WAITING, EnvelopeRow
from app.kernel.room import AMPLE, LOW, MEGABYTE, Room
from app.kernel.types import moment
from app.kernel.words import _

RARE = timedelta(days=3)  # after which somebody should look through all of it
QUIET, LOST = timedelta(days=1), timedelta(days=14)  # since the hub was reached
CRAWLING_MS = 1000.0


def disk(room: Room) -> Check:
    """How much is free, and whether there is a reserve for the day when nothing is."""
    usage = shutil.disk_usage(room.store.parent)
    free = room.measured()
    used = 100 * usage.used // ((usage.used + usage.free) or 1)
    values = {"free_mb": free // MEGABYTE, "used_percent": used, "reserve_mb": room.levels.ballast // MEGABYTE}
    level = room.levels.of(free)
    if level == AMPLE and room.has_ballast:
        return Check("disk", OK, _("{free_mb} MB of the disk are free; {reserve_mb} MB more lie in reserve."), "", values)
    if level == AMPLE:
        hint = _("The reserve is made while the window is open.") if room.levels.ballast else ""
        return Check("disk", OK, _("{free_mb} MB of the disk are free. There is no reserve yet."), hint, values)
    hint = _("Make room on the disk; a full one saves nothing.")
    message = _("Only {free_mb} MB of the disk are free.")
    return Check("disk", WARN if level == LOW else BAD, message, hint, values)


def commits(times: CommitTimes) -> Check:
    """How long people's work took to be on the disk for good."""
    if not times.count:
        return Check("saving", OK, _("Nothing was saved since the start."), "", {"count": 0})
    p50, p99 = times.after(0.5), times.after(0.99)
    values = {"count": times.count, "p50_ms": round(p50, 1), "p99_ms": round(p99, 1)}
    hint = "" if p99 < SLOW_MS else _("The disk is slow: keep the store on a solid-state disk, and see what else keeps it busy.")
    message = _("Saving took {p50_ms} ms, and 99 times of 100 at most {p99_ms} ms.")
    return Check("saving", graded(p99, SLOW_MS, CRAWLING_MS), message, hint, values)


def box(of: Journal, room: Room) -> Check:
    """Whether what was done is written a second time."""
    if of.failing:
        hint = _("See that the disk has room and may be written. It is tried again by itself.")
        return Check("box", BAD, _("The black box cannot be written: {reason}."), hint, {"reason": of.failing})
    found = journal.numbers(room.store)
    size = sum(journal.file_of(room.store, number).stat().st_size for number in found)
    values = {"count": len(found), "megabytes": size // 1_000_000}
    return Check("box", OK, _("The black box is written; it takes {megabytes} MB."), "", values)


def looked(session: Session, now: datetime) -> Check:
    """When every page of the store was last read and proved."""
    at = int(meta.read(session, LOOKED) or 0)
    if not at:
        return Check("store", OK, _("The store is looked through when nobody works; that was not yet."))
    values = {"at": moment(at).isoformat(timespec="minutes")}
    message = _("The store was whole when all of it was last looked through: {at}.")
    late = abs(now - moment(at)) > RARE
    hint = _("Look through everything, or leave the terminal on over night.") if late else ""
    return Check("store", WARN if late else OK, message, hint, values)


def hub(*, enrolled: bool, reached: datetime | None, failure: Problem | None, now: datetime) -> Check:
    """When the hub was last reached."""
    if not enrolled:
        return Check("hub", OK, _("This terminal has joined no hub and works on its own."))
    why: dict[str, Any] = {"why": failure.sentence} if failure is not None else {}
    if reached is None:
        hint = _("See that the network is there. What is done here is kept until then.")
        return Check(
            "hub", WARN, _("The hub was not reached yet. {why}") if why else _("The hub was not reached yet."), hint, why
        )
    since = abs(now - reached)
    values = {"at": reached.isoformat(timespec="minutes"), **why}
    if failure is None and since < QUIET:
        return Check("hub", OK, _("The hub was last reached at {at}."), "", values)
    message = _("The hub was last reached at {at}. {why}") if why else _("The hub was last reached at {at}.")
    hint = failure.advice if failure is not None else _("See that the network is there.")
    return Check("hub", BAD if since > LOST else WARN, message, hint, values)


def waiting(session: Session) -> Check:
    """What the hub has not confirmed, and what it could not take."""
    told = select(EnvelopeRow.state, func.count(), func.min(EnvelopeRow.stamp)).group_by(EnvelopeRow.state)
    found = {
        state: (count, stamp) for state, count, stamp in session.execute(told.where(EnvelopeRow.state.in_((WAITING, PARKED))))
    }
    waits, first = found.get(WAITING, (0, 0))
    parked = found.get(PARKED, (0, 0))[0]
    values = {"waiting": waits, "parked": parked, "at": stamp_time(first).isoformat(timespec="minutes") if first else ""}
    if parked:
        message = _("{parked} commands could not be taken by the hub, and {waiting} wait.")
        return Check("waiting", WARN, message, _("Open the hub's page: it says why, and what can be done."), values)
    if not waits:
        return Check("waiting", OK, _("Nothing waits for the hub."), "", values)
    return Check("waiting", OK, _("{waiting} commands wait for the hub, the oldest since {at}."), "", values)


def printer(target: str) -> Check:
    """Where labels go."""
    if target:
        return Check("printers", OK, _("Labels are printed at {target}. A failed label is told at once."), "", {"target": target})
    return Check("printers", OK, _("No label printer is set."), _("Set one under Settings, or in FETTLE_PRINTER."))
