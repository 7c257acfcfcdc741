"""An old part that is owed at one terminal is taken in at the other; charged here and received there, both agree."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from replay_world import Machine, Trio, morning

from app.cores.commands import ChargeCores, ReceiveCore, ShelveCore
from app.cores.model import Core
from app.kernel.commands import Command
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart, ReturnPart
from app.places.model import Bin
from app.stock.commands import ReceiveStock
from app.work_orders.bill import bill
from app.work_orders.model import WorkOrder

MINUTE = 60_000


@pytest.fixture
def trio() -> Iterator[Trio]:
    made = morning()
    yield made
    assert made.mishaps.told == []
    made.stop()


@pytest.fixture
def job(trio: Trio) -> UUID:
    """A job that any part with a deposit can go to; all know it."""
    order: UUID = trio.hub.all(WorkOrder)[0].id
    return order


@pytest.fixture
def caliper(trio: Trio, job: UUID) -> UUID:
    fields = {"code": "CALIPER", "name": "Caliper", "price": 20_000, "core": True, "deposit": 5000}
    plain = {name: [None, value] for name, value in fields.items()}
    part: UUID = trio.hub.done(SaveRecord(entity="part", id=None, fields=plain), trio.program).row("part")
    trio.hub.done(ReceiveStock(part=part, bin=a_bin(trio.hub), quantity=Quantity(9)), trio.program)
    trio.quiesce()
    return part


def a_bin(machine: Machine) -> UUID:
    found: UUID = min(machine.all(Bin), key=lambda one: str(one.code)).id
    return found


def act(trio: Trio, machine: Machine, name: str, command: Command) -> None:
    trio.wall.ms += MINUTE
    machine.done(command, trio.person(name))


def issue(trio: Trio, machine: Machine, job: UUID, part: UUID, count: int = 1) -> None:
    more = IssuePart(order=job, part=part, bin=a_bin(machine), quantity=Quantity(count), reason="extra")
    act(trio, machine, "Ann", more)


def alike(trio: Trio) -> list[tuple[str, Quantity]]:
    """What all three know of the old parts: the same."""
    trio.quiesce()
    assert trio.hub.image() == trio.left.image() == trio.right.image()
    return sorted((one.state, one.quantity) for one in trio.hub.all(Core) if not one.retired)


def gross(machine: Machine, job: UUID) -> int:
    with machine.session() as session:
        return bill(session, session.get_one(WorkOrder, job)).totals.gross.minor


def test_what_is_owed_at_one_terminal_is_taken_in_and_shelved_at_the_other(trio: Trio, job: UUID, caliper: UUID) -> None:
    issue(trio, trio.left, job, caliper, 2)
    assert alike(trio) == [("expected", Quantity(2))]
    act(trio, trio.right, "Ben", ReceiveCore(order=job, part=caliper))
    assert alike(trio) == [("expected", Quantity(1)), ("received", Quantity(1))]
    here = next(one for one in trio.left.all(Core) if one.state == "received")
    act(trio, trio.left, "Ann", ShelveCore(core=here.id, bin=a_bin(trio.left)))
    assert alike(trio) == [("expected", Quantity(1)), ("shelved", Quantity(1))]


@pytest.mark.parametrize("first", ["left", "right"])
def test_charged_at_one_terminal_and_received_at_the_other_is_received_and_costs_nothing(
    trio: Trio, job: UUID, caliper: UUID, first: str
) -> None:
    """Whichever terminal reaches the hub first."""
    issue(trio, trio.left, job, caliper)
    assert alike(trio) == [("expected", Quantity(1))]
    before = gross(trio.hub, job)
    act(trio, trio.left, "Ann", ChargeCores(order=job))
    act(trio, trio.right, "Ben", ReceiveCore(core=trio.right.all(Core)[0].id))
    trio.exchange(getattr(trio, first))
    assert alike(trio) == [("received", Quantity(1))]
    assert [gross(machine, job) for machine in trio.machines] == [before] * 3


def test_handed_out_here_and_brought_back_there_owes_nothing(trio: Trio, job: UUID, caliper: UUID) -> None:
    issue(trio, trio.left, job, caliper)
    trio.quiesce()
    act(trio, trio.right, "Ann", ReturnPart(order=job, part=caliper, bin=a_bin(trio.right)))
    assert alike(trio) == []


def test_the_same_unplanned_part_handed_out_at_both_has_one_price_and_two_old_parts(trio: Trio, job: UUID, caliper: UUID) -> None:
    for machine in (trio.left, trio.right):
        issue(trio, machine, job, caliper)
    assert alike(trio) == [("expected", Quantity(1)), ("expected", Quantity(1))]
    assert len({one.number for one in trio.hub.all(Core)}) == 2
    assert len({gross(machine, job) for machine in trio.machines}) == 1
