"""What a hub's process does beside its work: at its start, by when the program may have been mended, it runs what was parked;
and every hour it adds digests up, and forgets what is long gone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sync.hub.peer import HubPeer

HOUR = 3600.0
PATIENCE = 5.0  # seconds that a hub which is told to end waits for what it is at
log = logging.getLogger(__name__)


class Tidying:
    """A thread that does so, until `stopping` is set."""

    def __init__(self, peer: HubPeer, stopping: threading.Event, every: float = HOUR) -> None:
        self._peer = peer
        self._stopping = stopping
        self._every = every
        self._thread = threading.Thread(target=self._run, name="tidying", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Waits for its end, once `stopping` is set; not for all that was parked: what is not done yet the next start does."""
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        released = self._did(self._peer.release)
        while not self._stopping.wait(self._every):
            released = released or self._did(self._peer.release)
            self._did(self._peer.tidy)

    def _did(self, what: Callable[[], object]) -> bool:
        """Whether it could be done; where the database is away, the next hour will do. The thread must not end before the program
        does, whatever falls: nobody else would tidy up."""
        try:
            what()
        except Exception:
            log.exception("The hub could not be tidied up.")
            return False
        return True
