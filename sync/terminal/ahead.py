"""What the hub is asked for while its last answer is still being laid down, so that neither waits for the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from sync.protocol import Exchanged, Pull, Push

Call = Callable[[], Exchanged]


@dataclass(frozen=True)
class Asked:
    """A question that is under way: `answer` waits for what comes back, and raises what the line raised."""

    sent: Push
    wanted: Pull
    answer: Call


class Ahead:
    """Holds one question at most. An answer that is never taken is as one that the line lost: the hub is asked again."""

    def __init__(self, begin: Callable[[Call], Call] | None = None) -> None:
        """`begin` sets a call going, and gives what waits for its end; a thread does it where nothing else is said."""
        self._begin = begin or beside
        self._asked: Asked | None = None

    def ask(self, sent: Push, wanted: Pull, call: Call) -> None:
        self._asked = Asked(sent, wanted, self._begin(call))

    def take(self) -> Asked | None:
        """The question that is under way; it is forgotten here."""
        asked, self._asked = self._asked, None
        return asked


def beside(call: Call) -> Call:
    """Makes a call on a thread of its own, for which nobody need wait when the program ends."""
    future: Future[Exchanged] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # it is raised where the answer is wanted
            future.set_exception(error)

    threading.Thread(target=run, name="sync ahead", daemon=True).start()
    return future.result
