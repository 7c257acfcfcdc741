"""A page of Odoo's records, sorted before anything is written: what each of them is here, and what is to become of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.bulk import by_id
from app.kernel.many import among
from app.kernel.problems import Problem
from app.kernel.words import _
from app.odoo.records import OdooMapping
from sync.odoo.arriving import GONE, Arrival, Draft


class Met(NamedTuple):
    """A record of Odoo's that was met before: which row it is here, what was taken of it, and how it stood there."""

    row_id: UUID
    taken: str
    base: dict[str, Any] | None = None


@dataclass(frozen=True)
class Sorted:
    """One record of Odoo's and the row that it is here; a row that is not there yet has its id already."""

    draft: Draft
    ident: UUID
    there: bool = False
    retired: bool = False
    row: Any = None
    base: dict[str, Any] | None = None


@dataclass
class Sheaf:
    """A sorted page. `same` counts what was taken before just so, or is of no use here and never was."""

    keep: list[Sorted] = field(default_factory=list)
    retire: list[Sorted] = field(default_factory=list)
    refused: list[tuple[Draft, UUID, Problem]] = field(default_factory=list)
    same: int = 0


def sort(session: Session, org_id: UUID, arrival: Arrival, drafts: Sequence[Draft], *, anew: bool = False) -> Sheaf:
    """What to do with a page of records; `anew` also with those of which nothing has changed there."""
    sheaf, known = Sheaf(), met(session, org_id, arrival, [draft.number for draft in drafts])
    wanted = [draft for draft in drafts if anew or _is_news(draft, known.get(draft.number))]
    sheaf.same = len(drafts) - len(wanted)
    rows = _rows(session, org_id, arrival, wanted, known, sheaf)
    there: dict[UUID, Any] = dict(by_id(session, arrival.entity, rows.values()))
    for draft in wanted:
        if draft.number in rows:
            row = there.get(rows[draft.number])
            before = known.get(draft.number)
            base = before.base if before else None
            one = Sorted(draft, rows[draft.number], row is not None, row is not None and row.retired, row, base)
            if one.retired and not (arrival.setting or (before and before.taken.startswith(GONE))):
                sheaf.same += 1  # somebody here took it out of use, put it together with another, or erased it
            else:
                _lay(sheaf, one)
    return sheaf


def _is_news(draft: Draft, before: Met | None) -> bool:
    return draft.active if before is None else before.taken != draft.mark


def _lay(sheaf: Sheaf, one: Sorted) -> None:
    if not one.draft.active:
        if one.there and not one.retired:
            sheaf.retire.append(one)
        else:
            sheaf.same += 1
    elif one.draft.problems:
        sheaf.refused.append((one.draft, one.ident, one.draft.problems[0]))
    else:
        sheaf.keep.append(one)


def met(session: Session, org_id: UUID, arrival: Arrival, numbers: Iterable[int]) -> dict[int, Met]:
    """Those of Odoo's records that are here already."""
    here = OdooMapping.org_id == org_id, OdooMapping.model == arrival.model, OdooMapping.entity == arrival.name
    wanted = select(OdooMapping.number, OdooMapping.row_id, OdooMapping.taken, OdooMapping.base)
    found = session.execute(wanted.where(*here, among(session, OdooMapping.number, list(numbers))))
    return {number: Met(row_id, taken, base) for number, row_id, taken, base in found}


def _rows(
    session: Session, org_id: UUID, arrival: Arrival, drafts: Sequence[Draft], known: Mapping[int, Met], sheaf: Sheaf
) -> dict[int, UUID]:
    """Which row each record is: the one that it was, else one that is called so and is no other record's, else a new one."""
    rows = {number: one.row_id for number, one in known.items()}
    strange = [draft for draft in drafts if draft.number not in known and draft.active]
    found = _found(session, org_id, arrival, strange)
    owners = _owners(session, org_id, arrival, found.values())
    claimed: dict[object, int] = dict(owners.items())
    for draft in strange:
        ident, key = found.get(draft.number), _key(arrival, draft)
        other = claimed.get(ident) or claimed.get(key)
        if other is not None:
            sheaf.refused.append((draft, arrival.ident(org_id, draft.number), same_name(draft, other)))
            continue
        rows[draft.number] = ident or arrival.ident(org_id, draft.number)
        claimed |= {one: draft.number for one in (ident, key) if one}
    return rows


def _key(arrival: Arrival, draft: Draft) -> tuple[Any, ...]:
    """What tells a record from all others, where its map says so; nothing where it does not, or is wrong anyway."""
    names = () if draft.problems else arrival.entity.__about__.natural
    key = tuple(draft.values.get(name) for name in names)
    return key if key and all(key) else ()


def _found(session: Session, org_id: UUID, arrival: Arrival, drafts: Sequence[Draft]) -> dict[int, UUID]:
    found: dict[int, UUID] = {}
    for find in arrival.finds:
        left = [draft for draft in drafts if draft.number not in found and not draft.problems]
        if left:
            found |= find(session, org_id, left)
    return found


def _owners(session: Session, org_id: UUID, arrival: Arrival, idents: Iterable[UUID]) -> dict[UUID, int]:
    """Which of these rows are other records of Odoo's already."""
    here = OdooMapping.org_id == org_id, OdooMapping.entity == arrival.name, OdooMapping.model == arrival.model
    wanted = select(OdooMapping.row_id, OdooMapping.number)
    found = session.execute(wanted.where(*here, among(session, OdooMapping.row_id, list(idents))))
    return {row_id: number for row_id, number in found}


def same_name(draft: Draft, other: int | None) -> Problem:
    """Two records there want to be one here."""
    return Problem(
        "odoo.twin",
        _("{name} has the same code in Odoo as another record (number {other}), which is here already."),
        hint=_("Give each its own code in Odoo, or archive one of them there."),
        values={"name": draft.name, "other": other or "–"},
    )
