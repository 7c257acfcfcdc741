"""Old parts: owed with the new one, taken in, shelved, sent back and credited; or charged, and given back after all."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.access.commands import SignIn
from app.cores.commands import ChargeCores, CreditCore, ReceiveCore, ReturnCore, SendCore, ShelveCore
from app.cores.model import Core
from app.cores.rules import cores_are_back
from app.kernel.looking import unmet
from app.kernel.money import Money
from app.kernel.records import Discrepancy
from app.kernel.standard import SaveRecord, Transition
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.parts_issue.commands import IssuePart, ReturnPart
from app.stock.commands import ReceiveStock
from app.work_orders.bill import bill
from app.work_orders.model import ChargeLine, WorkOrder
from world import World


@pytest.fixture
def caliper(world: World) -> UUID:
    """A part with a deposit of 50.00 on the old one, of which four lie on the shelf."""
    world.save("tax_code", code="19", name="VAT", percent="19")
    part = world.save("part", code="CALIPER", name="Caliper", price=20_000, core=True, deposit=5000, tax_code="19")
    world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(4)))
    return part


def issue(world: World, part: UUID, count: int = 1) -> Any:
    command = IssuePart(order=world.order, part=part, bin=world.bin, quantity=Quantity(count), reason="extra")
    return command, world.done(command)


def owed(world: World) -> list[tuple[str, Quantity]]:
    rows = [row for row in world.rows(Core) if not row.retired]
    return sorted((row.state, row.quantity) for row in rows)


def the_core(world: World) -> Core:
    return next(row for row in world.rows(Core) if not row.retired)


def step(world: World, move: str, reason: str = "") -> Transition:
    return Transition(entity="core", id=the_core(world).id, move=move, reason=reason)


def charged(world: World) -> list[int]:
    return [row.amount.minor for row in world.rows(ChargeLine) if not row.retired]


def gross(world: World) -> int:
    with world.session() as session:
        return bill(session, session.get_one(WorkOrder, world.order)).totals.gross.minor


# ---------------------------------------------------------------------------------------------------- owed with the new one


def test_handing_out_a_part_with_a_deposit_opens_an_old_part_with_number_and_day(world: World, caliper: UUID) -> None:
    _command, answer = issue(world, caliper)
    core = the_core(world)
    assert re.fullmatch(r"COR-\d{8}-\d{4}", core.number)
    day = core.made_at.date()
    assert (core.state, core.deposit, core.order_id, core.site_id) == ("expected", Money(5000), world.order, world.site)
    assert core.due in (day + timedelta(days=30), day + timedelta(days=31))  # the site may be a day on
    assert not answer.problems[1:]


def test_the_days_are_a_setting(world: World, caliper: UUID) -> None:
    world.done(SetSetting(key="cores.days", value=5))
    issue(world, caliper)
    core = the_core(world)
    assert core.due is not None
    assert core.due - core.made_at.date() <= timedelta(days=6)


def test_a_part_without_an_old_one_opens_nothing(world: World) -> None:
    issue(world, world.part)
    assert owed(world) == []


def test_an_issue_that_was_a_slip_owes_nothing(world: World, caliper: UUID) -> None:
    command, answer = issue(world, caliper, 2)
    world.done(command.undone_by(answer.id))
    assert owed(world) == []


def test_a_new_part_that_comes_back_takes_its_old_one_off_and_undoing_that_owes_it_again(world: World, caliper: UUID) -> None:
    issue(world, caliper, 3)
    back = ReturnPart(order=world.order, part=caliper, bin=world.bin, quantity=Quantity(1))
    answer = world.done(back)
    assert owed(world) == [("expected", Quantity(2))]
    world.done(back.undone_by(answer.id))
    assert owed(world) == [("expected", Quantity(1)), ("expected", Quantity(2))]


def test_an_old_part_that_is_here_stays_though_the_new_one_goes_back(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    world.done(step(world, "receive"))
    world.done(ReturnPart(order=world.order, part=caliper, bin=world.bin))
    assert owed(world) == [("received", Quantity(1))]


# ------------------------------------------------------------------------------------------------------ taken in and on


def test_old_parts_of_a_job_are_taken_in_piece_by_piece(world: World, caliper: UUID) -> None:
    issue(world, caliper, 3)
    for _turn in range(2):
        world.done(ReceiveCore(order=world.order, part=caliper))
    assert owed(world) == [("expected", Quantity(1)), ("received", Quantity(1)), ("received", Quantity(1))]
    assert len({row.number for row in world.rows(Core)}) == 3
    assert world.codes(ReceiveCore(order=world.order, part=caliper, quantity=Quantity(2))) == ["cores.not_expected"]


def test_more_than_one_issue_is_taken_in_at_once(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    issue(world, caliper, 2)
    world.done(ReceiveCore(order=world.order, part=caliper, quantity=Quantity(3)))
    assert owed(world) == [("received", Quantity(1)), ("received", Quantity(2))]


def test_taking_in_can_be_undone(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    for command in (ReceiveCore(order=world.order, part=caliper), ReceiveCore(core=the_core(world).id)):
        answer = world.done(command)
        assert owed(world) == [("received", Quantity(1))]
        back = command.undone_by(answer.id)
        world.done(back)
        assert owed(world) == [("expected", Quantity(1))]
        assert world.codes(back) == ["cores.gone_on"]


def test_an_undo_takes_back_its_own_receipt_and_no_more(world: World, caliper: UUID) -> None:
    issue(world, caliper, 2)
    issue(world, caliper, 1)
    two, one = (ReceiveCore(order=world.order, part=caliper, quantity=Quantity(count)) for count in (2, 1))
    first = world.done(two)
    second = world.done(one)
    assert owed(world) == [("received", Quantity(1)), ("received", Quantity(2))]
    world.done(two.undone_by(first.id))
    assert owed(world) == [("expected", Quantity(2)), ("received", Quantity(1))]
    world.done(two)
    world.done(one.undone_by(second.id))
    assert owed(world) == [("expected", Quantity(1)), ("received", Quantity(2))]


def test_of_one_that_was_taken_in_piece_by_piece_each_undo_takes_its_own_piece_back(world: World, caliper: UUID) -> None:
    issue(world, caliper, 2)
    command = ReceiveCore(order=world.order, part=caliper)
    first, _second = world.done(command), world.done(command)
    world.done(command.undone_by(first.id))
    assert owed(world) == [("expected", Quantity(1)), ("received", Quantity(1))]


@pytest.mark.parametrize("count", [1, 3])
def test_by_hand_as_many_go_back_as_were_taken_in_together(world: World, caliper: UUID, count: int) -> None:
    issue(world, caliper, 2)
    world.done(ReceiveCore(order=world.order, part=caliper, quantity=Quantity(2)))
    assert world.codes(ReturnCore(order=world.order, part=caliper, quantity=Quantity(count))) == ["cores.not_as_many"]
    assert owed(world) == [("received", Quantity(2))]
    world.done(ReturnCore(order=world.order, part=caliper, quantity=Quantity(2)))
    assert owed(world) == [("expected", Quantity(2))]


def test_whoever_keeps_one_store_room_takes_old_parts_in_for_the_workshop(world: World, caliper: UUID) -> None:
    """The old parts are the whole site's; the room of another site has nothing to do with them."""
    keeper = world.person("Kim", "KEE", place=world.warehouse)
    shelf = world.save("bin", warehouse_id=world.warehouse.hex, code="C-01", kind="core")
    issue(world, caliper, 2)
    world.done(step(world, "charge"))
    command = ReceiveCore(order=world.order, part=caliper)
    answer = world.done(command, keeper)
    assert (owed(world), sum(charged(world))) == ([("charged", Quantity(1)), ("received", Quantity(1))], 5000)
    world.done(command.undone_by(answer.id), keeper)
    world.done(command, keeper)
    core = next(row for row in world.rows(Core) if row.state == "received").id
    world.done(ShelveCore(core=core, bin=shelf), keeper)
    world.done(SendCore(core=core, supplier="Brake & Co"), keeper)
    elsewhere = world.save("site", code="N", name="North", zone="Europe/Berlin")
    room = world.save("warehouse", site_id=elsewhere.hex, code="WN", name="Room north")
    assert world.codes(command, world.person("Ned", "KEE", place=room)) == ["access.out_of_scope"]


def test_it_must_be_said_which_one_it_is(world: World) -> None:
    assert world.codes(ReceiveCore()) == ["cores.which"]
    assert world.codes(ReceiveCore(order=world.order)) == ["cores.which"]


def test_an_old_part_goes_to_its_shelf_and_back_to_the_supplier_and_is_credited(world: World, caliper: UUID) -> None:
    shelf = world.save("bin", warehouse_id=world.warehouse.hex, code="C-01", kind="core")
    issue(world, caliper)
    core = the_core(world).id
    assert world.codes(step(world, "shelve")) == ["state.illegal"]
    world.done(ReceiveCore(core=core))
    assert world.codes(step(world, "shelve")) == ["cores.no_shelf"]
    world.done(ShelveCore(core=core, bin=shelf))
    world.done(SendCore(core=core, supplier="Brake & Co"))
    assert world.codes(step(world, "credit")) == ["cores.no_credit"]
    world.done(CreditCore(core=core, credit="CN-17"))
    row = the_core(world)
    assert (row.state, row.bin_id, row.supplier, row.credit) == ("credited", shelf, "Brake & Co", "CN-17")
    assert charged(world) == []


def test_on_the_shelf_it_is_here_whether_or_not_somebody_took_it_in(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    answer = world.done(ShelveCore(core=the_core(world).id, bin=world.bin))
    assert the_core(world).state == "shelved"
    assert [problem.code for problem in answer.problems] == ["cores.not_a_shelf"]  # said, and booked: it lies there


def test_what_is_too_late_says_why(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    world.done(ShelveCore(core=the_core(world).id, bin=world.bin))
    assert world.codes(step(world, "expire")) == ["state.reason"]
    world.done(step(world, "expire", "The supplier takes it no more"))
    assert the_core(world).state == "expired"


# ------------------------------------------------------------------------------------------------------------- the deposit


def test_the_deposit_goes_on_the_bill_with_its_tax_and_comes_off_by_an_undo(world: World, caliper: UUID) -> None:
    issue(world, caliper, 2)
    before = gross(world)
    command = ChargeCores(order=world.order)
    answer = world.done(command)
    assert (owed(world), charged(world), gross(world)) == ([("charged", Quantity(2))], [10_000], before + 10_000)
    with world.session() as session:
        assert bill(session, session.get_one(WorkOrder, world.order)).lines[-1].tax.code == "19"
    world.done(command.undone_by(answer.id))
    assert (owed(world), gross(world)) == ([("expected", Quantity(2))], before)
    world.done(command)
    assert gross(world) == before + 10_000


def test_what_somebody_else_had_charged_stays_on_the_bill(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    world.done(step(world, "charge"))
    issue(world, caliper, 2)
    command = ChargeCores(order=world.order)
    undo = command.undone_by(world.done(command).id)
    assert sorted(charged(world)) == [5000, 10_000]
    world.done(undo)
    assert (owed(world), charged(world)) == ([("charged", Quantity(1)), ("expected", Quantity(2))], [5000])
    assert world.codes(undo) == ["cores.gone_on"]


def test_an_old_part_that_comes_after_all_gives_the_deposit_back_by_a_line_with_a_minus(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    before = gross(world)
    world.done(step(world, "charge"))
    command = ReceiveCore(core=the_core(world).id)
    answer = world.done(command)
    assert (owed(world), sorted(charged(world)), gross(world)) == ([("received", Quantity(1))], [-5000, 5000], before)
    world.done(command.undone_by(answer.id))
    assert (owed(world), charged(world)) == ([("charged", Quantity(1))], [5000])


def test_a_part_of_the_charged_ones_gives_its_share_back(world: World, caliper: UUID) -> None:
    issue(world, caliper, 2)
    before = gross(world)
    world.done(step(world, "charge"))
    world.done(ReceiveCore(order=world.order, part=caliper))
    assert owed(world) == [("charged", Quantity(1)), ("received", Quantity(1))]
    assert gross(world) == before + 5000


def test_a_new_part_that_comes_back_takes_its_charged_deposit_off(world: World, caliper: UUID) -> None:
    issue(world, caliper, 2)
    world.done(step(world, "charge"))
    world.done(ReturnPart(order=world.order, part=caliper, bin=world.bin))
    assert charged(world) == [5000]
    world.done(ReturnPart(order=world.order, part=caliper, bin=world.bin))
    assert (charged(world), owed(world)) == ([], [])


def test_without_a_deposit_nothing_is_charged(world: World, caliper: UUID) -> None:
    world.done(SaveRecord(entity="part", id=caliper, fields={"deposit": [5000, None]}))
    issue(world, caliper)
    assert world.codes(step(world, "charge")) == ["cores.no_deposit"]
    world.done(SaveRecord(entity="part", id=caliper, fields={"deposit": [None, 4000]}))
    world.done(step(world, "charge"))
    assert charged(world) == [4000]
    assert world.codes(ChargeCores(order=world.order)) == ["cores.none_owed"]


def test_at_the_hand_over_an_old_part_that_is_owed_is_said_and_stops_nobody(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    move = world.app.registry.machines[WorkOrder].move("deliver")
    assert move is not None
    assert cores_are_back in move.gates
    with world.app.read(world.actor) as session:
        row = session.get_one(WorkOrder, world.order)
        said = unmet(session, world.app.registry, world.actor, row, move, world.app.clock.now())
    ours = next(problem for problem in said if problem.code == "cores.not_back")
    assert not ours.blocks
    assert not ours.review


def test_a_deposit_paid_with_a_closed_job_is_paid_back_by_somebody(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    world.done(step(world, "charge"))
    closed(world)
    answer = world.done(ReceiveCore(core=the_core(world).id))
    assert [problem.code for problem in answer.problems] == ["cores.pay_back"]
    assert charged(world) == [5000]
    assert "cores.pay_back" in [row.code for row in world.rows(Discrepancy)]


def test_for_two_old_parts_both_deposits_are_paid_back(world: World, caliper: UUID) -> None:
    issue(world, caliper, 2)
    world.done(step(world, "charge"))
    closed(world)
    (told,) = world.done(ReceiveCore(core=the_core(world).id)).problems
    assert told.values["deposit"] == Money(10_000)


def test_on_a_closed_job_no_deposit_is_taken_off_the_bill_nor_put_on_it_again(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    charge = ChargeCores(order=world.order)
    answer = world.done(charge)
    closed(world)
    assert world.codes(charge.undone_by(answer.id)) == ["work_orders.locked"]
    opened(world)
    receive = ReceiveCore(core=the_core(world).id)
    answer = world.done(receive)
    closed(world)
    assert world.codes(receive.undone_by(answer.id)) == ["work_orders.locked"]
    assert sorted(charged(world)) == [-5000, 5000]


def test_nothing_is_charged_on_a_closed_job(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    closed(world)
    assert world.codes(step(world, "charge")) == ["cores.bill_closed"]


def closed(world: World, state: str = "CLOSED") -> None:
    """The job is closed behind everybody's back: how it gets there is not told here."""
    with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
        world.app.writer.run(session.execute, update(WorkOrder).where(WorkOrder.id == world.order).values(state=state))
        world.app.writer.run(session.commit)


def opened(world: World) -> None:
    closed(world, "IN_PROGRESS")


# --------------------------------------------------------------------------------------------------------------- overdue


def test_whoever_signs_in_hears_once_of_an_old_part_that_is_overdue(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    ann = world.person("Ann", "SUP")
    world.done(SignIn(person=ann.id), ann)
    assert overdue(world) == 0
    core = the_core(world)
    assert core.due is not None
    late(world, core)
    for _turn in range(2):
        world.done(SignIn(person=ann.id), ann)
    assert overdue(world) == 1
    card = world.app.ask("attention", ann, code="cores.overdue", entity="core").rows[0]
    assert (card["row"], card["entity"]) == (core.id, "core")
    assert "Caliper" in card["message"]


def late(world: World, core: Core) -> None:
    """Its day has passed."""
    with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
        day = core.made_at.date() - timedelta(days=2)
        world.app.writer.run(session.execute, update(Core).where(Core.id == core.id).values(due=day))
        world.app.writer.run(session.commit)


def overdue(world: World) -> int:
    return sum(row.code == "cores.overdue" for row in world.rows(Discrepancy))


# ------------------------------------------------------------------------------------------------------------ finding them


def test_old_parts_are_listed_and_found_by_number_and_tag(world: World, caliper: UUID) -> None:
    issue(world, caliper)
    number = the_core(world).number
    row = world.app.ask("cores", world.actor, order=world.order, open=True).rows[0]
    assert (row["number"], row["part"], row["state"]) == (number, "Caliper", "expected")
    found = world.app.meaning(number.lower(), world.actor).match
    assert found is not None
    assert found.entity == "core"
    world.done(step(world, "charge"))
    assert world.app.ask("cores", world.actor, open=True).rows == []


def test_a_storekeeper_of_one_store_room_hands_out_what_is_owed_an_old_part(world: World, caliper: UUID) -> None:
    keeper = world.person("Kim", "KEE", place=world.warehouse)
    command = IssuePart(order=world.order, part=caliper, bin=world.bin, reason="extra")
    answer = world.done(command, keeper)
    assert owed(world) == [("expected", Quantity(1))]
    world.done(command.undone_by(answer.id), keeper)
    assert owed(world) == []
