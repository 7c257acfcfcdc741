"""S3: what comes back from a job, the old part among it, by scans alone; then its shelf."""

from __future__ import annotations

from uuid import UUID

import pytest
from shop_floor import Terminal, badge, card, code

from app.cores.model import Core
from app.kernel.access import Actor
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.stock.commands import ReceiveStock
from app.work_orders.commands import PlanPart
from ui.kit.declared import Place
from world import World


@pytest.fixture
def caliper(world: World) -> UUID:
    """A part whose old one is owed, two of which went to the job."""
    part = world.save("part", code="CALIPER", name="Caliper", price=20_000, core=True, deposit=5000)
    world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(4)))
    world.done(PlanPart(order=world.order, part=part, quantity=Quantity(2)))
    for _turn in range(2):
        world.done(IssuePart(order=world.order, part=part, bin=world.bin))
    return part


def states(world: World) -> list[str]:
    return sorted(row.state for row in world.rows(Core) if not row.retired)


def a_core(world: World) -> Core:
    return min((row for row in world.rows(Core)), key=lambda row: row.number)


def test_two_unused_one_damaged_and_the_old_part_come_back_by_scans_alone(
    terminal: Terminal, keeper: Actor, caliper: UUID
) -> None:
    world = terminal.world
    for part in world.parts[:3]:
        world.done(IssuePart(order=world.order, part=part, bin=world.bin))
    terminal.scan(badge(world, keeper))
    terminal.begin()
    terminal.scan(card("RETURN"))
    terminal.scan(code("WO", world.order))
    for part in world.parts[:2]:
        assert terminal.scan(code("PT", part))[0] is Outcome.SUCCESS
    terminal.scan(card("DAMAGED"))
    terminal.scan(code("PT", world.parts[2]))
    outcome, said = terminal.scan(code("CO", a_core(world).id))
    assert (outcome, said) == (Outcome.SUCCESS, a_core(world).number)
    assert states(world) == ["expected", "received"]
    assert world.on_hand(world.parts[2], world.quarantine) == Quantity(1)
    assert (terminal.scans, terminal.touches) == (7, 0)


def test_undo_takes_the_old_part_back_out(terminal: Terminal, keeper: Actor, caliper: UUID) -> None:
    world = terminal.world
    terminal.scan(badge(world, keeper))
    terminal.scan(card("RETURN"))
    terminal.scan(code("WO", world.order))
    terminal.scan(code("CO", a_core(world).id))
    assert terminal.scan(card("UNDO"))[0] is Outcome.SUCCESS
    assert states(world) == ["expected", "expected"]


def test_without_a_tag_the_card_and_the_part_say_it(terminal: Terminal, keeper: Actor, caliper: UUID) -> None:
    world = terminal.world
    terminal.scan(badge(world, keeper))
    terminal.scan(card("RETURN"))
    terminal.scan(code("WO", world.order))
    terminal.scan(card("CORE"))
    assert terminal.course.flow.id == "cores.receive"
    assert terminal.scan(code("PT", caliper)) == (Outcome.SUCCESS, "1 × old Caliper")
    assert states(world) == ["expected", "received"]
    terminal.scan(code("CO", next(row.id for row in world.rows(Core) if row.state == "expected")))
    assert states(world) == ["received", "received"]
    outcome, said = terminal.scan(code("PT", caliper))
    assert outcome is Outcome.ERROR
    assert "owes 0 old Caliper" in said
    assert terminal.touches == 0


def test_a_shelf_and_then_tag_after_tag(terminal: Terminal, keeper: Actor, caliper: UUID) -> None:
    world = terminal.world
    shelf = world.save("bin", warehouse_id=world.warehouse.hex, code="C-01", kind="core")
    terminal.scan(badge(world, keeper))
    terminal.window.floor.bench.ways.go(Place("flow", "cores.shelve"))
    terminal.scan(code("BN", shelf))
    for row in world.rows(Core):
        assert terminal.scan(code("CO", row.id))[0] is Outcome.SUCCESS
    assert states(world) == ["shelved", "shelved"]
    assert {row.bin_id for row in world.rows(Core)} == {shelf}
    assert (terminal.scans, terminal.touches) == (4, 0)


def test_the_page_of_an_old_part_takes_its_shelf_by_a_scan(terminal: Terminal, keeper: Actor, caliper: UUID) -> None:
    world = terminal.world
    shelf = world.save("bin", warehouse_id=world.warehouse.hex, code="C-01", kind="core")
    core = a_core(world)
    terminal.scan(badge(world, keeper))
    terminal.scan(code("CO", core.id))
    terminal.until(lambda: core.number in terminal.words())
    terminal.touch("It is here")
    terminal.until(lambda: "received" in states(world))
    terminal.scan(code("BN", shelf))
    terminal.until(lambda: "shelved" in states(world))
