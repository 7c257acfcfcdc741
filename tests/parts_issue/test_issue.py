"""Issuing parts to a job: what a storekeeper may rely on."""

from __future__ import annotations

from app.kernel.access import Actor, Grant
from app.kernel.ids import new_id
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart, ReturnPart, UndoIssue, UndoReturn
from app.parts_issue.queries import proposed_bins
from app.stock.commands import ReceiveStock, ReserveStock, ReverseMovement
from app.work_orders.commands import CreateOrder, PlanPart
from app.work_orders.model import WorkOrder
from world import World


def issue(world: World, quantity: int = 1, reason: str = "") -> IssuePart:
    return IssuePart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(quantity), reason=reason)


def test_an_issue_takes_stock_and_waits_for_the_hub(world: World) -> None:
    before = len(world.outbox())
    world.done(issue(world))
    assert world.on_hand() == Quantity(4)
    assert world.outbox()[before:] == ["IssuePart"]


def test_more_than_planned_asks_why_and_then_goes_through(world: World) -> None:
    assert world.codes(issue(world, 2)) == ["parts_issue.over"]
    assert world.on_hand() == Quantity(5)
    world.done(issue(world, 2, reason="One was damaged"))
    assert world.on_hand() == Quantity(3)


def test_more_than_booked_asks_why_and_puts_the_bin_up_for_review(world: World) -> None:
    world.done(issue(world, 1))
    assert "stock.short" in world.codes(issue(world, 6))
    world.done(issue(world, 6, reason="They are here"))
    assert world.on_hand() == Quantity(-2)
    assert world.discrepancies() == ["stock.short"]


def test_a_cancelled_job_takes_no_more_parts(world: World) -> None:
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="Sold"))
    assert world.codes(issue(world)) == ["parts_issue.closed"]


def test_an_undone_issue_is_as_if_it_had_not_been_and_only_once(world: World) -> None:
    command = issue(world)
    answer = world.done(command)
    undo = command.undone_by(answer.id)
    world.done(undo)
    assert world.on_hand() == Quantity(5)
    assert world.used() == (Quantity(0), Quantity(0))
    assert world.codes(undo) == ["stock.reversed"]


def test_good_parts_come_back_to_their_bin_and_damaged_ones_to_quarantine(world: World) -> None:
    world.done(issue(world, 2, reason="One to spare"))
    world.done(ReturnPart(order=world.order, part=world.part, bin=world.bin))
    assert world.codes(ReturnPart(order=world.order, part=world.part, bin=world.bin, damaged=True)) == ["parts_issue.damaged"]
    world.done(ReturnPart(order=world.order, part=world.part, bin=world.quarantine, damaged=True))
    assert world.on_hand() == Quantity(4)
    assert world.on_hand(bin=world.quarantine) == Quantity(1)
    assert world.used() == (Quantity(2), Quantity(2))


def test_no_more_comes_back_than_went_out(world: World) -> None:
    assert world.codes(ReturnPart(order=world.order, part=world.part, bin=world.bin)) == ["parts_issue.not_issued"]


def test_far_more_than_planned_wants_a_supervisor(world: World) -> None:
    keeper, supervisor = world.person("Kim", "KEE"), world.person("Sam", "SUP")
    assert world.codes(issue(world, 4, reason="Stock for the bench"), keeper) == ["parts_issue.far_over"]
    answer = world.run(issue(world, 4, reason="Stock for the bench"), keeper, cosigner=supervisor)
    assert answer.done


def test_the_same_command_sent_twice_is_done_once(world: World) -> None:
    first = world.done(issue(world))
    again = world.run(issue(world), id=first.id)
    assert again.again
    assert again.rows == first.rows
    assert world.on_hand() == Quantity(4)


def test_an_undo_of_nothing_says_so(world: World) -> None:
    assert world.codes(UndoIssue(line=world.order)) == ["row.missing"]


def test_only_what_went_to_a_job_or_came_back_is_undone_here(world: World) -> None:
    receipt = world.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(2))).row("stock_line")
    issuer = Actor(new_id(), world.org, "Ida", frozenset({Grant("parts_issue.issue")}), system=True)
    assert world.codes(UndoIssue(line=receipt), issuer) == ["parts_issue.not_of_a_job"]
    assert world.on_hand() == Quantity(7)
    line = world.done(issue(world), issuer).row("stock_line")
    assert world.codes(UndoIssue(line=line), issuer) == []


def give_back(world: World, quantity: int = 1) -> ReturnPart:
    return ReturnPart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(quantity))


def test_what_came_back_is_not_put_on_the_shelf_again_by_undoing_its_issue(world: World) -> None:
    out = world.done(issue(world)).row("stock_line")
    back = world.done(give_back(world)).row("stock_line")
    assert world.codes(UndoIssue(line=out)) == ["parts_issue.came_back"]
    assert world.on_hand() == Quantity(5)
    world.done(UndoReturn(line=back))
    world.done(UndoIssue(line=out))
    assert (world.on_hand(), world.used()) == (Quantity(5), (Quantity(0), Quantity(0)))


def test_undoing_an_issue_takes_back_nothing_but_an_issue(world: World) -> None:
    received = world.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(2))).row("stock_line")
    out = world.done(issue(world)).row("stock_line")
    back = world.done(give_back(world)).row("stock_line")
    assert world.codes(UndoIssue(line=received)) == ["parts_issue.not_of_a_job"]
    assert world.codes(UndoIssue(line=back)) == ["parts_issue.not_of_a_job"]
    assert world.codes(UndoReturn(line=out)) == ["parts_issue.not_of_a_job"]
    undone = world.done(UndoReturn(line=back)).row("stock_line")
    assert world.codes(UndoReturn(line=undone)) == ["parts_issue.not_of_a_job"]


def test_what_went_to_a_job_is_taken_back_there_and_not_from_the_ledger(world: World) -> None:
    out = world.done(issue(world)).row("stock_line")
    back = world.done(give_back(world)).row("stock_line")
    assert [world.codes(ReverseMovement(line=line)) for line in (out, back)] == [["stock.of_a_job"]] * 2


def test_a_cancelled_job_keeps_nothing_again(world: World) -> None:
    world.done(issue(world))
    back = world.done(give_back(world)).row("stock_line")
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="Sold"))
    assert world.codes(UndoReturn(line=back)) == ["parts_issue.cancelled"]


def test_what_was_set_aside_goes_to_no_job(world: World) -> None:
    world.done(ReceiveStock(part=world.part, bin=world.quarantine, quantity=Quantity(1)))
    aside = IssuePart(order=world.order, part=world.part, bin=world.quarantine, reason="It looks good")
    answer = world.run(aside)
    assert [problem.code for problem in answer.problems] == ["parts_issue.set_aside"]
    assert answer.problems[0].sentence == "What lies in Q-01 was set aside and goes to no job."


def test_many_of_an_unplanned_part_want_a_supervisor(world: World) -> None:
    keeper, supervisor = world.person("Kim", "KEE"), world.person("Sam", "SUP")
    bolts = world.save("part", code="BOLT", name="Bolt M6")
    world.done(ReceiveStock(part=bolts, bin=world.bin, quantity=Quantity(100)))

    def some(quantity: int) -> IssuePart:
        return IssuePart(order=world.order, part=bolts, bin=world.bin, quantity=Quantity(quantity), reason="Were missing")

    assert world.codes(some(11), keeper) == ["parts_issue.many_unplanned"]
    world.done(some(10), keeper)
    assert world.codes(some(1), keeper) == ["parts_issue.many_unplanned"], "ten are on the job already"
    assert world.run(some(20), keeper, cosigner=supervisor).done


def test_what_is_reserved_for_another_job_is_taken_only_with_a_reason(world: World) -> None:
    other = world.done(CreateOrder(site=world.site, what="Rear brake")).row("work_order")
    world.done(ReserveStock(part=world.part, warehouse=world.warehouse, source=other, quantity=Quantity(5)))
    answer = world.run(issue(world))
    assert [problem.code for problem in answer.problems] == ["parts_issue.reserved"]
    assert answer.problems[0].sentence == f"1 of Brake pads front are reserved for {world.get(WorkOrder, other).number}."
    world.done(issue(world, reason="The customer waits here"))
    assert world.discrepancies() == [], "the reason is enough"


def test_a_job_takes_what_is_reserved_for_itself_and_what_nobody_counts_on(world: World) -> None:
    other = world.done(CreateOrder(site=world.site, what="Rear brake")).row("work_order")
    world.done(ReserveStock(part=world.part, warehouse=world.warehouse, source=world.order, quantity=Quantity(1)))
    world.done(ReserveStock(part=world.part, warehouse=world.warehouse, source=other, quantity=Quantity(4)))
    assert world.codes(issue(world)) == []


def test_what_is_due_leads_the_list_and_names_the_bin_to_walk_to(world: World) -> None:
    world.done(issue(world))
    world.done(PlanPart(order=world.order, part=world.parts[1], quantity=Quantity(2)))
    lines = world.app.ask("order_parts", world.actor, order=world.order).rows
    assert len(lines) > 1
    assert lines[-1]["id"] == world.part, "what is there already comes last"
    for row in lines:
        with world.app.read(world.actor) as session:
            order = session.get(WorkOrder, world.order)
            assert order is not None
            assert row["bin"] == proposed_bins(session, row["id"], order.warehouse_id)[0].code
