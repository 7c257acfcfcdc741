"""A terminal that is killed while somebody clocks: every step that was answered is there whole, and only one clock runs."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from labor_day import opened
from sqlalchemy import select

from app.labor.model import Stint
from world import World, open_app

ROOT = Path(__file__).resolve().parents[2]
CLOCKS = """
import itertools, sys
from pathlib import Path
from uuid import UUID
sys.path[:0] = [{tests!r}]
from world import World, open_app
from app.kernel.access import Actor
from app.kernel.dispatch import Station
from app.labor.commands import BackToWork, ClockOn, TakeBreak
world = World(open_app(Path({path!r}), station=Station(UUID({station!r}), zone="Europe/Berlin")), UUID({org!r}))
kim = world.app.current(Actor(UUID({kim!r}), world.org, "Kim"))
steps = [ClockOn(person=kim.id, order=UUID(one)) for one in ({job!r}, {other!r})]
for step in itertools.cycle([*steps, TakeBreak(person=kim.id), BackToWork(person=kim.id)]):
    world.done(step, kim)
    print("answered", flush=True)
"""


@pytest.mark.parametrize("answered", [1, 6, 11])
def test_a_kill_between_two_steps_loses_none_and_leaves_no_second_clock(world: World, tmp_path: Path, answered: int) -> None:
    floor = opened(world)
    path, station = Path(world.app.store.path), world.app.station  # type: ignore[attr-defined]
    world.close()
    names = {"job": floor.job.hex, "other": floor.other.hex, "kim": floor.kim.id.hex, "org": world.org.hex}
    program = CLOCKS.format(tests=str(ROOT / "tests"), path=str(path), station=station.id.hex, **names)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        for _count in range(answered):
            assert child.stdout.readline() == b"answered\n"
        child.kill()
    world.app = open_app(path, station=station)
    with world.session() as session:
        rows = list(session.scalars(select(Stint).where(Stint.person_id == floor.kim.id).order_by(Stint.started, Stint.id)))
    assert len(rows) >= answered
    assert [row.ended is None for row in rows] == [False] * (len(rows) - 1) + [True]
    assert all(one.ended == next.started for one, next in pairwise(rows))
