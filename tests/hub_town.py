"""A town of real programs: hubs on PostgreSQL, terminals with encrypted stores, and between them a line that misbehaves.

Programs are forked (see `forks.py`).
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from forks import FORKS, fettle, speak
from killing import FILE, KEEPER, Shop, answered, commands, furnished
from looking import bins_off, done_twice
from proxy import Proxy
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from app.assemble import open_terminal
from app.kernel import meta, rls
from app.kernel.access import system
from app.kernel.records import PARKED, WAITING, EnvelopeRow
from sync.hub.enrolling import invite, invite_first
from sync.hub.main import Hub
from sync.terminal import http, pace
from sync.terminal.enrol import Call, enrol
from sync.terminal.identity import HUB
from sync.terminal.joined import joined
from sync.terminal.starting import start_from_hub

Copy = Callable[[int], "Town"]
PATIENCE = 45.0  # seconds until everybody must have drained once the line has healed
_LISTENS = re.compile(r"listens at http://127\.0\.0\.1:(\d+)")


# ------------------------------------------------------------------------------------------------- what runs in a process


def counter(store: str, orders: Any, said: str, words: str) -> None:
    """A terminal at work: it runs what comes down the pipe, answers as `fettle do` does, and its engine exchanges meanwhile.

    When the pipe ends it goes on until everything has gone out and come in. Its tries follow one another quicker
    than on the floor, so that a minute holds a day of them.
    """
    from ui.cli.do import batch
    from ui.cli.opening import Opened

    speak(said, words)
    http.DEADLINE, pace.FIRST_BACK_OFF, pace.LONGEST_BACK_OFF = 2.0, 0.1, 0.5
    pace.SETTLE, pace.BETWEEN_NUDGES, pace.INTERVAL = 0.01, 0.05, 0.5
    with closing(open_terminal(Path(store), keeper=KEEPER)) as terminal:
        engine = joined(terminal, KEEPER).engine
        engine.start()
        with os.fdopen(os.dup(orders.fileno()), "rb") as source:
            batch(Opened(terminal, system(terminal.org_id)), source)
        done = _drained(engine)
        engine.close()
    sys.stdout.flush()
    os._exit(0 if done else 3)


def _drained(engine: Any) -> bool:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if engine.details().failure is None and not engine.standing().waiting:
            return True
        time.sleep(0.05)
    sys.stderr.write(f"{engine.state()} {engine.details()}\n")
    sys.stderr.flush()
    return False


# ---------------------------------------------------------------------------------------------------------- from outside


@dataclass
class HubProcess:
    """`fettle hub serve` on a port of its own choice."""

    url: str
    folder: Path
    port: int = 0
    starts: int = 0

    def start(self) -> HubProcess:
        """Begins; it is reached once it is `ready`."""
        self.starts += 1
        self.words = self.folder.parent / f"hub-{id(self)}-{self.starts}.words"
        command = ["--store", str(self.folder), "hub", "serve", "--port", "0"]
        self.process = FORKS.Process(
            target=fettle, args=(command, os.devnull, str(self.words)), kwargs={"DATABASE_URL": self.url}
        )
        self.process.start()
        return self

    def ready(self) -> HubProcess:
        """Waits until it says where it listens."""
        ends = time.monotonic() + 60
        while not (found := _LISTENS.search(self.words.read_text() if self.words.exists() else "")):
            if self.process.exitcode is not None or time.monotonic() > ends:
                raise AssertionError(f"the hub does not start: {self.words.read_text()}")
            time.sleep(0.02)
        self.port = int(found.group(1))
        return self

    def kill(self) -> bool:
        """SIGKILL; False where it had ended before."""
        self.port = 0
        self.process.kill()
        self.process.join(20)
        return self.process.exitcode == -9

    def end(self) -> None:
        self.process.terminate()
        self.process.join(30)
        if self.process.exitcode != 0:
            raise AssertionError(f"the hub ended with {self.process.exitcode}")


@dataclass
class Desk:
    """One terminal of the town: its store, who works there, and what was acknowledged."""

    shop: Shop
    ident: str  # its terminal's id, as its requests have it
    starts: int = 0

    @property
    def heard(self) -> Path:
        return self.shop.folder.with_name(f"{self.shop.folder.name}-heard")

    def start(self) -> Desk:
        self.starts += 1
        theirs, self.pipe = FORKS.Pipe(duplex=False)
        self.words = self.shop.folder.with_name(f"{self.shop.folder.name}-{self.starts}.words")
        arguments = (str(self.shop.path), theirs, str(self.heard), str(self.words))
        self.process = FORKS.Process(target=counter, args=arguments)
        self.process.start()
        theirs.close()
        self.note()
        again = [line for ident, line in self.shop.sent.items() if ident not in self.shop.acknowledged]
        self.order(again)
        return self

    def awake(self, dice: random.Random) -> None:
        """Waits until it answers."""
        self.order(commands(self.shop, dice, 1))
        ends = time.monotonic() + 60
        while not (self.heard.exists() and self.heard.stat().st_size):
            if time.monotonic() > ends or not self.process.is_alive():
                raise AssertionError(self.words.read_text())
            time.sleep(0.02)

    def work(self, dice: random.Random, number: int) -> None:
        """So many new commands; what was asked before may come again, under its own id."""
        self.note()
        known = sorted(self.shop.acknowledged)
        again = [self.shop.sent[ident] for ident in dice.sample(known, min(1, len(known)))]
        self.order(again + commands(self.shop, dice, number))

    def order(self, lines: list[dict[str, Any]]) -> None:
        self.shop.sent |= {line["id"]: line for line in lines}
        with suppress(BrokenPipeError):  # it was killed meanwhile; what it did not acknowledge is sent again
            os.write(self.pipe.fileno(), "".join(json.dumps(line) + "\n" for line in lines).encode())

    def note(self) -> None:
        """Takes down what was acknowledged: whole lines alone."""
        if self.heard.exists():
            self.shop.acknowledged |= {one["id"]: one["status"] for one in answered(self.heard)}

    def kill(self) -> bool:
        self.process.kill()
        self.process.join(20)
        self.pipe.close()
        with self.heard.open("rb+") as heard:  # what was cut in the middle was never said
            content = heard.read()
            heard.truncate(content.rfind(b"\n") + 1)
        self.note()
        return self.process.exitcode == -9

    def finish(self) -> None:
        """Nothing more is asked: it drains and ends by itself."""
        self.pipe.close()
        self.process.join(PATIENCE + 30)
        self.note()
        if self.process.exitcode != 0:
            raise AssertionError(f"{self.shop.folder.name} ended with {self.process.exitcode}: {self.words.read_text()[-3000:]}")


@dataclass
class Town:
    """Some terminals, some hub processes on one database, and the line between them."""

    folder: Path
    url: URL
    desks: list[Desk]
    hubs: list[HubProcess] = field(default_factory=list)

    @property
    def places(self) -> dict[str, Any]:
        return self.desks[0].shop.places

    def open(self, hubs: int) -> None:
        self.hubs = [HubProcess(self.address, self.folder / "hub").start() for _one in range(hubs)]
        for one in self.hubs:
            one.ready()

    @property
    def address(self) -> str:
        """The database's, as DATABASE_URL has it."""
        return self.url.render_as_string(hide_password=False)

    def ports(self) -> list[int]:
        return [one.port for one in self.hubs if one.port]

    def reached_by(self, proxy: Proxy) -> None:
        """The terminals find the hub behind this line."""
        for one in self.desks:
            with one.shop.opened() as terminal:
                terminal.app.writer.run(_readdress, terminal.app, proxy.address)

    def end(self) -> None:
        """Ends what still runs."""
        for one in (*self.hubs, *self.desks):
            process = getattr(one, "process", None)
            if process is not None and process.is_alive():
                process.kill()
                process.join(20)


def _readdress(app: Any, address: str) -> None:
    with app.writer.sessions() as session:
        meta.keep(session, HUB, {**meta.read(session, HUB), "url": address})
        session.commit()


def founded(folder: Path, url: URL, terminals: int) -> Town:
    """A town that is in step: one terminal brought what it had, the others began from the hub."""
    first = furnished(folder / "terminal-1")
    town = Town(folder, url, [])
    town.open(1)
    address = f"http://127.0.0.1:{town.hubs[0].port}"
    try:
        with closing(Hub.open(url, folder / "hub")) as hub:
            one = enrol(first.path, Call(address, invite_first(hub.app, hub.keys).code, "one"), keeper=KEEPER)
            _exhausted(first.path)
            town.desks.append(Desk(first, one.terminal.hex))
            [org] = hub.organisations()
            for number in range(2, terminals + 1):
                path = folder / f"terminal-{number}" / FILE
                one = enrol(path, Call(address, invite(hub.app, hub.keys, org).code, str(number)), keeper=KEEPER)
                start_from_hub(path, keeper=KEEPER)
                town.desks.append(Desk(Shop(path.parent, first.places), one.terminal.hex))
        town.hubs[0].end()
    finally:
        town.end()
    return Town(folder, url, town.desks)


def _exhausted(path: Path) -> None:
    with closing(open_terminal(path, keeper=KEEPER)) as terminal:
        engine = joined(terminal, KEEPER).engine
        problem = engine.exhaust()
        engine.close()
        assert problem is None, problem.sentence


def moved_in(town: Town, folder: Path, url: URL) -> Town:
    """A copy of a founded town, on a copy of its database."""
    shutil.copytree(town.folder, folder)
    desks = [Desk(Shop(folder / one.shop.folder.name, town.places), one.ident) for one in town.desks]
    return Town(folder, url, desks)


# ------------------------------------------------------------------------------------------------------------ the evening


@dataclass(frozen=True)
class Evening:
    """What was found once all had drained."""

    acknowledged: int
    problems: list[str]


def evening(town: Town) -> Evening:
    """Everybody fetches what the others brought; then hub and terminals must hold the same, and each command once."""
    for one in town.desks:
        _exhausted(one.shop.path)
    problems: list[str] = []
    everything = Shop(town.folder, town.places)
    for one in town.desks:
        everything.sent |= one.shop.sent
        everything.acknowledged |= one.shop.acknowledged
    with closing(Hub.open(town.url, town.folder / "hub")) as hub:
        problems += _at_the_hub(hub, everything)
    for one in town.desks:
        problems += _alike(town, one)
    done = [status for status in everything.acknowledged.values() if status != "refused"]
    return Evening(len(done), problems)


def _at_the_hub(hub: Hub, shop: Shop) -> Iterator[str]:
    with Session(hub.engine) as session:
        rls.serve_all(session)
        kept = Counter(str(ident) for ident in session.scalars(select(EnvelopeRow.id)))
        yield from (f"lost: {ident}" for ident, status in shop.acknowledged.items() if status != "refused" and ident not in kept)
        yield from (f"double: {ident}" for ident, times in kept.items() if times > 1)
        yield from (f"double: {one}" for one in done_twice(session, shop))
        parked = session.scalars(select(EnvelopeRow.command).where(EnvelopeRow.state == PARKED)).all()
        yield from (f"parked: {command}" for command in parked)
        yield from bins_off(session, shop, kept)


def _alike(town: Town, one: Desk) -> Iterator[str]:
    """What a terminal says of itself, beside what the hub says that it should be."""
    with one.shop.opened() as terminal, Session(terminal.app.read_engine) as session:
        waiting = session.scalars(select(EnvelopeRow.command).where(EnvelopeRow.state.in_((WAITING, PARKED)))).all()
    yield from (f"{one.shop.folder.name}: {command} still waits" for command in waiting)
    here = _printed(town, "--store", str(one.shop.path), "fingerprint")
    there = _printed(town, "--store", str(town.folder / "hub"), "hub", "fingerprint", "--device", one.ident)
    if len(there) < 10 or not there["stock_line"]["count"]:
        raise AssertionError(f"the hub says little: {there}")
    yield from (
        f"{one.shop.folder.name}: {name} differs" for name in there.keys() | here.keys() if there.get(name) != here.get(name)
    )


def _printed(town: Town, *arguments: str) -> dict[str, Any]:
    """What the program prints, as JSON."""
    said, words = town.folder / "said", town.folder / "said.words"
    said.unlink(missing_ok=True)
    given = {"DATABASE_URL": town.address}
    process = FORKS.Process(target=fettle, args=(list(arguments), str(said), str(words)), kwargs=given)
    process.start()
    process.join(60)
    if process.exitcode != 0:
        raise AssertionError(f"{arguments}: {words.read_text()}")
    printed: dict[str, Any] = json.loads(said.read_text())
    return printed


@contextmanager
def lived(town: Town, hubs: int, proxy_of: Callable[[Town], Proxy]) -> Iterator[Proxy]:
    """Opens the hubs and all counters behind a line; whatever still runs is ended afterwards."""
    try:
        town.open(hubs)
        with proxy_of(town) as proxy:
            town.reached_by(proxy)
            for one in [one.start() for one in town.desks]:
                one.awake(random.Random(one.ident))
            yield proxy
    finally:
        town.end()
