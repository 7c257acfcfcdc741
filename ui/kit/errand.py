"""Errand: all that one scan sets going. Whatever becomes of the widgets that wanted to know, it comes to an end, and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING
from uuid import UUID

from app.kernel.problems import Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.words import _

if TYPE_CHECKING:
    from ui.kit.bench import Told

BROKE = "program.broke"

_now: ContextVar[Errand | None] = ContextVar("errand", default=None)


def errand() -> Errand | None:
    """For which scan this thread is at work just now."""
    return _now.get()


def broke() -> Trouble:
    """What a bug is to whoever waits; the crash page and the report say more."""
    return Trouble(BROKE, _("Something in the program broke."), _("Look whether it is there before you do it again."))


class Errand:
    """Counts the work that is under way for one scan. `ended` hears once none is left, with what failed, if anything did.

    Work that is begun while the errand is `at_hand` belongs to it, and so does what that work sets going when it comes home.
    """

    def __init__(self, told: Told, ended: Callable[[Refused | Trouble | None], None]) -> None:
        self.told = told
        self._ended = ended
        self._away = 0
        self.failure: Refused | Trouble | None = None

    def sent(self) -> None:
        """A piece of work is under way."""
        self._away += 1

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """While one piece of the work that was sent is dealt with on the screen thread."""
        before = _now.set(self)
        try:
            yield
        except Exception:
            self.failure = broke()
            raise
        finally:
            _now.reset(before)
            self._home()

    def _home(self) -> None:
        self._away -= 1
        if not self._away:
            failure, self.failure = self.failure, None
            self._ended(failure)


class Relay:
    """Hands on what was told to whoever wants to know it first."""

    def __init__(self, hear: Callable[[Outcome, str, UUID | None], None]) -> None:
        self._hear = hear
        self.committed = False

    def __call__(self, outcome: Outcome, said: str, command_id: UUID | None = None) -> None:
        self._hear(outcome, said, command_id)

    def quietly(self, outcome: Outcome, said: str) -> None:
        self._hear(outcome, said, None)
