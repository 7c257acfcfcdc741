"""Where terminals' requests wait for a thread: those of a backlog share a few, so that whoever scans always finds one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from app.kernel.problems import Problem, Refused
from app.kernel.words import _

LONG = 1000  # bytes of a body: ten commands, more than anybody does in a moment
SCANS, BACKLOGS = 40, 8  # threads; each waits for the writer most of the time
MOST_SCANS, MOST_BACKLOGS = 400, 40  # requests that wait for one
SOON, LATER = 1, 5  # seconds after which whoever found no room is to come again
T = TypeVar("T")


class Lobby:
    """Of one process of the hub, on its event loop."""

    def __init__(self) -> None:
        self._rooms: dict[bool, CapacityLimiter] = {}

    async def served(self, length: int, act: Callable[[], T]) -> T:
        """Runs it on a thread once there is one for a body of this length; Refused where too many wait already."""
        is_long = length > LONG
        if not self._rooms:
            self._rooms = {False: CapacityLimiter(SCANS), True: CapacityLimiter(BACKLOGS)}
        room = self._rooms[is_long]
        if room.statistics().tasks_waiting >= (MOST_BACKLOGS if is_long else MOST_SCANS):
            raise Refused(_full(LATER if is_long else SOON))
        return await to_thread.run_sync(act, limiter=room)


def _full(seconds: int) -> Problem:
    message, hint = (
        _("More terminals ask the hub than it can answer just now."),
        _("Nothing is lost: it is tried again in {seconds} s."),
    )
    return Problem("wire.busy", message, hint=hint, values={"seconds": seconds})
