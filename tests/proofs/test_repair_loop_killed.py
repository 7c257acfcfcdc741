"""A repair from the check-in to the payment, killed in the midst of each of its commands: nothing half-done, closed once."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from counts import Count
from killing import STOCKED, Shop, furnished
from repair_loop import Loop, agrees, commands_kept, repair, set_up
from striking import Counter, NoTrace, fed, holds, noted

from app.assemble import Terminal
from app.kernel import meta
from app.kernel.commands import Command, encode
from app.kernel.ids import derived_id, new_id
from app.kernel.types import Quantity
from app.labor.model import Stint
from app.parts_issue.commands import IssuePart
from world import World

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("strace") is None, reason="the calls are counted by strace"
)
NAME = "kills in the repair loop"
CALLS = 60  # more than any of these commands makes


class Repair:
    """A shop on a disk, and the lines of a whole repair in it, each under an id of its own."""

    def __init__(self, folder: Path) -> None:
        self.shop = furnished(folder / "store")
        with self.shop.opened() as terminal:
            world = self._world(World(terminal.app, terminal.org_id))
            self.loop = set_up(world)
            self.mechanic = world.person("Kim", "ADM").id
            _as_in_a_demo(terminal, "kim")
        first, quote = new_id(), new_id()
        self.order = derived_id(first, "work_order")
        self.quote = derived_id(quote, "quote")
        ids = [first, new_id(), quote]
        self.lines = [
            _line(command, ids.pop(0) if ids else new_id())
            for command in repair(self.loop, self.order, self.quote, self.mechanic)
        ]

    def _world(self, world: World) -> World:
        places = self.shop.places
        world.site, world.parts, world.part = places["site"], list(places["parts"]), places["parts"][0]
        world.bin, world.other_bin = places["bins"]
        return world

    def looked_at(self) -> int:
        """Everything agrees; how many commands are kept."""
        with self.shop.opened() as terminal:
            world = self._world(World(terminal.app, terminal.org_id))
            agrees(Loop(world, self.loop.vehicle, self.loop.procedure, self.loop.drawer), self.order, Quantity(STOCKED))
            stints = [row for row in world.rows(Stint) if row.person_id == self.mechanic]
            assert [row.order_id for row in stints].count(self.order) == 1
            assert [row.ended for row in stints].count(None) == 1, "one clock runs"
            return commands_kept(world)


def _as_in_a_demo(terminal: Terminal, username: str) -> None:
    """Whoever gives the commands needs no PIN."""
    with terminal.app.writer.sessions() as session:
        terminal.app.writer.run(meta.keep, session, meta.DEMO, username)
        terminal.app.writer.run(session.commit)


def _line(command: Command, ident: Any) -> dict[str, Any]:
    body = {"row" if name == "id" else name: value for name, value in encode(command).items()}
    pieces = {"quantity": "1"} if isinstance(command, IssuePart) else {}
    return {"do": type(command).__name__, "id": str(ident), **body, **pieces}


def struck(shop: Shop, line: dict[str, Any], before: list[dict[str, Any]], nth: int) -> bool:
    """What was not answered yet is sent again, and then this is killed in its n-th call; whether it was answered before."""
    counter = Counter(shop)
    for one in before:
        answer = counter.asked(one)
        assert answer is not None
        assert answer["status"] != "refused", answer
        noted(shop, one, answer)
    return noted(shop, line, counter.struck(line, nth))


def played(folder: Path, places: dict[str, range], count: Count) -> None:
    """The whole repair; each of its commands is killed at the calls that `places` says, and then sent again."""
    repair = Repair(folder)
    shop, waiting, done = repair.shop, list[dict[str, Any]](), 0
    try:
        for line in repair.lines:
            done += _struck_at(shop, line, waiting, places.pop(line["do"], range(0)), count)
            waiting.append(line)
    except NoTrace as error:
        pytest.skip(f"nobody may trace here: {error}")
    fed(shop, waiting)
    holds(shop)
    kept = repair.looked_at()
    fed(shop, repair.lines)
    assert {shop.acknowledged[line["id"]] for line in repair.lines} == {"done"}
    assert repair.looked_at() == kept, "a command that is given again under its id does nothing"
    assert done, "a command that writes nothing proves nothing"
    count(NAME, "commands", len(repair.lines))
    count(NAME, "killed before their answer", done)
    count(NAME, "jobs, each closed once")
    for what in ("lost", "double", "half-done"):
        count(NAME, what, 0)


def _struck_at(shop: Shop, line: dict[str, Any], waiting: list[dict[str, Any]], calls: range, count: Count) -> int:
    """In how many of these calls it was killed before it had answered."""
    times = 0
    for nth in calls:
        answered = struck(shop, line, waiting, nth)
        waiting.clear()
        holds(shop)
        count(NAME, "kill -9")
        if answered:
            break
        times += 1
    return times


def every(first: int, step: int, most: int) -> dict[str, range]:
    """The same calls of each command of the repair; of the parts, of the first one."""
    names = ("CheckIn", "ChooseProcedure", "PublishQuote", "ConfirmQuote", "ClockOn", "IssuePart", "RecordHealth", "Transition",
             "CheckDelivery", "TakePayment")  # fmt: skip
    return {one: range(first, most, step) for one in names}


def test_a_repair_that_is_killed_in_each_of_its_commands_is_whole_and_closed_once(memory: Path, count: Count) -> None:
    dice = random.Random(5)
    played(memory, every(dice.randint(1, 4), 5, 9), count)


@pytest.mark.prove
@pytest.mark.parametrize("first", range(1, 4))
def test_a_repair_killed_in_every_call_of_its_commands_is_whole_and_closed_once(memory: Path, count: Count, first: int) -> None:
    played(memory, every(first, 3, CALLS), count)
