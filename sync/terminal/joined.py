"""A terminal that belongs to a hub: its engine, put together from what its store and this machine's keys say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.assemble import Terminal
from app.kernel.keys import KeyKeeper, machine_keeper
from app.kernel.problems import Refused, Trouble
from app.kernel.words import _
from sync.terminal.engine import Engine
from sync.terminal.file_line import HttpFiles
from sync.terminal.files import Carrier
from sync.terminal.http import HttpLine, HttpPeer, Key
from sync.terminal.identity import Identity, identity
from sync.terminal.ports import Chances
from sync.terminal.wipe import ordered

Ordered = Callable[[Identity], None]


@dataclass(frozen=True)
class Joined:
    """An enrolled terminal: who it is, and its engine, which is not started yet."""

    identity: Identity
    engine: Engine


def joined(terminal: Terminal, keeper: KeyKeeper | None = None, wiped: Ordered = lambda _identity: None) -> Joined:
    """Trouble for a terminal that works alone, and where its key is not on this machine.

    `wiped` is called, on the engine's thread, when the hub orders the store to be wiped and has signed that.
    """
    folder = terminal.store.path.parent
    who = identity(terminal.app.read_engine, terminal.app.station, folder, keeper or machine_keeper())
    if who is None:
        message = _("This terminal works alone: what is booked here stays here until it is enrolled at a hub.")
        raise Trouble("sync.not_enrolled", message, _("Enrol it with a code from the hub: fettle enrol URL CODE."))

    def key() -> Key:
        return Key(terminal.app.station.id, who.key.private)

    def refused(why: Refused) -> None:
        now = replace(who, key=key())  # a store that was copied has another identity since
        if ordered(why, now):
            wiped(now)

    line = HttpPeer(HttpLine(who.hub.url, who.hub.authority), key, terminal.app.clock.now_ms)
    room = terminal.room
    chances = Chances(room=room.measured, machine=who.machine, least=lambda: room.levels.short)
    photos = Carrier(terminal.app, terminal.org_id, HttpFiles(line), lambda: room.is_short)
    return Joined(who, Engine(terminal.app, line, who.hub.url, chances, refused, photos))
