"""Writing the hub's rows as they come: unknown columns left aside, ledger lines folded, search kept in step.

Rows go in as columns, many at once. Of a row that is here already only the columns that differ are written: indexes and words
that stay as they are cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, compress
from operator import itemgetter, ne
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import digests, outbox, search
from app.kernel.entity import Entity
from app.kernel.registry import Registry
from app.kernel.rows import codecs, table_of, values
from app.kernel.types import Id, Json, canonical
from sync.protocol import Line
from sync.sections import Section, sections_of
from sync.terminal import memory
from sync.words import shorts

AT_ONCE = 250  # ids in one question
Row = tuple[Any, ...]  # as SQLite keeps it
Rows = dict[bytes, Row]  # by id
Moved = dict[tuple[bool, ...], list[bytes]]  # the rows that differ from what is here, by the columns in which they do


def put(session: Session, registry: Registry, lines: Iterable[Line]) -> None:
    """Writes rows, and takes those away that have left this terminal's scope. Nothing may stand on them.

    What this program does not know, entities or columns, is left aside and remembered: a newer one fetches it.
    """
    for section in sections_of(lines):
        entity = registry.entities.get(section.entity)
        if entity is None:
            memory.skip(session, [section.entity])
        elif section.names is None:
            for ident in section.ids:
                outbox.remove(session, registry, entity, UUID(ident))
        else:
            _write(session, registry, entity, section)


def _write(session: Session, registry: Registry, entity: type[Entity], section: Section) -> None:
    names, rows = _kept(session, entity, section)
    was = _there(session, entity, names, rows)
    fresh = {ident: row for ident, row in rows.items() if ident not in was}
    moved = _moved(rows, was)
    _insert(session, entity, names, list(fresh.values()))
    _update(session, entity, names, rows, moved)
    _turn_digest(session, entity, names, [*fresh, *chain.from_iterable(moved.values())], rows, was)
    _fold(session, registry, entity, section, fresh)
    _fold_anew(session, registry, entity, section, {*chain.from_iterable(moved.values())})
    _follow_words(session, registry, entity, names, rows, [*fresh, *_said_anew(entity, names, moved)])


def _moved(rows: Rows, was: Rows) -> Moved:
    found: Moved = {}
    for ident, before in was.items():
        row = rows[ident]
        if row != before:
            found.setdefault(tuple(map(ne, before, row)), []).append(ident)
    return found


def _kept(session: Session, entity: type[Entity], section: Section) -> tuple[tuple[str, ...], Rows]:
    """The rows as SQLite keeps them, with the columns that this program knows; of two of one id the later one counts."""
    given = dict(zip(section.names or (), section.columns, strict=True))
    given["id"] = section.ids
    if aside := given.keys() - codecs(entity).keys():
        memory.leave_aside(session, entity.__tablename__, aside)
    names = tuple(name for name in given if name not in aside)
    ways = _ways(entity)
    columns = [given[name] if ways[name] is None else ways[name](given[name]) for name in names]  # type: ignore[misc]
    at = names.index("id")
    return names, {row[at]: row for row in zip(*columns, strict=True)}


@cache
def _ways(entity: type[Entity]) -> dict[str, Callable[[Sequence[Any]], list[Any]] | None]:
    """How a column's plain data become what SQLite keeps, by name; None for what it keeps as it is."""
    return {column.key: _way(column.type) for column in table_of(entity).columns}


def _way(of_type: object) -> Callable[[Sequence[Any]], list[Any]] | None:
    match of_type:
        case Id():
            return _as_bytes
        case Json():
            return _as_text
        case _:
            return None


def _as_bytes(idents: Sequence[str | None]) -> list[bytes | None]:
    known = {ident: None if ident is None else bytes.fromhex(ident) for ident in set(idents)}
    return [known[ident] for ident in idents]


def _as_text(plain: Sequence[Any]) -> list[str | None]:
    return [None if one is None else canonical(one) for one in plain]


def _there(session: Session, entity: type[Entity], names: Sequence[str], rows: Rows) -> Rows:
    """Those of the rows that are here already, as they are, with the same columns."""
    connection, idents, at = session.connection(), sorted(rows), names.index("id")
    found: Rows = {}
    for start in range(0, len(idents), AT_ONCE):
        some = idents[start : start + AT_ONCE]
        asked = tuple(some + some[-1:] * (AT_ONCE - len(some))) if start else tuple(some)  # one statement for all of them
        wanted = f"SELECT {_listed(names)} FROM {entity.__tablename__} WHERE id IN ({', '.join('?' * len(asked))})"  # noqa: S608
        found |= {row[at]: tuple(row) for row in connection.exec_driver_sql(wanted, asked).all()}
    return found


def _insert(session: Session, entity: type[Entity], names: Sequence[str], rows: list[Row]) -> None:
    if rows:
        places = ", ".join("?" * len(names))
        session.connection().exec_driver_sql(
            f"INSERT INTO {entity.__tablename__} ({_listed(names)}) VALUES ({places})",  # noqa: S608
            rows,
        )


def _update(session: Session, entity: type[Entity], names: Sequence[str], rows: Rows, moved: Moved) -> None:
    """Writes what differs, and no more."""
    for differs, idents in moved.items():
        told = ", ".join(f'"{name}" = ?' for name in compress(names, differs))
        pick = itemgetter(*compress(range(len(names)), differs), names.index("id"))
        statement = f"UPDATE {entity.__tablename__} SET {told} WHERE id = ?"  # noqa: S608
        session.connection().exec_driver_sql(statement, [pick(rows[ident]) for ident in idents])


def _turn_digest(
    session: Session, entity: type[Entity], names: Sequence[str], written: Sequence[bytes], rows: Rows, was: Rows
) -> None:
    name, at = entity.__tablename__, names.index("stamp")
    before = [(ident, was[ident][at]) for ident in written if ident in was]
    turn = digests.total(name, [(ident, rows[ident][at]) for ident in written]) - digests.total(name, before)
    if written:
        digests.turn(session, name, len(written) - len(before), turn)


def _fold(session: Session, registry: Registry, entity: type[Entity], section: Section, fresh: Rows) -> None:
    """Folds the lines that are new here into their balances."""
    projections = registry.projections.get(entity, ())
    if projections and fresh:
        new = {ident.hex() for ident in fresh}
        lines = [SimpleNamespace(**values(entity, line.image or {})) for line in section.lines() if line.id in new]
        for projection in projections:
            projection.add_many(session, lines)


def _fold_anew(session: Session, registry: Registry, entity: type[Entity], section: Section, moved: set[bytes]) -> None:
    """A line of a ledger never changes but where the hub was put back and dates it otherwise: its place among others is new."""
    projections = registry.projections.get(entity, ())
    if projections and moved:
        changed = {ident.hex() for ident in moved}
        lines = [SimpleNamespace(**values(entity, line.image or {})) for line in section.lines() if line.id in changed]
        for projection in projections:
            projection.refold(session, [projection.key_of(line) for line in lines])


# ------------------------------------------------------------------------------------------------------------- search


def _said_anew(entity: type[Entity], names: Sequence[str], moved: Moved) -> Iterator[bytes]:
    """The rows whose words may have changed."""
    said = {*entity.__about__.search, "retired"}
    for differs, idents in moved.items():
        if not said.isdisjoint(compress(names, differs)):
            yield from idents


def _follow_words(
    session: Session, registry: Registry, entity: type[Entity], names: Sequence[str], rows: Rows, written: Sequence[bytes]
) -> None:
    sought = entity.__about__.search
    if not sought or not written:
        return
    if not {*sought, "retired", "org_id"} <= set(names):  # an older hub knows fewer columns
        outbox.refresh_search(session, registry, entity.__tablename__, [UUID(bytes=ident) for ident in written])
        return
    retired, org = names.index("retired"), names.index("org_id")
    places = [names.index(name) for name in sought]
    found: dict[bytes, list[tuple[int, str, str]]] = {}
    for ident, shown in zip(written, shorts(written), strict=True):
        row = rows[ident]
        words = "" if row[retired] else " ".join(search.split(" ".join(str(row[place] or "") for place in places)))
        found.setdefault(row[org], []).append((search.rowid_of(ident), words, shown))
    for org_id, some in found.items():
        search.put_words(session, entity.__tablename__, UUID(bytes=org_id), some)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
