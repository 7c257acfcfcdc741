"""What a store holds, in a few characters: equal on every replica that is in step, different after any difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.entity import Entity
from app.kernel.registry import Registry
from app.kernel.rows import image, line, table_of


class Fingerprint(TypedDict):
    """How many rows of an entity there are, and the sha256 of their canonical lines in the order of their ids."""

    count: int
    sha256: str


Holds = Callable[[type[Entity], Mapping[Any, Any]], bool]


def everything(_entity: type[Entity], _row: Mapping[Any, Any]) -> bool:
    """All that is here."""
    return True


def fingerprint(session: Session, registry: Registry, holds: Holds = everything) -> dict[str, Fingerprint]:
    """The fingerprint of every synced entity in this store, by its table's name; at the hub of what one terminal `holds`."""
    return {entity.__tablename__: fingerprint_of(session, entity, holds) for entity in registry.synced()}


def fingerprint_of(session: Session, entity: type[Entity], holds: Holds = everything) -> Fingerprint:
    total, count = sha256(), 0
    for text in lines_of(session, entity, holds):
        total.update(text.encode() + b"\n")
        count += 1
    return Fingerprint(count=count, sha256=total.hexdigest())


def lines_of(session: Session, entity: type[Entity], holds: Holds = everything) -> Iterator[str]:
    """The canonical line of every row, retired ones too, in the order of their ids; never more than a page in memory."""
    table = table_of(entity)
    wanted = select(table).order_by(table.c.id).execution_options(yield_per=1000)
    for row in session.execute(wanted).mappings():
        if holds(entity, row):
            yield line(image(entity, dict(row)))
