"""Real terminals, real hubs, and a line that does to them all that lines do: in the evening everybody holds the same."""

from __future__ import annotations

import random
import sys
import time

import pytest
from counts import Count
from hub_town import Copy, Town, evening, lived
from proxy import Proxy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the programs are forked")
PROOF = "hub world"
LONGEST = 240.0  # seconds of work


def days(town: Town, seed: int, hubs: int, faults: int, count: Count) -> None:
    """People work until the line has misbehaved so often; then it heals, and everything must come to rest by itself."""
    dice = random.Random(seed)
    with lived(town, hubs, lambda here: Proxy(here.ports, seed)) as proxy:
        ends = time.monotonic() + LONGEST
        while proxy.misbehaved() < faults and time.monotonic() < ends:
            dice.choice(town.desks).work(dice, dice.randint(1, 3))
            time.sleep(dice.random() * 0.1)
        proxy.heal()
        for desk in town.desks:
            desk.finish()
        found = evening(town)
    assert not found.problems, (seed, found.problems[:20])
    count(PROOF, "seeds")
    count(PROOF, "acknowledged commands", found.acknowledged)
    for what in ("lost", "double", "stores that differ"):
        count(PROOF, what, 0)
    for what, times in sorted(proxy.struck.items()):
        count(f"{PROOF}, requests", what, times)


def test_whatever_the_line_does_all_is_there_once_and_alike(copied: Copy, count: Count) -> None:
    days(copied(0), 0, hubs=2, faults=20, count=count)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(1, 9))
def test_longer_days_on_bad_lines(copied: Copy, count: Count, seed: int) -> None:
    days(copied(seed), seed, hubs=1 + seed % 2, faults=300, count=count)
