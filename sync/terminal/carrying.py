"""Takes a terminal's own things into its new store: who it is, what waits for the hub, its numbers, drafts and logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, LargeBinary, delete, select, update
from sqlalchemy.orm import Session

from app.assemble import App
from app.capabilities import registry
from app.kernel import meta
from app.kernel.capture import Capture, WorkSession
from app.kernel.dispatch import Station
from app.kernel.entity import Base, LocalRow
from app.kernel.outbox import CHANGES, ENVELOPES
from app.kernel.records import (
    CONFIRMED,
    PARKED,
    WAITING,
    ChangeRow,
    EnvelopeRow,
    FeedRow,
    HeadRow,
    HeldRow,
    MetaRow,
    TouchRow,
    TurnRow,
)
from app.kernel.rows import table_of
from app.kernel.store import SETTINGS, engine, spoken
from app.kernel.writer import Writer
from app.migrations import upgrade
from sync.filling import projections
from sync.snapshots import CURSOR, EPOCH, REACH, Manifest
from sync.terminal import memory, rebase

_OF_THE_ROWS = ("digest", "digest_line", "tombstone", "tenant")  # follow from rows, or are the hub's alone
_NOT_TAKEN = {table_of(one).name for one in (FeedRow, TurnRow, HeadRow, HeldRow, MetaRow, TouchRow)} | set(_OF_THE_ROWS)
_OF_THE_SNAPSHOT = (CURSOR, EPOCH, REACH, memory.SKIPPED, memory.ASIDE)  # facts that the new rows bring, or make untrue
_FROM = "snapshot"  # the fact that says from which one this store was made


class Outdated(Exception):
    """The old store was worked with after its things were taken into the new one."""


@dataclass(frozen=True)
class New:
    """What the new store must know: whose it is, which terminal it serves, and further facts."""

    station: Station
    org_id: UUID
    facts: Mapping[str, Any]


def complete(staged: Path, old: Path, key: bytes, new: New, manifest: Manifest) -> int:
    """Makes a staged file this terminal's store, in one transaction; returns how many commands were done again on its rows.

    A kill leaves the staged file as it was, or complete: then the next try finds that there is nothing to do. Outdated where
    the old store has gone on since.
    """
    opened = _opened(staged, key)
    try:
        upgrade(opened)
        if old.exists():
            _brought_up_to_date(old, key)
            _attach(opened, old, key)
        app = App(Writer(opened), opened, opened, new.station)
        try:
            return app.writer.submit(_completed, app, old.exists(), new, manifest).result()
        finally:
            app.close()
    finally:
        opened.dispose()


def _opened(path: Path, key: bytes) -> Engine:
    return engine(path, key, "BEGIN IMMEDIATE", SETTINGS, connections=1)


def _brought_up_to_date(old: Path, key: bytes) -> None:
    """The old store at this program's tables, its journal moved into the file: so its things fit the new one."""
    opened = _opened(old, key)
    try:
        upgrade(opened)
    finally:
        opened.dispose()


def _attach(opened: Engine, old: Path, key: bytes) -> None:
    raw = opened.raw_connection()
    driver: Any = raw.driver_connection
    driver.execute(f'ATTACH ? AS old KEY "{spoken(key)}"', (str(old),))
    raw.close()


def _completed(app: App, old: bool, new: New, manifest: Manifest) -> int:
    with WorkSession(app.dispatcher.engine, expire_on_commit=False) as session:
        if meta.read(session, _FROM) == manifest.name:
            if old and _has_gone_on(session):
                raise Outdated
            return 0
        if old:
            _take(session)
        meta.keep_station(session, new.station)
        for name, value in {meta.ORGANISATION: new.org_id.hex, _FROM: manifest.name, **new.facts}.items():
            meta.keep(session, name, value)
        count = _redone(session, app, manifest.cursor)
        session.commit()
    return count


def _take(session: Session) -> None:
    """Copies the tables that are this terminal's own."""
    driver: Any = session.connection().connection.driver_connection
    for name in own_tables():
        columns = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[name].columns)
        driver.execute(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM old.{name}")  # noqa: S608
    marks = ", ".join("?" * len(_OF_THE_SNAPSHOT))
    driver.execute(
        f"INSERT OR REPLACE INTO main.meta SELECT * FROM old.meta WHERE key NOT IN ({marks})",  # noqa: S608
        _OF_THE_SNAPSHOT,
    )


def _has_gone_on(session: Session) -> bool:
    """Whether something is in the old store that was not when its things were taken."""
    driver: Any = session.connection().connection.driver_connection
    return any(driver.execute(_left_behind(name)).fetchone() for name in own_tables() if name != CHANGES.name)


def _left_behind(name: str) -> str:
    """Asks for rows of one table that only the old store has. What was done again since is told apart by its number alone."""
    table = Base.metadata.tables[name]
    plain = ENVELOPES.primary_key if name == ENVELOPES.name else table.columns
    columns = ", ".join(f'"{column.name}"' for column in plain if not isinstance(column.type, LargeBinary))
    return f"SELECT {columns} FROM old.{name} EXCEPT SELECT {columns} FROM main.{name} LIMIT 1"  # noqa: S608


def own_tables() -> list[str]:
    """The tables whose rows are this terminal's own: all that no snapshot brings, and no rows give by themselves."""
    folded = {projection.table.name for projection in projections(registry())}
    local = {table_of(one.entity).name for one in Base.registry.mappers if issubclass(one.entity, LocalRow)}
    return sorted(local - folded - _NOT_TAKEN)


def _redone(session: Session, app: App, cursor: int) -> int:
    """Does again what the snapshot does not hold: what waits, and what the hub answered after it was built."""
    session.info["capture"] = Capture(app.registry, 0)
    session.execute(update(EnvelopeRow).values(due=None).where(EnvelopeRow.due.is_not(None)))
    own = select(EnvelopeRow).where(EnvelopeRow.terminal_id == app.station.id).order_by(EnvelopeRow.seq)
    answered = (EnvelopeRow.state == CONFIRMED) & (EnvelopeRow.feed_seq > cursor)
    rows = session.scalars(own.where(EnvelopeRow.state.in_((WAITING, PARKED)) | answered)).all()
    for row in rows:
        session.execute(delete(ChangeRow).where(CHANGES.c.envelope_id == row.id))
        row.due = row.feed_seq if row.state == CONFIRMED else None
        session.flush()
        rebase.again(session, app.dispatcher, row)
    return len(rows)
