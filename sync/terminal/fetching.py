"""Gets pieces of a snapshot over a line that breaks: goes on in the middle of a piece, and believes nothing unchecked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from app.kernel.problems import Trouble
from app.kernel.words import _
from sync.snapshots import Manifest, Source

TRIES = 5  # in a row that bring nothing of a piece, or something else, before the next one is left to whoever asked
LONGEST = 30.0  # seconds between two tries
BUILD_TRIES = 120  # times that a hub which is still building is asked again
ASK_AGAIN = 2.0  # seconds


@dataclass(frozen=True)
class Progress:
    """How far it is: bytes here and bytes in all; rows instead while the store is being made of columns."""

    step: str  # fetch or lay
    done: int
    total: int


Tell = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """For those who do not watch."""


class Fetching:
    """Fetches from one source, and tells how far it is. `stop` ends it at the next piece, with a Trouble."""

    def __init__(self, source: Source, tell: Tell, stop: Callable[[], bool], sleep: Callable[[float], None]) -> None:
        self._source = source
        self._stop = stop
        self._sleep = sleep
        self.tell = tell

    def manifest(self, form: str) -> Manifest:
        """What the hub has; waits while it is building."""
        for _attempt in range(BUILD_TRIES):
            self.go_on()
            try:
                return self._source.manifest(form)
            except Trouble as trouble:
                if trouble.problem.code != "snapshot.building":
                    raise
            self._sleep(ASK_AGAIN)
        raise _never_built()

    def piece(self, manifest: Manifest, number: int) -> bytes:
        """The packed bytes of a piece, as the manifest promises them. A line that breaks and breaks, but brings some each time,
        is only slow."""
        wanted = manifest.pieces[number]
        got = bytearray()
        still = wrong = 0
        while wrong < TRIES:
            self.go_on()
            here = len(got)
            try:
                self._more(manifest, number, got)
            except Trouble:
                still = still + 1 if len(got) == here else 0
                if still == TRIES:
                    raise
                self._sleep(min(2.0**still, LONGEST))
                continue
            if len(got) == wanted.size and sha256(got).hexdigest() == wanted.sha256:
                return bytes(got)
            got.clear()  # something on the way changed it: from the start
            wrong += 1
        raise _changed()

    def _more(self, manifest: Manifest, number: int, got: bytearray) -> None:
        """Adds what comes of a piece to what is here, and no more than a byte beyond its end."""
        wanted = manifest.pieces[number]
        for some in self._source.piece(manifest.name, number, len(got)):
            got += some[: wanted.size + 1 - len(got)]
            self._told(manifest, number, len(got))
            if len(got) > wanted.size:
                return

    def _told(self, manifest: Manifest, number: int, here: int) -> None:
        before = sum(piece.size for piece in manifest.pieces[:number])
        self.tell(Progress("fetch", before + here, manifest.size))

    def go_on(self) -> None:
        """Trouble once somebody has asked to stop."""
        if self._stop():
            message, hint = _("Fetching the store was stopped."), _("Start it again: what is here is not fetched twice.")
            raise Trouble("snapshot.stopped", message, hint)


def _changed() -> Trouble:
    message = _("What arrives is not what the hub sent: something on the way changes it.")
    return Trouble("snapshot.changed", message, _("Look at what stands between this terminal and the hub, then try again."))


def _never_built() -> Trouble:
    message = _("The hub has not finished this terminal's store in time.")
    return Trouble("snapshot.late", message, _("See the hub's log, then try again."))
