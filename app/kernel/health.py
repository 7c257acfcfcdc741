"""Is everything well with a store? Each check says ok, warn or bad, and what to do."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, func, select
from sqlalchemy.orm import Session, aliased
from sqlcipher3 import dbapi2 as driver

from app.kernel import backups, mending, outbox, rls
from app.kernel.clock import AHEAD, BEHIND, EARLY, LEAPT, Clock, stamp_time
from app.kernel.entity import Entity, fields_of
from app.kernel.keys import KeyKeeper
from app.kernel.problems import Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.registry import Registry
from app.kernel.store import OLDEST_SQLITE
from app.kernel.words import _, say

OK, WARN, BAD = "ok", "warn", "bad"
SLOW_WARN, SLOW_BAD = 30.0, 250.0  # ms for a write to be on the disk, 99 times of 100
SLACK = timedelta(minutes=5)  # what a clock may be behind the last command
OLD, RECENT = timedelta(days=7), timedelta(days=30)
_WRITES = 100


@dataclass(frozen=True)
class Check:
    """One finding about the health of a store. `values` are the numbers behind the sentence, for programs."""

    name: str
    state: str
    message: str
    hint: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return say(self.message, self.values)

    @property
    def advice(self) -> str:
        return say(self.hint, self.values)

    def as_json(self) -> dict[str, Any]:
        return {
            "check": self.name,
            "state": self.state,
            "message": self.sentence,
            "hint": self.advice,
            "values": {
                name: value if isinstance(value, int | float | str) else str(value) for name, value in self.values.items()
            },
        }


def graded(value: float, warn: float, bad: float) -> str:
    """Good below `warn`, bad from `bad` on."""
    return OK if value < warn else WARN if value < bad else BAD


# ------------------------------------------------------------------------------------------------------------ the store


def integrity(engine: Engine) -> Check:
    """Every page of the file has its seal, and the tables agree with their indexes."""
    with engine.connect() as connection:
        sealed = connection.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall()
        told = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(3)")]
    found = [str(row[0]) for row in sealed] + [line for line in told if line != "ok"]
    if not found:
        return Check("store", OK, _("The store is whole."))
    hint = _("Close Fettle and start it again: the newest backup takes its place, and what was done since is done again.")
    return Check("store", BAD, _("The store is damaged: {first}"), hint, {"first": found[0][:200], "count": len(found)})


def versions(engine: Engine, head: str) -> Check:
    with engine.connect() as connection:
        cipher = connection.exec_driver_sql("PRAGMA cipher_version").scalar()
        tables = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    found = {"sqlite": driver.sqlite_version, "cipher": cipher, "tables": tables, "python": platform.python_version()}
    if driver.sqlite_version_info < OLDEST_SQLITE:
        return Check("versions", BAD, _("SQLite {sqlite} can damage a store."), _("Install Fettle again."), found)
    if tables != head:
        hint = _("Start the program once, so that it brings the tables up to date.")
        return Check("versions", WARN, _("The tables are of step {tables}."), hint, found)
    return Check("versions", OK, _("SQLite {sqlite}, SQLCipher {cipher}, Python {python}, tables of step {tables}."), "", found)


def key(keeper: KeyKeeper, store: Path) -> Check:
    try:
        keeping = keeper.describe(store)
    except Trouble as trouble:
        return Check("key", BAD, trouble.problem.message, trouble.problem.hint, trouble.problem.values)
    return Check("key", OK if keeping.safe else WARN, keeping.message, keeping.hint)


def writing(folder: Path) -> Check:
    """How long a small write takes to be on the disk for good; every command waits for one."""
    taken = sorted(_writes(folder))
    middle, slow = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    values = {"p50_ms": round(middle, 2), "p99_ms": round(slow, 2)}
    hint = "" if slow < SLOW_WARN else _("Keep the store on a solid-state disk of this machine, and see what else keeps it busy.")
    message = _("A write is on the disk after {p50_ms} ms, and 99 times of 100 after {p99_ms} ms.")
    return Check("writing", graded(slow, SLOW_WARN, SLOW_BAD), message, hint, values)


def _writes(folder: Path) -> Iterator[float]:
    """Milliseconds of one write of a page after the other, each waited for."""
    with tempfile.TemporaryFile(dir=folder) as file:
        for _count in range(_WRITES):
            started = time.perf_counter()
            file.write(os.urandom(4096))
            file.flush()
            os.fsync(file.fileno())
            yield (time.perf_counter() - started) * 1000


def clock(session: Session, now: datetime, of: Clock | None = None) -> Check:
    """A clock that was set back would date today's work before yesterday's. `of` is the terminal's own, which knows more."""
    last = session.scalar(select(func.max(EnvelopeRow.stamp)))
    latest = stamp_time(last) if last else now
    doubt = of.doubt if of is not None else BEHIND if latest - now > SLACK else ""
    values = {"now": now.isoformat(timespec="seconds"), "last": latest.isoformat(timespec="seconds"), "doubt": doubt}
    if doubt:
        hint = _("Set the machine's clock, or let it follow a time server. What is done meanwhile is kept, and says so.")
        moved = {"minutes": abs(of.moved_ms) // 60_000} if of is not None else {}
        return Check("clock", BAD, _DOUBTS[doubt], hint, {**values, **moved})
    off = abs(of.offset) // 60_000 if of is not None else 0
    if off >= SLACK // timedelta(minutes=1):
        message = _("The machine's clock is {minutes} minutes off. Fettle goes by the hub's: it is {now}.")
        return Check("clock", WARN, message, _("Let the machine's clock follow a time server."), {**values, "minutes": off})
    return Check("clock", OK, _("The clock says {now}."), "", values)


_DOUBTS = {
    BEHIND: _("The clock says {now}, but the last command was given at {last}."),
    EARLY: _("The clock says {now}: that was before this program was made."),
    LEAPT: _("The clock says {now}. It was set by {minutes} minutes while Fettle ran."),
    AHEAD: _("The clock says {now}, more than a year after what was done here last."),
}


def backed_up(store: Path, now: datetime) -> Check:
    """When the last backup was made, and whether a new machine could open it."""
    found = backups.backups(store)
    values: dict[str, Any] = {"count": len(found), "megabytes": sum(one.size for one in found) // 1_000_000}
    if not found:
        hint = _("Leave the window open for a while, or make one: fettle backup --now.")
        return Check("backups", WARN, _("There is no backup yet."), hint, values)
    last, values["made"] = found[0], found[0].made[:16].replace("T", " ")
    message = _("The last of {count} backups was made at {made} (UTC); together they take {megabytes} MB.")
    if backups.age(last, now) > OLD:
        return Check("backups", WARN, message, _("Nothing newer was made for a week: make one by fettle backup --now."), values)
    if not last.wrapped:
        hint = _("Make a recovery code, so that another machine can open them: fettle backup --code.")
        return Check("backups", OK, message, hint, values)
    return Check("backups", OK, message, "", values)


def mishaps(session: Session, now: datetime, aside: Path) -> Check:
    """What happened to the store in the last month."""
    told = mending.untold(session, now - RECENT)
    if not told:
        return Check("mishaps", OK, _("Nothing happened to the store in the last month."))
    at, problem = told[-1]
    values = {**problem.values, "at": at.isoformat(timespec="minutes"), "folder": str(aside)}
    hint = _("Have the disk checked. What was damaged is kept in {folder}.") if aside.is_dir() else problem.hint
    return Check("mishaps", WARN, problem.message, hint, values)


# ---------------------------------------------------------------------------------------------------- what is written in it


def audit(session: Session) -> Check:
    """Each command's line holds the one before it, so that none was changed or taken out."""
    count = session.scalar(select(func.count()).select_from(EnvelopeRow)) or 0
    for terminal in session.scalars(select(EnvelopeRow.terminal_id).distinct()).all():
        broken = outbox.verify_chain(session, terminal)
        if broken is not None:
            values = {"terminal": str(terminal), "number": broken, "count": count}
            hint = _("Somebody changed the file past the program. Keep it as it is, and tell whoever answers for it.")
            return Check("audit", BAD, _("The audit breaks at command {number} of a terminal."), hint, values)
    erased = outbox.erased(session)
    if erased:
        message = _("{count} commands stand in an unbroken chain; in {erased} of them something personal was erased.")
        return Check("audit", OK, message, "", {"count": count, "erased": erased})
    return Check("audit", OK, _("{count} commands stand in an unbroken chain."), "", {"count": count})


def balances(engine: Engine, registry: Registry) -> Check:
    """Every balance equals the fold of its ledger, done anew and taken back. For the writer's thread."""
    wrong = []
    with Session(engine) as session:
        rls.serve_all(session)
        for projection in dict.fromkeys(one for some in registry.projections.values() for one in some):
            kept = _sum_of(session, projection.table)
            projection.rebuild(session)
            if _sum_of(session, projection.table) != kept:
                wrong.append(projection.table.name)
        session.rollback()
    if not wrong:
        return Check("balances", OK, _("Every balance equals its ledger."))
    hint = _("This is a mistake of the program: send a report, and have the balances made anew.")
    return Check("balances", BAD, _("These balances do not equal their ledger: {tables}."), hint, {"tables": ", ".join(wrong)})


def _sum_of(session: Session, table: Table) -> str:
    total = sha256()
    for row in session.execute(select(table).order_by(*table.primary_key.columns).execution_options(yield_per=1000)):
        total.update(repr(tuple(row)).encode())
    return total.hexdigest()


def links(session: Session, registry: Registry) -> Check:
    """Links that point nowhere. On a terminal of a hub, the other end may not have arrived yet, or lie out of its scope."""
    loose: dict[str, int] = {}
    for entity in registry.synced():
        for name, one in fields_of(entity).items():
            if one.kind == "link" and one.target in registry.entities:
                count = _loose(session, entity, name, registry.entities[one.target])
                if count:
                    loose[f"{entity.__tablename__}.{name}"] = count
    if not loose:
        return Check("links", OK, _("Every link leads to a record."))
    values = {"links": ", ".join(f"{name} ({count})" for name, count in loose.items()), "count": sum(loose.values())}
    hint = _("If it is still so after the next exchange with the hub, send a report.")
    return Check("links", WARN, _("{count} links lead nowhere: {links}."), hint, values)


def _loose(session: Session, entity: type[Entity], name: str, target: type[Entity]) -> int:
    there = aliased(target)
    column = getattr(entity, name)
    nowhere = ~select(there.id).where(there.id == column).exists()
    return session.scalar(select(func.count()).select_from(entity).where(column.is_not(None), nowhere)) or 0


def caught(name: str, check: Callable[[], Check]) -> Check:
    """The check, or what the environment did to it."""
    try:
        return check()
    except (Trouble, OSError) as error:
        problem = error.problem if isinstance(error, Trouble) else None
        message = problem.message if problem else _("This could not be looked at: {reason}.")
        values = problem.values if problem else {"reason": str(error)}
        return Check(name, BAD, message, problem.hint if problem else _("See that its disk is there and may be written."), values)
