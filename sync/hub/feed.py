"""What one terminal may hold, and the rows that it asks for by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, or_, select, true
from sqlalchemy.orm import Session

from app.kernel.entity import Entity, Scope
from app.kernel.feed import EVERYWHERE, GoneRow
from app.kernel.records import FeedRow
from app.kernel.registry import Registry
from app.kernel.rows import image, table_of
from sync.protocol import Line

CHUNK = 500  # ids in one IN list


@dataclass(frozen=True)
class Reach:
    """What a terminal may hold: the rows of an organisation; of its sites and warehouses only these, where they are named."""

    org_id: UUID
    sites: frozenset[UUID] | None = None
    warehouses: frozenset[UUID] | None = None
    adopting: bool = False  # an empty hub takes over what the terminal set up by itself
    adopts: int | None = None  # up to this number of the terminal's commands; all of them where it is not said

    def trusts(self, number: int) -> bool:
        """Whether the terminal's own program is believed that it did what stands under a number."""
        return self.adopting and (self.adopts is None or number <= self.adopts)

    def holds(self, entity: type[Entity], row: Mapping[Any, Any]) -> bool:
        """Whether a row belongs there. One that names no place belongs everywhere in its organisation."""
        return bool(row["org_id"] == self.org_id and self.covers(entity, row[entity.__about__.scope.value]))

    def covers(self, entity: type[Entity], place: UUID | None) -> bool:
        """Whether the organisation's rows of an entity that lie in this place belong there."""
        places = self.places(entity)
        return places is None or place is None or place in places

    def places(self, entity: type[Entity]) -> frozenset[UUID] | None:
        """In which places the rows of an entity may lie; None where they may lie in any."""
        return {Scope.ORGANISATION: None, Scope.SITE: self.sites, Scope.WAREHOUSE: self.warehouses}[entity.__about__.scope]

    def among(self, place: Any) -> ColumnElement[bool]:
        """The same as a condition on the feed's column of places; where only one kind is named, `covers` must say more."""
        held = self.held
        return true() if held is None else or_(place.is_(None), place.in_(held))

    @property
    def held(self) -> list[UUID] | None:
        """What a row's place may be; None where that can be any."""
        if self.sites is None or self.warehouses is None:
            return None
        return [EVERYWHERE, *self.sites, *self.warehouses]

    @property
    def name(self) -> str:
        """Another one for every other reach."""
        told = [
            sorted(place.hex for place in places or ()) if places is not None else None
            for places in (self.sites, self.warehouses)
        ]
        return sha256(repr((self.org_id.hex, told)).encode()).hexdigest()[:16]


def among_given(place: Any, narrow: bool) -> ColumnElement[bool]:
    """Whether the feed's column of places is one of `held`, which is given whenever the question is asked."""
    return or_(place.is_(None), place.in_(bindparam("held", expanding=True))) if narrow else true()


def gone(session: Session, registry: Registry, reach: Reach, *wanted: Any) -> list[tuple[str, UUID]]:
    """Rows that the terminal may have held and must not any more."""
    left = select(GoneRow.entity, GoneRow.row_id, GoneRow.place).where(GoneRow.org_id == reach.org_id, reach.among(GoneRow.place))
    return _still_gone(session, registry, reach, session.execute(left.where(*wanted)))


def gone_between(session: Session, registry: Registry, reach: Reach, after: int, upto: int) -> list[tuple[str, UUID]]:
    """Those that the feed tells of between two numbers; nearly always there are none."""
    held = reach.held
    given = {"org": reach.org_id, "after": after, "upto": upto, "held": held}
    return _still_gone(session, registry, reach, session.execute(_left(held is not None), given))


@cache
def _left(narrow: bool) -> Any:
    """Built once: nearly every exchange asks it."""
    return select(GoneRow.entity, GoneRow.row_id, GoneRow.place).where(
        GoneRow.org_id == bindparam("org"),
        GoneRow.seq > bindparam("after"),
        GoneRow.seq <= bindparam("upto"),
        among_given(GoneRow.place, narrow),
    )


def _still_gone(session: Session, registry: Registry, reach: Reach, left: Iterable[Any]) -> list[tuple[str, UUID]]:
    was = {(one.entity, one.row_id) for one in left if _covered(registry, reach, one)}
    back: set[tuple[str, UUID]] = set()
    idents = sorted(ident for _entity, ident in was)
    for start in range(0, len(idents), CHUNK):
        there = select(FeedRow.entity, FeedRow.row_id, FeedRow.place).where(
            FeedRow.row_id.in_(idents[start : start + CHUNK]), FeedRow.mark.is_not(None)
        )
        back |= {(one.entity, one.row_id) for one in session.execute(there) if _covered(registry, reach, one)}
    return sorted(was - back)


def _covered(registry: Registry, reach: Reach, one: Any) -> bool:
    entity = registry.entities.get(one.entity)
    return entity is not None and reach.covers(entity, None if one.place == EVERYWHERE else one.place)


def lines(session: Session, entity: type[Entity], reach: Reach, idents: Sequence[UUID]) -> Iterable[Line]:
    """Those of these rows that the terminal may hold, as they are now."""
    table = table_of(entity)
    for start in range(0, len(idents), CHUNK):
        found = session.execute(select(table).where(table.c.id.in_(idents[start : start + CHUNK])))
        for row in found.mappings():
            if reach.holds(entity, row):
                yield Line(entity.__tablename__, row["id"].hex, image(entity, dict(row)))
