"""One record in Odoo for each row of ours: found where Odoo has it already, else made, and brought to where ours stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sync.odoo import splitting
from sync.odoo.batch import GONE, Batch, mark_of
from sync.odoo.map import MODULE, Match, Stuck, Value, value_of
from sync.odoo.splitting import Item

Cells = dict[str, Value]
EVEN_ARCHIVED: Mapping[str, Any] = {"active_test": False}
ASKED = 200  # values of one question


def send(batch: Batch) -> None:
    """Brings a batch's rows to Odoo, as their map says."""
    cells = cells_of(batch, batch.rows)
    fresh = [ident for ident in cells if batch.placed(batch.out.name, ident) is None]
    found = matched(batch, [row for row in batch.rows if row.id in set(fresh)])
    for ident, (number, name) in found.items():
        batch.keep_beside(batch.out.name, ident, number, name)
    wanted = [ident for ident in cells if differs(batch, ident, cells[ident])]
    numbers, bad = splitting.load(batch.odoo, batch.out.model, [item_of(batch, ident, cells[ident]) for ident in wanted])
    for ident, verdict in bad.items():
        batch.refuse(ident, verdict)
        if verdict.code in GONE:
            batch.forget(batch.out.name, ident)
    names = names_of(batch, batch.out.model, list(numbers.values()))
    for ident in cells:
        if ident not in bad:
            kept(batch, ident, numbers.get(ident), mark_of(cells[ident]), names)


def kept(batch: Batch, ident: UUID, number: int | None, mark: str, names: Mapping[int, str]) -> None:
    """A row that was loaded just now, or one that stood there already."""
    known = batch.placed(batch.out.name, ident)
    if number is not None:
        batch.keep(ident, number, names.get(number, ""), mark)
    elif known is not None:
        batch.keep(ident, known.number, known.name, mark)


def cells_of(batch: Batch, rows: Iterable[Any]) -> dict[UUID, Cells]:
    """Rows in Odoo's words; those that cannot be said in them are stuck."""
    found: dict[UUID, Cells] = {}
    for row in rows:
        try:
            found[row.id] = batch.out.cells(row, batch)
        except Stuck as error:
            batch.stuck(row.id, error)
    return found


def differs(batch: Batch, ident: UUID, cells: Mapping[str, Value]) -> bool:
    """Whether Odoo must be told: what it masters only where it has none."""
    known = batch.placed(batch.out.name, ident)
    return known is None or (batch.out.master and known.mark != mark_of(cells))


def item_of(batch: Batch, ident: UUID, cells: Mapping[str, Value]) -> Item:
    """By its number where it is known, else by our external id: a second load makes no second record."""
    known = batch.placed(batch.out.name, ident)
    key: Cells = {".id": known.number} if known is not None else {"id": batch.out.external(ident)}
    return Item(ident, {**key, **cells})


def names_of(batch: Batch, model: str, numbers: Sequence[int]) -> dict[int, str]:
    """How Odoo calls its records."""
    found: dict[int, str] = {}
    for start in range(0, len(numbers), splitting.AT_ONCE):
        some = numbers[start : start + splitting.AT_ONCE]
        rows = batch.odoo.call(model, "read", some, fields=["display_name"])
        found |= {row["id"]: str(row["display_name"] or "") for row in rows}
    return found


# ---------------------------------------------------------------------------------------------- what is there already


def matched(batch: Batch, rows: Sequence[Any]) -> dict[UUID, tuple[int, str]]:
    """Rows that Odoo has under our external id, or under what they are known by; its ids and names."""
    found = {ident: (number, "") for ident, number in by_external(batch, rows).items()}
    for match in batch.out.matches:
        found |= _alike(batch, match, [row for row in rows if row.id not in found])
    return found


def by_external(batch: Batch, rows: Sequence[Any]) -> dict[UUID, int]:
    """A mapping of ours may be lost, such as with a backup that was put back: what we made bears our name."""
    names = {batch.out.external(row.id).partition(".")[2]: row.id for row in rows}
    return {names[name]: number for name, number in numbers_of(batch, batch.out.model, list(names)).items()}


def numbers_of(batch: Batch, model: str, names: Sequence[str]) -> dict[str, int]:
    """Odoo's ids of the records of a model that stand under these external ids of ours."""
    found: dict[str, int] = {}
    for start in range(0, len(names), splitting.AT_ONCE):
        some = list(names[start : start + splitting.AT_ONCE])
        domain = [("module", "=", MODULE), ("model", "=", model), ("name", "in", some)]
        found |= {row["name"]: row["res_id"] for row in batch.odoo.search_read("ir.model.data", domain, ["name", "res_id"])}
    return found


def _alike(batch: Batch, match: Match, rows: Sequence[Any]) -> dict[UUID, tuple[int, str]]:
    """Rows of which Odoo has exactly one like them."""
    wanted = {row.id: key for row in rows if (key := _key(batch, match, row)) is not None}
    there: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    asked, *_rest = match.fields
    values = sorted({key[0] for key in wanted.values()})
    for start in range(0, len(values), ASKED):
        domain = [*match.domain, (asked, "in", values[start : start + ASKED])]
        fields = [*match.fields, "display_name"]
        for one in batch.odoo.search_read(batch.out.model, domain, fields, context=EVEN_ARCHIVED):
            key = tuple(_plain(one[name]) for name in match.fields)
            there.setdefault(key, []).append((one["id"], str(one["display_name"])))
    alike = {ident: there.get(key, []) for ident, key in wanted.items()}
    return {ident: found[0] for ident, found in alike.items() if len(found) == 1}


def _key(batch: Batch, match: Match, row: Any) -> tuple[str, ...] | None:
    """What a row is known by; None where it lacks a part of it."""
    try:
        values = [value_of(source, row, batch) for source in match.fields.values()]
    except Stuck:
        return None
    return None if any(value in (None, "") for value in values) else tuple(str(value) for value in values)


def _plain(value: Any) -> str:
    return str(value[0]) if isinstance(value, list) else str(value)
