"""What the manifests add up to: entities, fields, commands, grants, machines, queries, scan prefixes, settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.commands import Command
from app.kernel.entity import Entity, LocalRow, Sync
from app.kernel.events import Event
from app.kernel.problems import Problem, Refused
from app.kernel.states import Gate, Machine
from app.kernel.words import _

if TYPE_CHECKING:
    from app.kernel.cards import Card, Master
    from app.kernel.codes import Series
    from app.kernel.exchange.intake import Intake
    from app.kernel.finding import Favourites, Lead
    from app.kernel.meanings import Finder
    from app.kernel.projections import Projection
    from app.kernel.queries import Query
    from app.kernel.settings import Setting
    from app.kernel.work import Work

T = TypeVar("T")
Handler = Callable[[Any, "Work"], None]
Reaction = Callable[[Any, "Work"], None]
Rule = Callable[[Any, "Work"], Problem | None]
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Capability:
    """A capability's manifest: what it owns and what it does."""

    name: str
    entities: tuple[type[Entity], ...] = ()
    local: tuple[type[LocalRow], ...] = ()
    handlers: Mapping[type[Command], Handler] = field(default_factory=dict)
    machines: tuple[Machine, ...] = ()
    gates: Mapping[tuple[type[Entity], str], tuple[Gate, ...]] = field(
        default_factory=dict
    )  # what this one holds against moves (entity, move) that a lower band declares
    queries: tuple[Query, ...] = ()
    reactions: Mapping[type[Event], tuple[Reaction, ...]] = field(default_factory=dict)
    projections: tuple[Projection, ...] = ()
    settings: tuple[Setting, ...] = ()
    series: tuple[Series, ...] = ()
    finders: tuple[Finder, ...] = ()  # what a scanned text may mean here
    leads: tuple[Lead, ...] = ()  # fields that a search offers rows by, in their order
    favourites: Mapping[type[Entity], Favourites] = field(default_factory=dict)  # what a search offers before all else
    upcasters: Mapping[tuple[str, int], Upcaster] = field(
        default_factory=dict
    )  # (command, old version) to the next version's body
    rules: Mapping[type[Entity], tuple[Rule, ...]] = field(default_factory=dict)  # held against every saved record
    actors: Callable[[Session, Collection[UUID]], dict[UUID, Actor]] | None = None
    is_badge: Callable[[Session, str], bool] | None = None  # whether a code that nothing else knows is somebody's badge
    intakes: Mapping[type[Entity], Intake] = field(default_factory=dict)  # files of rows that are not simply records
    anywhere: tuple[type[Entity], ...] = ()  # lie in no place, and yet are written by who holds the grant at one place only
    cards: Mapping[str, Card] = field(default_factory=dict)  # how findings are settled, by their code
    masters: Mapping[type[Entity], Master] = field(default_factory=dict)  # whose word counts on a record's fields
    audits: Mapping[str, str] = field(default_factory=dict)  # refusals that are told to the hub, by code, each with its entity


class Registry:
    """Every declared thing by its name; building it fails on a clash."""

    def __init__(self, capabilities: Iterable[Capability]) -> None:
        self.capabilities = tuple(capabilities)
        self.entities: dict[str, type[Entity]] = {}
        self.home: dict[str, str] = {}
        self.commands: dict[str, type[Command]] = {}
        self.handlers: dict[type[Command], Handler] = {}
        self.queries: dict[str, Query] = {}
        self.machines: dict[type[Entity], Machine] = {}
        self.settings: dict[str, Setting] = {}
        self.series: dict[str, Series] = {}
        self.finders: list[Finder] = []
        self.leads: list[Lead] = []
        self.favourites: dict[str, tuple[Favourites, ...]] = {}  # by the entity's table; those of later bands first
        self.upcasters: dict[tuple[str, int], Upcaster] = {}
        self.reactions: dict[type[Event], list[Reaction]] = {}
        self.projections: dict[type[Entity], list[Projection]] = {}
        self.rules: dict[type[Entity], tuple[Rule, ...]] = {}
        self.intakes: dict[type[Entity], Intake] = {}
        self.anywhere: set[type[Entity]] = set()
        self.cards: dict[str, Card] = {}
        self.masters: dict[type[Entity], Master] = {}
        self.audits: dict[str, str] = {}
        self.actors: Callable[[Session, Collection[UUID]], dict[UUID, Actor]] = lambda _session, _idents: {}
        self.is_badge: Callable[[Session, str], bool] = lambda _session, _text: False
        for capability in self.capabilities:
            self._take(capability)
        for capability in self.capabilities:
            self._hold(capability)
        self.scans = {entity.__about__.scan: entity for entity in self.entities.values() if entity.__about__.scan}

    def _take(self, capability: Capability) -> None:
        for entity in capability.entities:
            _once(self.entities, entity.__tablename__, entity)
            self.home[entity.__tablename__] = capability.name
        for command, handler in capability.handlers.items():
            _once(self.commands, command.__name__, command)
            self.handlers[command] = handler
        _named(self.queries, {query.name: query for query in capability.queries})
        _named(self.machines, {machine.entity: machine for machine in capability.machines})
        _named(self.settings, {setting.key: setting for setting in capability.settings})
        _named(self.series, {series.name: series for series in capability.series})
        self.finders.extend(capability.finders)
        self.leads.extend(capability.leads)
        self.upcasters.update(capability.upcasters)
        self.intakes.update(capability.intakes)
        self.anywhere.update(capability.anywhere)
        self.cards.update(capability.cards)
        self.masters.update(capability.masters)
        self.audits.update(capability.audits)
        self.actors = capability.actors or self.actors
        self.is_badge = capability.is_badge or self.is_badge
        self._take_reactions(capability)

    def _hold(self, capability: Capability) -> None:
        """Hangs a capability's gates on the moves they are held against, wherever those were declared."""
        for (entity, move), gates in capability.gates.items():
            self.machines[entity] = self.machines[entity].held(move, gates)

    def _take_reactions(self, capability: Capability) -> None:
        for event, reactions in capability.reactions.items():
            self.reactions.setdefault(event, []).extend(reactions)
        for projection in capability.projections:
            self.projections.setdefault(projection.source, []).append(projection)
        for entity, rules in capability.rules.items():
            self.rules[entity] = self.rules.get(entity, ()) + rules
        for entity, liked in capability.favourites.items():
            self.favourites[entity.__tablename__] = (liked, *self.favourites.get(entity.__tablename__, ()))

    def entity(self, name: str) -> type[Entity]:
        """An entity by its table's name; Refused with the names there are."""
        return _known(self.entities, name, _("There is no entity “{name}”."))

    def command(self, name: str) -> type[Command]:
        return _known(self.commands, name, _("There is no command “{name}”."))

    def query(self, name: str) -> Query:
        return _known(self.queries, name, _("There is no query “{name}”."))

    def synced(self) -> tuple[type[Entity], ...]:
        """The entities that travel, in a fixed order."""
        return tuple(self.entities[name] for name in sorted(self.entities))

    def is_ledger(self, entity: type[Entity]) -> bool:
        return entity.__about__.sync is Sync.LEDGER

    def grant_of(self, entity: type[Entity], verb: str) -> str:
        """The grant to `read` or `edit` an entity's rows."""
        return f"{self.home[entity.__tablename__]}.{verb}"

    def grants(self) -> tuple[str, ...]:
        """Every grant there is: of commands, of moves, and the read and edit grants of entities."""
        found = {command.needs for command in self.commands.values() if command.needs}
        found |= {move.needs for machine in self.machines.values() for move in machine.moves}
        found |= {query.needs for query in self.queries.values() if query.needs}
        found |= {self.grant_of(entity, verb) for entity in self.entities.values() for verb in ("read", "edit")}
        return tuple(sorted(found))


def _once(found: dict[Any, Any], key: Any, value: object) -> None:
    if key in found:
        raise ValueError(f"{key} is declared twice")
    found[key] = value


def _named(found: dict[Any, Any], more: Mapping[Any, object]) -> None:
    for key, value in more.items():
        _once(found, key, value)


def _known(found: Mapping[str, T], name: str, message: str) -> T:
    if name not in found:
        near = _nearest(name, found)
        raise Refused(
            Problem(
                "unknown.name",
                message,
                hint=_("Did you mean {near}?") if near else _("See what there is by listing them."),
                values={"name": name[:60], "near": near},
            )
        )
    return found[name]


def _nearest(name: str, names: Iterable[str]) -> str:
    return ", ".join(get_close_matches(name, list(names), n=2))
