"""Customers are partners in Odoo; a vehicle is a serial number of the product that stands there for its make and model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.ids import derived_id
from app.kernel.problems import Problem
from app.kernel.words import _
from app.odoo.model import HUMAN
from app.parties.model import Customer, Vehicle
from sync.odoo import splitting
from sync.odoo.batch import Batch
from sync.odoo.map import MODULE, Known, Match, Out, Stuck, Value
from sync.odoo.sending import send
from sync.odoo.splitting import Item
from sync.odoo.waiting import Line

MODEL = "vehicle_model"  # what a product is to us that stands for a make and model


def _active(row: Any, _known: Known) -> Value:
    return not row.retired


CUSTOMERS = Out(
    Customer,
    "res.partner",
    "customer",
    {
        "name": "name",
        "phone": "phone",
        "email": "email",
        "street": "street",
        "zip": "zip",
        "city": "city",
        "vat": "vat",
        "ref": "reference",
        "is_company": "company",
        "active": _active,
    },
    matches=(Match({"ref": "reference"}), Match({"vat": "vat"}), Match({"email": "email", "name": "name"})),
)


# ------------------------------------------------------------------------------------------------------------ vehicles


def send_vehicles(batch: Batch) -> None:
    """First the products of their makes and models, then the vehicles."""
    titles = {model_id(batch.org_id, row): title_of(row) for row in batch.rows}
    batch.learn((MODEL, ident) for ident in titles)
    missing = [Item(ident, _product(ident, title)) for ident, title in titles.items() if batch.placed(MODEL, ident) is None]
    found, bad = splitting.load(batch.odoo, "product.product", missing)
    for ident, number in found.items():
        batch.keep_beside(MODEL, ident, number, titles[ident], "product.product")
    batch.rows = [row for row in batch.rows if not _refused(batch, row, bad)]
    send(batch)


def _refused(batch: Batch, row: Any, bad: splitting.Bad) -> bool:
    verdict = bad.get(model_id(batch.org_id, row))
    if verdict is not None:
        batch.refuse(row.id, verdict)
    return verdict is not None


def title_of(row: Any) -> str:
    return " ".join(" ".join((row.make or "", row.model or "")).split())


def model_id(org_id: UUID, row: Any) -> UUID:
    """One for all vehicles of a make and model, however they are spelled."""
    return derived_id(org_id, MODEL, title_of(row).casefold())


def _product(ident: UUID, title: str) -> dict[str, Value]:
    """It is stored by serial number and never sold: the customers' vehicles come and go through no stock of ours."""
    told: dict[str, Value] = {"id": f"{MODULE}.{MODEL}_{ident.hex}", "name": title, "type": "consu", "is_storable": True}
    return told | {"tracking": "serial", "sale_ok": False, "purchase_ok": False}


def product_of(row: Any, known: Known) -> Value:
    return known.number(MODEL, model_id(known.org_id, row))


def serial_of(row: Any, _known: Known) -> Value:
    """What is stamped on it, else its plate, else our own number."""
    if not title_of(row):
        message, hint = _("The vehicle has neither make nor model."), _("Write its model down, then it goes by itself.")
        raise Stuck(HUMAN, Problem("odoo.no_model", message, hint))
    return row.vin or row.plate or f"FT-{row.id.hex[-12:].upper()}"


def _of_customer(row: Any, _session: Session) -> Iterator[Line]:
    if row.customer_id is not None:
        yield "customer", row.customer_id


VEHICLES = Out(
    Vehicle,
    "stock.lot",
    "vehicle",
    {"name": serial_of, "product_id/.id": product_of, "ref": "plate"},
    matches=(Match({"name": serial_of, "product_id": product_of}),),
    needs=_of_customer,
    send=send_vehicles,
)
