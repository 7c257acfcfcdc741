"""Links between records as people write them: a part's code, a bin as WH/A-01. Read for an import, written for an export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from app.kernel.bulk import chunks
from app.kernel.entity import Entity, fields_of
from app.kernel.problems import Problem
from app.kernel.registry import Registry
from app.kernel.words import _

Found = dict[str, UUID | Problem]
BETWEEN = "/"


def path_of(entity: type[Entity]) -> tuple[str, str] | None:
    """The natural key as (link, text) or ("", text), where a record can be named by words alone."""
    declared = fields_of(entity)
    links = [name for name in entity.__about__.natural if declared[name].kind == "link"]
    words = [name for name in entity.__about__.natural if declared[name].kind == "text"]
    if len(words) != 1 or len(links) > 1 or len(entity.__about__.natural) != len(words) + len(links):
        return None
    return (links[0] if links else ""), words[0]


def spelled(registry: Registry, target: type[Entity], column: ColumnElement[Any]) -> ColumnElement[Any] | None:
    """How a link is written: the words that find its target again; None where only an id does."""
    path = path_of(target)
    if path is None:
        return None
    there = aliased(target)
    words: ColumnElement[Any] = getattr(there, path[1])
    if path[0]:
        above = registry.entities[fields_of(target)[path[0]].target]
        upper = spelled(registry, above, getattr(there, path[0]))
        if upper is None:
            return None
        words = upper + BETWEEN + words
    return select(words).where(there.id == column, there.retired.is_(False)).correlate_except(there).scalar_subquery()


def ids_of(session: Session, registry: Registry, target: str, org_id: UUID, texts: Iterable[str]) -> Found:
    """The records that these texts mean, each by its id or a problem that says why there is none."""
    wanted = list(dict.fromkeys(texts))
    if target not in registry.entities:  # a link to whatever it may be
        return {text: _as_id(text) or _unknown(text, _("Record")) for text in wanted}
    entity = registry.entities[target]
    found: Found = dict(_by_id(session, entity, org_id, wanted))
    for look in (_by_path, _by_title):
        left = [text for text in wanted if text not in found]
        found |= look(session, registry, entity, org_id, left)
    return {text: found.get(text) or _unknown(text, entity.__about__.label) for text in wanted}


def _by_id(session: Session, entity: type[Entity], org_id: UUID, texts: Sequence[str]) -> Iterator[tuple[str, UUID]]:
    given = {ident: text for text in texts if (ident := _as_id(text)) is not None}
    for some in chunks(given):
        for ident in session.scalars(select(entity.id).where(entity.id.in_(some), entity.org_id == org_id)):
            yield given[ident], ident


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in (32, 36) else None
    except ValueError:
        return None


def _by_path(session: Session, registry: Registry, entity: type[Entity], org_id: UUID, texts: Sequence[str]) -> Found:
    path = path_of(entity)
    if path is None:
        return {}
    link, name = path
    if not link:
        return dict(_by_words(session, entity, org_id, name, texts))
    ways = {text: list(splits(text)) for text in texts}
    uppers = ids_of(
        session, registry, fields_of(entity)[link].target, org_id, (up for some in ways.values() for up, _low in some)
    )
    wanted = {(uppers[up], low): text for text, some in ways.items() for up, low in reversed(some)}
    columns = getattr(entity, link), getattr(entity, name), entity.id
    found: Found = {}
    for some in chunks(low for _up, low in wanted):
        rows = session.execute(select(*columns).where(_in_use(entity, org_id), columns[1].in_(some)))
        found |= {wanted[up, low]: ident for up, low, ident in rows if (up, low) in wanted}
    return found


def splits(text: str) -> Iterator[tuple[str, str]]:
    """Every way to read a text as something above and something in it, the shortest name above first."""
    for place, letter in enumerate(text):
        if letter == BETWEEN and 0 < place < len(text) - 1:
            yield text[:place], text[place + 1 :]


def _in_use(entity: type[Entity], org_id: UUID) -> ColumnElement[bool]:
    return (entity.org_id == org_id) & entity.retired.is_(False)


def _by_words(
    session: Session, entity: type[Entity], org_id: UUID, name: str, texts: Sequence[str]
) -> Iterator[tuple[str, UUID]]:
    column = getattr(entity, name)
    for some in chunks(texts):
        found = session.execute(select(column, entity.id).where(_in_use(entity, org_id), column.in_(some)))
        yield from ((text, ident) for text, ident in found)


def _by_title(session: Session, _registry: Registry, entity: type[Entity], org_id: UUID, texts: Sequence[str]) -> Found:
    """By what people call a record, where that means one alone."""
    name = entity.__about__.title[0]
    if name not in fields_of(entity) or fields_of(entity)[name].kind != "text":
        return {}
    found: Found = {}
    for text, ident in _by_words(session, entity, org_id, name, texts):
        found[text] = _several(text, entity.__about__.plural) if text in found else ident
    return found


def _unknown(text: str, label: str) -> Problem:
    return Problem(
        "import.no_target",
        _("There is no {kind} “{text}”."),
        hint=_("Compare it with the list, or import that one first."),
        values={"kind": label, "text": text[:80]},
    )


def _several(text: str, label: str) -> Problem:
    return Problem(
        "import.several_targets",
        _("Several {kind} are called “{text}”."),
        hint=_("Write the code of the one that is meant."),
        values={"kind": label, "text": text[:80]},
    )
