"""Killed at any moment, the program keeps what it acknowledged, once, and nothing by halves."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from counts import Count
from killing import Shop, at_a_write, furnished, in_the_middle, killed, scanned, sounds_of, while_it_opens, with_storekeeper
from looking import looked_through

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kills are aimed by inotify")
MOMENTS = (in_the_middle, at_a_write, while_it_opens)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return furnished(tmp_path_factory.mktemp("workshop") / "store")


def kill_loop(shop: Shop, kills: int, seed: int, count: Count) -> None:
    """Kills, looks, and goes on with the same store; what was not acknowledged is sent again under its own id."""
    dice = random.Random(seed)
    while shop.kills < kills:
        killed(shop, dice, dice.choices(MOMENTS, (6, 3, 1))[0])
        found = looked_through(shop)
        assert found.nothing(), (seed, shop.kills, found)
    done = [status for status in shop.acknowledged.values() if status != "refused"]
    count("kill loop", "kill -9", shop.kills)
    count("kill loop", "acknowledged commands", len(done))
    for what in ("lost", "double", "half-done"):
        count("kill loop", what, 0)


@pytest.mark.parametrize("seed", range(2))
def test_a_kill_loses_nothing_and_doubles_nothing(workshop: Shop, tmp_path: Path, count: Count, seed: int) -> None:
    kill_loop(workshop.copied(tmp_path / "store"), 10, seed, count)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 110))
def test_two_hundred_kills_lose_nothing_and_double_nothing(workshop: Shop, tmp_path: Path, count: Count, seed: int) -> None:
    kill_loop(workshop.copied(tmp_path / "store"), 22, seed, count)


def scan_loop(shop: Shop, kills: int, seed: int, count: Count) -> None:
    """Kills the window while scans come in; it may have beeped for no more than it committed."""
    dice = random.Random(seed)
    while shop.kills < kills:
        scanned(shop, dice)
        found = looked_through(shop)
        assert found.nothing(), (seed, shop.kills, found)
        beeps = sounds_of(shop).read_text().count("ok\n")
        assert beeps <= len(shop.sent), "a beep for what was not kept"
    assert shop.sent
    count("kill loop of the window", "kill -9", shop.kills)
    count("kill loop of the window", "commits", len(shop.sent))
    count("kill loop of the window", "OK sounds", beeps)
    count("kill loop of the window", "sounds without a commit", 0)


def test_no_beep_outlives_what_it_stood_for(workshop: Shop, tmp_path: Path, count: Count) -> None:
    scan_loop(with_storekeeper(workshop.copied(tmp_path / "store")), 4, 0, count)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(200, 204))
def test_of_many_kills_no_beep_outlives_what_it_stood_for(workshop: Shop, tmp_path: Path, count: Count, seed: int) -> None:
    scan_loop(with_storekeeper(workshop.copied(tmp_path / "store")), 15, seed, count)
