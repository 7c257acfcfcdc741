"""The barcodes that Odoo has on packs of a product: one scan of theirs stands for as many as are in the pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.parts.model import Barcode, Part
from sync.odoo.arrivals.parts import MASTERED
from sync.odoo.arriving import Arrival, Draft, Ground, by_field, text
from sync.odoo.transport import Odoo, Row

SINCE = 19  # the version that has them so
UNITS_OF, FACTORS = "units_of", "factors"  # facts: the unit of each product of a page, and how much each unit is
EVEN_ARCHIVED: Mapping[str, Any] = {"active_test": False}


def asks(odoo: Odoo, rows: Sequence[Row], _facts: Mapping[str, Any]) -> dict[str, Any]:
    """In which units the products of these packs are kept, and how much all of the units are."""
    numbers = sorted({row["product_id"][0] for row in rows})
    kept = odoo.search_read("product.product", [("id", "in", numbers)], ["uom_id"], context=EVEN_ARCHIVED)
    units = odoo.search_read("uom.uom", [], ["factor"], context=EVEN_ARCHIVED)
    return {UNITS_OF: {row["id"]: row["uom_id"][0] for row in kept}, FACTORS: {row["id"]: row["factor"] for row in units}}


def take(row: Row, ground: Ground) -> Draft | None:
    """A pack of a product that is no part here is left until that comes."""
    part = ground.ours(Part, "product.product", row["product_id"])
    own = ground.facts[UNITS_OF].get(row["product_id"][0])
    factors = ground.facts[FACTORS]
    if part is None or own is None:
        return None
    held = Quantity.of_thousandths(round(factors[row["uom_id"][0]] / factors[own] * 1000))
    values = {"part_id": part.hex, "code": text(row["barcode"], 120), "quantity": str(held)}
    wrong = () if held > Quantity(0) else (_nothing(row),)
    return Draft(row["id"], f"{row['product_id'][1]} · {row['uom_id'][1]}", values, problems=wrong)


def _nothing(row: Row) -> Problem:
    return Problem(
        "odoo.pack",
        _("A pack “{unit}” of {part} holds less than a thousandth of the part's unit."),
        hint=_("Look in Odoo at the unit of the pack."),
        values={"unit": row["uom_id"][1], "part": row["product_id"][1]},
    )


PACKS = Arrival(
    model="product.uom",
    entity=Barcode,
    fields=("product_id", "uom_id", "barcode"),
    take=take,
    finds=(by_field(Barcode, "code"),),
    asks=asks,
    setting=MASTERED,
    since=SINCE,
)
