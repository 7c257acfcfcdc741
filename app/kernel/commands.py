"""An intent as a small frozen value, and the envelope that carries it to wherever it runs."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from app.kernel.problems import Problem, Refused
from app.kernel.shapes import Shape, shape_of, to_plain
from app.kernel.types import canonical, millis, moment
from app.kernel.words import _

if TYPE_CHECKING:
    from app.kernel.registry import Registry


class Authority(enum.StrEnum):
    """A FACT happened and is never refused by the hub; a REQUEST may be."""

    FACT = "fact"
    REQUEST = "request"


A_RECORD = {"id": "record"}
MANY_ROWS = {"rows": "rows"}


@dataclass(frozen=True, kw_only=True)
class Command:
    """Base of every intent. `needs` is the grant; fields are ids, exact values and plain words.

    `label` is what people call it once it is done. `about` names the fields that say on what it was done, each with its
    entity (nothing where the value is a word of its own); `makes` is the entity of a record that it makes (see `subjects`).
    `personal` names those that tell of somebody, also what was drawn for them, and are overwritten when they are erased.
    `final` says of what is never taken back what to do instead.
    """

    label: ClassVar[str] = ""
    about: ClassVar[Mapping[str, str]] = {}
    makes: ClassVar[str] = ""
    personal: ClassVar[tuple[str, ...]] = ()
    final: ClassVar[str] = ""
    needs: ClassVar[str] = ""
    authority: ClassVar[Authority] = Authority.REQUEST
    version: ClassVar[int] = 1

    def grant(self, registry: Registry) -> str:
        """The grant this very command needs; only the standard commands compute it."""
        return self.needs

    def told(self, registry: Registry) -> dict[str, Any]:
        """The fields as a log of refused tries keeps them: without what must stay secret, and what it would tell of somebody."""
        return {name: "…" if name in self.personal else value for name, value in encode(self).items()}

    def undone_by(self, command_id: UUID) -> Command | None:
        """The command that makes this one as if it had not been, given the id it ran under; None where there is none."""
        return None


@dataclass(frozen=True)
class Envelope:
    """A command with all that a replay needs: who, where, when, by what right, and what the first run drew."""

    id: UUID
    command: str
    version: int
    body: dict[str, Any]
    org_id: UUID
    actor_id: UUID
    terminal_id: UUID
    stamp: int
    occurred_at: datetime
    business_date: date
    authority: Authority
    number: int = 0  # counts the commands of one terminal, without gaps
    cosigner_id: UUID | None = None
    site_id: UUID | None = None
    zone: str = "UTC"
    granted: tuple[str, ...] = ()
    drawn: dict[str, Any] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The canonical plain form, which the audit's chain hashes and the wire carries."""
        plain: dict[str, Any] = {}
        for name in ENVELOPE_FIELDS:
            value = getattr(self, name)
            plain[name] = _plain(value)
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Envelope:
        return cls(
            id=UUID(plain["id"]),
            command=plain["command"],
            version=plain["version"],
            body=dict(plain["body"]),
            org_id=UUID(plain["org_id"]),
            actor_id=UUID(plain["actor_id"]),
            terminal_id=UUID(plain["terminal_id"]),
            stamp=plain["stamp"],
            occurred_at=moment(plain["occurred_at"]),
            business_date=date.fromisoformat(plain["business_date"]),
            authority=Authority(plain["authority"]),
            number=plain["number"],
            cosigner_id=_id(plain["cosigner_id"]),
            site_id=_id(plain["site_id"]),
            zone=plain["zone"],
            granted=tuple(plain["granted"]),
            drawn=dict(plain["drawn"]),
        )

    def text(self) -> str:
        return canonical(self.as_json())


ENVELOPE_FIELDS = tuple(field.name for field in dataclasses.fields(Envelope))


def _id(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _plain(value: Any) -> Any:
    match value:
        case UUID():
            return value.hex
        case datetime():
            return millis(value)
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


@dataclass(frozen=True)
class Answer:
    """What became of a command: `done`, `pending` (a request the hub has not answered) or `refused`; with the rows it touched."""

    id: UUID
    command: str
    status: str
    problems: tuple[Problem, ...] = ()
    rows: tuple[tuple[str, UUID], ...] = ()
    again: bool = False  # the same id came before: nothing was done a second time

    @property
    def done(self) -> bool:
        return self.status != "refused"

    def or_refused(self) -> Answer:
        """Itself, where something was done; Refused with its problems where not: for whoever has nobody else to ask."""
        if not self.done:
            raise Refused(*self.problems)
        return self

    def row(self, entity: str) -> UUID:
        """The first touched row of an entity, such as the work order that was just made."""
        return next(ident for name, ident in self.rows if name == entity)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "do": self.command,
            "status": self.status,
            "problems": [problem.as_json() for problem in self.problems],
            "rows": [{"entity": name, "id": str(ident)} for name, ident in self.rows],
        }


def fields_of(command: type[Command]) -> dict[str, Shape]:
    """The fields of a command and how each is written as plain data."""
    return shape_of(cast(Hashable, command))


def encode(command: Command) -> dict[str, Any]:
    """A command's fields as plain data; fields at their default are left out, so that a later default can be told."""
    plain = {}
    for field in dataclasses.fields(command):
        value = getattr(command, field.name)
        if field.default is dataclasses.MISSING or value != field.default:
            plain[field.name] = to_plain(value)
    return plain


def decode(command: type[Command], plain: Mapping[str, Any]) -> Command:
    """A command from plain data; refuses, all at once, every unknown, missing or unreadable field."""
    shapes = fields_of(command)
    problems = [_unknown(name, command, shapes) for name in plain if name not in shapes]
    given: dict[str, Any] = {}
    for name, shape in shapes.items():
        try:
            if name in plain:
                given[name] = shape.read(plain[name], name)
            elif shape.required:
                problems.append(
                    Problem(
                        "command.missing",
                        _("{command} needs “{field}”."),
                        field=name,
                        hint=_("Give it as {kind}."),
                        values={"command": command.__name__, "field": name, "kind": shape.words},
                    )
                )
        except Refused as refused:
            problems.extend(refused.problems)
    if problems:
        raise Refused(*problems)
    return command(**given)


def _unknown(name: str, command: type[Command], shapes: Mapping[str, Shape]) -> Problem:
    return Problem(
        "command.unknown_field",
        _("{command} has no field “{field}”."),
        field=name[:60],
        hint=_("Its fields are: {fields}."),
        values={"command": command.__name__, "field": name[:60], "fields": ", ".join(shapes) or "–"},
    )


BRIEF = 2048  # characters of a refused body that are kept


def brief(told: dict[str, Any]) -> dict[str, Any]:
    """What the log of refused tries keeps of a body: what is small of it."""
    kept: dict[str, Any] = {}
    for name, value in told.items():
        fits = len(canonical({**kept, name: value})) <= BRIEF
        kept[name] = value if fits else "…"
    return kept
