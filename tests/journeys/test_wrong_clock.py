"""A clock that is ten years wrong, either way: nothing is refused, nothing is reordered, no lock is shortened, and it is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.access.sign_in import Desk
from app.kernel import health
from app.kernel.clock import Clock
from app.kernel.records import EnvelopeRow
from app.kernel.timeline import acts
from app.kernel.types import Quantity
from app.parts.model import Part
from app.stock.commands import CountStock
from world import World, open_app

NOON = 1_790_000_000_000
DECADE = 10 * 365 * 86_400_000
TOURS = ((DECADE,), (-DECADE,), (DECADE, -DECADE), (-DECADE, DECADE), (DECADE, -DECADE, 2 * DECADE, -2 * DECADE))


class Wall:
    """A wall clock that somebody sets."""

    def __init__(self) -> None:
        self.ms = NOON
        self.awake = 0

    def __call__(self) -> int:
        return self.ms

    def pass_by(self, seconds: int = 1) -> None:
        self.ms += seconds * 1000
        self.awake += seconds * 1000


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def shop(wall: Wall, tmp_path: Path) -> Iterator[World]:
    world = World(open_app(tmp_path / "terminal.fettle", clock=Clock(wall, lambda: wall.awake))).furnish()
    yield world
    world.close()


def envelopes(world: World) -> list[tuple[int, int, str, str]]:
    """Number, stamp, moment, and what stands against the clock, in the order in which they were given."""
    with Session(world.app.read_engine) as session:
        rows = session.execute(select(EnvelopeRow.number, EnvelopeRow.stamp, EnvelopeRow.content).order_by(EnvelopeRow.seq))
        return [
            (number, stamp, plain["occurred_at"], plain["drawn"].get("clock", ""))
            for number, stamp, content in rows
            for plain in [json.loads(content)]
        ]


def count(world: World, pieces: int) -> None:
    world.done(CountStock(part=world.part, bin=world.bin, counted=Quantity(pieces)))


@pytest.mark.parametrize("tour", TOURS)
def test_no_command_is_refused_or_reordered_and_each_says_that_its_time_is_in_doubt(
    shop: World, wall: Wall, tour: tuple[int, ...]
) -> None:
    before = len(envelopes(shop))
    for pieces, by in enumerate(tour):
        wall.ms += by
        for _again in range(3):
            wall.pass_by()
            count(shop, pieces + 1)
            assert shop.on_hand() == Quantity(pieces + 1), "the last count is the one that stands"
    given = envelopes(shop)
    assert [one[0] for one in given] == list(range(1, len(given) + 1))
    assert [one[1] for one in given] == sorted({one[1] for one in given}), "0 reorderings"
    home = sum(tour) == 0
    doubted = [one[3] for one in given[before:]]
    assert all(doubted[: -3 if home else None])
    assert not any(one[3] for one in given[:before])


@pytest.mark.parametrize("tour", TOURS)
def test_a_start_with_the_clock_set_gives_no_stamp_again_and_goes_on_in_order(
    shop: World, wall: Wall, tour: tuple[int, ...]
) -> None:
    path, station = shop.app.store.path, shop.app.station  # type: ignore[attr-defined]
    for pieces, by in enumerate(tour):
        shop.close()
        wall.ms += by
        shop.app = open_app(path, station=station, clock=Clock(wall, lambda: wall.awake))
        wall.pass_by()
        count(shop, pieces + 1)
        assert shop.on_hand() == Quantity(pieces + 1)
    stamps = [one[1] for one in envelopes(shop)]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize("by", [DECADE, -DECADE])
def test_the_health_page_and_the_record_s_history_say_it(shop: World, wall: Wall, by: int) -> None:
    wall.ms += by
    count(shop, 2)
    with shop.session() as session:
        check = health.clock(session, shop.app.clock.now(), shop.app.clock)
        part = session.get_one(Part, shop.part)
        told = acts(session, shop.app.registry, shop.actor, part)
    assert check.state == health.BAD
    assert check.advice
    assert [one.doubted for one in told].count(True) == 1


def test_a_clock_that_is_off_but_put_right_by_the_hub_is_only_mentioned(shop: World, wall: Wall) -> None:
    wall.ms -= 3 * 3_600_000
    shop.app.clock.correct(3 * 3_600_000)
    count(shop, 2)
    with shop.session() as session:
        check = health.clock(session, shop.app.clock.now(), shop.app.clock)
    assert (check.state, check.values["minutes"]) == (health.WARN, 180)
    assert envelopes(shop)[-1][3] == ""


@pytest.mark.parametrize("by", [DECADE, -DECADE])
def test_no_clock_shortens_a_lock(shop: World, wall: Wall, by: int) -> None:
    kim = shop.person("Kim", "KEE")
    shop.done(SetPin(person=kim.id, verifier=pin_verifier("4711")))
    desk = Desk(shop.app, lambda: wall.awake / 1000)
    for _slip in range(5):
        desk.pin(kim.id, "0815")
    wall.ms += by
    wall.pass_by(60)
    refused = desk.pin(kim.id, "4711").refused
    assert refused is not None
    assert refused.code == "access.locked"
    wall.pass_by(int(timedelta(minutes=15).total_seconds()))
    assert desk.pin(kim.id, "4711").actor is not None
