"""The door through which an import reads and writes: for good, or as a rehearsal of which nothing stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.commands import Answer, Command
from app.kernel.dispatch import Station
from app.kernel.registry import Registry
from app.kernel.rehearsal import Rehearsal


class Office(Protocol):
    """What an App offers to an import."""

    registry: Registry

    @property
    def station(self) -> Station: ...

    def run(self, command: Command, actor: Actor) -> Answer: ...

    def read(self, actor: Actor) -> Session: ...

    def current(self, actor: Actor) -> Actor: ...


class Door(Protocol):
    """Reads what is there, and runs commands in somebody's name."""

    registry: Registry
    actor: Actor
    station: Station

    def run(self, command: Command) -> Answer: ...

    def looking(self) -> AbstractContextManager[Session]: ...


class FrontDoor:
    """Every command stays once it is done."""

    def __init__(self, office: Office, actor: Actor) -> None:
        self._office = office
        self.registry = office.registry
        self.actor = office.current(actor)
        self.station = office.station

    def run(self, command: Command) -> Answer:
        return self._office.run(command, self.actor)

    def looking(self) -> AbstractContextManager[Session]:
        return self._office.read(self.actor)


class RehearsalDoor:
    """Each command sees what the ones before it did; none of it stays. For the writer's thread alone."""

    def __init__(self, rehearsal: Rehearsal, registry: Registry, actor: Actor, station: Station) -> None:
        self._rehearsal = rehearsal
        self.registry = registry
        self.actor = actor
        self.station = station

    def run(self, command: Command) -> Answer:
        return self._rehearsal.run(command, self.actor)

    @contextmanager
    def looking(self) -> Iterator[Session]:
        yield self._rehearsal.session
