"""Jobs that are done and are to be paid: 119.00, nothing more and nothing less."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from app.kernel.access import Actor
from app.kernel.money import Money
from app.kernel.standard import Transition
from app.payments.sums import owed
from app.work_orders.commands import AddService, AgreeOrder, CreateOrder
from app.work_orders.delivery import CheckDelivery
from app.work_orders.health import RecordHealth
from app.work_orders.model import WorkOrder
from world import World

PRICE = Money(11_900)


def job(world: World, *, price: Money = PRICE, begun: Callable[[UUID], object] = lambda _order: None) -> UUID:
    """A job that is finished and stands at the door; `begun` is what else is done while it is worked on."""
    order = world.done(CreateOrder(site=world.site, what="Front brake")).row("work_order")
    world.done(AddService(order=order, what="Replace brake pads", rate=price))
    world.done(Transition(entity="work_order", id=order, move="quote"))
    world.done(AgreeOrder(order=order, how="By phone"))
    world.done(Transition(entity="work_order", id=order, move="begin"))
    begun(order)
    world.done(RecordHealth(order=order, notes="All well"))
    world.done(Transition(entity="work_order", id=order, move="finish"))
    return order


def hand_over(world: World, order: UUID, actor: Actor | None = None) -> None:
    """Goes through the delivery checklist at what the bill says."""
    with world.session() as session:
        due = owed(session, session.get_one(WorkOrder, order)).due
    world.done(CheckDelivery(order=order, explained=True, method="cash", amount=due, hand_over=True), actor)


def given_out(world: World, *, price: Money = PRICE) -> UUID:
    """The same, explained to the customer and handed over."""
    order = job(world, price=price)
    world.done(CheckDelivery(order=order, explained=True, method="cash", amount=price, hand_over=True))
    return order
