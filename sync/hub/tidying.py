"""What a hub's process does every hour, whatever else goes on: it adds digests up, and forgets what is long gone."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from app.kernel.problems import Trouble
from sync.hub.peer import HubPeer

HOUR = 3600.0
log = logging.getLogger(__name__)


class Tidying:
    """A thread that tidies up now and then, until `stopping` is set."""

    def __init__(self, peer: HubPeer, stopping: threading.Event, every: float = HOUR) -> None:
        self._peer = peer
        self._stopping = stopping
        self._every = every
        self._thread = threading.Thread(target=self._run, name="tidying", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Waits for its end, once `stopping` is set."""
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self._peer.tidy()
            except (SQLAlchemyError, Trouble):  # the database is away: the next hour will do
                log.exception("The hub could not be tidied up.")
