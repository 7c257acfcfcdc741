"""The bridge: one thread of one of the hub's processes that keeps every organisation and its Odoo in step.

It is woken by what is committed here, by Odoo's hooks, and by the clock; terminals and people never wait for it.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import rls
from app.kernel.events import Notice
from app.kernel.problems import Trouble
from app.kernel.words import _
from app.odoo.model import OdooDifference, OdooLetter, OdooMatch
from app.odoo.records import OdooInstance
from sync.odoo.maps.order import OUT
from sync.odoo.side import Inbound, LineTo

INTERVAL = 2.0  # seconds between two looks at what other processes of the hub have committed
IDLE = 10.0  # the same while there is no Odoo, or another process has the bridge
PATIENCE = 10.0  # seconds that a hub which is told to end waits for what the bridge is at
_CLAIM = text("SELECT pg_try_advisory_lock(hashtext('fettle odoo'))")
_HELD = text("SELECT 1")
log = logging.getLogger(__name__)


class Bridge:
    """It runs from `start` until `stopping` is set; `once` does the same a single time, on the caller's thread."""

    def __init__(
        self, app: App, folder: Path, stopping: threading.Event | None = None, *, inbound: Sequence[Inbound] = ()
    ) -> None:
        """`folder` is the hub's, in which the keys lie; `inbound` are the passes that bring here what changed in Odoo."""
        self._app = app
        self._folder = folder
        self._stopping = stopping or threading.Event()
        self._inbound = inbound
        self._bell = threading.Event()
        self._looks: set[UUID] = set()
        self._lines: dict[UUID, LineTo] = {}
        self._claim: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="odoo", daemon=True)
        self._deaf = app.notices.listen(self._heard)

    def start(self) -> None:
        self._thread.start()

    @property
    def has_it(self) -> bool:
        """Whether this process is the one that speaks to Odoo."""
        return self._claim is not None

    def wake(self, org_id: UUID | None = None) -> None:
        """Lets the next round begin now; one that names an organisation looks at what changed in its Odoo, too."""
        if org_id is not None:
            self._looks.add(org_id)
        self._bell.set()

    def join(self) -> None:
        """Ends it, once `stopping` is set: what Odoo is asked just now is cut off, and made again by the next start."""
        self._deaf()
        self._bell.set()
        for line in list(self._lines.values()):
            line.interrupt()
        self._thread.join(PATIENCE)

    def once(self) -> Counter[str]:
        """One round for everybody: what changed here goes out, what changed in Odoo comes in. Trouble while another process of
        the hub has the bridge: that one does it anyway."""
        if not self.claimed():
            raise _elsewhere()
        self._looks |= set(self._served())
        try:
            return self._round()
        finally:
            self.let_go()

    # ------------------------------------------------------------------------------------------------------ the thread

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._bell.clear()
            pause = self._tried()
            self._bell.wait(pause)
        self.let_go()

    def _tried(self) -> float:
        """The thread must not end before the program does, whatever falls: nobody else would speak to Odoo."""
        try:
            if not self.claimed():
                return IDLE
            self._round()
        except Exception:
            log.exception("The bridge to Odoo stumbled, and goes on.")
            return IDLE
        return INTERVAL if self._lines else IDLE

    def _round(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for org_id in self._served():
            if self._stopping.is_set():
                break
            line = self._lines.get(org_id) or LineTo(
                self._app, org_id, self._folder, self._inbound, stopping=self._stopping.is_set
            )
            self._lines[org_id] = line
            look = org_id in self._looks
            self._looks.discard(org_id)
            counts += self._gone(line, look)
        return counts

    def _gone(self, line: LineTo, look: bool) -> Counter[str]:
        """One organisation's trouble is nobody else's."""
        try:
            return line.go(look=look)
        except Exception:
            log.exception("The bridge to an Odoo stumbled, and goes on.")
            return Counter()

    def _heard(self, notice: Notice) -> None:
        if self._lines and notice.touches(WATCHED):
            self._bell.set()

    # ------------------------------------------------------------------------------------------------------- database

    def _served(self) -> list[UUID]:
        """Whoever works with an Odoo."""
        with Session(self._app.read_engine) as session:
            rls.serve_all(session)
            return list(session.scalars(select(OdooInstance.org_id).order_by(OdooInstance.org_id)))

    def claimed(self) -> bool:
        """Whether this process has the bridge: one at a time, whichever of the hub's took it first and still lives."""
        if self._claim is not None:
            try:
                self._claim.execute(_HELD)
            except DBAPIError:
                self._drop()
            else:
                return True
        connection = self._app.read_engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not connection.scalar(_CLAIM):
            connection.close()
            return False
        self._claim = connection
        return True

    def _drop(self) -> None:
        if self._claim is not None:
            self._claim.invalidate()  # the lock goes with the connection, which nobody else must be given
            self._claim.close()
            self._claim = None

    def let_go(self) -> None:
        """Ends all lines, and leaves the bridge to whichever process comes next."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()
        self._drop()


def _elsewhere() -> Trouble:
    message = _("Another process of the hub has the bridge to Odoo just now, and keeps both in step.")
    return Trouble("odoo.elsewhere", message, _("See how it stands: fettle odoo status."))


WATCHED = frozenset(
    [out.name for out in OUT]
    + [child.__tablename__ for out in OUT for child, _column in out.children]
    + [one.__tablename__ for one in (OdooLetter, OdooMatch, OdooDifference)]
)
