"""Whose envelopes the hub's one writer takes next: those of many terminals in one transaction, and whoever scans never behind
whoever has a backlog."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import accumulate
from uuid import UUID

from app.kernel.writer import Writer, wait
from sync.hub.came import Came
from sync.hub.feed import Reach

SHORT, LARGE = 50, 500_000  # envelopes and their characters in one transaction while others are at work: none waits long
TOGETHER, HUGE = 100, 1_300_000  # else: while the database works on what one command has left, the next one runs
AT_WORK = 2.0  # seconds after the last scan
FEW = 5  # envelopes of somebody who is at work; more are a backlog
GATHER = 0.06  # seconds between two turns' beginnings: who comes meanwhile shares a transaction, and what it costs by itself


@dataclass(frozen=True)
class Portion:
    """Some of a terminal's envelopes. `token` is that of its last greeting. `effects` gets what each of them did, as one hash."""

    terminal: UUID
    reach: Reach
    envelopes: Sequence[Came]
    token: str = ""
    effects: dict[UUID, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(len(one.content) for one in self.envelopes)


@dataclass
class _Errand:
    """A push on its way: what was not yet taken of it, and what is to come of it."""

    rest: Portion
    done: Future[None] = field(default_factory=Future)

    def begins(self) -> bool:
        """False where nobody waits for it any more."""
        return self.done.running() or self.done.set_running_or_notify_cancel()

    def next(self, most: int, room: int) -> Portion:
        """Its first envelopes, as many as one transaction is to hold, and as have room in it: one at least."""
        sizes = accumulate(len(one.content) for one in self.rest.envelopes[:most])
        return replace(self.rest, envelopes=self.rest.envelopes[: max(1, sum(size <= room for size in sizes))])


Outcome = bool | Exception  # of a portion: whether its terminal's next one may follow
Take = Callable[[Sequence[Portion]], Sequence[Outcome]]


class Turns:
    """Lets the writer take pushes in turn, a portion at a time. `take` is called on its thread with portions that may share a
    transaction: all of one organisation, each of another terminal."""

    def __init__(
        self,
        writer: Writer,
        take: Take,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._writer = writer
        self._take = take
        self._now, self._pause = now, pause
        self._begun = -math.inf  # when the last turn began
        self._scans, self._backlogs = deque[_Errand](), deque[_Errand]()
        self._scanned = -math.inf  # when somebody at work was last served
        self._scans_next = True
        self._lock = threading.Lock()

    def run(self, push: Portion, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Has a push taken, one portion after the other, as far as one lets the next follow. Raises what came in its way.
        `meanwhile` is done before that is waited for."""
        errand = _Errand(push)
        with self._lock:
            (self._scans if len(push.envelopes) <= FEW else self._backlogs).append(errand)
        for _each in range(len(push.envelopes) // SHORT + 2 * push.size // LARGE + 2):
            self._writer.submit(self._turn)
        meanwhile()
        wait(errand.done)

    def _turn(self) -> None:
        """At least as many turns are queued as there are portions. One that finds nothing left to do is soon over; one that
        would follow right behind another waits a moment for company."""
        if not (self._scans or self._backlogs):
            return
        early = self._begun + GATHER - self._now()
        if early > 0:
            self._pause(early)
        self._begun = self._now()
        with self._lock:
            some = self._next()
        if some:
            for (errand, portion), outcome in zip(some, self._outcomes(some), strict=True):
                self._settle(errand, len(portion.envelopes), outcome)

    def _outcomes(self, some: Sequence[tuple[_Errand, Portion]]) -> Sequence[Outcome]:
        """What becomes of each. Where the writer itself falls, whoever waits hears of it at once."""
        try:
            return self._take([portion for _errand, portion in some])
        except BaseException as error:
            for errand, _portion in some:
                errand.done.set_exception(error)
            raise

    def _next(self) -> list[tuple[_Errand, Portion]]:
        """Those at the head of a lane that may share a transaction; the two lanes take turns where somebody waits in both."""
        lane = self._scans if self._scans and (self._scans_next or not self._backlogs) else self._backlogs
        self._scans_next = lane is self._backlogs
        if lane is self._scans and lane:
            self._scanned = self._now()
        most, room = (SHORT, LARGE) if self._now() - self._scanned < AT_WORK else (TOGETHER, HUGE)
        some: list[tuple[_Errand, Portion]] = []
        while lane and _fits([portion for _errand, portion in some], lane[0].next(most, room), most, room):
            errand = lane.popleft()
            if errand.begins():
                some.append((errand, errand.next(most, room)))
        return some

    def _settle(self, errand: _Errand, taken: int, outcome: Outcome) -> None:
        """What is left of it has to queue again: others have waited meanwhile."""
        errand.rest = replace(errand.rest, envelopes=errand.rest.envelopes[taken:])
        if isinstance(outcome, Exception):
            errand.done.set_exception(outcome)
        elif not errand.rest.envelopes or not outcome:
            errand.done.set_result(None)
        else:
            with self._lock:
                self._backlogs.append(errand)


def _fits(held: Sequence[Portion], more: Portion, most: int, room: int) -> bool:
    """Whether a portion can be taken together with others."""
    if not held:
        return True
    return (
        more.reach.org_id == held[0].reach.org_id
        and all(more.terminal != one.terminal for one in held)
        and sum(len(one.envelopes) for one in held) + len(more.envelopes) <= most
        and sum(one.size for one in held) + more.size <= room
    )
