"""Rows by their ids, many at a time: for what a search found, what a notice names, what a subject points to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, union_all
from sqlalchemy.orm import Session

from app.kernel.entity import Entity

TOGETHER = 50  # rows that are looked up by one question


def rows_of(session: Session, entity: type[Entity], idents: Iterable[UUID]) -> dict[UUID, Entity]:
    """Those of these rows that the session's actor may see, by their ids; many are asked for at once.

    The ids lead and each row is looked up: a planner that knows no sizes takes an organisation for ten rows, and would read all
    of it rather than so many ids. Each question has the same number of them, so that it is put into words once.
    """
    wanted, found = list(dict.fromkeys(idents)), dict[UUID, Entity]()
    for start in range(0, len(wanted), TOGETHER):
        rows = session.scalars(_asked_for(entity), _told(wanted, start))
        found |= {row.id: row for row in rows if row is not None}
    return found


def titles_of(session: Session, entity: type[Entity], idents: Iterable[UUID]) -> dict[UUID, str]:
    """The same, but only what people call them, and only those that are in use."""
    wanted, found = list(dict.fromkeys(idents)), dict[UUID, str]()
    for start in range(0, len(wanted), TOGETHER):
        for ident, retired, *words in session.execute(_asked_for(entity, entity.__about__.title), _told(wanted, start)):
            if ident is not None and not retired:
                found[ident] = " ".join(str(word) for word in words if word)
    return found


def _told(wanted: list[UUID], start: int) -> dict[str, UUID]:
    some = wanted[start : start + TOGETHER]
    return {f"ident_{place}": ident for place, ident in enumerate(some + some[:1] * (TOGETHER - len(some)))}


@cache
def _asked_for(entity: Any, names: tuple[str, ...] = ()) -> Any:
    """The question for so many rows, or for these columns of theirs, put together once: that takes longer than the answer."""
    places = (bindparam(f"ident_{place}", type_=entity.id.type) for place in range(TOGETHER))
    asked = union_all(*(select(place.label("id")) for place in places)).subquery("asked")
    columns = [entity.id, entity.retired, *(getattr(entity, name) for name in names)] if names else [entity]
    return select(*columns).select_from(asked).outerjoin(entity, entity.id == asked.c.id)
