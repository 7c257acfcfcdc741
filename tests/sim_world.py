"""A simulated world: a hub and three terminals in one process, a clock that only the test moves, and everything that goes wrong.

People work on all of them while lines fail, programs are killed and started again, disks fill up, clocks jump, and stores are
put back from copies. The same seed gives the same life.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from replay_chance import Day
from replay_world import HUB, LEFT, ORG, REGISTRY, RIGHT, START, ZONE, Machine, Mishaps, Trio, Wall, copy, lite, memory
from sim_faults import Full, Killed, Line, Portal, Shelf, Switch
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import feed, meta
from app.kernel.clock import Clock
from app.kernel.dispatch import Station
from app.kernel.ids import derived_id
from app.kernel.problems import Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.writer import Writer
from sync.hub.feed import Reach
from sync.hub.peer import HubPeer
from sync.protocol import Exchanged, Reborn, Renewed
from sync.terminal import memory as kept
from sync.terminal.ahead import Ahead
from sync.terminal.exchange import Limits, exchange, greet

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

    @property
    def station(self) -> Station:
        """Who it is now: one whose store was copied becomes somebody else while it runs."""
        return self.app.station if hasattr(self, "app") else self._station

    @station.setter
    def station(self, station: Station) -> None:
        self._station = station

    def start(self) -> None:
        """As whoever the store says it is: one that was copied may have become somebody else."""
        station = self._station
        with Session(self.engine) as session:
            if meta.read(session, meta.STATION):
                station = meta.station_of(session)
        clock = Clock(self.wall.read(self.skew))
        self.app = App(Writer(self.engine), self.engine, self.engine, station, registry=self.registry, clock=clock)
        self.ahead = Ahead(at_once)

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
        hub, *stores, _twin = _places()
        self.wall = Wall(source.wall)
        self.hub: Box = Box("hub", _put(source.hub, hub), Station(HUB, ZONE, hub=True), self.wall)
        self.boxes = [
            Box(
                f"terminal {number}", _put(source.left, store), Station(ident, ZONE, index=number, enrolled=True), self.wall, skew
            )
            for number, (ident, store, skew) in enumerate(zip(STATIONS, stores, skews, strict=True), start=1)
        ]
        self.reach: dict[UUID, Reach] = {ident: Reach(ORG) for ident in STATIONS}
        self.born = 0
        self.left, self.right = self.boxes[0], self.boxes[1]
        self.mishaps = Mishaps()
        logging.getLogger("sync").addHandler(self.mishaps)

    @property
    def machines(self) -> tuple[Any, ...]:
        return (self.hub, *self.boxes)

    @property
    def terminals(self) -> tuple[Any, ...]:
        return tuple(self.boxes)

    @property
    def peer(self) -> HubPeer:
        return HubPeer(self.hub.app, self.reach.get, self._renew)

    def _renew(self, terminal: UUID, _reborn: Reborn) -> Renewed:
        self.born += 1
        fresh = derived_id(terminal, "terminal", str(self.born))
        self.reach[fresh] = self.reach[terminal]
        return Renewed(fresh.hex, 10 + self.born)

    def clone(self, box: Box) -> Box:
        """Another machine with a copy of a terminal's store, and the same idea of who it is."""
        twin = Box(f"{box.name}'s twin", _put(box.engine, _places()[-1]), box.station, self.wall, box.skew)
        twin.made = 1_000_000  # its people's commands have ids of their own
        self.boxes.append(twin)
        return twin

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
    engines = [memory() for _one in range(2 + len(STATIONS))]
    return tuple((engine, Switch(engine)) for engine in engines)


class Life(Day):
    """One random life of a town. `happened` counts every fault that really struck."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed * 7919)
        hours = [dice.choice((0, 0, 0, 1_500, -3_600_000, 3_600_000, 86_400_000 * 400)) for _one in STATIONS]
        self.town = Town((hours[0], hours[1], hours[2]))
        super().__init__(self.town, seed)
        self.asks_ahead = seed % 3 == 0
        self.happened: Counter[str] = Counter()
        self.acknowledged: dict[str, set[UUID]] = {}
        self.shelf = Shelf()
        self.nights: dict[str, Engine] = {}  # what each machine was like when it was copied last
        self.doubtful: set[str] = set()  # who must first come in step again with a hub that was put back
        self.put_back: set[str] = set()
        self.moved: set[str] = set()  # whom this step touched
        self.after: Callable[[], None] = lambda: None

    def live(self, steps: int) -> Life:
        """So many steps; `after` each of them the laws are held."""
        kinds: tuple[tuple[Callable[[], None], int], ...] = (
            (self._work, 60), (self._exchange, self.weights[1]), (self._office, 6), (self._restart, 2), (self._staff, 2),
            (self._kill, 7), (self._fill, 3), (self._jump, 2), (self._night, 3), (self._put_back, 1), (self._twin, 1),
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
        self.moved.add(self._name(terminal))
        answer = terminal.run(command, self.trio.person(name))
        if answer.status != "refused":
            self.acknowledged.setdefault(self._name(terminal), set()).add(answer.id)
        self._tell(f"{self._name(terminal)} {name} {command} -> {answer.status} {[one.code for one in answer.problems]}")

    def _exchange(self) -> None:
        box = self.dice.choice(self.town.boxes)
        how = self.dice.choice(LINES) if self.dice.random() < 0.4 else ""
        outcome = self._over(box, how)
        self._tell(f"{box.name} exchanges: {outcome}")

    def _over(self, box: Box, how: str) -> str:
        self.moved.add(box.name)
        sizes = self.dice.choice((0, 1, 1, 2, 3, 8, 500)), self.dice.randint(1, 50), self.dice.choice((1, 2, 20))
        line = Line(self.town.peer, how, self.shelf, self.dice)
        busy = self.dice.random() < 0.3
        line.meanwhile = (lambda: self._act(box, "Ann")) if busy else line.meanwhile
        try:
            if self.dice.random() < 0.2:
                greet(box.app, line, box.name)
            return str(exchange(box.app, line, *self._how_much(box, Limits(*sizes, self.again))))
        except (Trouble, Portal) as trouble:
            self.cut += 1
            return f"{how}: {trouble}"
        finally:
            if line.struck:
                self.happened[how] += 1

    def _how_much(self, box: Box, limits: Limits) -> tuple[Limits, Ahead | None]:
        """In some lives little comes at once, and the hub is asked for more while it is laid down: once its life is known."""
        with box.session() as session:
            knows = bool(kept.text(session, kept.EPOCH))
        return (replace(limits, rows=2, pages=1), box.ahead) if self.asks_ahead and knows else (limits, None)

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

    def _night(self) -> None:
        """Somebody copies a machine's store."""
        box = self.dice.choice((self.town.hub, *self.town.boxes))
        self.nights[box.name] = copy(box.engine, self.nights.get(box.name) or _spare(len(self.nights)))

    def _put_back(self) -> None:
        """A disk is lost, and last night's copy put back: of the hub, by its own command or by hand; or of a terminal."""
        box = self.dice.choice((self.town.hub, *self.town.boxes))
        if box.name not in self.nights:
            return
        self.moved |= {one.name for one in self.town.machines}
        box.stop()
        copy(self.nights[box.name], box.engine)
        box.start()
        self.put_back.add(box.name)
        if box is self.town.hub:
            self._hub_put_back(by_hand=self.dice.random() < 0.4)
        else:
            self._terminal_put_back(box)

    def _hub_put_back(self, *, by_hand: bool) -> None:
        if not by_hand:
            with self.town.hub.session() as session:
                feed.new_epoch(session)
                session.commit()
        self.doubtful = {box.name for box in self.town.boxes}
        with self.town.hub.session() as session:
            there = set(session.scalars(select(EnvelopeRow.id)))
        for (
            box
        ) in self.town.boxes:  # what only the hub had, of a terminal whose disk was lost, went with it; a twin keeps its own
            with box.session() as session:
                left = there | set(session.scalars(select(EnvelopeRow.id)))
            self.acknowledged[box.name] = self.acknowledged.get(box.name, set()) & left
        self.happened["hub put back by hand" if by_hand else "hub restored"] += 1
        self._tell("the hub is put back" + (" by hand" if by_hand else ""))

    def _terminal_put_back(self, box: Box) -> None:
        """What neither the copy nor the hub has went with the disk."""
        with box.session() as here, self.town.hub.session() as there:
            known = set(here.scalars(select(EnvelopeRow.id))) | set(there.scalars(select(EnvelopeRow.id)))
        self.acknowledged[box.name] = {ident for ident in self.acknowledged.get(box.name, set()) if ident in known}
        self.happened["terminal put back"] += 1
        self._tell(f"{box.name} is put back")

    def _twin(self) -> None:
        """Somebody starts a copy of a terminal's store on another machine."""
        if len(self.town.boxes) > len(STATIONS):
            return
        box = self.dice.choice(self.town.boxes)
        twin = self.town.clone(box)
        self.acknowledged[twin.name] = set(self.acknowledged.get(box.name, set()))
        self.doubtful |= {twin.name} if box.name in self.doubtful else set()
        self.happened["terminal cloned"] += 1
        self._tell(f"{box.name} has a twin")

    def _name(self, machine: Machine) -> str:
        return getattr(machine, "name", "?")


def at_once(call: Callable[[], Exchanged]) -> Callable[[], Exchanged]:
    """Asks before the rows at hand are laid down, on the same thread: so the same seed gives the same life."""
    future: Future[Exchanged] = Future()
    try:
        future.set_result(call())
    except (Trouble, Portal) as failure:
        future.set_exception(failure)
    return future.result


@cache
def _spare(number: int) -> Engine:
    """Where copies of stores lie."""
    return memory()


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
