"""Odoo's products as parts, with their units, prices and barcodes; services do not lie in bins and stay there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.bulk import in_use
from app.kernel.problems import Problem
from app.kernel.words import _
from app.parts import MASTER
from app.parts.model import Barcode, Part
from app.parts.rules import CODE
from sync.odoo.arriving import Also, Arrival, Draft, Ground, by_field, naming, text
from sync.odoo.transport import Odoo, Row

UNITS, LANGUAGES, NAMES = "units", "languages", "names"  # facts: our word for each unit there; which languages; names in them
MASTERED = MASTER.key  # the setting that says where parts are kept
TRACKING = {"lot": "lot", "serial": "serial"}
FIELDS = (
    "default_code", "name", "barcode", "uom_id", "categ_id", "standard_price", "lst_price", "tracking",
    "description_sale", "active",
)  # fmt: skip


def take(row: Row, ground: Ground) -> Draft:
    code, unit = text(row["default_code"], 50), ground.facts[UNITS].get(row["uom_id"][0])
    values: dict[str, Any] = {
        "code": code,
        "name": text(row["name"]),
        "description": text(row["description_sale"], 5000),
        "category": text(row["categ_id"][1], 120) if row["categ_id"] else "",
        "unit": unit,
        "cost": ground.minor(row["standard_price"]),
        "price": ground.minor(row["lst_price"]),
        "tracking": TRACKING.get(row["tracking"], "none"),
    }
    names = ground.facts.get(NAMES, {}).get(row["id"])
    if names:
        values["names"] = names
    problems = tuple(_wrong(row, code, unit))
    return Draft(row["id"], naming(row), values, row["active"], problems, (_barcode(row, ground),))


def _barcode(row: Row, ground: Ground) -> Also:
    code = text(row["barcode"], 120)
    values = {"code": code} if code else None
    return Also(Barcode, ground.ident(Barcode.__tablename__, f"product.product:{row['id']}"), "part_id", values)


def _wrong(row: Row, code: str, unit: str | None) -> Iterator[Problem]:
    named = {"name": text(row["name"]), "code": code, "unit": row["uom_id"][1]}
    if not code:
        yield Problem(
            "odoo.no_code",
            _("The product “{name}” has no internal reference in Odoo, so nobody could find it here by a code."),
            hint=_("Give it one in Odoo; it comes by itself then."),
            values=named,
        )
    elif not CODE.fullmatch(code):
        yield Problem(
            "odoo.bad_code",
            _("The internal reference “{code}” of the product “{name}” cannot be a part's code."),
            hint=_("Change it in Odoo: 2 to 50 letters and digits, with - _ . or / between them."),
            values=named,
        )
    elif unit is None:
        yield Problem(
            "odoo.no_unit",
            _("The product “{name}” is kept in “{unit}” in Odoo, and nobody has said which of our units that is."),
            hint=_("Match the unit under “In Odoo”, or give the product another unit there."),
            values=named,
        )


def by_barcode(session: Session, org_id: UUID, drafts: Sequence[Draft]) -> dict[int, UUID]:
    """The parts that were taught a product's barcode before Odoo was there."""
    codes = {one.values["code"]: draft.number for draft in drafts for one in draft.also if one.values}
    found = in_use(session, Barcode, org_id, "code", codes)
    parts = {row.part_id: codes[row.code] for row in found if isinstance(row, Barcode)}
    here = session.scalars(select(Part.id).where(Part.id.in_(list(parts)), Part.retired.is_(False))) if parts else ()
    return {parts[ident]: ident for ident in here}


def names(odoo: Odoo, rows: Sequence[Row], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the products of a page are called in the further languages that Odoo has."""
    found: dict[int, dict[str, str]] = {}
    idents = [row["id"] for row in rows]
    for language in facts.get(LANGUAGES, ()):
        told = odoo.call("product.product", "read", idents, fields=["name"], load="", context={"lang": language})
        for row in told:
            found.setdefault(row["id"], {})[language.partition("_")[0]] = text(row["name"])
    return {NAMES: found}


PRODUCTS = Arrival(
    model="product.product",
    entity=Part,
    fields=FIELDS,
    take=take,
    domain=(("type", "in", ["consu", "product"]),),
    finds=(by_field(Part, "code"), by_barcode),
    asks=names,
    setting=MASTERED,
)
