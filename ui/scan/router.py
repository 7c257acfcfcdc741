"""Router: whose scan is it? One after the other, in the order of reading, and each is logged with what became of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from PySide6.QtCore import QObject, QTimer

from app.assemble import App
from app.kernel.access import Actor
from app.kernel.ids import new_id
from app.kernel.meanings import Meaning
from app.kernel.problems import Refused, Trouble
from app.kernel.scan_log import Outcome, Scanned, keep
from app.kernel.words import _, say
from ui.kit.bench import problems_of, sentence_of
from ui.kit.errand import BROKE, Errand
from ui.scan.raw import RawScan

BADGE = "FT1:US:"
HIDDEN = f"{BADGE}…"
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


class Receipt:
    """The answer to one scan. The first word lets the next scan come; a later one corrects the log and is heard again."""

    def __init__(self, router: Router, scan: Scanned, ident: UUID) -> None:
        self._router = router
        self.errand = Errand(self, self._end)
        self.actor = router.floor.who  # who made the scan, whoever stands there once it is answered
        self._scan = scan
        self._ident = ident
        self.shown = scan.text
        self.settled = False
        self.committed = False

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
            self(Outcome.ERROR, say(_("{what}: not booked. {why}"), what=self.shown, why=sentence_of(problem)))
        elif failure is not None and problem is not None and problem.code != BROKE:
            self._router.floor.failed(failure)

    def _keep(self, outcome: Outcome, said: str, command_id: UUID | None) -> None:
        who = self.actor or self._router.floor.who
        self._scan = replace(self._scan, outcome=outcome, said=said, command_id=command_id, actor_id=who.id if who else None)
        self._router.log(self._ident, self._scan)

    def _settle(self) -> None:
        if not self.settled:
            self.settled = True
            self._router.go_on(self)


class Router(QObject):
    """Takes every RawScan. `read` runs a question on a reader thread; `org_id` is whose scans they are."""

    def __init__(self, app: App, floor: Floor, read: Read, org_id: UUID, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.floor = floor
        self._app = app
        self._read = read
        self._org_id = org_id
        self._queue: deque[RawScan] = deque()
        self._open: Receipt | None = None
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._begin)

    @property
    def idle(self) -> bool:
        """Whether every scan has had its answer."""
        return self._open is None and not self._queue

    def scan(self, raw: RawScan) -> None:
        """A scan came in. It waits for those before it."""
        self._queue.append(raw)
        self._begin()

    def go_on(self, receipt: Receipt) -> None:
        """A scan has had its answer: the next one may come, on the event loop's next round."""
        if receipt is self._open:
            self._open = None
            self._next.start()

    def log(self, ident: UUID, scan: Scanned) -> None:
        """Writes a scan into the log, after whatever it did; nobody waits for that."""
        writer = self._app.writer

        def kept() -> None:
            with writer.sessions() as session:
                keep(session, scan, ident)

        writer.submit(kept)

    def resume(self) -> None:
        """The question has been answered: the scans that were kept have their turn, in order."""
        if self._open is None and not self.floor.asking:
            self._next.start()

    def _begin(self) -> None:
        if self._open is not None:
            return
        if self.floor.kept and not self.floor.asking:
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
        receipt.errand.sent()
        with receipt.errand.at_hand():
            begin()

    def _scanned(self, raw: RawScan) -> Scanned:
        return Scanned(self._org_id, self._app.clock.now(), raw.text, raw.source, Outcome.ERROR, symbology=raw.symbology,
                       context=self.floor.context)  # fmt: skip

    def _ask(self, raw: RawScan, receipt: Receipt) -> None:
        actor, expected, app = receipt.actor, self.floor.expected, self._app
        if actor is None:
            receipt.hide()
            self.floor.shows_badge(raw.text, receipt)
            return
        if raw.text.upper().startswith(BADGE):
            receipt.hide()
        self._read(self, lambda: app.meaning(raw.text, actor, expected), lambda meaning: self._meant(meaning, receipt))

    def _meant(self, meaning: Meaning, receipt: Receipt) -> None:
        receipt.shown = meaning.shown
        if meaning.kind in self.floor.badges:
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

    def _keep_back(self, meaning: Meaning, receipt: Receipt) -> None:
        """A scan while a question is open, which it does not answer: it is kept, and says so."""
        self.floor.kept.append((meaning, receipt))
        many = _("Kept: {what}. {count} waiting. Answer the question first.")
        words = many if len(self.floor.kept) > 1 else _("Kept: {what}. Answer the question first.")
        receipt(Outcome.ASK, say(words, what=meaning.shown, count=len(self.floor.kept)))
