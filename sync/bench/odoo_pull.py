"""How fast products come in from a real Odoo: read page by page, taken into the hub, and read again when nothing has changed."""

from __future__ import annotations

import time
from uuid import UUID

from app.assemble import App
from app.kernel.access import system
from app.kernel.gs1 import has_check_digit
from app.kernel.standard import SaveRecord
from app.odoo.records import OdooCursor
from sync.odoo.arrivals import choices, parts
from sync.odoo.inward import Inward
from sync.odoo.transport import Odoo

PRODUCTS = 10_000
TOGETHER = 500  # products of one load
FIELDS = ["id", "name", "default_code", "barcode", "type", "list_price", "standard_price"]


def pull_rate(app: App, org_id: UUID, odoo: Odoo, count: int = PRODUCTS) -> dict[str, float]:
    """Records a second: `pull_per_s` as they are read by the cursor, `taken_per_s` with all that it takes to keep them here,
    `same_per_s` where nothing has changed. Products are made first, where Odoo has too few."""
    _made(odoo, count)
    told = {"key": [None, parts.MASTERED], "value": [None, "odoo"]}
    app.run(SaveRecord(entity="setting_value", fields=told), system(org_id)).or_refused()
    inward = Inward(app, org_id, odoo, {})
    choices.read(inward)
    read, seconds = _read(inward)
    began = time.perf_counter()
    taken = inward.pull(parts.PRODUCTS)
    first = time.perf_counter() - began
    with app.writer.sessions(info={"orgs": {org_id}}) as session:  # as if the hub had been away for long
        session.delete(session.get_one(OdooCursor, (org_id, parts.PRODUCTS.model)))
        session.commit()
    began = time.perf_counter()
    same = inward.pull(parts.PRODUCTS)
    again = time.perf_counter() - began
    rates = {"pull_per_s": read / seconds, "taken_per_s": taken.read / first, "same_per_s": same.read / again}
    return {name: round(rate) for name, rate in rates.items()}


def _read(inward: Inward) -> tuple[int, float]:
    """All products by the cursor, as a pass reads them."""
    read, began = 0, time.perf_counter()
    for rows in inward.pages(parts.PRODUCTS, OdooCursor(name=parts.PRODUCTS.model, after="", last_id=0)):
        read += len(rows)
    return read, time.perf_counter() - began


def _made(odoo: Odoo, count: int) -> None:
    for start in range(0, count, TOGETHER):
        rows = [_product(number) for number in range(start, min(count, start + TOGETHER))]
        odoo.load("product.product", FIELDS, rows)


def _product(number: int) -> list[str]:
    begins = f"299{number:09d}"
    code = next(whole for digit in "0123456789" if has_check_digit(whole := begins + digit))
    named = f"Brake disc {number % 97} mm, drilled, of series {number // 97}"
    return [
        f"fettle_bench.product_{number}", named, f"PULL-{number:06d}", code, "Goods", f"{number % 900 + 24}.5",
        f"{number % 900 + 12}",
    ]  # fmt: skip
