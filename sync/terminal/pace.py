"""When to exchange with the hub, and how much at once: decided by moments and chance that are handed in, so that tests can."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sync.terminal.exchange import Limits

SETTLE = 0.2  # seconds after a commit, so that a burst of scans travels together
BETWEEN_NUDGES = 1.0  # seconds; a hub that is busy nudges all the time
INTERVAL = 30.0  # seconds, where nothing else has a reason
FIRST_BACK_OFF, LONGEST_BACK_OFF = 1.0, 60.0  # seconds
SPREAD = 0.1  # of an interval, so that terminals which started together do not stay together
AIM = 0.3  # seconds for one exchange
FEWEST, MOST, STEP = 10, 2_000, 50  # commands in a push
MOST_PAGES = 40


@dataclass
class Pace:
    """The next moment to exchange, in seconds of `now`. `chance` gives a number from 0 up to 1."""

    now: Callable[[], float]
    chance: Callable[[], float]
    due: float = 0.0
    failures: int = 0
    paused: bool = False
    done_at: float = -math.inf

    def committed(self) -> None:
        """Something was done here. While the hub is away that changes nothing: the back-off holds."""
        self._by(self.now() + SETTLE)

    def nudged(self) -> None:
        """Something was done elsewhere."""
        self._by(max(self.now() + SETTLE * self.chance(), self.heeds_nudges_at))

    @property
    def heeds_nudges_at(self) -> float:
        """Before this moment nothing that was done elsewhere leads to an exchange."""
        return self.done_at + BETWEEN_NUDGES

    def asked(self) -> None:
        """Somebody wants it now, or the network is back: no back-off and no pause holds any longer."""
        self.failures, self.paused, self.due = 0, False, self.now()

    def done(self, *, more: bool) -> None:
        """It went through. With more to fetch or to send, the next one follows at once."""
        self.failures, self.done_at = 0, self.now()
        self.due = self.done_at if more else self.done_at + INTERVAL * (1 + SPREAD * (2 * self.chance() - 1))

    def failed(self, at_least: float = 0.0) -> None:
        """It came to nothing, and may another time: after a random part of a wait that doubles, and as the hub asks."""
        longest = min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** min(self.failures, 10))
        self.failures += 1
        self.due = self.now() + max(self.chance() * longest, at_least * (1 + SPREAD * self.chance()))

    def refused(self) -> None:
        """The hub does not let this terminal in: until somebody has seen to it, asking again changes nothing."""
        self.paused, self.due = True, math.inf

    def _by(self, moment: float) -> None:
        if not self.failures and not self.paused:
            self.due = min(self.due, moment)


@dataclass
class Load:
    """How much one exchange carries: a little more after each that was quick and full, half after one that was slow."""

    limits: Limits = field(default_factory=lambda: Limits(commands=100, pages=4))

    def took(self, seconds: float, sent: int, pages_full: bool) -> None:
        commands, pages = self.limits.commands, self.limits.pages
        if seconds > AIM:
            commands, pages = max(FEWEST, commands // 2), max(1, pages // 2)
        else:
            commands = min(MOST, commands + STEP) if sent >= commands else commands
            pages = min(MOST_PAGES, pages + 1) if pages_full else pages
        self.limits = replace(self.limits, commands=commands, pages=pages)

    def too_much(self) -> None:
        """The hub would not take so much at once, or answered with more than a terminal takes."""
        commands, pages = self.limits.commands, self.limits.pages
        self.limits = replace(self.limits, commands=max(1, commands // 2), pages=max(1, pages // 2))
