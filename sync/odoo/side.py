"""One organisation's line to its Odoo: opened when there is something to do, let go and left alone while Odoo is away."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import feed
from app.kernel.access import system
from app.kernel.ids import new_id
from app.kernel.problems import Problem
from app.kernel.types import millis
from app.odoo.model import AWAY, IN_STEP, PAUSED, SENDING
from app.odoo.notes import NoteInOdoo
from app.odoo.records import OdooEvent, OdooInstance, OdooRun
from sync.odoo import waiting
from sync.odoo.errors import Away, Said, verdict_of
from sync.odoo.keys import key_of
from sync.odoo.outward import Outward
from sync.odoo.places import Places, learned
from sync.odoo.showing import show
from sync.odoo.transport import Account, Odoo, connect, version_of

BETWEEN_LOOKS = 45.0  # seconds between two looks at what changed in Odoo: it shows at a terminal within a minute
BETWEEN_NOTES = 3600.0  # seconds after which people are told anew how things stand: each time all terminals fetch it
PATIENCE = 10.0  # seconds for one that was away to say that it is there again
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Side:
    """Whom a pass is for, and what it works with."""

    app: App
    org_id: UUID
    odoo: Odoo
    places: Places


Inbound = Callable[[Side], None]


class LineTo:
    """What stands between an organisation and its Odoo. For one thread."""

    def __init__(
        self, app: App, org_id: UUID, folder: Path, inbound: Sequence[Inbound] = (), stopping: Callable[[], bool] = lambda: False
    ) -> None:
        self._app = app
        self._org = org_id
        self._folder = folder
        self._inbound = inbound
        self._stopping = stopping
        self._side: Side | None = None
        self._account: Account | None = None
        self._seen = -1  # up to where the feed was sent
        self._fails = 0
        self._again = 0.0  # by the monotonic clock: until then it is left alone
        self._looked, self._took = -BETWEEN_LOOKS, 0  # and when that was, in milliseconds since 1970
        self._told: tuple[float, str] = (-BETWEEN_NOTES, "")

    def go(self, *, look: bool = False) -> Counter[str]:
        """Does what is due; `look` asks Odoo for what changed there too. Never raises for what Odoo, or the way to it, does."""
        now = time.monotonic()
        if now < self._again:
            return Counter()
        instance = self._instance()
        if instance is None or instance.paused:
            self.close()
            self._tell(PAUSED if instance is not None else "", None)
            return Counter()
        looks = look or now - self._looked >= BETWEEN_LOOKS or self._is_hinted()
        if not (looks or self._is_due()):
            return Counter()
        try:
            return self._passed(instance, looks)
        except (Away, Said) as error:
            self._put_off(error)
        return Counter()

    def close(self) -> None:
        """Lets go of the line."""
        if self._side is not None:
            self._side.odoo.close()
            self._side = None

    def interrupt(self) -> None:
        """From another thread: what is asked just now ends at once."""
        side = self._side
        if side is not None:
            side.odoo.close()

    # ------------------------------------------------------------------------------------------------------- one pass

    def _passed(self, instance: OdooInstance, looks: bool) -> Counter[str]:
        side = self._opened(instance)
        if looks:  # before anything goes: what was changed there meanwhile must not be written over
            for one in self._inbound:
                _taken_in(one, side)
            self._looked, self._took = time.monotonic(), millis(self._app.clock.now())
        head = self._head()
        began = self._app.clock.now()
        out = Outward(self._app, self._org, side.odoo, side.places, url=instance.url, stopping=self._stopping)
        counts = out.once()
        if looks:
            show(self._app, self._org, instance.url)
        self._seen = head
        self._fails, self._again = 0, 0.0
        if counts:
            self._note_run(began, counts)
        self._tell(IN_STEP, None, sent=bool(counts["arrived"]))
        return counts

    def _opened(self, instance: OdooInstance) -> Side:
        account = Account(instance.url, instance.db, instance.login, instance.version, instance.company)
        if self._side is not None and account == self._account:
            return self._side
        self.close()
        if self._fails:
            version_of(instance.url, deadline=PATIENCE)
        odoo = connect(account, key_of(self._folder, self._org))
        try:
            places = learned(odoo, instance.company)
        except BaseException:
            odoo.close()
            raise
        self._account, self._side = account, Side(self._app, self._org, odoo, places)
        return self._side

    def _put_off(self, error: Away | Said) -> None:
        """Odoo is away, or lets nobody in: nothing is read or written until the next try, however long that goes on."""
        verdict = verdict_of(error)
        self.close()
        self._fails += 1
        pause = max(waiting.pause(self._fails), float(getattr(error, "seconds", 0)))
        self._again = time.monotonic() + pause
        if self._fails == 1:
            log.warning("Odoo: %s", verdict.problem.sentence)
        self._tell(AWAY, verdict.problem)

    # ---------------------------------------------------------------------------------------------------- what is due

    def _is_due(self) -> bool:
        with self._session() as session:
            due = waiting.next_try(session, self._org)
            return feed.head(session) > self._seen or (due is not None and due <= self._app.clock.now())

    def _is_hinted(self) -> bool:
        """Whether Odoo has called: whichever of the hub's processes it was that heard it."""
        with self._session() as session:
            heard = select(OdooEvent.id).where(OdooEvent.org_id == self._org, OdooEvent.done.is_(False)).limit(1)
            return session.scalar(heard) is not None

    def _head(self) -> int:
        with self._session() as session:
            return feed.head(session)

    def _instance(self) -> OdooInstance | None:
        with self._session() as session:
            return session.get(OdooInstance, self._org)

    def _session(self) -> Session:
        return Session(self._app.read_engine, info={"orgs": frozenset({self._org})}, expire_on_commit=False)

    # ------------------------------------------------------------------------------------------------ what is told of it

    def _tell(self, state: str, problem: Problem | None, *, sent: bool = False) -> None:
        """How things stand, when that changes and now and then."""
        with self._session() as session:
            counts = waiting.counted(session, self._org) if state else Counter[str]()
        state = SENDING if state == IN_STEP and (counts.get("", 0) or counts.get("retry", 0)) else state
        before, what = self._told
        now = time.monotonic()
        fresh = f"{state}{problem.code if problem else ''}"
        if not state or (fresh == what and not sent and now - before < BETWEEN_NOTES):
            return
        self._told = now, fresh
        note = NoteInOdoo(what=state, health=self._health(state, problem, counts, sent))
        self._app.run(note, system(self._org)).or_refused()

    def _health(self, state: str, problem: Problem | None, counts: dict[str, int], sent: bool) -> dict[str, Any]:
        at, account = millis(self._app.clock.now()), self._account
        told: dict[str, Any] = {"state": state, "waiting": sum(counts.values()), "told_at": at}
        told |= {"database": account.db, "url": account.url, "version": account.version} if account else {"database": ""}
        told |= {"answered_at": at} if state in (IN_STEP, SENDING) else {}
        told |= {"sent_at": at} if sent else {}
        told |= {"taken_at": self._took} if self._took else {}
        values = {name: str(value) for name, value in problem.values.items()} if problem else {}
        return told | {"message": problem.message if problem else "", "hint": problem.hint if problem else "", "detail": values}

    def _note_run(self, began: Any, counts: Counter[str]) -> None:
        run = OdooRun(
            id=new_id(), org_id=self._org, kind="out", began=began, ended=self._app.clock.now(), state="done", counts=dict(counts)
        )

        def written() -> None:
            with self._app.writer.sessions(info={"orgs": frozenset({self._org})}) as session:
                session.add(run)
                session.commit()

        self._app.writer.run(written)


def _taken_in(inbound: Inbound, side: Side) -> None:
    """What Odoo will not tell, such as for want of a right, holds up nothing of what goes there."""
    try:
        inbound(side)
    except Said as error:
        verdict = verdict_of(error)
        if verdict.everywhere:
            raise
        log.warning("Odoo: %s", verdict.problem.sentence)
