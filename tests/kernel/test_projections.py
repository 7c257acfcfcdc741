"""Balances: what the ledger adds up to, whatever the order in which its lines come in."""

from __future__ import annotations

import itertools
import random

import pytest
from replays import late
from sqlalchemy import select

from app.kernel.clock import stamp_ms
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart, ReturnPart
from app.stock.balances import BALANCE, USAGE
from app.stock.commands import CountStock, MoveStock, ReceiveStock
from app.stock.model import Balance, StockLine
from world import World

MINUTE = 60_000


@pytest.fixture
def noon(world: World) -> int:
    """A moment after everything that furnished the workshop, in milliseconds."""
    return stamp_ms(max(line.stamp for line in world.rows(StockLine))) + MINUTE


def issue(world: World, quantity: int = 1) -> IssuePart:
    return IssuePart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(quantity), reason="Needed")


def count(world: World, counted: int) -> CountStock:
    return CountStock(part=world.part, bin=world.bin, counted=Quantity(counted))


def test_a_count_sets_what_is_there_and_later_movements_move_it(world: World, noon: int) -> None:
    late(world, count(world, 9), noon)
    assert world.on_hand() == Quantity(9)
    late(world, issue(world, 2), noon + MINUTE)
    assert world.on_hand() == Quantity(7)


def test_an_issue_before_the_count_that_comes_in_after_it_is_not_counted_twice(world: World, noon: int) -> None:
    late(world, count(world, 4), noon)  # the storekeeper counted after the mechanic had taken one
    late(world, issue(world), noon - MINUTE // 2)
    assert world.on_hand() == Quantity(4)
    assert world.used() == (Quantity(1), Quantity(0)), "the job has it all the same"


def test_a_count_that_comes_in_late_takes_only_what_was_before_it(world: World, noon: int) -> None:
    late(world, issue(world, 2), noon + MINUTE)
    late(world, count(world, 9), noon)
    assert world.on_hand() == Quantity(7)


def test_of_two_counts_the_later_one_counts(world: World, noon: int) -> None:
    late(world, count(world, 9), noon + MINUTE)
    late(world, count(world, 2), noon)
    assert world.on_hand() == Quantity(9)


def test_any_order_of_arrival_gives_the_same_balance(world: World, noon: int) -> None:
    acts = [
        (noon, issue(world)),
        (noon + 1, count(world, 6)),
        (noon + 2, ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(3))),
        (noon + 3, MoveStock(part=world.part, out=world.bin, into=world.other_bin, reason="Room")),
        (noon + 4, count(world, 7)),
        (noon + 5, issue(world, 2)),
    ]
    seen = set()
    orders = list(itertools.permutations(acts))
    for turn, order in enumerate(random.Random(5).sample(orders, 12)):
        for ms, command in order:
            late(world, command, ms + turn * MINUTE)
        seen.add((world.on_hand(), turn and world.on_hand(bin=world.other_bin) - Quantity(turn)))
    assert {balance for balance, _other in seen} == {Quantity(5)}


def test_many_lines_folded_at_once_are_the_same_as_one_by_one(world: World, noon: int) -> None:
    for ms, command in ((noon, count(world, 9)), (noon + 2, issue(world, 2)), (noon + 1, issue(world))):
        late(world, command, ms)
    with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
        lines = list(session.scalars(select(StockLine)))
        before = {(row.part_id, row.bin_id): (row.on_hand, row.counted) for row in session.scalars(select(Balance))}
        for projection in (BALANCE, USAGE):
            session.connection().execute(projection.table.delete())
        random.Random(1).shuffle(lines)
        BALANCE.add_many(session, lines)
        session.expire_all()
        after = {(row.part_id, row.bin_id): (row.on_hand, row.counted) for row in session.scalars(select(Balance))}
        session.rollback()
    assert after == before


def test_a_return_lowers_what_the_job_used_and_its_reversal_raises_it_again(world: World) -> None:
    world.done(issue(world))
    back = ReturnPart(order=world.order, part=world.part, bin=world.bin)
    answer = world.done(back)
    assert world.used() == (Quantity(1), Quantity(1))
    undo = back.undone_by(answer.id)
    assert undo is not None
    world.done(undo)
    assert world.used() == (Quantity(1), Quantity(0))
    assert world.on_hand() == Quantity(4)
