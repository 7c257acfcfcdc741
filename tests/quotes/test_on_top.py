"""On top: whatever raised the sum that the customer agreed to leaves the house with their yes to it, or signed off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.kernel.commands import Command
from app.kernel.money import Money
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.quotes.commands import ConfirmQuote, PublishQuote
from app.work_orders.bill import bill
from app.work_orders.charges import AddCharge
from app.work_orders.commands import AddService, AgreeOrder
from app.work_orders.delivery import CheckDelivery
from app.work_orders.health import RecordHealth
from app.work_orders.model import WorkOrder
from app.work_orders.procedures import ChooseProcedure
from world import World


@pytest.fixture
def job(world: World) -> World:
    """A job that the customer signed the quote of, and whose parts were handed out."""
    world.done(AddService(order=world.order, what="Replace pads", hours=Quantity(1), rate=Money(8_000)))
    quote = world.done(PublishQuote(order=world.order)).row("quote")
    world.done(ConfirmQuote(quote=quote, signer="Anna Schubert"))
    step(world, "begin")
    for part in world.parts:
        world.done(IssuePart(order=world.order, part=part, bin=world.bin))
    return world


def step(world: World, move: str) -> None:
    world.done(Transition(entity="work_order", id=world.order, move=move))


def hand_over(world: World) -> CheckDelivery:
    """The work is finished, and the customer is told what is to pay."""
    world.done(RecordHealth(order=world.order, battery=Quantity(12)))
    step(world, "finish")
    with world.session() as session:
        to_pay = bill(session, session.get_one(WorkOrder, world.order)).totals.gross
    return CheckDelivery(order=world.order, explained=True, method="cash", amount=to_pay, hand_over=True)


ON_TOP: dict[str, Callable[[World], Command]] = {
    "more work": lambda world: AddService(order=world.order, what="Bleed the brakes", hours=Quantity(1), rate=Money(6_000)),
    "a fee": lambda world: AddCharge(order=world.order, what="Towing", amount=Money(5_000)),
    "a part taken": lambda world: IssuePart(
        order=world.order, part=world.part, bin=world.bin, quantity=Quantity(2), reason="They were worn"
    ),
    "a whole procedure": lambda world: ChooseProcedure(
        order=world.order, procedure=world.save("procedure", code="OIL", name="Oil", hours="1", price=9_000)
    ),
}


@pytest.mark.parametrize("more", ON_TOP.values(), ids=ON_TOP)
def test_whatever_raised_the_agreed_sum_leaves_with_a_manager_s_badge(job: World, more: Callable[[World], Command]) -> None:
    job.done(more(job))
    adviser, out = job.person("Ada", "ADV"), hand_over(job)
    assert job.codes(out, adviser) == ["quotes.on_top"]
    answer = job.run(out, adviser, cosigner=job.person("Mia", "MGR"))
    assert answer.done, [one.sentence for one in answer.problems]
    assert "quotes.on_top" in [one.code for one in answer.problems], "it is said all the same"


def test_with_the_customer_s_yes_to_it_nobody_else_is_asked(job: World) -> None:
    job.done(ON_TOP["more work"](job))
    job.done(AgreeOrder(order=job.order, how="On the phone"))
    job.done(hand_over(job), job.person("Ada", "ADV"))


def test_what_costs_less_than_was_agreed_is_nobody_s_concern(job: World) -> None:
    job.done(AddCharge(order=job.order, what="Goodwill", amount=Money(-500)), job.person("Mia", "MGR"))
    job.done(hand_over(job), job.person("Ada", "ADV"))
