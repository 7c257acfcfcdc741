"""Declared: screens as values. A capability says what its screens are; the kit draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.charts.spec import Chart
from app.kernel.commands import Command
from app.kernel.entity import Entity
from app.kernel.meanings import Match, Meaning
from app.kernel.registry import Registry
from app.kernel.scan_log import Outcome
from ui.kit.steps import Choices, Count, Mark, Propose, Scan

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.kit.bench import Bench, Told
    from ui.kit.marks import Marking

    Learn = Callable[[Bench, Meaning, Callable[[Match, Told], None], Told], None]

Values = dict[str, Any]
Curves = Callable[[Session, Sequence[dict[str, Any]], datetime], list[tuple[float, ...]]]


@dataclass(frozen=True)
class Place:
    """Where a person is, or wants to go: a kind of screen, its name, and the record or values it opens with."""

    kind: str  # home, list, page, photo, form, flow, board, look, attention, sync
    name: str = ""
    id: UUID | None = None
    given: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Action:
    """Something a person can do, from the rail, a tile at home, the find box, a key, or the page of a record.

    At home and on the rail it `opens` a place. On the page of an entity (`on`) it `leads` to a place, `runs` a command or
    `begins` something with questions of its own, each made from the record as a Match, `when` the record's state allows.
    `needs` is the grant without which it is not offered; `count` is a query with its arguments whose number stands on the tile.
    """

    id: str
    title: str
    icon: str
    keys: str = ""
    opens: Place | None = None
    leads: Callable[[Match], Place] | None = None
    runs: Callable[[Match], Command] | None = None
    begins: Callable[[Bench, Match], None] | None = None
    when: tuple[str, ...] = ()  # states; none means every one
    needs: str = ""
    on: type[Entity] | None = None
    note: str = ""  # quiet words on the tile; with a count they say {count}
    word: str = ""  # what stands on the rail, where the title is long
    count: tuple[str, Mapping[str, Any]] | None = field(default=None, hash=False)
    rare: bool = False  # stands at home only while there is something to count


@dataclass(frozen=True)
class Chip:
    """A saved filter over a list: its word, and the arguments that it gives to the list's query."""

    label: str
    arguments: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class ListScreen:
    """All records of an entity, or the rows of a query: `columns` in order (all of them when empty)."""

    entity: type[Entity]
    icon: str
    query: str = ""
    columns: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()
    adds: bool = True
    row: str = "id"  # the column that names the record to open
    opens: str = "page"  # the kind of place that a row leads to
    title: str = ""
    id: str = ""
    empty: str = ""  # what is so, and what to do, where there is none at all
    curves: Curves | None = None  # a small curve for each row, the latest value last

    @property
    def name(self) -> str:
        return self.id or str(self.entity.__tablename__)

    @property
    def asks(self) -> str:
        return self.query or str(self.entity.__tablename__)


@dataclass(frozen=True)
class Lines:
    """Rows that belong to a record: a query, the argument that takes the record's id, and where a row leads."""

    title: str
    query: str
    argument: str
    columns: tuple[str, ...] = ()
    opens: str = ""  # the entity that a row opens
    row: str = "id"
    leads: str = "page"  # the kind of place that a row leads to; to a form only whoever may save it
    done: Callable[[Mapping[str, Any]], bool] | None = None  # whether a row is ticked off


@dataclass(frozen=True)
class Check:
    """A row that is ticked off: what it is, a value to its right, what is dangerous, quiet words, and what it belongs to."""

    what: str
    done: bool
    value: str = ""
    danger: str = ""
    note: str = ""
    group: str = ""


@dataclass(frozen=True)
class Checks:
    """Rows of a record that are ticked off one by one: their query, what each says, and what a touch does with one."""

    title: str
    query: str
    argument: str
    says: Callable[[Mapping[str, Any]], Check]
    acts: Callable[[Bench, Mapping[str, Any], Told], None]
    empty: str = ""  # what is so where there is none


@dataclass(frozen=True)
class Picture:
    """A chart of a record: what draws it from the store at a moment (of the site's own day), and what it reads."""

    title: str
    draws: Callable[[Session, UUID, datetime], Chart | None]
    reads: frozenset[str]
    empty: str = ""  # what is so where there is nothing to draw


@dataclass(frozen=True)
class Drawn:
    """A panel that a capability draws itself, for the record whose page it stands on."""

    title: str
    makes: Callable[[Bench, UUID | None], QWidget]


@dataclass(frozen=True)
class Board:
    """Cards in columns: the rows of a query, grouped by one of several fields, each with how long it has been where it is.

    After `aged` minutes a card says that it waits, after `late` that it is late; where `waits` names values of the first
    grouping, only cards with these do. `steps` are the values of a grouping in their order; without them the columns are what
    there is. A card is as old as the moment in the column `since`, else as its state; with `due` it tells that moment instead,
    and how near it is. `reads` is what else the query reads.
    """

    id: str
    title: str
    icon: str
    entity: type[Entity]
    query: str
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)
    groups: tuple[tuple[str, str], ...] = ()  # a field, and the word of its chip
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    name: str = "number"
    said: tuple[str, ...] = ("what",)
    since: str = ""
    due: str = ""
    waits: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    nowhere: str = ""  # the column of cards without a value
    aged: int = 60
    late: int = 240
    empty: str = ""  # what is so where there is no card

    @property
    def watched(self) -> frozenset[str]:
        """The entities with whose rows the cards change."""
        return frozenset({self.entity.__tablename__, *self.reads})


@dataclass(frozen=True)
class PageScreen:
    """One record: its state with the moves there are, its facts, and panels: `Lines`, `Checks`, a `Picture`, what is `Drawn`, and
    `history`, which takes `notes` where these are named too."""

    entity: type[Entity]
    icon: str
    facts: tuple[str, ...] = ()
    panels: tuple[Lines | Checks | Picture | Drawn | str, ...] = ("history",)
    edits: bool = True
    locks: tuple[str, ...] = ()  # the states in which nothing on it is changed any more
    changes: tuple[str, ...] = ()  # the fields that its form changes; all of them when empty
    jumps: Mapping[str, str] = field(default_factory=dict, hash=False)  # from a gate's field to the action that settles it
    instead: Mapping[str, str] = field(default_factory=dict, hash=False)  # from a move to its action; none: no button
    scans: Mapping[str, Callable[[Match, Match], Command]] = field(
        default_factory=dict, hash=False
    )  # what the scan of another record does to this one, by that one's entity
    reads: tuple[str, ...] = ()  # what else decides its gates
    vouched: tuple[str, ...] = ()  # the problems of its gates that a colleague's badge settles
    drawn: str = ""  # the field with the hash of a file that has a panel of its own, and is none of the photos

    @property
    def name(self) -> str:
        return str(self.entity.__tablename__)


@dataclass(frozen=True)
class FormScreen:
    """How a record is made when it takes a command of its own: the command, and the entity's fields in order.

    `of` names the command's argument for the record that the form belongs to; `id` tells two forms of one entity apart.
    """

    entity: type[Entity]
    makes: type[Command]
    fields: tuple[str, ...]
    of: str = ""
    id: str = ""
    title: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict, hash=False)  # where a field's name is not the argument's

    @property
    def name(self) -> str:
        return self.id or str(self.entity.__tablename__)

    def argument(self, name: str) -> str:
        """The command's argument that an entity's field fills."""
        return self.arguments.get(name, name.removesuffix("_id"))

    def given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The record that the form belongs to, as plain data."""
        return {self.of: values[self.of].hex} if self.of in values else {}


@dataclass(frozen=True)
class Flow:
    """A shop-floor flow: scan after scan makes command after command, and nothing needs a touch.

    `said` is the sentence after each command; `less` the command that makes the last line fewer; `lines` the query of what is
    done and due, asked with the first sticky field; `homes` the roles for whom a scan of the first step's entity opens this
    flow from anywhere; `turns` leads by command card to another flow with the same sticky fields; `reasons` are the answers to
    a question of why. `also` are records, by their table, whose scan is a command of its own here, such as an old part's tag.
    """

    id: str
    title: str
    icon: str
    keys: str
    runs: type[Command]
    steps: tuple[Scan, ...]
    fills: tuple[Propose | Count, ...] = ()
    said: str = "{quantity} × {part}"
    less: type[Command] | None = None
    lines: Lines | None = None
    choices: Choices | None = None
    about: Callable[[Session, UUID], str] | None = None  # a line on what the first step's record is about
    homes: tuple[str, ...] = ()
    turns: Mapping[str, str] = field(default_factory=dict, hash=False)
    marks: Mapping[str, Mark] = field(default_factory=dict, hash=False)
    reasons: tuple[tuple[str, str], ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict, hash=False)
    also: Mapping[str, Callable[[Match], Command]] = field(default_factory=dict, hash=False)
    finish: str = ""
    vouched: tuple[str, ...] = ()  # the problems that a colleague's badge settles
    offers: Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]] = field(
        default_factory=dict, hash=False
    )  # further answers to a question of why, by its code: their words, and the values that they set

    def opened_by(self, entity: str, actor: Actor) -> bool:
        """Whether a scan of this entity, with nothing else open, means that this person wants the flow."""
        return actor.home in self.homes and self.steps[0].entity.__tablename__ == entity and actor.can(self.runs.needs)


@dataclass(frozen=True)
class OnScan:
    """What the scan of a record does where nothing else waits for it, for those who hold `needs`: it gets the record, the moment
    of the scan, and what would be done otherwise."""

    entity: type[Entity]
    needs: str
    does: Callable[[Bench, Match, datetime | None, Told, Callable[[], None]], None]


@dataclass(frozen=True)
class Declared:
    """Every screen there is, in menu order; every action; what each role has at home; and what a command card opens."""

    screens: tuple[ListScreen | PageScreen | FormScreen | Flow | Board, ...]
    actions: tuple[Action, ...] = ()
    homes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    cards: Mapping[str, Place] = field(default_factory=dict, hash=False)
    scans: tuple[OnScan, ...] = ()
    at_once: Mapping[str, Callable[[Bench, datetime | None, Told], None]] = field(
        default_factory=dict, hash=False
    )  # command cards that do something wherever one is
    markings: tuple[Marking, ...] = ()  # what may be known of any record, for the head of its page
    learn: Learn = lambda _bench, meaning, _go_on, told: told(Outcome.NOT_FOUND, meaning.shown)

    def list_of(self, name: str) -> ListScreen | None:
        return next((one for one in self.screens if isinstance(one, ListScreen) and one.name == name), None)

    def page_of(self, name: str) -> PageScreen | None:
        return next((one for one in self.screens if isinstance(one, PageScreen) and one.entity.__tablename__ == name), None)

    def form_of(self, name: str) -> FormScreen | None:
        return next((one for one in self.screens if isinstance(one, FormScreen) and one.name == name), None)

    def home(self, role: str) -> tuple[Action, ...]:
        """The actions at a role's home, in its order; everything there is for a role without a home of its own."""
        doors = {action.id: action for action in self.actions if action.opens is not None}
        return tuple(doors[name] for name in self.homes.get(role, tuple(doors)) if name in doors)

    def on(self, entity: type[Entity]) -> tuple[Action, ...]:
        """The actions on the page of a record."""
        return tuple(action for action in self.actions if action.on is entity)

    def pages(self) -> tuple[PageScreen, ...]:
        return tuple(one for one in self.screens if isinstance(one, PageScreen))

    def on_scan(self, entity: str) -> OnScan | None:
        """What the scan of such a record does."""
        return next((one for one in self.scans if one.entity.__tablename__ == entity), None)

    def flows(self) -> tuple[Flow, ...]:
        return tuple(one for one in self.screens if isinstance(one, Flow))

    def boards(self) -> tuple[Board, ...]:
        return tuple(one for one in self.screens if isinstance(one, Board))

    def board(self, name: str) -> Board | None:
        return next((one for one in self.boards() if one.id == name), None)

    def flow(self, name: str) -> Flow | None:
        return next((one for one in self.screens if isinstance(one, Flow) and one.id == name), None)

    def grant_to_make(self, registry: Registry, entity: type[Entity]) -> str:
        """The grant that making a record of this entity takes."""
        form = self.form_of(entity.__tablename__)
        return form.makes.needs if form else registry.grant_of(entity, "edit")
