"""One operation of the API: where it is, what it takes and gives, and what does it. The routes and OpenAPI read the same list."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.kernel.access import Actor
from app.kernel.problems import Problem
from app.kernel.registry import Registry

if TYPE_CHECKING:
    from app.access.sign_in import Desk
    from sync.hub.allowance import Allowance
    from sync.hub.main import Hub
    from sync.hub.tokens import Tokens

BASE = "/api/v1"
NOBODY = Actor(UUID(int=0), UUID(int=0), active=False)
Schema = dict[str, Any]
ID: Schema = {"type": "string", "format": "uuid"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
FLAG: Schema = {"type": "boolean"}


def shape(**fields: Schema) -> Schema:
    """The schema of an object with these fields."""
    return {"type": "object", "properties": fields}


def each(schema: Schema) -> Schema:
    """The schema of a list of such."""
    return {"type": "array", "items": schema}


@dataclass(frozen=True)
class Api:
    """What every call may use."""

    hub: Hub
    tokens: Tokens
    desk: Desk
    allowance: Allowance

    @property
    def registry(self) -> Registry:
        return self.hub.app.registry


@dataclass(frozen=True)
class Call:
    """A request that was read and let in: in whose name, and what it says."""

    api: Api
    actor: Actor = NOBODY
    login: UUID | None = None
    path: Mapping[str, str] = dataclasses.field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    address: str = ""
    text: str = ""  # the body as it came, where the operation is told it raw


@dataclass(frozen=True)
class Reply:
    """What a call is answered: a body or, where it is refused, problems with what else is to be told."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    media: str = "application/json"


@dataclass(frozen=True)
class Parameter:
    """Something that a call may say beside its body."""

    name: str
    about: str
    schema: Schema = dataclasses.field(default_factory=lambda: {"type": "string"})
    place: str = "query"
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """A method at a path. `name` is its own for ever. Without `public` it wants a token, and its person must hold `grant`:
    where there are several, with commas between them, all of them. A `raw` body is handed on as it came, for it is signed;
    `largest` is how many bytes it may have.
    """

    method: str
    path: str
    name: str
    about: str
    tag: str
    handler: Callable[[Call], Reply]
    grant: str = ""
    public: bool = False
    raw: bool = False
    largest: int = 1024 * 1024
    takes: tuple[Parameter, ...] = ()
    body: Schema | None = None
    gives: Schema = dataclasses.field(default_factory=dict)
    status: int = 200
    media: str = "application/json"
