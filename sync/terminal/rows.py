"""Writing the hub's rows as they come: unknown columns left aside, ledger lines folded, search kept in step.

Rows go in as columns, many at once. Of a row that is here already only the columns that differ are written: indexes and words
that stay as they are cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, compress, count
from operator import eq, ne
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import digests, outbox, search
from app.kernel.entity import Entity
from app.kernel.many import driven
from app.kernel.registry import Registry
from app.kernel.rows import codecs, table_of, values
from app.kernel.types import Id, Json, canonical
from app.parties.erasing import remember
from app.parties.model import Customer
from sync.protocol import Line
from sync.sections import Section, sections_of
from sync.terminal import memory
from sync.words import shorts

AT_ONCE = 250  # ids in one question
TOGETHER = 100  # rows written by one statement
Moved = dict[tuple[str, ...], list[int]]  # the places of rows that differ from what is here, by the columns in which they do


@dataclass(frozen=True)
class Rows:
    """Rows of one entity side by side, as SQLite keeps them; no two of one id."""

    names: tuple[str, ...]
    columns: Sequence[Sequence[Any]]

    def column(self, name: str) -> Sequence[Any]:
        return self.columns[self.names.index(name)]

    @property
    def ids(self) -> Sequence[bytes]:
        return self.column("id")

    def at(self, places: Sequence[int]) -> Rows:
        """The rows at these places, in their order."""
        if len(places) == len(self.ids) and all(map(eq, places, count())):
            return self
        return Rows(self.names, [[column[place] for place in places] for column in self.columns])


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
            _remember_erased(session, section)
            _write(session, registry, entity, section)


def _remember_erased(session: Session, section: Section) -> None:
    """The last moment at which this terminal knows who is erased by these rows."""
    if section.entity == Customer.__tablename__ and section.names is not None and "erased" in section.names:
        erased = section.columns[section.names.index("erased")]
        gone = [UUID(ident) for ident, when in zip(section.ids, erased, strict=True) if when is not None]
        if gone:
            remember(session, gone)


def _write(session: Session, registry: Registry, entity: type[Entity], section: Section) -> None:
    came = _kept(session, entity, section)
    numbers, was = _there(session, entity, came)
    known, fresh = _parted(came, was.ids)
    moved = _moved(known, was)
    _insert(session, entity, fresh)
    _update(session, entity, known, numbers, moved)
    _turn_digest(session, entity, fresh, known, was)
    _fold(session, registry, entity, section, fresh.ids)
    idents = known.ids
    _fold_anew(session, registry, entity, section, [idents[place] for place in chain.from_iterable(moved.values())])
    _follow_words(session, registry, entity, fresh)
    _follow_words(session, registry, entity, known.at(_said_anew(entity, moved)))


def _parted(rows: Rows, here: Sequence[bytes]) -> tuple[Rows, Rows]:
    """The rows that are here, in that order, and the others."""
    places = {ident: place for place, ident in enumerate(rows.ids)}
    known = [places.pop(ident) for ident in here]
    return rows.at(known), rows.at(list(places.values()))


def _moved(rows: Rows, was: Rows) -> Moved:
    """Whole columns are compared first: of most of them nothing differs."""
    apart = [at for at, (now, before) in enumerate(zip(rows.columns, was.columns, strict=True)) if tuple(now) != tuple(before)]
    found: dict[tuple[bool, ...], list[int]] = {}
    for place, differs in enumerate(zip(*(map(ne, was.columns[at], rows.columns[at]) for at in apart), strict=True)):
        found.setdefault(differs, []).append(place)
    names = [rows.names[at] for at in apart]
    return {tuple(compress(names, differs)): places for differs, places in found.items() if any(differs)}


def _kept(session: Session, entity: type[Entity], section: Section) -> Rows:
    """The rows as SQLite keeps them, with the columns that this program knows; of two of one id the later one counts."""
    given = dict(zip(section.names or (), section.columns, strict=True))
    given["id"] = section.ids
    if aside := given.keys() - codecs(entity).keys():
        memory.leave_aside(session, entity.__tablename__, aside)
    names, ways = tuple(name for name in given if name not in aside), _ways(entity)
    rows = Rows(names, [given[name] if ways[name] is None else ways[name](given[name]) for name in names])  # type: ignore[misc]
    idents = rows.ids
    if len(set(idents)) == len(idents):
        return rows
    return rows.at(list({ident: place for place, ident in enumerate(idents)}.values()))


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


def _there(session: Session, entity: type[Entity], rows: Rows) -> tuple[Sequence[int], Rows]:
    """Those of the rows that are here already, as they are: SQLite's own number of each, and the same columns."""
    idents, found = sorted(rows.ids), list[tuple[Any, ...]]()
    with driven(session) as driver:
        for start in range(0, len(idents), AT_ONCE):
            some = idents[start : start + AT_ONCE]
            asked = some + some[-1:] * (AT_ONCE - len(some)) if start else some  # one statement for all of them
            found += driver.execute(_asking(entity.__tablename__, rows.names, len(asked)), asked).fetchall()
    numbers, *columns = zip(*found, strict=True) if found else [()] * (len(rows.names) + 1)
    return numbers, Rows(rows.names, columns)


@lru_cache(maxsize=256)
def _asking(table: str, names: tuple[str, ...], count: int) -> str:
    return f"SELECT _rowid_, {_listed(names)} FROM {table} WHERE id IN ({', '.join('?' * count)})"  # noqa: S608


def _insert(session: Session, entity: type[Entity], rows: Rows) -> None:
    if rows.ids:
        places = ", ".join("?" * len(rows.names))
        wanted = f"INSERT INTO {entity.__tablename__} ({_listed(rows.names)}) VALUES ({places})"  # noqa: S608
        with driven(session) as driver:
            driver.executemany(wanted, zip(*rows.columns, strict=True))


def _update(session: Session, entity: type[Entity], rows: Rows, numbers: Sequence[int], moved: Moved) -> None:
    """Writes what differs, and no more. Where there are many, one statement writes some of them: that costs a quarter."""
    with driven(session) as driver:
        for names, places in moved.items():
            columns = [*(rows.column(name) for name in names), numbers]
            given = [tuple([column[place] for column in columns]) for place in places]
            whole = len(given) - len(given) % TOGETHER
            for start in range(0, whole, TOGETHER):
                some = tuple(chain.from_iterable(given[start : start + TOGETHER]))
                driver.execute(_updating_many(entity.__tablename__, names), some)
            if rest := given[whole:]:
                told = ", ".join(f'"{name}" = ?' for name in names)
                driver.executemany(f"UPDATE {entity.__tablename__} SET {told} WHERE _rowid_ = ?", rest)  # noqa: S608


@cache
def _updating_many(table: str, names: tuple[str, ...]) -> str:
    given = ", ".join([f"({', '.join('?' * (len(names) + 1))})"] * TOGETHER)
    told = ", ".join(f'"{name}" = given.column{place}' for place, name in enumerate(names, start=1))
    found = f"{table}._rowid_ = given.column{len(names) + 1}"
    return f"WITH given AS (VALUES {given}) UPDATE {table} SET {told} FROM given WHERE {found}"  # noqa: S608


def _turn_digest(session: Session, entity: type[Entity], fresh: Rows, known: Rows, was: Rows) -> None:
    name, stamps, before = entity.__tablename__, known.column("stamp"), was.column("stamp")
    moved = [place for place, differs in enumerate(map(ne, stamps, before)) if differs]
    told = Rows(("id", "now", "before"), [known.ids, stamps, before]).at(moved)
    now = [*zip(fresh.ids, fresh.column("stamp"), strict=True), *zip(told.ids, told.column("now"), strict=True)]
    turn = digests.total(name, now) - digests.total(name, list(zip(told.ids, told.column("before"), strict=True)))
    if now:
        digests.turn(session, name, len(fresh.ids), turn)


def _fold(session: Session, registry: Registry, entity: type[Entity], section: Section, fresh: Sequence[bytes]) -> None:
    """Folds the lines that are new here into their balances."""
    projections = registry.projections.get(entity, ())
    if projections and fresh:
        lines = _lines(entity, section, fresh)
        for projection in projections:
            projection.add_many(session, lines)


def _fold_anew(session: Session, registry: Registry, entity: type[Entity], section: Section, moved: Sequence[bytes]) -> None:
    """A line of a ledger never changes but where the hub was put back and dates it otherwise: its place among others is new."""
    projections = registry.projections.get(entity, ())
    if projections and moved:
        lines = _lines(entity, section, moved)
        for projection in projections:
            projection.refold(session, [projection.key_of(line) for line in lines])


def _lines(entity: type[Entity], section: Section, idents: Sequence[bytes]) -> list[SimpleNamespace]:
    wanted = {ident.hex() for ident in idents}
    return [SimpleNamespace(**values(entity, line.image or {})) for line in section.lines() if line.id in wanted]


# ------------------------------------------------------------------------------------------------------------- search


def _said_anew(entity: type[Entity], moved: Moved) -> list[int]:
    """The places of the rows whose words may have changed."""
    said = {*entity.__about__.search, "retired"}
    return [place for names, places in moved.items() if not said.isdisjoint(names) for place in places]


def _follow_words(session: Session, registry: Registry, entity: type[Entity], rows: Rows) -> None:
    sought = entity.__about__.search
    if not sought or not rows.ids:
        return
    if not {*sought, "retired", "org_id"} <= set(rows.names):  # an older hub knows fewer columns
        outbox.refresh_search(session, registry, entity.__tablename__, [UUID(bytes=ident) for ident in rows.ids])
        return
    texts = zip(*(rows.column(name) for name in sought), strict=True)
    found: dict[bytes, list[tuple[int, str, str]]] = {}
    for ident, shown, org, retired, some in zip(
        rows.ids, shorts(rows.ids), rows.column("org_id"), rows.column("retired"), texts, strict=True
    ):
        words = "" if retired else search.words_in(entity, some)
        found.setdefault(org, []).append((search.rowid_of(ident), words, shown))
    for org_id, told in found.items():
        search.put_words(session, entity.__tablename__, UUID(bytes=org_id), told)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
