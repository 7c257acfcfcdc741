"""Warehouses and bins: a warehouse is one that Odoo has, a bin a location beneath its stock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.problems import Problem
from app.kernel.words import _
from app.odoo.model import MAPPING
from app.places.model import Bin, Warehouse
from sync.odoo.batch import Batch
from sync.odoo.map import Known, Match, Out, Same, Stuck
from sync.odoo.sending import names_of
from sync.odoo.waiting import Line


def send_warehouses(batch: Batch) -> None:
    """No warehouse is made in Odoo: it is the one that somebody matched, the one of the same code, or the only one there is."""
    for row in batch.rows:
        number = _chosen(batch, row) or batch.places.codes.get(row.code) or _only(batch)
        if number in batch.places.own and number is not None:
            batch.keep(row.id, number, names_of(batch, batch.out.model, [number]).get(number, ""))
        else:
            batch.stuck(row.id, Stuck(MAPPING, _which(row.title)))


def _chosen(batch: Batch, row: Any) -> int | None:
    try:
        return batch.matched("warehouse", row.id.hex)
    except Stuck:
        return None


def _only(batch: Batch) -> int | None:
    return next(iter(batch.places.own)) if len(batch.places.own) == 1 else None


def _which(warehouse: str) -> Problem:
    hint = _("Match it on the page “Match with Odoo”, then it goes by itself.")
    message = _("Odoo has several warehouses, and none with the code of {ours}.")
    return Problem("odoo.warehouse", message, hint, values={"ours": warehouse})


def _stock(row: Any, known: Known) -> int:
    return known.place("stock", row.warehouse_id)


def _warehouse(row: Any, known: Known) -> int:
    return known.number("warehouse", row.warehouse_id)


def _of_warehouse(row: Any, _session: Session) -> Iterator[Line]:
    ident: UUID = row.warehouse_id
    yield "warehouse", ident


WAREHOUSES = Out(Warehouse, "stock.warehouse", "warehouse", master=False, send=send_warehouses)
BINS = Out(
    Bin,
    "stock.location",
    "bin",
    {"name": "code", "location_id/.id": _stock, "usage": Same("internal")},
    matches=(Match({"name": "code", "warehouse_id": _warehouse}, (("usage", "=", "internal"),)),),
    master=False,
    needs=_of_warehouse,
)
