"""What records bring besides themselves, such as the barcodes of products: made, changed and taken out of use with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.bulk import by_id, in_use
from app.kernel.commands import Answer, Command
from app.kernel.entity import Entity, fields_of
from app.kernel.standard import Reinstate, Retire
from app.odoo.taking import TakeFromOdoo
from sync.odoo.arriving import Also
from sync.odoo.handing import Wrong, each, numbers, through
from sync.odoo.sorting import Sorted


class Thing:
    """Something that came with a record, and the row that it is here, where it is."""

    def __init__(self, one: Sorted, also: Also) -> None:
        self.draft = one.draft
        self.also = also
        self.values = {**(also.values or {}), also.link: one.ident.hex}
        self.row: Any = None

    @property
    def is_there(self) -> bool:
        return self.row is not None and not self.row.retired

    @property
    def is_news(self) -> bool:
        told = self.also.values or {}
        return not self.is_there or any(getattr(self.row, name) != value for name, value in told.items())


def keep(session: Session, org_id: UUID, kept: Sequence[Sorted], run: Callable[[Command], Answer]) -> list[Wrong]:
    """All of a page; refused by itself, something leaves the record that it came with alone."""
    wrong: list[Wrong] = []
    for kind in {also.entity for one in kept for also in one.draft.also}:
        things = [Thing(one, also) for one in kept for also in one.draft.also if also.entity is kind]
        rows = by_id(session, kind, [thing.also.ident for thing in things])
        for thing in things:
            thing.row = rows.get(thing.also.ident)
        wrong += _of_one_kind(kind, things, _holders(session, org_id, kind, things), run)
    return wrong


def _of_one_kind(
    kind: type[Entity], things: Sequence[Thing], held: Mapping[tuple[str, Any], Any], run: Callable[[Command], Answer]
) -> list[Wrong]:
    name = kind.__tablename__
    gone = [one for one in things if one.also.values is None and one.is_there]
    told = [one for one in things if one.also.values is not None and one.is_news and not _was_taught(one, held)]
    back = [one for one in told if one.row is not None and one.row.retired]
    wrong = each(gone, lambda one: Retire(entity=name, id=one.also.ident), run)
    wrong += each(back, lambda one: Reinstate(entity=name, id=one.also.ident), run)
    bad = numbers(wrong)
    fit = [one for one in told if one.draft.number not in bad]
    return wrong + through(fit, lambda some: TakeFromOdoo(entity=name, rows=[_row(one) for one in some]), run)


def _row(one: Thing) -> dict[str, Any]:
    return {"id": one.also.ident.hex, **one.values}


def _holders(session: Session, org_id: UUID, kind: type[Entity], things: Sequence[Thing]) -> dict[tuple[str, Any], Any]:
    """Who has these codes now."""
    found: dict[tuple[str, Any], Any] = {}
    for name in (field.name for field in fields_of(kind).values() if field.unique):
        wanted = [one.values[name] for one in things if one.also.values]
        found |= {(name, getattr(row, name)): row for row in in_use(session, kind, org_id, name, wanted)}
    return found


def _was_taught(one: Thing, held: Mapping[tuple[str, Any], Any]) -> bool:
    """Whether the record has this code already, from whoever unpacked it."""
    rows = (held.get((name, value)) for name, value in one.values.items())
    return one.row is None and any(
        row is not None and getattr(row, one.also.link).hex == one.values[one.also.link] for row in rows
    )
