"""What somebody may see: their organisation, the places where they may read, what is written or hangs on what lies there, and
the findings they settle."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from app.kernel.access import Actor
from app.kernel.attached import HANGING
from app.kernel.cards import SETTLES
from app.kernel.entity import Entity, Scope, Sync, fields_of
from app.kernel.records import Discrepancy
from app.kernel.registry import Registry

Narrowed = tuple[type[Entity], ColumnElement[bool]]


@lru_cache(maxsize=512)
def criteria(actor: Actor, registry: Registry, needs: str = "") -> tuple[ExecutableOption, ...]:
    """What narrows every select of an actor, asked with the grant `needs`; kept, since each scan asks in somebody's name."""
    org_id = actor.org_id
    whole = with_loader_criteria(Entity, lambda cls: cls.org_id == org_id, include_aliases=True)
    seen = list(_seen(actor, registry, needs))
    return (whole, *(with_loader_criteria(entity, wanted, include_aliases=True) for entity, wanted in seen))


def _seen(actor: Actor, registry: Registry, needs: str) -> Iterator[Narrowed]:
    narrowed: list[Narrowed] = [
        (entity, getattr(entity, entity.__about__.scope.value).in_(places)) for entity, places in limits(actor, registry, needs)
    ]
    if not actor.can(SETTLES):  # the findings of what others did may tell what one may not read
        narrowed.append((Discrepancy, _own(actor)))
    elif (places := actor.places(SETTLES)) is not None:
        narrowed.append((Discrepancy, or_(Discrepancy.site_id.in_(places), Discrepancy.site_id.is_(None), _own(actor))))
    narrowed += _written_on(registry, dict(limits(actor, registry, needs)))
    yield from narrowed
    for kind in HANGING:
        yield kind, _hanging(kind, actor, registry, dict(narrowed))


def _own(actor: Actor) -> ColumnElement[bool]:
    """What somebody did, and where a value of theirs was lost."""
    return or_(Discrepancy.made_by == actor.id, Discrepancy.against == actor.id)


def limits(actor: Actor, registry: Registry, needs: str = "") -> Iterator[tuple[type[Entity], frozenset[UUID]]]:
    """The entities of which an actor may see only some places: where they may be read and, in a store room, asked about."""
    for entity in registry.entities.values():
        if entity.__about__.scope is Scope.ORGANISATION:
            continue
        held = [actor.places(registry.grant_of(entity, "read")) or None]
        if needs and entity.__about__.scope is Scope.WAREHOUSE:
            held.append(actor.places(needs))
        places = [one for one in held if one is not None]
        if places:
            yield entity, frozenset.intersection(*places)


def _written_on(registry: Registry, places: dict[type[Entity], frozenset[UUID]]) -> Iterator[Narrowed]:
    """The lines of a document follow it: what was written on a job that somebody may not see is not seen either."""
    for entity in registry.entities.values():
        if entity.__about__.sync is Sync.DOCUMENT and entity.__about__.scope is Scope.ORGANISATION:
            for field in fields_of(entity).values():
                of = registry.entities.get(field.target) if field.required else None
                if of is not None and of in places and of.__about__.sync is Sync.DOCUMENT:
                    yield entity, _seen_with(getattr(entity, field.name), of, places[of])


def _seen_with(link: Any, of: type[Entity], places: frozenset[UUID]) -> ColumnElement[bool]:
    """Looked up by its id for each line: a list of all that may be seen would be read for every question."""
    one: Any = aliased(of)
    return select(one.id).where(one.id == link, getattr(one, of.__about__.scope.value).in_(places)).correlate_except(one).exists()


def _hanging(
    kind: Any, actor: Actor, registry: Registry, narrowed: dict[type[Entity], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """What hangs on a record follows it."""
    readable = [entity for entity in registry.entities.values() if actor.can(registry.grant_of(entity, "read"))]
    ways = [kind.entity.in_([entity.__tablename__ for entity in readable if entity not in narrowed])]
    for entity in readable:
        if entity in narrowed and entity not in HANGING:
            rows = select(entity.id).where(narrowed[entity])
            ways.append(and_(kind.entity == entity.__tablename__, kind.row_id.in_(rows)))
    return or_(*ways)
