"""Procedures travel: what was chosen and ticked off at one terminal is the same at the hub and at the other one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from replay_world import Machine, Trio, morning, named

from app.kernel.records import Discrepancy
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.work_orders.model import OrderStep, PartLine, ServiceLine, WorkOrder
from app.work_orders.procedures import ChooseProcedure, RemoveChoice
from app.work_orders.steps import RecordStep

HOUR = 3_600_000


@pytest.fixture
def trio() -> Iterator[Trio]:
    made = morning()
    yield made
    assert made.mishaps.told == []
    made.stop()


@pytest.fixture
def job(trio: Trio) -> UUID:
    order: UUID = trio.hub.all(WorkOrder)[0].id
    return order


@pytest.fixture
def pads(trio: Trio) -> UUID:
    """A procedure with a part and two steps, known to all."""

    def save(entity: str, **fields: Any) -> UUID:
        pairs = {name: [None, value] for name, value in fields.items()}
        return trio.hub.done(SaveRecord(entity=entity, fields=pairs), trio.program).row(entity)

    ident = save("procedure", code="PADS", name="Renew the pads", hours="1.2")
    save("procedure_step", procedure_id=ident.hex, place=1, what="Lift it")
    save("procedure_step", procedure_id=ident.hex, place=2, what="Tighten it", torque="50", tolerance="4")
    save("procedure_part", procedure_id=ident.hex, part_id=named("part", "P-2").hex, quantity="2")
    trio.quiesce()
    return ident


def choose(trio: Trio, machine: Machine, name: str, job: UUID, procedure: UUID) -> UUID:
    trio.wall.ms += HOUR
    return machine.done(ChooseProcedure(order=job, procedure=procedure), trio.person(name)).id


def alike(trio: Trio) -> None:
    trio.quiesce()
    assert trio.hub.image() == trio.left.image() == trio.right.image()


def on_the_job(machine: Machine, entity: Any, job: UUID) -> list[Any]:
    return [row for row in machine.all(entity) if row.order_id == job]


def cards(trio: Trio) -> list[str]:
    return sorted(card.code for card in trio.right.all(Discrepancy))


def test_what_was_chosen_here_is_the_same_everywhere(trio: Trio, job: UUID, pads: UUID) -> None:
    choice = choose(trio, trio.left, "Ann", job, pads)
    alike(trio)
    assert [line.what for line in on_the_job(trio.right, ServiceLine, job)] == ["Renew the pads"]
    assert [step.what for step in sorted(on_the_job(trio.right, OrderStep, job), key=lambda one: one.place)] == [
        "Lift it", "Tighten it"
    ]  # fmt: skip
    assert trio.right.get(WorkOrder, job).state == "DIAGNOSING"
    trio.right.done(RemoveChoice(order=job, choice=choice), trio.person("Ben"))
    alike(trio)
    assert on_the_job(trio.left, ServiceLine, job) == on_the_job(trio.left, OrderStep, job) == []
    assert cards(trio) == []


def test_the_copy_is_of_the_procedure_that_the_person_saw(trio: Trio, job: UUID, pads: UUID) -> None:
    choose(trio, trio.left, "Ann", job, pads)
    trio.hub.done(SaveRecord(entity="procedure", id=pads, fields={"name": ["Renew the pads", "Other"]}), trio.program)
    trio.hub.done(SaveRecord(entity="part", id=named("part", "P-2"), fields={"price": [900, 1200]}), trio.program)
    alike(trio)
    for machine in trio.machines:
        assert [line.what for line in on_the_job(machine, ServiceLine, job)] == ["Renew the pads"]
        assert [line.price.minor for line in on_the_job(machine, PartLine, job) if line.procedure_id == pads] == [900]


def test_two_who_choose_the_same_without_a_line_both_have_it(trio: Trio, job: UUID, pads: UUID) -> None:
    choose(trio, trio.left, "Ann", job, pads)
    choose(trio, trio.right, "Ben", job, pads)
    alike(trio)
    assert len(on_the_job(trio.hub, ServiceLine, job)) == 2
    assert len(on_the_job(trio.hub, OrderStep, job)) == 4
    assert cards(trio) == []


def test_a_step_is_done_by_whoever_did_it_first_and_the_other_is_looked_at(trio: Trio, job: UUID, pads: UUID) -> None:
    choose(trio, trio.left, "Ann", job, pads)
    alike(trio)
    step = next(one.id for one in on_the_job(trio.hub, OrderStep, job) if one.torque is not None)
    for machine, name, measured in ((trio.left, "Ann", "50"), (trio.right, "Ben", "51")):
        machine.done(RecordStep(step=step, measured=Quantity.parse(measured)), trio.person(name))
    alike(trio)
    assert trio.right.get(OrderStep, step).measured == Quantity(50)
    assert trio.right.get(OrderStep, step).done_by == trio.person("Ann").id
    assert cards(trio) == ["work_orders.step_done"]


def test_what_was_taken_on_top_is_on_the_job_everywhere_and_comes_off_again(trio: Trio, job: UUID) -> None:
    taken = IssuePart(order=job, part=named("part", "P-3"), bin=named("bin", "A"), quantity=Quantity(2), supplement=True)
    answer = trio.left.done(taken, trio.person("Ann"))
    alike(trio)

    def planned(machine: Machine) -> list[Quantity]:
        return [line.planned for line in on_the_job(machine, PartLine, job) if line.part_id == named("part", "P-3")]

    assert [planned(machine) for machine in trio.machines] == [[Quantity(2)]] * 3
    back = taken.undone_by(answer.id)
    assert back is not None
    trio.left.done(back, trio.person("Ann"))
    alike(trio)
    assert [planned(machine) for machine in trio.machines] == [[]] * 3
