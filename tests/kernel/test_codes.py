"""Numbers that people read: never given twice, whoever counts and whether or not the hub can be reached."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from app.kernel import postgres as server
from app.kernel.clock import Clock
from app.kernel.codes import FIRST_BLOCK, LEASED, TERMINALS, GrantedRow, grant_block, keep_block, keep_clear, static_number
from app.kernel.dispatch import Station
from app.kernel.ids import new_id
from app.work_orders.commands import CreateOrder
from app.work_orders.model import WorkOrder
from world import World, open_app

NUMBER = re.compile(r"M-\d{8}-\d{4,}")
ORG, OTHER = UUID(int=7), UUID(int=8)


def numbers(world: World, jobs: int) -> list[str]:
    made = [world.done(CreateOrder(site=world.site, what="Oil")).row("work_order") for _job in range(jobs)]
    return [world.get(WorkOrder, ident).number for ident in made]


def counts(world: World, jobs: int) -> list[int]:
    return [int(number.rpartition("-")[2]) for number in numbers(world, jobs)]


def in_writer(world: World, act: Callable[[Session], Any]) -> Any:
    def run() -> Any:
        with world.app.writer.sessions(info={"orgs": {ORG, OTHER, world.org}}) as session:
            found = act(session)
            session.commit()
            return found

    return world.app.writer.run(run)


def test_a_job_s_number_names_the_shop_and_the_day(anywhere: World) -> None:
    world = anywhere.furnish()
    found = numbers(world, 3)
    assert all(NUMBER.fullmatch(number) for number in found)
    assert len(set(found)) == 3


def test_a_terminal_on_its_own_counts_from_one(world: World) -> None:
    assert counts(world, 3) == [2, 3, 4]  # the workshop's first job has the first number


def test_the_numbers_begin_anew_each_day_at_the_workshop_s_own_midnight(tmp_path: Path) -> None:
    wall = [1_795_215_000_000]  # 20 November 2026, 23:30 in Berlin
    world = World(open_app(tmp_path / "store" / "terminal.fettle", clock=Clock(lambda: wall[0]))).furnish()
    assert numbers(world, 1) == ["M-20261120-0002"]
    wall[0] += 60 * 60 * 1000
    assert numbers(world, 1) == ["M-20261121-0001"]
    world.close()


def enrolled(world: World, index: int) -> World:
    world.app.dispatcher.moved_to(Station(new_id(), "Europe/Berlin", index, enrolled=True))
    return world


def today(world: World) -> str:
    number = numbers(world, 1)[0].split("-")[1]
    return f"{number[:4]}-{number[4:6]}-{number[6:]}"


@pytest.mark.parametrize("index", [0, 3, 49])
def test_without_a_lease_an_enrolled_terminal_counts_in_its_own_hundred(bare: World, index: int) -> None:
    world = enrolled(bare, index).furnish()  # its first job takes the first of them
    first = 5000 + 100 * index
    assert counts(world, 3) == [first + 1, first + 2, first + 3]


def test_a_leased_block_is_used_up_and_then_the_terminal_s_own_numbers(bare: World) -> None:
    world = enrolled(bare, 2).furnish()
    day = today(world)
    in_writer(world, lambda session: keep_block(session, "work_order:M", day, (41, 43)))
    assert counts(world, 5) == [41, 42, 43, 5202, 5203]


def test_a_new_block_leaves_the_rest_of_the_old_one_as_a_gap(bare: World) -> None:
    world = enrolled(bare, 2).furnish()
    day = today(world)
    in_writer(world, lambda session: keep_block(session, "work_order:M", day, (41, 60)))
    assert counts(world, 1) == [41]
    in_writer(world, lambda session: keep_block(session, "work_order:M", day, (81, 90)))
    assert counts(world, 2) == [81, 82]


def test_blocks_follow_each_other_until_all_is_leased(anywhere: World) -> None:
    def lease(session: Session) -> list[tuple[int, int] | None]:
        return [grant_block(session, ORG, "work_order:M", "2026-11-20", 2000) for _turn in range(4)]

    assert in_writer(anywhere, lease) == [(1, 2000), (2001, 4000), (4001, LEASED), None]


@pytest.mark.parametrize("size", [0, -1, -30])
def test_what_was_leased_is_never_leased_again_whatever_size_somebody_asks_for(anywhere: World, size: int) -> None:
    def lease(session: Session) -> list[tuple[int, int] | None]:
        return [grant_block(session, ORG, "work_order:M", "2026-11-20", one) for one in (50, size, 10)]

    assert in_writer(anywhere, lease) == [(1, 50), (51, 51), (52, 61)]


def test_series_days_and_organisations_have_blocks_of_their_own(anywhere: World) -> None:
    def lease(session: Session) -> list[tuple[int, int] | None]:
        one = ("work_order:M", "2026-11-20")
        places = [(ORG, *one), (OTHER, *one), (ORG, "work_order:N", one[1]), (ORG, one[0], "2026-11-21")]
        return [grant_block(session, *place, 5) for place in places]

    assert in_writer(anywhere, lease) == [(1, 5)] * 4


def test_when_the_day_s_leases_are_used_up_numbers_grow_longer(bare: World) -> None:
    world = bare.furnish()
    day = today(world)
    in_writer(world, lambda session: session.get_one(GrantedRow, (world.org, "work_order:M", day)).__setattr__("upto", LEASED))
    in_writer(world, lambda session: keep_block(session, "work_order:M", day, (1, 0)))
    assert counts(world, 2) == [5000, 5001]


def test_two_organisations_at_one_hub_count_apart(hub: World) -> None:
    ours, theirs = hub.furnish(), World(hub.app).furnish()
    assert (counts(ours, 2), counts(theirs, 2)) == ([2, 3], [2, 3])


def test_what_a_terminal_took_by_itself_is_never_leased_to_another(anywhere: World) -> None:
    def lease(session: Session) -> list[tuple[int, int] | None]:
        keep_clear(session, ORG, "work_order:M", "2026-11-20", 3)
        keep_clear(session, ORG, "work_order:M", "2026-11-20", 5201)
        return [grant_block(session, ORG, "work_order:M", "2026-11-20", 10)]

    assert in_writer(anywhere, lease) == [(FIRST_BLOCK + 1, FIRST_BLOCK + 10)]


def test_two_at_the_hub_at_once_never_get_the_same_block(postgres: URL) -> None:
    engine, together = server.engine(postgres), Barrier(2, timeout=20)

    def lease(_who: int) -> tuple[int, int] | None:
        with Session(engine, info={"orgs": {ORG}}) as session:
            session.execute(select(1))
            together.wait()
            block = grant_block(session, ORG, "work_order:M", "2026-11-20", 10)
            session.commit()
            return block

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lease, range(2))) == [(1, 10), (11, 20)]
    engine.dispose()


# -------------------------------------------------------------------------------------------------- the ranges of their own


TAKEN = st.tuples(st.integers(0, TERMINALS - 1), st.integers(0, 900_000))


@given(TAKEN, TAKEN)
def test_no_two_terminals_ever_meet_in_their_own_ranges(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (static_number(*one) == static_number(*other)) == (one == other)


@given(st.integers(0, TERMINALS - 1), st.integers(0, 900_000))
def test_own_ranges_begin_above_what_is_leased(index: int, count: int) -> None:
    assert static_number(index, count) > LEASED


def test_the_first_hundred_of_every_terminal_has_four_digits() -> None:
    every = {static_number(index, count) for index in range(TERMINALS) for count in range(100)}
    assert every == set(range(5000, 10_000))


class Terminal:
    """How a terminal counts, without its store: leased numbers first, then its own."""

    def __init__(self, index: int) -> None:
        self.index, self.block, self.own = index, [1, 0], 0

    def take(self) -> int:
        if self.block[0] <= self.block[1]:
            self.block[0] += 1
            return self.block[0] - 1
        self.own += 1
        return static_number(self.index, self.own - 1)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["take", "take", "lease"]), st.integers(1, 40)), max_size=120))
def test_terminals_that_lease_and_count_in_any_order_never_give_a_number_twice(steps: list[tuple[int, str, int]]) -> None:
    terminals, leased = [Terminal(index) for index in range(3)], 0
    given_out: list[int] = []
    for who, act, size in steps:
        if act == "take":
            given_out.append(terminals[who].take())
        elif leased < LEASED:
            terminals[who].block = [leased + 1, min(leased + size, LEASED)]
            leased = min(leased + size, LEASED)
    assert len(given_out) == len(set(given_out))
