"""Subjects: what a command is called, and on what it was done, by the names that people know: a job's number, a part, a bin."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.kernel.commands import Command
from app.kernel.entity import Entity, fields_of
from app.kernel.named import rows_of
from app.kernel.queries import Asking
from app.kernel.records import ChangeRow
from app.kernel.registry import Registry
from app.kernel.words import say

Ref = tuple[str, UUID]
LEADS = 2  # names that stand for a record which has none of its own
DEEP = 3  # from a card over a movement to its part
ONE = ("", "1")


@dataclass(frozen=True)
class Done:
    """A command that ran: its id, its name and its fields as plain data; no fields where they are too many to look at."""

    id: UUID
    command: str
    body: Mapping[str, Any]


def called(registry: Registry, command: str) -> str:
    """A command's name in the reader's language; one that this program does not know is written as words."""
    kind = registry.commands.get(command)
    return say(kind.label) if kind is not None and kind.label else spaced(command)


def spaced(name: str) -> str:
    """A name of a program's as words: IssuePart is “Issue part”."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").capitalize()


def subjects(asking: Asking, done: Sequence[Done]) -> list[str]:
    """On what each of these commands was done. What the asker may not read stays unnamed. A few questions for all of them."""
    made, many = _made(asking, done), _many(asking, done)
    pieces = [list(_pieces(asking.registry, one, made.get(one.id))) for one in done]
    names = titles(asking, {piece for line in pieces for piece in line if isinstance(piece, tuple)})
    return [_line(line, names, one) or many.get(one.id, "") for line, one in zip(pieces, done, strict=True)]


def titles(asking: Asking, wanted: Collection[Ref], deep: int = DEEP) -> dict[Ref, str]:
    """The names of records by entity and id; of one without a name of its own, such as a movement, what it is about."""
    found: dict[Ref, str] = {}
    leads: dict[Ref, list[Ref]] = {}
    for name, idents in _by_entity(asking, wanted):
        for row in rows_of(asking.session, asking.registry.entities[name], idents).values():
            if _is_named(type(row)):
                found[name, row.id] = row.title
            else:
                leads[name, row.id] = list(_leads(row, asking.registry))
    further = titles(asking, {ref for refs in leads.values() for ref in refs}, deep - 1) if leads and deep else {}
    return found | {ref: " · ".join(further[one] for one in refs if further.get(one)) for ref, refs in leads.items()}


def _by_entity(asking: Asking, wanted: Collection[Ref]) -> Iterator[tuple[str, list[UUID]]]:
    for name in sorted({name for name, _ident in wanted}):
        entity = asking.registry.entities.get(name)
        if entity is not None and asking.actor.can(asking.registry.grant_of(entity, "read")):
            yield name, [ident for one, ident in wanted if one == name]


def _is_named(entity: type[Entity]) -> bool:
    """Whether the title of such a record is words that people gave it."""
    known = fields_of(entity)
    return "row_id" not in known and all(name in known and known[name].kind == "text" for name in entity.__about__.title)


def _leads(row: Entity, registry: Registry) -> Iterator[Ref]:
    """What a record without a name belongs to."""
    known = fields_of(type(row))
    if "row_id" in known:
        if row.row_id is not None:  # type: ignore[attr-defined]
            yield str(row.entity), row.row_id  # type: ignore[attr-defined]
        return
    links = [field for field in known.values() if field.kind == "link" and field.target in registry.entities]
    for field in links[:LEADS]:
        if (ident := getattr(row, field.name)) is not None:
            yield field.target, ident


# --------------------------------------------------------------------------------------------------------- from a command


def _pieces(registry: Registry, done: Done, made: UUID | None) -> Iterator[Ref | str]:
    kind = registry.commands.get(done.command)
    if kind is None:
        return
    if (record := registry.entities.get(str(done.body.get("entity", "")))) is not None:
        yield say(record.__about__.label)
    if made is not None:
        yield _maker(kind, done), made
    for name, entity in kind.about.items():
        value = done.body.get(name)
        if value in (None, ""):
            continue
        if entity in _SPOKEN:
            yield _SPOKEN[entity](registry, str(value))
        elif (ident := _ident(value)) is not None:
            yield (str(done.body.get("entity", "")) if entity == "record" else entity), ident


def _line(pieces: Iterable[Ref | str], names: Mapping[Ref, str], done: Done) -> str:
    words = [piece if isinstance(piece, str) else names.get(piece, "") for piece in pieces]
    line = " · ".join(dict.fromkeys(word for word in words if word))
    count = str(done.body.get("quantity") or "")
    return f"{count} × {line}" if line and count not in ONE else line


def _maker(kind: type[Command], done: Done) -> str:
    return kind.makes or str(done.body.get("entity", ""))


def _made(asking: Asking, done: Sequence[Done]) -> dict[UUID, UUID]:
    """The record that each of these made, where they did."""
    entities = {one.id: entity for one in done if (entity := _makes(asking.registry, one))}
    if not entities:
        return {}
    wanted = select(ChangeRow.envelope_id, ChangeRow.entity, ChangeRow.row_id).where(ChangeRow.envelope_id.in_(entities))
    return {envelope: row for envelope, name, row in asking.session.execute(wanted) if entities[envelope] == name}


def _makes(registry: Registry, done: Done) -> str:
    kind = registry.commands.get(done.command)
    fresh = kind is not None and "record" in kind.about.values() and not done.body.get("id")
    return _maker(kind, done) if kind is not None and (kind.makes or fresh) else ""


def _many(asking: Asking, done: Sequence[Done]) -> dict[UUID, str]:
    """Of commands on many rows, how many of which kind."""
    known = asking.registry.commands
    many = [one.id for one in done if one.command in known and "rows" in known[one.command].about.values()]
    if not many:
        return {}
    line = ChangeRow.envelope_id, ChangeRow.entity
    wanted = select(*line, func.count()).where(ChangeRow.envelope_id.in_(many)).group_by(*line)
    told: dict[UUID, list[str]] = {}
    for envelope, name, count in asking.session.execute(wanted):
        entity = asking.registry.entities.get(name)
        told.setdefault(envelope, []).extend([f"{count} × {say(entity.__about__.plural)}"] if entity else [])
    return {envelope: " · ".join(sorted(lines)) for envelope, lines in told.items()}


def _setting(registry: Registry, key: str) -> str:
    setting = registry.settings.get(key)
    return say(setting.label) if setting is not None else key


def _list(registry: Registry, name: str) -> str:
    entity, query = registry.entities.get(name), registry.queries.get(name)
    if entity is not None:
        return say(entity.__about__.plural)
    return say(query.sentence).rstrip(".") if query is not None else name


def _itself(_registry: Registry, value: str) -> str:
    return value


def _nothing(_registry: Registry, _value: str) -> str:
    return ""


_SPOKEN: Mapping[str, Callable[[Registry, str], str]] = {"": _itself, "setting": _setting, "list": _list, "rows": _nothing}


def _ident(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
