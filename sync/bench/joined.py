"""A hub's process on a hall and a terminal of it, for benches; and what others change at the hub meanwhile."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine, text

from app.assemble import App, Terminal, open_terminal
from app.kernel import feed
from app.kernel.clock import stamp_of
from app.kernel.digests import POST_MARK
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.postgres import owner_engine
from app.kernel.problems import Trouble
from app.kernel.words import _
from sync.bench.hall import TOGETHER, Hall, as_ours, hall, part_id
from sync.bench.lines import served
from sync.hub.enrolling import invite
from sync.hub.main import Hub
from sync.terminal.ahead import Ahead
from sync.terminal.enrol import Call, enrol
from sync.terminal.exchange import exchange, greet
from sync.terminal.http import HttpLine, HttpPeer
from sync.terminal.identity import identity
from sync.terminal.pace import Load

RENAMED = 10  # one changed part in so many gets another name too, so that search must follow
KEEPER = KeyKeeper(KeyFile())  # the key lies beside the store: it holds nothing worth hiding


@dataclass
class Ground:
    """A hub's process with many parts, and a terminal in step with it."""

    hub: Hall
    owner: Engine
    path: Path  # of the terminal's store
    terminal: Terminal
    peer: HttpPeer
    line: HttpLine
    turn: int = 0

    def in_step(self) -> int:
        return in_step(self.terminal.app, self.peer)


def in_step(app: App, peer: HttpPeer, *, sends: bool = True) -> int:
    """Exchanges as the engine does until there is nothing more; how many rows came."""
    rows, load, ahead, behind = 0, Load(), Ahead(), True
    while behind:
        begun = time.perf_counter()
        outcome = exchange(app, peer, load.limits if sends else replace(load.limits, commands=0), ahead)
        load.took(time.perf_counter() - begun, outcome.sent, outcome.behind)
        rows, behind = rows + outcome.rows, outcome.behind
    return rows


# ------------------------------------------------------------------------------------------------- changes at the hub


def change(here: Ground, count: int) -> None:
    """Other prices for all parts and another name for some, as imports write them: 2,000 rows in a transaction."""
    here.turn += 1
    for start in range(0, count, TOGETHER):
        idents = [part_id(number) for number in range(start, min(start + TOGETHER, count))]
        with here.owner.begin() as connection:
            as_ours(connection)
            stamp = stamp_of(int(time.time() * 1000))
            given = {"ids": idents, "some": idents[::RENAMED], "stamp": stamp, "price": here.turn, "turn": (1 << 40) + stamp}
            for statement in _CHANGES:
                connection.execute(text(statement), {name: value for name, value in given.items() if f":{name}" in statement})


_CHANGES = (
    "UPDATE part SET price = price + :price, stamp = :stamp WHERE id = ANY(:ids)",
    "UPDATE part SET name = name || ' ' || :price WHERE id = ANY(:some)",
    "INSERT INTO feed (entity, row_id, org_id, turn, mark) "  # noqa: S608 (of our own names)
    f"SELECT 'part', id, org_id, :turn, {POST_MARK.format(entity='part')} FROM part WHERE id = ANY(:ids) "
    f"ON CONFLICT (entity, row_id) DO UPDATE SET {feed._AIM}",
    "INSERT INTO feed_turn (turn, envelopes) VALUES (:turn, '[]')",
)


# --------------------------------------------------------------------------------------------------------- the ground


@contextmanager
def ground(count: int) -> Iterator[Ground]:
    """A hub's process on a hall of its own, and a terminal enrolled there that holds nothing yet."""
    with hall(count) as hub, tempfile.TemporaryDirectory() as passing:
        folder = Path(passing)
        (folder / "hub").mkdir(mode=0o700)
        with _invited(hub, folder) as code, served(hub.url, folder / "hub") as address:
            yield from _joined(hub, enrolled(folder, Call(address, code)), address)


def enrolled(folder: Path, call: Call) -> Path:
    """The store of a new terminal, which is enrolled and holds nothing yet."""
    path = folder / "terminal" / "terminal.fettle"
    path.parent.mkdir(mode=0o700)
    enrol(path, call, keeper=KEEPER)
    return path


@contextmanager
def _invited(hub: Hall, folder: Path) -> Iterator[str]:
    elsewhere = Hub.open(hub.url, folder / "hub")
    try:
        yield invite(elsewhere.app, elsewhere.keys, hub.org, name="Bench").code
    finally:
        elsewhere.close()


def _joined(hub: Hall, path: Path, address: str) -> Iterator[Ground]:
    line, owner, terminal = HttpLine(address), owner_engine(hub.url), open_terminal(path, keeper=KEEPER)
    try:
        peer = peer_of(terminal, line)
        greet(terminal.app, peer)
        yield Ground(hub, owner, path, terminal, peer, line)
    finally:
        terminal.close()
        line.end()
        owner.dispose()


def peer_of(terminal: Terminal, line: HttpLine) -> HttpPeer:
    """The hub behind a line, for an enrolled terminal."""
    who = identity(terminal.app.read_engine, terminal.app.station, terminal.store.path.parent, KEEPER)
    if who is None:
        raise Trouble("bench.enrol", _("The terminal was not enrolled."))
    return HttpPeer(line, who.key, terminal.app.clock.now_ms)
