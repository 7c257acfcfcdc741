"""Parts and their lots: the product that Odoo has, by its code or barcode, and one of ours where it has none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.kernel.money import Money, decimals
from app.kernel.types import SCALE, Quantity
from app.organisations.model import Organisation
from app.parts.model import Barcode, Part
from app.stock.model import Lot
from sync.odoo.map import Known, Link, Match, Out, Same, Value


def amount(money: Money | None, known: Known) -> str:
    """An amount as Odoo reads it, in the organisation's currency."""
    if money is None:
        return "0"
    own = known.session.get(Organisation, known.org_id)
    places = decimals(own.currency if own is not None else "EUR")
    return str(Decimal(money.minor).scaleb(-places))


def number_of(quantity: Quantity) -> str:
    return str(Decimal(quantity.thousandths) / SCALE)


def _price(row: Any, known: Known) -> Value:
    return amount(row.price, known)


def _unit(row: Any, known: Known) -> Value:
    return known.matched("unit", row.unit)


def _barcode(row: Any, known: Known) -> Value:
    """The code of a single piece, where one is printed on it."""
    codes = (
        select(Barcode.code, Barcode.quantity).where(Barcode.part_id == row.id, Barcode.retired.is_(False)).order_by(Barcode.id)
    )
    return next((one.code for one in known.session.execute(codes) if one.quantity == Quantity(1)), None)


PARTS = Out(
    Part,
    "product.product",
    "part",
    {
        "name": "name",
        "default_code": "code",
        "barcode": _barcode,
        "type": Same("consu"),
        "is_storable": Same(value=True),
        "tracking": "tracking",
        "uom_id/.id": _unit,
        "list_price": _price,
    },
    matches=(Match({"default_code": "code"}), Match({"barcode": _barcode})),
    master=False,
    by_need=True,
)
LOTS = Out(
    Lot,
    "stock.lot",
    "lot",
    {"name": "code", "product_id": Link("part", "part_id")},
    matches=(Match({"name": "code", "product_id": Link("part", "part_id")}),),
    master=False,
    by_need=True,
    linked=False,
)
