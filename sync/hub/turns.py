"""Whose envelopes the hub's one writer takes next: those of many terminals in one transaction, and whoever scans never behind
whoever has a backlog."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from uuid import UUID

from app.kernel.writer import Writer, wait
from sync.hub.came import Came
from sync.hub.feed import Reach

TOGETHER = 100  # envelopes in one transaction
LARGE = 500_000  # characters of envelopes in one transaction
FEW = 5  # envelopes of somebody who is at work; more are a backlog


@dataclass(frozen=True)
class Portion:
    """Some of a terminal's envelopes, for one transaction. `token` is that of its last greeting."""

    terminal: UUID
    reach: Reach
    envelopes: Sequence[Came]
    token: str = ""

    @property
    def size(self) -> int:
        return sum(len(one.content) for one in self.envelopes)


@dataclass
class _Errand:
    """A push on its way: its portions that were not yet taken, and what is to come of it."""

    portions: deque[Portion]
    done: Future[None] = field(default_factory=Future)

    def begins(self) -> bool:
        """False where nobody waits for it any more."""
        return self.done.running() or self.done.set_running_or_notify_cancel()


Outcome = bool | Exception  # of a portion: whether its terminal's next one may follow
Take = Callable[[Sequence[Portion]], Sequence[Outcome]]


class Turns:
    """Lets the writer take portions in turn. `take` is called on its thread with such as may share a transaction: all of one
    organisation, each of another terminal."""

    def __init__(self, writer: Writer, take: Take) -> None:
        self._writer = writer
        self._take = take
        self._scans, self._backlogs = deque[_Errand](), deque[_Errand]()
        self._scans_next = True
        self._lock = threading.Lock()

    def run(self, portions: Sequence[Portion]) -> None:
        """Has portions of one push taken, one after the other, as far as one lets the next follow. Raises what came in their
        way."""
        errand = _Errand(deque(portions))
        with self._lock:
            (self._scans if sum(len(one.envelopes) for one in portions) <= FEW else self._backlogs).append(errand)
        for _each in portions:
            self._writer.submit(self._turn)
        wait(errand.done)

    def _turn(self) -> None:
        """As many turns are queued as there are portions. Where one takes several, a later one finds nothing left."""
        some = self._next()
        if not some:
            return
        for errand, outcome in zip(some, self._take([one.portions[0] for one in some]), strict=True):
            self._settle(errand, outcome)

    def _next(self) -> list[_Errand]:
        """Those at the head of a lane that may share a transaction; the two lanes take turns where somebody waits in both."""
        with self._lock:
            lane = self._scans if self._scans and (self._scans_next or not self._backlogs) else self._backlogs
            self._scans_next = lane is self._backlogs
            some: list[_Errand] = []
            while lane and _fits(some, lane[0]):
                errand = lane.popleft()
                if errand.begins():
                    some.append(errand)
            return some

    def _settle(self, errand: _Errand, outcome: Outcome) -> None:
        """Its next portion has to queue again: others have waited meanwhile."""
        errand.portions.popleft()
        if isinstance(outcome, Exception):
            errand.done.set_exception(outcome)
        elif not errand.portions or not outcome:
            errand.done.set_result(None)
        else:
            with self._lock:
                self._backlogs.append(errand)


def _fits(some: Sequence[_Errand], errand: _Errand) -> bool:
    """Whether a push's next portion can be taken together with those of others."""
    if not some:
        return True
    held, more = [one.portions[0] for one in some], errand.portions[0]
    return (
        more.reach.org_id == held[0].reach.org_id
        and all(more.terminal != one.terminal for one in held)
        and sum(len(one.envelopes) for one in held) + len(more.envelopes) <= TOGETHER
        and sum(one.size for one in held) + more.size <= LARGE
    )
