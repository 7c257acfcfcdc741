"""Steps: what a flow is made of: what it wants scanned, what it fills in by itself, and what cards and choices change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.entity import Entity
from app.kernel.meanings import Match
from app.kernel.problems import Problem


@dataclass(frozen=True)
class Within:
    """A record whose scan says more than the step asks for: a lot says which part it is of. It fills `field` itself."""

    field: str
    entity: type[Entity]
    of: Callable[[Session, UUID], Match | None]  # what the step wanted


@dataclass(frozen=True)
class Scan:
    """A step of a flow: which entity it wants, under which field of the command, and what it says. A sticky one stays."""

    field: str
    entity: type[Entity]
    ask: str
    sticky: bool = False
    within: Within | None = None
    check: Callable[[Session, UUID], Problem | None] | None = None  # what is said at once, before anything else is scanned


@dataclass(frozen=True)
class Propose:
    """A field that the screen fills in: one candidate is taken silently, several (or none) are asked for.

    `candidates` gets the ids so far, and whether the DAMAGED card was scanned.
    """

    field: str
    candidates: Callable[[Session, Mapping[str, UUID], bool], Sequence[Match]]
    ask: str
    none: str
    entity: type[Entity]


@dataclass(frozen=True)
class Count:
    """A field that counts: one for each scan, multiplied by packs and quantity cards.

    `whole` says of a record that was scanned whether it is counted in whole pieces only.
    """

    field: str = "quantity"
    whole: Callable[[Session, UUID], bool] = lambda _session, _ident: False


@dataclass(frozen=True)
class Mark:
    """A command card that changes the next scan, such as DAMAGED: the values it sets, and the word shown while it waits."""

    word: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Choices:
    """What the first step of a flow may choose by touch: a query, its arguments, and its columns."""

    query: str
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)
    columns: tuple[str, ...] = ()
