"""A repair that a terminal did with nothing else in reach stands in Odoo afterwards: once, done, out of stock and paid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from odoo_fixture import There
from odoo_way import MADE, STOCKED, THERE, Way
from repair_loop import GROSS, NET, TAX, agrees
from sqlalchemy import URL

from app.kernel.ids import derived_id
from app.odoo.model import THERE as IN_ODOO
from app.odoo.model import OdooLetter, OdooLink
from app.payments.model import Payment
from app.quotes.model import Quote
from app.stock.model import StockLine
from sync.odoo.maps.order import OUT

SUMS = ("amount_untaxed", "amount_tax", "amount_total")
OURS = {out.name for out in OUT}


@pytest.fixture
def way(tmp_path: Path, postgres: URL, fresh_odoo: Callable[[], There]) -> Iterator[Way]:
    there = fresh_odoo()
    with closing(there.connect()) as odoo, closing(Way(tmp_path, postgres, there, odoo)) as made:
        yield made


def test_a_repair_done_without_network_is_one_done_repair_and_one_paid_invoice_in_odoo(way: Way) -> None:
    before = way.documents()
    order = way.repairs()
    assert len(way.world.outbox()) == 14, "nothing has left the terminal"
    agrees(way.loop, order, STOCKED)
    way.goes()
    assert way.waits() == {}
    repaired(way, order)
    paid(way, order)
    assert [way.lying(part) for part in way.world.parts] == [(THERE - 1, 0)] * 5
    assert way.made(before) == MADE
    shown_at_the_terminal(way, order)
    nothing_more_to_do(way)


def repaired(way: Way, order: UUID) -> None:
    """The repair is done with all its moves, and each part was issued by one posted move."""
    [repair] = way.read("repair.order", way.known("work_order", order), "state", "move_ids", "partner_id", "lot_id")
    assert (repair["state"], len(repair["move_ids"])) == ("done", 5)
    moves = way.read("stock.move", repair["move_ids"], "state", "quantity")
    assert {(one["state"], one["quantity"]) for one in moves} == {("done", 1.0)}
    lines = [row.id for row in way.world.rows(StockLine) if row.source_id == order]
    issued = way.read("stock.move", way.known("stock_line", *lines), "state", "quantity")
    assert [(one["state"], one["quantity"]) for one in issued] == [("done", 1.0)] * 5
    assert [repair["partner_id"][0]] == way.known("customer", way.customer)
    assert [repair["lot_id"][0]] == way.known("vehicle", way.loop.vehicle)


def paid(way: Way, order: UUID) -> None:
    """Order, invoice and payment say what the bill says, to the cent."""
    sums = tuple(amount / 100 for amount in (NET, TAX, GROSS))
    [invoice] = way.read("account.move", way.known("delivery", derived_id(order, "delivery")), "state", "payment_state", *SUMS)
    assert (invoice["state"], invoice["payment_state"]) == ("posted", "paid")
    assert tuple(invoice[name] for name in SUMS) == sums
    [quote] = [row.id for row in way.world.rows(Quote) if row.order_id == order]
    [offer] = way.read("sale.order", way.known("quote", quote), "state", "invoice_ids", *SUMS)
    assert (offer["state"], offer["invoice_ids"]) == ("sale", [invoice["id"]])
    assert tuple(offer[name] for name in SUMS) == sums
    [payment] = [row.id for row in way.world.rows(Payment) if row.order_id == order]
    [received] = way.read("account.payment", way.known("payment", payment), "amount", "payment_type", "reconciled_invoice_ids")
    assert (received["amount"], received["payment_type"]) == (GROSS / 100, "inbound")
    assert received["reconciled_invoice_ids"] == [invoice["id"]]


def shown_at_the_terminal(way: Way, order: UUID) -> None:
    """Whoever opens the job there reads what it is called in Odoo, and nothing is stuck."""
    links = {row.row_id: row for row in way.world.rows(OdooLink)}
    [repair] = way.read("repair.order", way.known("work_order", order), "display_name")
    assert (links[order].state, links[order].name) == (IN_ODOO, repair["display_name"])
    assert links[order].address.startswith("http")
    assert links[way.loop.vehicle].state == IN_ODOO
    assert [row for row in way.world.rows(OdooLetter) if row.entity in OURS] == []


def nothing_more_to_do(way: Way) -> None:
    """However often it is looked at again, nothing is written there, nor here."""
    stands, known = way.documents(), sorted(way.known("work_order") + way.known("stock_line") + way.known("delivery"))
    for _again in range(2):
        assert not way.hub.bridge.once()
    assert way.documents() == stands
    assert sorted(way.known("work_order") + way.known("stock_line") + way.known("delivery")) == known
