"""From what a scan says to what it means here: own codes, cards, badges, then whatever the capabilities can find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.entity import Entity
from app.kernel.problems import Problem, Refused
from app.kernel.registry import Registry
from app.kernel.scanning import COMMANDS, KINDS, Reading, human, read
from app.kernel.types import Quantity
from app.kernel.words import _, say, within


@dataclass(frozen=True)
class Match:
    """A row that a scan may mean, with how much of it one scan stands for."""

    entity: str
    id: UUID
    title: str
    quantity: Quantity = Quantity(1)
    exact: bool = True


@dataclass(frozen=True)
class Finder:
    """A capability's way to find rows by a scanned text. The lowest `order` is asked first, until one finds anything."""

    name: str
    order: int
    find: Callable[[Session, Reading, Actor], Sequence[Match]]


@dataclass(frozen=True)
class Meaning:
    """What a scan means: `row`, `choice` (several rows), `command`, `quantity`, `badge`, `unknown` or `refused`."""

    kind: str
    text: str
    shown: str
    matches: tuple[Match, ...] = ()
    command: str = ""
    quantity: Quantity | None = None
    problem: Problem | None = None

    @property
    def match(self) -> Match | None:
        return self.matches[0] if self.kind == "row" else None

    def as_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "text": self.text,
            "command": self.command,
            "quantity": None if self.quantity is None else str(self.quantity),
            "matches": [
                {"entity": one.entity, "id": str(one.id), "title": one.title, "quantity": str(one.quantity)}
                for one in self.matches
            ],
            "problem": self.problem.as_json() if self.problem else None,
        }


def meaning(session: Session, registry: Registry, actor: Actor, text: str, expected: Sequence[str] = ()) -> Meaning:
    """What a scanned (or typed) text means to this actor; `expected` names the entities that the open step wants.

    Never raises: what cannot be read or found comes back as `refused` or `unknown`, with a sentence.
    """
    try:
        reading = read(text)
    except Refused as refused:
        return Meaning("refused", text, text[:40], problem=refused.problem)
    special = _card(reading)
    if special is not None:
        return special
    if reading.form != "own":
        found = _found(session, registry, actor, reading, expected)
        if not found and registry.is_badge(session, reading.text):
            return Meaning("badge", reading.text, say(KINDS["US"]))
        return _settled(registry, reading, found, expected)
    row = _own_row(session, registry, actor, reading)
    if row is not None and row.retired:
        return Meaning("refused", reading.text, row.title, problem=_out_of_use(row.title))
    return _settled(registry, reading, [] if row is None else [Match(row.__tablename__, row.id, row.title)], expected)


def _card(reading: Reading) -> Meaning | None:
    if reading.form != "own":
        return None
    if reading.kind == "CM":
        return Meaning("command", reading.text, say(COMMANDS[reading.ident]), command=reading.ident)
    if reading.kind == "QT":
        return Meaning("quantity", reading.text, "× " + reading.ident, quantity=Quantity(int(reading.ident)))
    if reading.kind == "US":
        return Meaning("badge", reading.text, say(KINDS["US"]))
    return None


def _own_row(session: Session, registry: Registry, actor: Actor, reading: Reading) -> Entity | None:
    entity = registry.scans.get(reading.kind)
    row = session.get(entity, reading.row_id) if entity is not None and reading.row_id else None
    if entity is None or row is None or row.org_id != actor.org_id or not actor.can(registry.grant_of(entity, "read")):
        return None
    return row


def _found(session: Session, registry: Registry, actor: Actor, reading: Reading, expected: Sequence[str]) -> list[Match]:
    """What the finders of the lowest order find, or of the lowest that finds something the open step wants."""
    first: list[Match] = []
    for _order, finders in groupby(sorted(registry.finders, key=_order_of), key=_order_of):
        found = [one for finder in finders for one in finder.find(session, reading, actor)]
        found = [one for one in found if actor.can(registry.grant_of(registry.entities[one.entity], "read"))]
        if found and (not expected or any(one.entity in expected for one in found)):
            return found
        first = first or found
    return first


def _order_of(finder: Finder) -> int:
    return finder.order


def _settled(registry: Registry, reading: Reading, matches: list[Match], expected: Sequence[str]) -> Meaning:
    wanted = [one for one in matches if one.entity in expected] or matches
    shown = human(reading)
    if len(wanted) > 1:
        return Meaning("choice", reading.text, shown, tuple(wanted))
    if not wanted:
        return Meaning("unknown", reading.text, shown, problem=reading.doubt or _unknown(shown))
    one = wanted[0]
    if expected and one.entity not in expected:
        return Meaning("row", reading.text, one.title, (one,), problem=wrong_kind(registry, one.entity, expected))
    return Meaning("row", reading.text, one.title, (one,))


def _unknown(shown: str) -> Problem:
    return Problem(
        "scan.unknown",
        _("Nobody knows the code {code} yet."),
        hint=_("Say what it is, or scan something else."),
        values={"code": shown},
    )


def _out_of_use(title: str) -> Problem:
    return Problem(
        "scan.retired",
        _("{row} has been taken out of use."),
        hint=_("Take this label off, and scan another."),
        values={"row": title},
    )


def wrong_kind(registry: Registry, found: str, expected: Sequence[str]) -> Problem:
    """Says what was scanned and what is wanted instead."""
    names = [say(registry.entities[name].__about__.label) for name in expected]
    return Problem(
        "scan.wrong_kind",
        _("This is a {found}."),
        hint=_("Scan a {wanted}."),
        values={"found": within(registry.entities[found].__about__.label), "wanted": " / ".join(names).lower()},
    )
