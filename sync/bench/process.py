"""One process of the hub on a hall, and how long it takes for what is pushed to it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from app.assemble import App
from app.kernel import postgres
from app.kernel.dispatch import Station
from app.kernel.ids import derived_id
from app.kernel.writer import Writer
from sync.bench.hall import ORG, Hall
from sync.hub.feed import Reach
from sync.hub.peer import HubPeer
from sync.protocol import Pull, Push

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection

    Line = PipeConnection
else:
    from multiprocessing.connection import Connection

    Line = Connection

NO_ROWS = Pull(10**15, 1, 0)


@dataclass(frozen=True)
class Took:
    """What a backlog took: by the clock and by this process alone, in seconds."""

    seconds: float
    ours: float


def begun(work: Callable[..., None], *given: Any, ends: ExitStack) -> Line:
    """Begins a process that does `work` with what it is given and the other end of a line; ours. `ends` waits for its end."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(*given, theirs), daemon=True)
    process.start()
    ends.callback(process.join)
    return ours


@contextmanager
def hub_app(hub: Hall, number: int) -> Iterator[App]:
    """One process of the hub on a hall."""
    engine = postgres.engine(hub.url)
    app = App(Writer(engine), engine, engine, Station(derived_id(ORG, "process", str(number)), "Europe/Berlin", hub=True))
    try:
        yield app
    finally:
        app.close()
        engine.dispose()


def take(app: App, sent: list[Push]) -> Took:
    """Pushes, one after the other, as a terminal's exchanges would."""
    peer = HubPeer(app, lambda _terminal: Reach(ORG))
    start, ours = time.perf_counter(), time.process_time()
    for push in sent:
        answer = peer.exchange(push, NO_ROWS)
        wrong = [one for one in answer.verdicts if one.state != "applied"]
        if wrong or len(answer.verdicts) != len(push.envelopes):
            raise RuntimeError(f"{answer.standing}: {wrong[:1]}")
    return Took(time.perf_counter() - start, time.process_time() - ours)
