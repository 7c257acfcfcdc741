"""What a customer agreed to, owes and paid stands in Odoo as one order, one invoice and one payment, to the cent."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import pytest
from counts import Count
from odoo_town import Cut, Town
from paying import hand_over

from app.kernel.access import system
from app.kernel.money import Money
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.odoo.commands import MatchInOdoo
from app.odoo.model import match_id
from app.odoo.notes import NoteInOdoo
from app.payments.commands import RefundPayment, TakePayment
from app.payments.model import Payment
from app.payments.sums import owed
from app.quotes.commands import ConfirmQuote, PublishQuote
from app.stock.commands import ReceiveStock
from app.work_orders.bill import bill
from app.work_orders.check_in import CheckIn
from app.work_orders.commands import AddService, PlanPart, RemoveService
from app.work_orders.delivery import UndoDelivery
from app.work_orders.model import Delivery, WorkOrder
from sync.odoo.errors import Away
from sync.odoo.outward import Outward
from sync.odoo.transport import Odoo, Row
from world import World

STROKES = [[[0.1, 0.5, 0], [0.2, 0.4, 16], [0.3, 0.6, 33]]]


@dataclass
class Till:
    """A workshop whose money is reckoned in Odoo, too: one tax of 19 %, and a way of paying."""

    town: Town
    tax: UUID

    @property
    def world(self) -> World:
        return self.town.world

    def quoted(self, price: int = 9_900) -> tuple[UUID, UUID]:
        """A job with work at that price and three parts at 9.00, offered to the customer."""
        world = self.world
        order = world.done(CheckIn(site=world.site, what="Front brake", vehicle=self.town.vehicle)).row("work_order")
        world.done(AddService(order=order, what="Overhaul the front brake", price=Money(price)))
        world.done(PlanPart(order=order, part=self.town.parts[0], quantity=Quantity(3)))
        return order, world.done(PublishQuote(order=order)).row("quote")

    def agreed(self, price: int = 9_900) -> tuple[UUID, UUID]:
        order, quote = self.quoted(price)
        self.world.done(ConfirmQuote(quote=quote, signer="Ada", strokes=STROKES))
        self.world.done(Transition(entity="work_order", id=order, move="begin"))
        return order, quote

    def handed_over(self) -> tuple[UUID, UUID]:
        order, quote = self.agreed()
        self.town.issue(order)
        self.town.hand_over(order)
        return order, quote

    def due(self, order: UUID) -> Money:
        with self.world.session() as session:
            return owed(session, session.get_one(WorkOrder, order)).due

    def gross(self, order: UUID) -> float:
        with self.world.session() as session:
            return bill(session, session.get_one(WorkOrder, order)).totals.gross.minor / 100

    def gross_money(self, order: UUID) -> Money:
        return Money(round(self.gross(order) * 100))

    def pay(self, order: UUID, amount: Money | None = None, channel: str = "card") -> UUID:
        return self.world.done(TakePayment(order=order, channel=channel, amount=amount or self.due(order))).row("payment")

    def invoices(self, order: UUID) -> list[Row]:
        """Invoices of this job; each test's numbers are the same, so they are told apart by the customer."""
        partner = self.town.number("customer", self.town.customer)
        number = self.world.get(WorkOrder, order).number
        fields = ["state", "payment_state", "amount_untaxed", "amount_tax", "amount_total", "amount_residual", "invoice_line_ids"]
        return self.town.odoo.search_read("account.move", [("ref", "=", number), ("partner_id", "=", partner)], fields)

    def payments(self, *idents: UUID) -> list[Row]:
        numbers = [self.world.get(Payment, ident).number for ident in idents]
        fields = ["state", "amount", "payment_type", "memo"]
        return self.town.odoo.search_read("account.payment", [("memo", "in", numbers)], fields, order="amount desc")

    def offer(self, quote: UUID) -> Row:
        fields = ["name", "state", "amount_untaxed", "amount_tax", "amount_total", "picking_ids", "invoice_ids", "order_line"]
        return self.town.read("sale.order", self.town.number("quote", quote), *fields)

    def match(self, kind: str, ours: str, theirs: int) -> None:
        """Somebody says what something of ours is in Odoo."""
        things = [{"kind": kind, "number": theirs, "name": f"{kind} {theirs}", "active": True}]
        matches = [{"kind": kind, "ours": ours, "ours_title": ours}]
        self.world.app.run(NoteInOdoo(what="matches", things=things, matches=matches), system(self.world.org)).or_refused()
        self.world.done(MatchInOdoo(match=match_id(self.world.org, kind, ours), theirs=theirs))


@pytest.fixture
def till(hub: World, odoo: Odoo) -> Till:
    town = Town(hub, odoo)
    town.out = Outward(hub.app, hub.org, odoo, town.places)
    odoo.call("res.company", "write", [town.places.company], vals={"tax_calculation_rounding_method": "round_per_line"})
    hub.save("organisation", id=hub.org, currency="USD")
    tax = hub.save("tax_code", code="19", name=f"VAT {town.tag}", percent="19")
    hub.done(SetSetting(key="taxes.default", value="19"))
    till = Till(town, tax)
    till.match("tax", tax.hex, theirs(odoo, town, included=True))
    domain = [("type", "=", "bank"), ("company_id", "=", town.places.company)]
    [journal, *_rest] = odoo.search_read("account.journal", domain, ["name"])
    for channel in ("card", "cash"):
        till.match("channel", channel, journal["id"])
    return till


def theirs(odoo: Odoo, town: Town, *, included: bool) -> int:
    """A tax of 19 % in Odoo, in the prices or on top of them."""
    override = "tax_included" if included else "tax_excluded"
    cells = [f"fettle.tax_{override}_{town.tag}", f"19 {override} {town.tag}", "19", "percent", "sale", override]
    return odoo.load("account.tax", ["id", "name", "amount", "amount_type", "type_tax_use", "price_include_override"], [cells])[0]


def test_a_handed_over_job_is_one_invoice_that_agrees_to_the_cent_and_is_paid(till: Till) -> None:
    order, quote = till.handed_over()
    payment = till.pay(order)
    till.town.send()
    [invoice] = till.invoices(order)
    assert (invoice["state"], invoice["payment_state"], invoice["amount_residual"]) == ("posted", "paid", 0)
    assert invoice["amount_total"] == till.gross(order) == 126.0
    assert (invoice["amount_untaxed"], invoice["amount_tax"]) == (105.88, 20.12)
    [paid] = till.payments(payment)
    assert (paid["amount"], paid["payment_type"]) == (126.0, "inbound")
    offer = till.offer(quote)
    assert (offer["state"], offer["amount_total"], offer["picking_ids"]) == ("sale", 126.0, [])
    assert offer["invoice_ids"] == [invoice["id"]]
    assert till.town.repair(order)["state"] == "done"
    assert till.town.waits() == {}
    assert not till.town.send(), "nothing more to do"


def test_an_offer_is_a_quotation_until_the_customer_says_yes_and_moves_nothing(till: Till) -> None:
    order, quote = till.quoted()
    till.town.send()
    assert till.offer(quote)["state"] == "draft"
    till.world.done(ConfirmQuote(quote=quote, signer="Ada", strokes=STROKES))
    till.town.send()
    offer = till.offer(quote)
    assert (offer["state"], offer["picking_ids"], len(offer["order_line"])) == ("sale", [], 2)
    assert till.invoices(order) == []


def test_a_job_that_is_cancelled_has_no_order_left_in_odoo(till: Till) -> None:
    order, quote = till.quoted()
    till.world.done(ConfirmQuote(quote=quote, signer="Ada", strokes=STROKES))
    till.town.send()
    till.world.done(Transition(entity="work_order", id=order, move="cancel", reason="not wanted"))
    till.town.send()
    assert till.offer(quote)["state"] == "cancel"


def test_money_paid_before_the_hand_over_waits_for_the_invoice(till: Till) -> None:
    order, _quote = till.agreed()
    till.town.issue(order)
    deposit = till.pay(order, Money(5_000))
    till.town.send()
    assert till.payments(deposit) == []
    till.town.hand_over(order)
    till.town.send()
    [invoice] = till.invoices(order)
    assert (invoice["payment_state"], invoice["amount_residual"]) == ("partial", 76.0)
    rest = till.pay(order)
    till.town.send()
    assert [row["amount"] for row in till.payments(deposit, rest)] == [76.0, 50.0]
    assert till.invoices(order)[0]["payment_state"] == "paid"


def test_what_is_given_back_is_a_payment_to_the_customer(till: Till) -> None:
    order, _quote = till.handed_over()
    payment = till.pay(order, Money(13_000))
    back = till.world.done(RefundPayment(payment=payment, amount=Money(400), reason="paid too much")).row("payment")
    till.town.send()
    assert [(row["amount"], row["payment_type"]) for row in till.payments(payment, back)] == [
        (130.0, "inbound"),
        (4.0, "outbound"),
    ]
    assert till.invoices(order)[0]["payment_state"] == "paid"


def test_where_odoo_reckons_another_cent_nothing_is_posted_and_somebody_is_told_both_sums(till: Till) -> None:
    other = till.town.odoo.load(
        "account.tax",
        ["id", "name", "amount", "amount_type", "type_tax_use", "price_include_override"],
        [[f"fettle.other_{till.town.tag}", f"7 {till.town.tag}", "7", "percent", "sale", "tax_included"]],
    )[0]
    till.match("tax", till.tax.hex, other)
    order, quote = till.handed_over()
    till.town.send()
    letter = till.town.letter(quote)
    assert letter is not None
    assert (letter.code, letter.verdict) == ("odoo.cents", "mapping")
    assert letter.detail["tax"] == "20.12 USD"
    assert [row["state"] for row in till.invoices(order)] == ["draft"]
    till.match("tax", till.tax.hex, theirs(till.town.odoo, till.town, included=True))
    till.town.send()
    assert [row["state"] for row in till.invoices(order)] == ["posted"]
    assert (till.offer(quote)["state"], till.offer(quote)["amount_tax"]) == ("sale", 20.12)


def test_money_that_came_another_way_than_was_typed_in_goes_there_whole(till: Till) -> None:
    order, _quote = till.handed_over()
    wrong = till.pay(order, channel="cash")
    till.town.send()
    back = till.world.done(RefundPayment(payment=wrong, amount=till.gross_money(order), reason="it was the card")).row("payment")
    right = till.pay(order, channel="card")
    till.town.send()
    kinds = [(row["amount"], row["payment_type"]) for row in till.payments(wrong, back, right)]
    assert sorted(kinds) == [(126.0, "inbound"), (126.0, "inbound"), (126.0, "outbound")]
    assert till.town.waits() == {}


def test_a_payment_on_which_somebody_wrote_something_else_in_odoo_is_not_made_again(till: Till) -> None:
    order, _quote = till.handed_over()
    payment = till.pay(order)
    till.town.send()
    [there] = till.payments(payment)
    till.town.odoo.call("account.payment", "write", [there["id"]], vals={"memo": f"bank line {till.town.tag}"})
    till.world.done(Transition(entity="work_order", id=order, move="close"))
    till.town.send()
    assert till.payments(payment) == []
    assert till.invoices(order)[0]["payment_state"] == "paid"
    assert till.town.waits() == {}


def test_money_waits_while_a_hand_over_is_taken_back_before_its_invoice(till: Till) -> None:
    order, _quote = till.handed_over()
    payment = till.pay(order, Money(5_000))
    till.world.done(UndoDelivery(order=order, handed_over=True))
    till.town.send()
    assert (till.payments(payment), till.invoices(order), till.town.letter(payment)) == ([], [], None)
    hand_over(till.world, order)
    till.town.send()
    assert [row["payment_state"] for row in till.invoices(order)] == ["partial"]
    assert till.town.waits() == {}


@pytest.mark.parametrize("kept", [True, False])
def test_a_job_that_costs_nothing_is_nobodys_trouble(till: Till, *, kept: bool) -> None:
    world = till.world
    order = world.done(CheckIn(site=world.site, what="Look at it", vehicle=till.town.vehicle)).row("work_order")
    service = world.done(AddService(order=order, what="Look at it, on the house", price=Money(0))).row("service_line")
    quote = world.done(PublishQuote(order=order)).row("quote")
    world.done(ConfirmQuote(quote=quote, signer="Ada", strokes=STROKES))
    world.done(Transition(entity="work_order", id=order, move="begin"))
    if not kept:
        world.done(RemoveService(service=service, reason="not wanted"))
    till.town.hand_over(order)
    till.town.send()
    assert [row["payment_state"] for row in till.invoices(order)] == (["paid"] if kept else [])
    assert till.town.waits() == {}


def test_seven_and_a_half_minutes_of_work_are_billed_to_the_cent(till: Till) -> None:
    world = till.world
    order = world.done(CheckIn(site=world.site, what="Bleed the brake", vehicle=till.town.vehicle)).row("work_order")
    world.done(AddService(order=order, what="Bleed the brake", hours=Quantity.parse("0.125"), rate=Money(9_900)))
    quote = world.done(PublishQuote(order=order)).row("quote")
    world.done(ConfirmQuote(quote=quote, signer="Ada", strokes=STROKES))
    world.done(Transition(entity="work_order", id=order, move="begin"))
    till.town.hand_over(order)
    till.town.send()
    assert [(row["state"], row["amount_total"]) for row in till.invoices(order)] == [("posted", 12.38)]
    assert till.offer(quote)["state"] == "sale"
    assert till.town.waits() == {}


def test_a_tax_that_is_added_on_top_does_not_stand_for_one_that_the_prices_contain(till: Till) -> None:
    till.match("tax", till.tax.hex, theirs(till.town.odoo, till.town, included=False))
    _order, quote = till.quoted()
    till.town.send()
    letter = till.town.letter(quote)
    assert letter is not None
    assert letter.code == "odoo.tax_in_price"


def test_a_hand_over_that_is_taken_back_after_the_invoice_is_for_somebody_to_credit(till: Till) -> None:
    order, _quote = till.handed_over()
    till.town.send()
    till.world.done(UndoDelivery(order=order, handed_over=True))
    till.town.send()
    delivery = next(row for row in till.world.rows(Delivery) if row.order_id == order)
    letter = till.town.letter(delivery.id)
    assert letter is not None
    assert letter.code == "odoo.invoiced"


# --------------------------------------------------------------------------------------------------------------- cuts


def repaired(till: Till) -> tuple[UUID, UUID, UUID]:
    """A job from the delivery of its parts to the payment, of which Odoo has not heard; job, quote and payment."""
    till.world.done(ReceiveStock(part=till.town.parts[0], bin=till.world.bin, quantity=Quantity(5)))
    order, quote = till.handed_over()
    return order, quote, till.pay(order)


def through(till: Till, nth: int = 0, *, done: bool = False) -> Cut:
    """Sends all of it over a line that is cut at that call."""
    line = Cut(till.town.odoo, nth, done=done)
    with suppress(Away):
        Outward(till.world.app, till.world.org, line, till.town.places).once()
    return line


def cut_at(till: Till, nth: int, *, done: bool) -> None:
    """A job whose line is cut at that call, before it was sent or after; everything is then tried again."""
    before = till.town.in_bin()
    order, quote, payment = repaired(till)
    assert through(till, nth, done=done).cut
    till.town.send()
    [invoice] = till.invoices(order)
    assert (invoice["state"], invoice["payment_state"], invoice["amount_total"]) == ("posted", "paid", till.gross(order))
    assert [row["amount"] for row in till.payments(payment)] == [till.gross(order)]
    offer = till.offer(quote)
    assert (offer["state"], offer["picking_ids"], offer["invoice_ids"]) == ("sale", [], [invoice["id"]])
    assert till.town.repair(order)["state"] == "done"
    assert (till.town.in_bin(), till.town.in_wip()) == (before + 5 - 3, 0)
    assert till.town.waits() == {}


NAME = "cuts of the line to Odoo in a whole repair"


def cuts(till: Till, step: int, count: Count) -> None:
    """Every so many calls of the chain, in turn before the call was sent and after it was done."""
    for _first in range(2):  # the first brings the customer, the parts and the bins along
        repaired(till)
        calls = through(till).calls
    struck = [(nth, done) for nth in range(1, calls + 1) for done in (False, True)][::step]
    for nth, done in struck:
        cut_at(till, nth, done=done)
    count(NAME, "calls", calls)
    count(NAME, "cuts", len(struck))
    for what in ("lost", "double"):
        count(NAME, what, 0)


def test_a_line_that_is_cut_leaves_one_of_each(till: Till, count: Count) -> None:
    cuts(till, 23, count)


@pytest.mark.prove
def test_a_line_that_is_cut_at_any_call_leaves_one_of_each(till: Till, count: Count) -> None:
    cuts(till, 1, count)
