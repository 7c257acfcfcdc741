"""The products that a batch moves, as they are in Odoo now: it would book on an archived one, and a metre as a piece."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.kernel.problems import Problem
from app.kernel.words import _
from app.odoo.model import HUMAN, MAPPING
from sync.odoo.batch import Batch
from sync.odoo.map import Stuck
from sync.odoo.splitting import AT_ONCE
from sync.odoo.waiting import chunks


@dataclass(frozen=True)
class Good:
    """A product of Odoo's."""

    number: int
    name: str
    active: bool
    unit: int
    unit_name: str
    tracked: bool


def goods(batch: Batch, parts: Iterable[UUID]) -> dict[UUID, Good]:
    """The products of these parts; those that were deleted in Odoo are missing."""
    numbers = {part: number for part in dict.fromkeys(parts) if (number := batch.maybe("part", part)) is not None}
    fields = ["display_name", "active", "uom_id", "tracking"]
    rows = [
        row
        for some in chunks(sorted(set(numbers.values())), AT_ONCE)
        for row in batch.odoo.search_read("product.product", [("id", "in", some)], fields, context={"active_test": False})
    ]
    known = {row["id"]: _good(row) for row in rows}
    for part, number in numbers.items():
        if number not in known:
            batch.forget("part", part)
    return {part: known[number] for part, number in numbers.items() if number in known}


def _good(row: dict[str, object]) -> Good:
    unit = row["uom_id"]
    number, name = unit if isinstance(unit, list) else (0, "")
    return Good(
        int(str(row["id"])), str(row["display_name"]), bool(row["active"]), number, name, row["tracking"] in ("lot", "serial")
    )


def unit_in(batch: Batch, good: Good | None, unit: str, lot: str) -> int:
    """Odoo's unit in which a product is booked; Stuck where it must not be booked at all."""
    if good is None:
        raise Stuck(HUMAN, Problem("odoo.gone", _("The part was deleted in Odoo."), hint=_RESTORE))
    if not good.active:
        message = _("{part} was archived in Odoo, so nothing can be booked on it.")
        raise Stuck(MAPPING, Problem("odoo.archived", message, hint=_BACK, values={"part": good.name}))
    if good.tracked and not lot:
        message = _("Odoo keeps {part} by lot or serial number, and this movement names none.")
        raise Stuck(HUMAN, Problem("odoo.lot", message, hint=_LOT, values={"part": good.name}))
    ours = batch.matched("unit", unit)
    if batch.places.roots.get(ours) != batch.places.roots.get(good.unit):
        message = _("{part} is kept in {theirs} in Odoo, and in “{ours}” here.")
        values = {"part": good.name, "theirs": good.unit_name, "ours": unit}
        raise Stuck(MAPPING, Problem("odoo.unit", message, hint=_UNIT, values=values))
    return ours


_RESTORE = _("Restore or make it anew in Odoo, then try again; or let it go here and say why.")
_BACK = _("Bring it back in Odoo, or match it to another one on the page “Match with Odoo”; then try again.")
_LOT = _("Let the part be kept by lot here too, or without one in Odoo, then try again; or let it go here and say why.")
_UNIT = _("Give the part the same unit here and in Odoo, or match the units on the page “Match with Odoo”; then try again.")
