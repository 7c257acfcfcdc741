"""The engine: one thread that exchanges with the hub when there is a reason to, and says how the link stands.

It exchanges soon after something was done here, when the hub nudges, when somebody asks for it, and now and then anyway. What
fails is tried again after a growing wait; what the hub refuses waits for a person. Nothing of what waits is ever dropped.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import link
from app.kernel.events import Notice
from app.kernel.link import LinkDetails, LinkState
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.types import moment
from app.kernel.words import _
from app.kernel.zones import local_time
from sync import signing
from sync.network import Interrupted
from sync.snapshots import program
from sync.terminal import notes, repair, standing
from sync.terminal.ahead import Ahead
from sync.terminal.exchange import Outcome, exchange, greet
from sync.terminal.pace import Load, Pace
from sync.terminal.ports import Beside, Chances, HubLine, Nothing
from sync.terminal.standing import Standing

GREETING = 3600.0  # seconds between two introductions
WRITTEN = 300.0  # seconds between two notes of exchanges that brought nothing
SLOW = 2.0  # seconds of one exchange, from which on people are told
TURNED_DOWN = 60.0  # seconds without long polls, or without photos, after one came to nothing
STUMBLED = 5.0  # seconds before it goes on after a mistake of its own
NOTICES = 20
TOO_MUCH = ("wire.too_large", "api.size", "hub.endless")  # codes of what fewer commands, or pages, may get through
OURS = ("store.", "writer.")  # codes of what is wrong with this machine and not with the link
DOUBTED, DOUBTS = (
    (signing.CLOCK, signing.FORGED),
    5,
)  # what a line may do to a request; so often in a row, somebody must see to it
log = logging.getLogger(__name__)


class Engine:
    """The link of an enrolled terminal. `start` it once; `close` it before its App."""

    def __init__(
        self,
        app: App,
        line: HubLine,
        address: str = "",
        chances: Chances = Chances(),
        refused: Callable[[Refused], None] = lambda _refused: None,
        beside: Beside | None = None,
    ) -> None:
        """`refused` is called, on the engine's thread, when the hub does not let this terminal in: it may hold an order."""
        self.app = app
        self.line = line
        self.address = address
        self._chances = chances
        self._refused = refused
        self._beside = beside or Nothing()
        self._pace = Pace(chances.now, chances.chance, chances.now())
        self._load = Load()
        self._ahead = Ahead()
        self._lock = threading.RLock()
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._listeners: list[Callable[[], None]] = []
        self._greet_at = self._write_at = self._poll_at = self._beside_at = self._chances.now()
        self._notices: tuple[link.Notice, ...] = ()
        self._slow = False
        self._added = False  # something was done here since the exchange that goes on began
        with Session(app.read_engine) as session:
            self._last = standing.last(session)
        self._problem = self._last.problem()
        self._standing = self._counted()
        self._state = self._seen()
        self._forget = app.notices.listen(self._noticed)

    # ------------------------------------------------------------------------------------------------- from any thread

    def start(self) -> None:
        self._thread.start()

    def close(self, patience: float = 5.0) -> bool:
        """Ends the exchange that is going on, and the thread; False where it is still busy in the store after `patience`."""
        if not self._closing.is_set():
            self._forget()
        self._closing.set()
        self._woken.set()
        self.line.close()
        if self._thread.is_alive():
            self._thread.join(patience)
        if self._thread.is_alive():
            return False
        self.line.end()
        return True

    def state(self) -> LinkState:
        """As `Link` has it: what was found last; nobody waits for it."""
        return self._state

    def standing(self) -> Standing:
        """What waited when it was counted last."""
        return self._standing

    def listen(self, changed: Callable[[], None]) -> None:
        self._listeners.append(changed)

    def details(self) -> LinkDetails:
        with self._lock:
            fresh = self._fresh()
            wait = self._pace.due - self._chances.now()
            upcoming = self.app.clock.now() + timedelta(seconds=max(0.0, wait)) if wait < 1e6 else None
            tried, done = (moment(ms) if ms else None for ms in (self._last.tried_ms, self._last.done_ms))
            return LinkDetails(self.address, tried, done, upcoming, self._problem, fresh, self._notices)

    def try_now(self) -> None:
        """Somebody taps, or the network is back: at once, whatever the back-off or a pause says."""
        with self._lock:
            self._pace.asked()
            self._poll_at = self._chances.now()
        self._wake()

    def notice(self, finding: Problem) -> None:
        """Something that was mended by itself, for people to know."""
        with self._lock:
            self._notices = (link.Notice(self.app.clock.now(), finding), *self._notices)[:NOTICES]
        self._tell()

    def _noticed(self, notice: Notice) -> None:
        """On the writer's thread, after each commit. What a pull brings has no command."""
        if notice.command:
            with self._lock:
                self._added = True
                self._pace.committed()
            self._wake()

    def _wake(self) -> None:
        self._woken.set()
        self.line.hurry()

    # --------------------------------------------------------------------------------------------- on the engine's thread

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self.step()
            except Exception:  # the thread must not end before the program does: nobody would exchange any more
                log.exception("The engine could not take a step.")
                self._closing.wait(STUMBLED)

    def step(self) -> None:
        """Exchanges when it is time to; else rests until there may be a reason."""
        self._woken.clear()
        self.line.calm()  # whoever hurried up to here has told the pace before
        wait = self._pace.due - self._chances.now()
        if wait <= 0:
            self.exchange()
        elif not self._did_beside():
            self._rest(wait)
            self._count()

    def _did_beside(self) -> bool:
        """A piece of what travels beside, while the link stands; whether there was one. What waits for an exchange goes first."""
        now = self._chances.now()
        if self._problem is not None or self._pace.paused or now < self._beside_at:
            return False
        try:
            return self._beside.step()
        except Interrupted:
            return True
        except (Trouble, Refused) as failure:
            log.warning("What travels beside the commands waits: %s", failure)
            self._beside_at = now + TURNED_DOWN
            return False

    def exchange(self) -> Outcome | None:
        """One exchange now, and what becomes of it; None where it came to nothing."""
        began = self._chances.now()
        self._added = False
        try:
            outcome = self._exchanged()
        except Interrupted:
            return None  # whoever interrupted it is closing the engine
        except Refused as refused:
            self._went_wrong(refused.problems[0], self._pace.refused)
            self._refused(refused)
        except Trouble as trouble:
            self._troubled(trouble.problem)
        except Exception:
            log.exception("An exchange with the hub failed.")
            self._went_wrong(_mistake(), self._pace.failed)
        else:
            self._went_well(outcome, self._chances.now() - began)
            return outcome
        return None

    def exhaust(self) -> Problem | None:
        """Exchanges, on the caller's thread, until there is nothing more to send or to fetch; what stopped it before that."""
        while self.exchange() is not None:
            if self._pace.due > self._chances.now() and not self._did_all_beside():
                return None
        return self._problem

    def _did_all_beside(self) -> bool:
        """Everything that travels beside; whether an exchange has become due meanwhile."""
        while self._did_beside():
            pass
        return self._pace.due <= self._chances.now()

    def check(self) -> Problem | None:
        """Compares all that lies here with the hub, cell by cell, on the caller's thread, and mends what differs; what stopped
        it. What was mended is among the notices."""
        if self.exhaust() is not None:
            return self._problem
        try:
            healed = repair.check(self.app, self.line, self._load.limits.again)
        except (Trouble, Refused) as error:
            return error.problem
        for finding in notes.healed("checked", healed):
            self.notice(finding)
        return None

    def _exchanged(self) -> Outcome:
        self._count()
        if self._chances.now() >= self._greet_at:
            for finding in greet(self.app, self.line, self._chances.machine, self._heartbeat()):
                self.notice(finding)
            self._greet_at = self._chances.now() + GREETING
        limits = self._load.limits
        if self._chances.is_short:
            limits = replace(limits, pages=0)
        return exchange(self.app, self.line, limits, self._ahead)

    def _heartbeat(self) -> dict[str, Any]:
        """How the terminal is, for whoever looks after all of them."""
        told = self._counted()
        plain = {"waiting": told.waiting, "parked": told.parked, "oldest_ms": told.oldest_ms, "asked": told.asked}
        return {**plain, "disk_free": self._chances.room(), "program": program()}

    def _went_well(self, outcome: Outcome, seconds: float) -> None:
        full = self._chances.is_short
        counted = self._counted()
        fewer = outcome.sent and counted.waiting < self._standing.waiting  # else the hub took them and said nothing of it
        more = bool(fewer and counted.waiting) or (outcome.behind and not full)
        with self._lock:
            self._standing = counted
            self._load.took(seconds, outcome.sent, outcome.behind)
            self._slow = seconds > SLOW
            self._pace.done(more=more)
            if self._added and counted.waiting:
                self._pace.committed()
            self._last = self._last.went(self.app.clock.now_ms(), whole=not outcome.behind)
            self._problem = _no_room() if full else None
        if outcome.sent or outcome.rows:
            self._beside.again()
        for finding in outcome.mended:
            self.notice(finding)
        if outcome.sent or outcome.rows or self._chances.now() >= self._write_at:
            self._write()
        self._tell()

    def _troubled(self, problem: Problem) -> None:
        seconds = problem.values.get("seconds", 0)
        if problem.code in TOO_MUCH:
            self._load.too_much()
        self._greet_at = self._chances.now()  # it may be another life of the hub that answers next
        self._went_wrong(problem, lambda: self._pace.failed(seconds if isinstance(seconds, int) else 0))

    def _went_wrong(self, problem: Problem, then: Callable[[], None]) -> None:
        with self._lock:
            then()
            self._problem = problem
            self._last = self._last.failing(problem, self.app.clock.now_ms())
        if not problem.code.startswith(OURS):
            self._write()
        self._count()

    def _write(self) -> None:
        """Notes the last exchange in the store, for whoever asks once this program has ended."""
        self._write_at = self._chances.now() + WRITTEN
        told = self._last

        def write() -> None:
            with self.app.writer.sessions() as session:
                standing.keep_last(session, told)
                session.commit()

        try:
            self.app.writer.run(write)
        except (Trouble, SQLAlchemyError) as error:
            log.warning("The last exchange could not be noted: %s", error)

    def _rest(self, wait: float) -> None:
        """Until it is time, somebody wakes us, or the hub has something new."""
        now = self._chances.now()
        if self._problem is not None or self._pace.paused or now < self._poll_at:
            self._woken.wait(min(wait, TURNED_DOWN))
            return
        if now < self._pace.heeds_nudges_at:  # nobody need hold a line for us till then
            self._woken.wait(min(wait, self._pace.heeds_nudges_at - now))
            return
        try:
            if self.line.wait(self._standing.cursor) > self._standing.cursor:
                with self._lock:
                    self._pace.nudged()
                    pause = self._pace.due - self._chances.now()
                self._woken.wait(max(0.0, pause))
        except Interrupted:
            pass
        except (Trouble, Refused):
            with self._lock:
                self._poll_at = self._chances.now() + TURNED_DOWN
                self._pace.nudged()  # an exchange tells what is the matter

    # ---------------------------------------------------------------------------------------------------- how it stands

    def _counted(self) -> Standing:
        with Session(self.app.read_engine) as session:
            return standing.standing(session)

    def _count(self) -> None:
        counted = self._counted()
        with self._lock:
            self._standing = counted
        self._tell()

    def _tell(self) -> None:
        state = self._seen()
        if state != self._state:
            self._state = state
            for listener in tuple(self._listeners):
                listener()

    def _seen(self) -> LinkState:
        last, here = self._last, self._standing
        asked = here.asked + (1 if self._needs_person() else 0)
        stuck = here.parked + (1 if self._needs_person() else 0)
        return LinkState(self._kind(asked), self._clock(last.done_ms), here.waiting, asked, self._clock(last.whole_ms), stuck)

    def _needs_person(self) -> bool:
        problem = self._problem
        if problem is None or self._pace.paused:
            return self._pace.paused
        return problem.code.startswith(OURS) or (problem.code in DOUBTED and self._pace.failures >= DOUBTS)

    def _kind(self, asked: int) -> str:
        if self._problem is not None and not self._needs_person():
            return "offline"
        if asked:
            return "needs_you"
        if self._standing.waiting:
            return "sending"
        return "slow" if self._slow else "online"

    def _clock(self, ms: int) -> str:
        """A time of day, with its day where that is not today's."""
        if not ms:
            return ""
        then, now = (local_time(one, self.app.station.zone) for one in (moment(ms), self.app.clock.now()))
        return then.strftime("%H:%M" if then.date() == now.date() else "%Y-%m-%d %H:%M")

    def _fresh(self) -> Mapping[str, datetime]:
        """One feed brings every entity: all of them are here up to the same moment."""
        if not self._last.whole_ms:
            return {}
        return dict.fromkeys((entity.__tablename__ for entity in self.app.registry.synced()), moment(self._last.whole_ms))


# -------------------------------------------------------------------------------------------------------------- words


def _mistake() -> Problem:
    message = _("The program has made a mistake in an exchange with the hub. Nothing is lost.")
    return Problem("sync.mistake", message, hint=_("It is tried again by itself; if it stays so, send a report to support."))


def _no_room() -> Problem:
    message = _("The disk is almost full: what is done here still goes to the hub, but nothing is fetched from it.")
    return Problem("store.room", message, hint=_("Make room on the disk."))
