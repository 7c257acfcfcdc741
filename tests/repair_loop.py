"""The repair loop from the check-in to the closed job: the workshop that it wants, and what must agree once it is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from app.kernel.commands import Command
from app.kernel.money import Money
from app.kernel.records import ChangeRow, EnvelopeRow
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.labor.commands import ClockOn
from app.parts_issue.commands import IssuePart
from app.payments.commands import TakePayment
from app.payments.drawers import OpenDrawer
from app.payments.model import Drawer, Payment
from app.payments.sums import should_hold
from app.quotes.commands import ConfirmQuote, PublishQuote
from app.stock.model import StockLine
from app.work_orders.bill import Bill, bill
from app.work_orders.check_in import CheckIn
from app.work_orders.delivery import CheckDelivery
from app.work_orders.health import RecordHealth
from app.work_orders.model import Delivery, HealthRecord, WorkOrder
from app.work_orders.procedures import ChooseProcedure
from world import World

BEGAN_WITH = Money(10_000)
WORK, PART = 9_900, 900  # cents: the procedure at a fixed price, and each of its five parts
GROSS = WORK + 5 * PART  # the prices are those that people pay
TAX = 1_581 + 5 * 144  # 19 % in each line, rounded
NET = GROSS - TAX
STEPS = ("Lift the front wheel", "Renew the pads", "Bleed the brake")
STROKES = [[[0.1, 0.5, 0], [0.4, 0.6, 90]], [[0.5, 0.5, 300], [0.8, 0.4, 410]]]


@dataclass
class Loop:
    """What there is before somebody comes: a customer with a vehicle, a procedure of five parts, and an open drawer."""

    world: World
    vehicle: UUID
    procedure: UUID
    drawer: UUID


def set_up(world: World) -> Loop:
    """A workshop in which a whole repair can be done."""
    world.save("tax_code", code="19", name="VAT", percent="19")
    world.done(SetSetting(key="taxes.default", value="19"))
    customer = world.save("customer", name="Ada Lovelace", phone="0170 123 456")
    vehicle = world.save("vehicle", customer_id=customer.hex, make="BMW", model="R 1250 GS", plate="M-AB 12", odometer=12_000)
    procedure = world.save("procedure", code="BRK-F", name="Overhaul the front brake", hours="1.2", price=WORK)
    for place, what in enumerate(STEPS, start=1):
        world.save("procedure_step", procedure_id=procedure.hex, place=place, what=what)
    for part in world.parts:
        world.save("procedure_part", procedure_id=procedure.hex, part_id=part.hex, quantity="1")
    drawer = world.done(OpenDrawer(site=world.site, began_with=BEGAN_WITH)).row("drawer")
    return Loop(world, vehicle, procedure, drawer)


def checked_in(loop: Loop) -> UUID:
    """The vehicle stands at the door; its job."""
    return loop.world.done(CheckIn(site=loop.world.site, what="Front brake", vehicle=loop.vehicle)).row("work_order")


def repair(loop: Loop, order: UUID, quote: UUID, mechanic: UUID) -> Iterator[Command]:
    """All the commands of a repair; the first and the third make the job and the quote of these ids."""
    world = loop.world
    yield CheckIn(site=world.site, what="Front brake", vehicle=loop.vehicle, odometer=12_345)
    yield ChooseProcedure(order=order, procedure=loop.procedure)
    yield PublishQuote(order=order)
    yield ConfirmQuote(quote=quote, signer="Ada Lovelace", strokes=STROKES)
    yield ClockOn(person=mechanic, order=order)
    for part in world.parts:
        yield IssuePart(order=order, part=part, bin=world.bin)
    yield RecordHealth(order=order, battery=Quantity.parse("12.6"), rpm=1150, coolant=Quantity(80), oil=Quantity(75))
    yield Transition(entity="work_order", id=order, move="finish")
    yield CheckDelivery(order=order, explained=True, method="cash", amount=Money(GROSS), hand_over=True)
    yield TakePayment(order=order, channel="cash", amount=Money(GROSS))


def bill_of(world: World, order: UUID) -> Bill:
    with world.session() as session:
        return bill(session, session.get_one(WorkOrder, order))


def agrees(loop: Loop, order: UUID, before: Quantity) -> None:
    """The job is closed, once; stock, bill, payment and drawer say the same to the cent."""
    world = loop.world
    assert world.get(WorkOrder, order).state == "CLOSED"
    assert times_closed(world, order) == 1
    totals = bill_of(world, order).totals
    tax = [amount.minor for amount in totals.tax.values()]
    assert (totals.net.minor, tax, totals.gross.minor) == (NET, [TAX], GROSS)
    payments = [row for row in world.rows(Payment) if row.order_id == order]
    assert [(one.channel, one.amount.minor, one.state, one.drawer_id) for one in payments] == [
        ("cash", GROSS, "success", loop.drawer)
    ]
    with world.session() as session:
        assert should_hold(session, session.get_one(Drawer, loop.drawer)).minor == BEGAN_WITH.minor + GROSS
    assert [row.amount.minor for row in world.rows(Delivery) if row.order_id == order] == [GROSS]
    lines = [row for row in world.rows(StockLine) if row.source_id == order]
    assert sorted((row.part_id, row.quantity) for row in lines) == sorted((part, Quantity(-1)) for part in world.parts)
    assert [world.on_hand(part) for part in world.parts] == [before - Quantity(1)] * len(world.parts)
    assert [row.kind for row in world.rows(HealthRecord) if row.order_id == order].count("handover") == 1


def times_closed(world: World, order: UUID) -> int:
    """How often the job's state was changed to closed, by all there is in the history."""
    with world.session() as session:
        wanted = select(ChangeRow.after).where(ChangeRow.entity == "work_order", ChangeRow.row_id == order)
        return sum("CLOSED" in str(after) for after in session.scalars(wanted))


def commands_kept(world: World) -> int:
    """How many commands the store holds."""
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(EnvelopeRow)) or 0
