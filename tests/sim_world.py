"""A simulated world: a hub and three terminals in one process, a clock that only the test moves, and everything that goes wrong.

People work on all of them while lines fail, programs are killed and started again, disks fill up, clocks jump, and stores are
put back from copies. The same seed gives the same life.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

from replay_chance import Day
from replay_world import HUB, LEFT, ORG, REGISTRY, RIGHT, START, ZONE, Machine, Mishaps, Trio, Wall, copy, lite, memory
from sim_faults import Full, Killed, Line, Portal, Shelf, Switch
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from app.kernel.dispatch import Station
from app.kernel.problems import Trouble
from sync.hub.feed import Reach
from sync.terminal.exchange import Limits

Place = tuple[Engine, Switch]
THIRD = UUID(int=START << 80 | 7 << 76 | 2 << 62 | 4)
STATIONS = (LEFT, RIGHT, THIRD)
LINES = (
    "nothing arrives",
    "the hub dies on the way",
    "it arrives twice",
    "an old one arrives again",
    "the answer is lost",
    "the answer drips",
    "the answer is cut",
    "somebody else answers",
)


class Box(Machine):
    """A terminal or the hub, with a switch that kills it and a disk that may be full."""

    def __init__(self, name: str, place: Place, station: Station, wall: Wall, skew: int = 0) -> None:
        self.name = name
        engine, self.switch = place
        super().__init__(engine, station, wall, REGISTRY, skew)

    def rise(self) -> None:
        """Starts again after it was killed: what was not committed is gone."""
        self.switch.off()
        self.stop()
        raw = self.engine.raw_connection()
        raw.rollback()
        raw.close()
        self.start()


class Town(Trio):
    """A hub and three terminals."""

    def __init__(self, skews: tuple[int, int, int] = (0, 0, 0)) -> None:
        source = lite()
        hub, *stores = _places()
        self.wall = Wall(source.wall)
        self.hub: Box = Box("hub", _put(source.hub, hub), Station(HUB, ZONE, hub=True), self.wall)
        self.boxes = [
            Box(
                f"terminal {number}", _put(source.left, store), Station(ident, ZONE, index=number, enrolled=True), self.wall, skew
            )
            for number, (ident, store, skew) in enumerate(zip(STATIONS, stores, skews, strict=True), start=1)
        ]
        self.reach: dict[UUID, Reach] = {ident: Reach(ORG) for ident in STATIONS}
        self.left, self.right = self.boxes[0], self.boxes[1]
        self.mishaps = Mishaps()
        logging.getLogger("sync").addHandler(self.mishaps)

    @property
    def machines(self) -> tuple[Any, ...]:
        return (self.hub, *self.boxes)

    @property
    def terminals(self) -> tuple[Any, ...]:
        return tuple(self.boxes)

    def stop(self) -> None:
        for box in (self.hub, *self.boxes):
            box.switch.off()
        super().stop()


def _put(source: Engine, into: Place) -> Place:
    copy(source, into[0])
    return into


@cache
def _places() -> tuple[Place, ...]:
    """Where each life of this process has its stores, one life after the other."""
    engines = [memory() for _one in range(1 + len(STATIONS))]
    return tuple((engine, Switch(engine)) for engine in engines)


class Life(Day):
    """One random life of a town. `happened` counts every fault that really struck."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed * 7919)
        hours = [dice.choice((0, 0, 0, 1_500, -3_600_000, 3_600_000, 86_400_000 * 400)) for _one in STATIONS]
        self.town = Town((hours[0], hours[1], hours[2]))
        super().__init__(self.town, seed)
        self.happened: Counter[str] = Counter()
        self.acknowledged: dict[UUID, set[UUID]] = {}
        self.shelf = Shelf()
        self.old: list[Any] = []
        self.after: Callable[[], None] = lambda: None

    def live(self, steps: int) -> Life:
        """So many steps; `after` each of them the laws are held."""
        kinds: tuple[tuple[Callable[[], None], int], ...] = (
            (self._work, 60), (self._exchange, self.weights[1]), (self._office, 6), (self._restart, 2), (self._staff, 2),
            (self._kill, 7), (self._fill, 3), (self._jump, 2),
        )  # fmt: skip
        makers, weights = zip(*kinds, strict=True)
        for _step in range(steps):
            self.trio.wall.ms += self.dice.choice((0, 1, 40, 2_000, 60_000, 900_000))
            self.dice.choices(makers, weights)[0]()
            self.after()
        return self

    # ----------------------------------------------------------------------------------------------------- what happens

    def _act(self, terminal: Machine, name: str) -> None:
        """Someone works. What they are told is saved is remembered: it must never be lost."""
        command = self._command(terminal)
        if command is None:
            return
        answer = terminal.run(command, self.trio.person(name))
        if answer.status != "refused":
            self.acknowledged.setdefault(terminal.station.id, set()).add(answer.id)
        self._tell(f"{self._name(terminal)} {name} {command} -> {answer.status} {[one.code for one in answer.problems]}")

    def _exchange(self) -> None:
        box = self.dice.choice(self.town.boxes)
        how = self.dice.choice(LINES) if self.dice.random() < 0.4 else ""
        outcome = self._over(box, how)
        self._tell(f"{box.name} exchanges: {outcome}")

    def _over(self, box: Box, how: str) -> str:
        sizes = self.dice.choice((0, 1, 1, 2, 3, 8, 500)), self.dice.randint(1, 50), self.dice.choice((1, 2, 20))
        line = Line(self.town.peer, how, self.shelf, self.dice)
        busy = self.dice.random() < 0.3
        line.meanwhile = (lambda: self._act(box, "Ann")) if busy else line.meanwhile
        try:
            return str(self.town.exchange(box, Limits(*sizes, self.again), line))
        except (Trouble, Portal) as trouble:
            self.cut += 1
            return f"{how}: {trouble}"
        finally:
            if line.struck:
                self.happened[how] += 1

    def _kill(self) -> None:
        """A program dies at one of its next commits, just before it or just after it, whatever it was doing."""
        box = self.dice.choice((self.town.hub, *self.town.boxes, *self.town.boxes))
        box.switch.on(self.dice.randint(1, 6), self.dice.random() < 0.5)
        other = self.dice.choice(self.town.boxes) if box is self.town.hub else box
        try:
            if self.dice.random() < 0.3:
                self._act(other, "Ben")
            self._over(other, "")
        except Killed:
            self.happened["hub killed" if box is self.town.hub else "terminal killed"] += 1
            self._tell(f"{box.name} is killed")
        finally:
            box.rise()

    def _fill(self) -> None:
        """A disk is full for a while."""
        box = self.dice.choice((self.town.hub, *self.town.boxes))
        with full(box.engine) as filled:
            for _try in range(2):
                try:
                    self._act(self.dice.choice(self.town.boxes), "Ann")
                    self._over(self.dice.choice(self.town.boxes), "")
                except (OperationalError, Full) as error:
                    self._tell(f"{box.name} is full: {str(error)[:60]}")
        self.happened["disk full"] += filled()
        for machine in (self.town.hub, *self.town.boxes):
            machine.rise()

    def _jump(self) -> None:
        """Somebody sets a terminal's clock."""
        box = self.dice.choice(self.town.boxes)
        box.skew = self.dice.choice((0, -86_400_000, 3_600_000, 10 * 365 * 86_400_000))
        box.rise()
        self.happened["clock set wrong"] += 1
        self._tell(f"{box.name}: its clock is off by {box.skew} ms")

    def _name(self, machine: Machine) -> str:
        return getattr(machine, "name", "?")


@contextmanager
def full(engine: Engine) -> Iterator[Callable[[], int]]:
    """No page is left on this disk. How often it was hit is known afterwards."""
    hits = [0]

    def count(context: Any) -> None:
        hits[0] += "full" in str(context.original_exception)

    raw = engine.raw_connection()
    pages = raw.cursor().execute("PRAGMA page_count").fetchone()[0]
    raw.cursor().execute(f"PRAGMA max_page_count = {pages}")
    event.listen(engine, "handle_error", count)
    try:
        yield lambda: hits[0]
    finally:
        event.remove(engine, "handle_error", count)
        raw.cursor().execute("PRAGMA max_page_count = 4294967294")
        raw.close()
