"""The agreed sum: after the customer's yes no way leads to another one but their yes to it, or whoever may answer for it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from replay_world import ORG, Trio, morning

from app.access.model import Role
from app.kernel.access import Actor
from app.kernel.commands import Command
from app.kernel.money import Money
from app.kernel.records import Discrepancy
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.quotes.commands import ConfirmQuote, PublishQuote
from app.work_orders.charges import AddCharge, RemoveCharge
from app.work_orders.commands import AddService, AgreeOrder, PlanPart, RemoveService
from app.work_orders.model import ChargeLine, PartLine, ServiceLine, WorkOrder
from app.work_orders.prices import SetPrice
from app.work_orders.procedures import ChooseProcedure, RemoveChoice
from world import World

WHY = "They want it cheaper"


class Job:
    """What is on a job: work, a fee, three of a part, and a whole procedure."""

    def __init__(self, world: World) -> None:
        self.world, self.order = world, world.order
        world.done(SetPrice(entity="part_line", line=world.rows(PartLine)[0].id, price=Money(1_000)))
        self.work = world.done(work(world, 8_000)).row("service_line")
        self.fee = world.done(AddCharge(order=world.order, what="Towing", amount=Money(5_000))).row("charge_line")
        world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(3)))
        self.line = next(one.id for one in world.rows(PartLine) if one.part_id == world.part)
        world.done(SetPrice(entity="part_line", line=self.line, price=Money(1_000)))
        self.procedure = world.save("procedure", code="OIL", name="Oil", hours="1", price=9_000)
        self.chosen = world.done(ChooseProcedure(order=world.order, procedure=self.procedure)).id


def work(world: World, price: int) -> AddService:
    return AddService(order=world.order, what="Replace pads", hours=Quantity(1), price=Money(price))


@pytest.fixture
def job(world: World) -> Job:
    return Job(world)


@pytest.fixture
def adviser(world: World) -> Actor:
    return world.person("Ada", "ADV")


def signs(world: World) -> None:
    quote = world.done(PublishQuote(order=world.order)).row("quote")
    world.done(ConfirmQuote(quote=quote, signer="Anna Schubert"))


def says_yes(world: World) -> None:
    world.done(AgreeOrder(order=world.order, how="On the phone"))


LESS: dict[str, Callable[[Job], Command]] = {
    "work taken off": lambda job: RemoveService(service=job.work, reason=WHY),
    "a fee taken off": lambda job: RemoveCharge(charge=job.fee, reason=WHY),
    "a part taken off": lambda job: PlanPart(order=job.order, part=job.world.part, quantity=Quantity(0), reason=WHY),
    "fewer of a part": lambda job: PlanPart(order=job.order, part=job.world.part, quantity=Quantity(2), reason=WHY),
    "a procedure taken off": lambda job: RemoveChoice(order=job.order, choice=job.chosen, reason=WHY),
    "a discount": lambda job: AddCharge(order=job.order, what=WHY, amount=Money(-100)),
    "work made cheaper": lambda job: SetPrice(entity="service_line", line=job.work, price=Money(1), reason=WHY),
    "a fee made cheaper": lambda job: SetPrice(entity="charge_line", line=job.fee, price=Money(1), reason=WHY),
    "a part made cheaper": lambda job: SetPrice(entity="part_line", line=job.line, price=Money(1), reason=WHY),
}


@pytest.mark.parametrize("yes", [signs, says_yes])
@pytest.mark.parametrize("less", LESS.values(), ids=LESS)
def test_whatever_would_cost_less_than_was_agreed_takes_a_manager_s_badge(
    job: Job, adviser: Actor, less: Callable[[Job], Command], yes: Callable[[World], None]
) -> None:
    yes(job.world)
    assert job.world.codes(less(job), adviser) == ["quotes.reprice"]
    answer = job.world.run(less(job), adviser, cosigner=job.world.person("Mia", "MGR"))
    assert (answer.done, answer.problems) == (True, ())


@pytest.mark.parametrize("less", LESS.values(), ids=LESS)
def test_before_the_yes_an_adviser_does_all_of_it_alone(job: Job, adviser: Actor, less: Callable[[Job], Command]) -> None:
    job.world.done(less(job), adviser)


def test_whoever_answers_for_it_says_why(job: Job) -> None:
    signs(job.world)
    assert job.world.codes(RemoveService(service=job.work), job.world.person("Mia", "MGR")) == ["quotes.reprice_why"]


def test_work_is_not_put_on_again_cheaper_by_way_of_taking_it_off(job: Job, adviser: Actor) -> None:
    signs(job.world)
    job.world.done(work(job.world, 100), adviser)
    assert job.world.codes(RemoveService(service=job.work, reason=WHY), adviser) == ["quotes.reprice"]
    assert not job.world.get(ServiceLine, job.work).retired


MORE: dict[str, Callable[[Job], Command]] = {
    "work": lambda job: work(job.world, 2_000),
    "a fee": lambda job: AddCharge(order=job.order, what="Storage", amount=Money(2_000)),
    "a procedure": lambda job: ChooseProcedure(order=job.order, procedure=job.procedure),
}


@pytest.mark.parametrize("yes", [signs, says_yes])
@pytest.mark.parametrize("more", MORE.values(), ids=MORE)
def test_what_comes_on_top_is_told_and_undo_takes_it_back_without_anybody(
    job: Job, adviser: Actor, more: Callable[[Job], Command], yes: Callable[[World], None]
) -> None:
    yes(job.world)
    answer = job.world.done(more(job), adviser)
    assert [one.code for one in answer.problems] == ["work_orders.after_agreement"]
    back = more(job).undone_by(answer.id)
    assert back is not None
    job.world.done(back, adviser)


def test_more_of_a_part_goes_back_to_as_many_as_were_signed_and_no_further(job: Job, adviser: Actor) -> None:
    signs(job.world)
    for many in (5, 3):
        job.world.done(PlanPart(order=job.order, part=job.world.part, quantity=Quantity(many)), adviser)
    fewer = PlanPart(order=job.order, part=job.world.part, quantity=Quantity(2), reason=WHY)
    assert job.world.codes(fewer, adviser) == ["quotes.reprice"]


def test_what_the_customer_said_yes_to_on_the_phone_after_they_signed_is_agreed_too(job: Job, adviser: Actor) -> None:
    signs(job.world)
    more = job.world.done(work(job.world, 2_000), adviser).row("service_line")
    says_yes(job.world)
    assert job.world.codes(RemoveService(service=more, reason=WHY), adviser) == ["quotes.reprice"]


def hired(trio: Trio) -> Actor:
    """An adviser who works at all terminals."""
    made: dict[str, UUID] = {}
    role = next(one.id for one in trio.hub.all(Role) if one.code == "ADV")
    for entity, fields in (("person", {"username": "ada", "name": "Ada"}), ("appointment", {"role_id": role.hex})):
        theirs = {"person_id": made["person"].hex} if made else {}
        given = {name: [None, value] for name, value in (fields | theirs).items()}
        made[entity] = trio.hub.done(SaveRecord(entity=entity, fields=given), trio.program).row(entity)
    return Actor(made["person"], ORG, "Ada")


def test_taken_off_at_a_terminal_that_did_not_know_of_the_yes_it_is_kept_and_put_before_somebody() -> None:
    trio = morning()
    ada, order = hired(trio), trio.hub.all(WorkOrder)[0].id
    fee: UUID = trio.hub.done(AddCharge(order=order, what="Towing", amount=Money(5_000)), trio.program).row("charge_line")
    trio.quiesce()
    trio.left.done(AgreeOrder(order=order, how="On the phone"), trio.person("Ann"))
    trio.wall.ms += 60_000
    trio.right.done(RemoveCharge(charge=fee), ada)
    trio.quiesce()
    assert [one.get(ChargeLine, fee).retired for one in trio.machines] == [True, True, True], "it was done, and is not lost"
    assert [row.code for row in trio.hub.all(Discrepancy)] == ["quotes.reprice"]
    assert trio.hub.image() == trio.left.image() == trio.right.image()
    trio.stop()
