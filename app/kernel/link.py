"""Link: how a terminal stands to its hub, as the status line and the sync page read it. Sync's engine tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.kernel.problems import Problem


@dataclass(frozen=True)
class LinkState:
    """One of online, slow, offline, sending, needs_you and not_enrolled, with its facts.

    `since` and `fresh` are times of day as people read them; `waiting` counts commands that the hub has not confirmed,
    `asked` all that somebody must look at, whoever that is; `stuck` what of it is no card of somebody's, such as a parked
    command or a full disk. Whoever is signed in is shown their own cards and what is stuck.
    """

    kind: str = "not_enrolled"
    since: str = ""
    waiting: int = 0
    asked: int = 0
    fresh: str = ""
    stuck: int = 0


@dataclass(frozen=True)
class Notice:
    """Something that sync mended by itself, or could not: when, and what in words."""

    at: datetime
    finding: Problem


@dataclass(frozen=True)
class LinkDetails:
    """What only the engine knows. What waits, is parked or was confirmed is read from the store by whoever shows it."""

    hub: str = ""  # its address; nothing without one
    last_try: datetime | None = None
    last_done: datetime | None = None  # the last exchange that went through
    next_try: datetime | None = None
    failure: Problem | None = None  # why the last try came to nothing
    fresh: Mapping[str, datetime] = field(default_factory=dict)  # by entity: up to when everything of it is here
    notices: tuple[Notice, ...] = ()  # what was repaired, the latest first


class Link(Protocol):
    """Tells how the link stands; without a hub there is `NoHub`."""

    def state(self) -> LinkState:
        """How it stands now. Asked on the screen's thread: it waits for nothing."""
        ...

    def listen(self, changed: Callable[[], None]) -> None:
        """Calls, from any thread, when it has changed."""
        ...

    def details(self) -> LinkDetails:
        """What the sync page shows. Asked on a reader thread."""
        ...

    def try_now(self) -> None:
        """Begins an exchange at once, whatever the back-off says; returns before it is over, and `listen` tells the rest."""
        ...


class NoHub:
    """The link of a terminal that works alone."""

    def state(self) -> LinkState:
        return LinkState()

    def listen(self, changed: Callable[[], None]) -> None:
        """It never changes."""

    def details(self) -> LinkDetails:
        return LinkDetails()

    def try_now(self) -> None:
        """There is nobody to try."""
