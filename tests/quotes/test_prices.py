"""Prices of a job's lines: set by who may, and after the customer's yes only with a reason by who may do that too."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.kernel.access import Actor
from app.kernel.commands import Command
from app.kernel.money import Money
from app.kernel.records import EnvelopeRow
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.quotes.commands import ConfirmQuote, PublishQuote
from app.work_orders.charges import AddCharge, RemoveCharge
from app.work_orders.commands import AddService
from app.work_orders.model import PartLine, ServiceLine
from app.work_orders.prices import SetPrice
from world import World


@pytest.fixture
def service(world: World) -> UUID:
    command = AddService(order=world.order, what="Replace pads", hours=Quantity(2), rate=Money(8000))
    return world.done(command).row("service_line")


@pytest.fixture
def adviser(world: World) -> Actor:
    return world.person("Ada", "ADV")


def dearer(service: UUID, price: int = 21_000, reason: str = "") -> SetPrice:
    return SetPrice(entity="service_line", line=service, price=Money(price), reason=reason, was=(None,))


def signed(world: World) -> None:
    quote = world.done(PublishQuote(order=world.order)).row("quote")
    world.done(ConfirmQuote(quote=quote, signer="Anna Schubert"))


def undo(command: Command, world: World) -> Command:
    found = command.undone_by(world.org)
    assert found is not None
    return found


def test_before_the_yes_an_adviser_sets_a_price_and_takes_it_back(world: World, service: UUID, adviser: Actor) -> None:
    world.done(dearer(service), adviser)
    assert world.get(ServiceLine, service).price == Money(21_000)
    world.done(undo(dearer(service), world), adviser)
    assert world.get(ServiceLine, service).price is None, "it costs its hours again"


def test_the_bill_follows_the_price(world: World, service: UUID) -> None:
    pads = next(line.id for line in world.rows(PartLine) if line.part_id == world.part)
    world.done(SetPrice(entity="part_line", line=pads, price=Money(1200)))
    world.done(dearer(service))
    rows = world.app.ask("order_bill", world.actor, order=world.order).rows
    assert [row["price"] for row in rows if row["what"] in ("Brake pads front", "Replace pads")] == [Money(1200), Money(21_000)]


def test_a_mechanic_sets_no_price(world: World, service: UUID) -> None:
    assert world.codes(dearer(service), world.person("Max", "MEC")) == ["access.denied"]


def test_nothing_costs_less_than_nothing_and_only_lines_have_prices(world: World, service: UUID) -> None:
    assert world.codes(dearer(service, -1)) == ["work_orders.price"]
    assert world.codes(SetPrice(entity="work_order", line=world.order, price=Money(1))) == ["work_orders.no_price"]
    assert world.codes(SetPrice(entity="part_line", line=service, price=Money(1))) == ["row.missing"]


def test_after_the_yes_a_colleague_s_badge_and_a_reason_are_wanted(world: World, service: UUID, adviser: Actor) -> None:
    signed(world)
    chief = world.person("Mia", "MGR")
    assert world.codes(dearer(service, reason="Seized bolt"), adviser) == ["quotes.reprice"]
    assert [one.code for one in world.run(dearer(service), adviser, cosigner=chief).problems] == ["quotes.reprice_why"]
    answer = world.run(dearer(service, reason="Seized bolt"), adviser, cosigner=chief)
    assert answer.done
    assert answer.problems == ()
    assert world.get(ServiceLine, service).price == Money(21_000)
    with world.session() as session:
        kept = session.query(EnvelopeRow).filter(EnvelopeRow.id == answer.id).one()
    assert "Seized bolt" in kept.content, "it is in the audit's chain, with both of them"
    assert chief.id.hex in kept.content


def test_back_to_what_was_signed_takes_no_further_badge(world: World, service: UUID, adviser: Actor) -> None:
    world.done(dearer(service, 20_000))
    signed(world)
    change = SetPrice(entity="service_line", line=service, price=Money(25_000), reason="Seized bolt", was=(Money(20_000),))
    assert world.run(change, adviser, cosigner=world.person("Mia", "MGR")).done
    world.done(undo(change, world), adviser)
    assert world.get(ServiceLine, service).price == Money(20_000)


def test_a_manager_reprices_alone(world: World, service: UUID) -> None:
    signed(world)
    world.done(dearer(service, reason="Goodwill"), world.person("Mia", "MGR"))


def test_on_a_job_that_is_over_no_price_changes(world: World, service: UUID) -> None:
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="Sold"))
    assert world.codes(dearer(service)) == ["work_orders.locked"]


def test_after_the_yes_a_discount_that_was_signed_is_not_taken_off_alone(world: World, service: UUID, adviser: Actor) -> None:
    signed_off = world.done(AddCharge(order=world.order, what="Goodwill", amount=Money(-5_000)), adviser).row("charge_line")
    signed(world)
    chief = world.person("Mia", "MGR")
    off = RemoveCharge(charge=signed_off, reason="Given by mistake")
    assert world.codes(off, adviser) == ["quotes.reprice"]
    given = AddCharge(order=world.order, what="More goodwill", amount=Money(-1_000))
    answer = world.run(given, adviser, cosigner=chief)
    back = given.undone_by(answer.id)
    world.done(back, adviser)  # that one was in no quote: without it the job costs what was signed
    assert world.run(off, adviser, cosigner=chief).done


def test_after_the_yes_a_discount_is_a_price_too_and_a_fee_is_not(world: World, service: UUID, adviser: Actor) -> None:
    discount = AddCharge(order=world.order, what="Goodwill", amount=Money(-5_000))
    world.done(discount, adviser)
    signed(world)
    assert world.codes(discount, adviser) == ["quotes.reprice"]
    assert world.run(discount, adviser, cosigner=world.person("Mia", "MGR")).done
    world.done(AddCharge(order=world.order, what="Tow", amount=Money(5_000)), adviser)
