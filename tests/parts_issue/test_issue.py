"""Issuing parts to a job: what a storekeeper may rely on."""

from __future__ import annotations

from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart, ReturnPart, UndoIssue
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
