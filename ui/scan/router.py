"""Router: whose scan is it? One after the other, in the order of reading, and each is logged with what became of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

from app.assemble import App
from app.kernel.access import Actor
from app.kernel.ids import new_id
from app.kernel.meanings import Meaning
from app.kernel.problems import Refused, Trouble
from app.kernel.scan_log import Outcome, Scanned, keep
from app.kernel.scanning import own_code
from app.kernel.words import _, say
from ui.kit.bench import problems_of, sentence_of
from ui.kit.errand import BROKE, Errand, broke
from ui.scan.raw import RawScan

BADGE = "FT1:US:"
HIDDEN = f"{BADGE}…"
GO_ON = own_code("CM", "DONE")  # what its card means while something covers the screen
PROMPT = 150  # milliseconds after which somebody wants to see that a scan is under way
PATIENCE = 30_000  # milliseconds after which the scans behind it wait no longer
LAST = 2_000  # milliseconds in which a window that closes still answers
UNANSWERED = _("The window was closed before the answer: look whether it is there.")
Read = Callable[[QObject, Callable[[], Any], Callable[[Any], None]], None]


class Floor(Protocol):
    """What the router needs of the window: who stands there, and what waits for a scan."""

    @property
    def who(self) -> Actor | None:
        """Who is signed in."""

    @property
    def context(self) -> str:
        """Where a scan arrives, for the log."""

    @property
    def expected(self) -> tuple[str, ...]:
        """The entities of which a scan is wanted now."""

    @property
    def asking(self) -> bool:
        """Whether a question is open."""

    @property
    def badges(self) -> tuple[str, ...]:
        """The kinds of scan that are a badge to the open question."""

    @property
    def kept(self) -> deque[tuple[Meaning, Receipt]]:
        """Scans that wait until the one who made them has answered a question."""

    def shows_badge(self, text: str, told: Receipt) -> None:
        """Somebody wants to be signed in."""

    def answers(self, meaning: Meaning, told: Receipt) -> bool:
        """Whether the scan answers the open question; if so it is dealt with."""

    def means(self, meaning: Meaning, told: Receipt) -> None:
        """Deals with a scan: the open screen, a command card, or the record's page."""

    def failed(self, error: Refused | Trouble) -> None:
        """Something failed that no scan waits for."""

    def says(self, outcome: Outcome, said: str, committed: bool, shown: str) -> None:
        """Makes an outcome heard and seen; the OK sound is for what was committed."""


@dataclass(frozen=True)
class Cover:
    """What lies over the task: what the DONE card does there and says, and what any other scan is told."""

    done: Callable[[], None]
    said: str
    refusal: str


class Receipt:
    """The answer to one scan. The first word lets the next scan come; a later one corrects the log and is heard again."""

    def __init__(self, router: Router, scan: Scanned, ident: UUID) -> None:
        self._router = router
        self.errand = Errand(self, self._end)
        self.actor = router.floor.who  # who made the scan, whoever stands there once it is answered
        self._scan = scan
        self._ident = ident
        self.shown = scan.text
        self.known = False  # whether it has been looked up
        self.settled = False
        self.committed = False

    @property
    def made(self) -> datetime | None:
        """When the label was scanned; nothing where its text was typed."""
        return None if self._scan.source == "typed" else self._scan.at

    def hide(self) -> None:
        """The text is somebody's badge: it is never kept."""
        self.shown = say(_("Badge"))
        self._scan = replace(self._scan, text=HIDDEN)

    def __call__(self, outcome: Outcome, said: str, command_id: UUID | None = None) -> None:
        self._keep(outcome, said, command_id)
        self._router.floor.says(outcome, said, self.committed or command_id is not None, self.shown)
        self._settle()

    def quietly(self, outcome: Outcome, said: str) -> None:
        self._keep(outcome, said, None)
        self._settle()

    def _end(self, failure: Refused | Trouble | None) -> None:
        """Nothing of this scan is under way any more. One that nobody has answered is answered here."""
        problem = problems_of(failure)[0] if failure is not None else None
        if not self.settled and problem is None:
            self(Outcome.ERROR, say(_("{what}: nothing was booked. Scan it again."), what=self.shown))
        elif not self.settled and problem is not None:
            said = say(_("{what}: not booked. {why}"), what=self.shown, why=sentence_of(problem))
            self(Outcome.ERROR, said)
            self._router.unbooked.emit(said)
        elif failure is not None and problem is not None and problem.code != BROKE:
            self._router.floor.failed(failure)

    def _keep(self, outcome: Outcome, said: str, command_id: UUID | None) -> None:
        self._router.waiting.pop(self, None)
        who = self.actor or self._router.floor.who
        self._scan = replace(self._scan, outcome=outcome, said=said, command_id=command_id, actor_id=who.id if who else None)
        self._router.log(self._ident, self._scan)

    def _settle(self) -> None:
        if not self.settled:
            self.settled = True
            self._router.go_on(self)


class Router(QObject):
    """Takes every RawScan. `read` runs a question on a reader thread; `org_id` is whose scans they are.

    `slow` says what is being booked where that takes a while, `unbooked` what a scan met that failed, `unlogged` that the log
    misses scans. While there is a `cover` nobody sees what a scan would do, and none is dealt with but the DONE card, which
    does what the cover says.
    """

    slow = Signal(str)
    unbooked = Signal(str)
    unlogged = Signal(str)
    _lost = Signal(object)
    _rested = Signal()

    def __init__(self, app: App, floor: Floor, read: Read, org_id: UUID, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.floor = floor
        self._app = app
        self._read = read
        self._org_id = org_id
        self._queue: deque[RawScan] = deque()
        self.waiting: dict[Receipt, None] = {}  # scans that are kept behind anybody's question, in their order
        self._open: Receipt | None = None
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._begin)
        self._prompt = QTimer(self, singleShot=True, interval=PROMPT)
        self._prompt.timeout.connect(self._show_slow)
        self.patience = QTimer(self, singleShot=True, interval=PATIENCE)
        self.patience.timeout.connect(self._give_up)
        self.cover: Cover | None = None
        self._missing = 0
        self._closed = False
        self._lost.connect(self._on_lost)

    @property
    def idle(self) -> bool:
        """Whether every scan has had its answer."""
        return self._open is None and not self._queue

    def scan(self, raw: RawScan) -> None:
        """A scan came in. It waits for those before it."""
        self._queue.append(raw)
        self._begin()
        if self._open is not None and not self._prompt.isActive():
            self._show_slow()

    def go_on(self, receipt: Receipt) -> None:
        """A scan has had its answer: the next one may come, on the event loop's next round."""
        if receipt is self._open:
            self._open = None
            self._prompt.stop()
            self.patience.stop()
            self._next.start()
            if not self._queue:
                self._rested.emit()

    def _show_slow(self) -> None:
        """It takes a while: what is under way, and how many scans wait behind it."""
        if self._open is not None:
            said = say(_("Booking: {what} …"), what=self._open.shown) if self._open.known else say(_("Looking it up …"))
            self.slow.emit(f"{said}  {say(_('{count} waiting'), count=len(self._queue))}" if self._queue else said)

    def _give_up(self) -> None:
        """It takes too long: the scans behind it have their turn, and an answer that still comes corrects this one."""
        if self._open is not None:
            advice = _("{what}: this takes longer than it should, and goes on. Look whether it is there before you do it again.")
            self._open(Outcome.ERROR, say(advice, what=self._open.shown))

    def log(self, ident: UUID, scan: Scanned) -> None:
        """Writes a scan into the log, after whatever it did. Nobody waits for that, but what could not be kept is told."""
        writer = self._app.writer

        def kept() -> None:
            with writer.sessions() as session:
                keep(session, scan, ident)

        def done(future: Future[None]) -> None:
            if not self._closed and not future.cancelled() and future.exception() is not None:
                self._lost.emit(future.exception())

        try:
            writer.submit(kept).add_done_callback(done)
        except Trouble as trouble:
            self._on_lost(trouble)

    def _on_lost(self, error: BaseException) -> None:
        self._missing += 1
        problem = problems_of(error if isinstance(error, Refused | Trouble) else broke())[0]
        said = _("{count} of the last scans are missing in the scan log; what was booked stays booked. {why}")
        self.unlogged.emit(say(said, count=self._missing, why=problem.sentence))

    def resume(self) -> None:
        """The question has been answered: the scans that were kept have their turn, in order."""
        if self._open is None and not self.floor.asking:
            self._next.start()

    def _begin(self) -> None:
        if self._open is not None or self._closed:
            return
        if self.floor.kept and not self.floor.asking and self.cover is None:
            meaning, receipt = self.floor.kept.popleft()
            receipt.settled = False
            self._deal(receipt, partial(self.floor.means, meaning, receipt))
        elif self._queue:
            raw = self._queue.popleft()
            receipt = Receipt(self, self._scanned(raw), new_id())
            self._deal(receipt, partial(self._ask, raw, receipt))

    def _deal(self, receipt: Receipt, begin: Callable[[], None]) -> None:
        """From here on, everything that is begun is this scan's."""
        self._open = receipt
        self._prompt.start()
        self.patience.start()
        receipt.errand.sent()
        with receipt.errand.at_hand():
            begin()

    def _scanned(self, raw: RawScan) -> Scanned:
        return Scanned(self._org_id, self._app.clock.now(), raw.text, raw.source, Outcome.ERROR, symbology=raw.symbology,
                       context=self.floor.context)  # fmt: skip

    def _ask(self, raw: RawScan, receipt: Receipt) -> None:
        actor, expected, app = receipt.actor, self.floor.expected, self._app
        if self.cover is not None:
            self._meets(self.cover, raw.text, receipt)
            return
        if actor is None:
            receipt.hide()
            self.floor.shows_badge(raw.text, receipt)
            return
        if raw.text.upper().startswith(BADGE):
            receipt.hide()
        self._read(self, lambda: app.meaning(raw.text, actor, expected), lambda meaning: self._meant(meaning, receipt))

    def _meant(self, meaning: Meaning, receipt: Receipt) -> None:
        receipt.shown, receipt.known = meaning.shown, True
        if self.cover is not None:
            self._meets(self.cover, meaning.text, receipt)
        elif meaning.kind in self.floor.badges:
            receipt.hide()
            self.floor.answers(meaning, receipt)
        elif meaning.kind == "badge":
            receipt.hide()
            self.floor.shows_badge(meaning.text, receipt)
        elif self.floor.who is None or receipt.actor is None or self.floor.who.id != receipt.actor.id:
            receipt(Outcome.ERROR, say(_("{what}: not booked. Whoever scanned it has signed out."), what=meaning.shown))
        elif not self.floor.asking:
            self.floor.means(meaning, receipt)
        elif not self.floor.answers(meaning, receipt):
            self._keep_back(meaning, receipt)

    def _meets(self, cover: Cover, text: str, receipt: Receipt) -> None:
        """Something covers the screen: nothing is booked that nobody sees."""
        receipt.hide()  # it may be a badge
        if text.strip().upper() == GO_ON:
            receipt(Outcome.SUCCESS, say(cover.said))
            cover.done()
        else:
            receipt(Outcome.ERROR, say(cover.refusal))

    def _keep_back(self, meaning: Meaning, receipt: Receipt) -> None:
        """A scan while a question is open, which it does not answer: it is kept, and says so."""
        self.floor.kept.append((meaning, receipt))
        many = _("Kept: {what}. {count} waiting. Answer the question first.")
        words = many if len(self.floor.kept) > 1 else _("Kept: {what}. Answer the question first.")
        receipt(Outcome.ASK, say(words, what=meaning.shown, count=len(self.floor.kept)))
        self.waiting[receipt] = None

    # -------------------------------------------------------------------------------------------------------- closing

    def close(self, patience: int = LAST) -> None:
        """The window closes: what can still be answered within `patience` milliseconds is; the log says what was not booked."""
        if not self.idle and patience:
            loop = QEventLoop()
            self._rested.connect(loop.quit)
            QTimer.singleShot(patience, loop, loop.quit)
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        self._closed = True
        if self._open is not None:
            self._open.quietly(Outcome.ERROR, say(UNANSWERED))
        for raw in self._queue:
            receipt = Receipt(self, self._scanned(raw), new_id())
            if receipt.actor is None or raw.text.upper().startswith(BADGE):
                receipt.hide()
            receipt.quietly(Outcome.ERROR, say(_("Not booked: the window was closed.")))
        for receipt in tuple(self.waiting):
            receipt.quietly(Outcome.ERROR, say(_("Not booked: the window was closed.")))
        self._queue.clear()
