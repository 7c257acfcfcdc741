"""What Odoo's records are on their way here: how one of them is read, and what the maps of arrivals may ask meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.bulk import in_use
from app.kernel.entity import Entity
from app.kernel.ids import derived_id
from app.kernel.money import decimals
from app.kernel.problems import Problem
from app.kernel.registry import Registry
from app.kernel.types import canonical
from app.odoo.records import OdooMapping
from sync.odoo.map import In, Out
from sync.odoo.transport import Odoo, Row

Values = dict[str, Any]
GONE = "-"


@dataclass(frozen=True)
class Also:
    """What a record of Odoo's brings beside its own row, such as a product's barcode; without values it has none (any more)."""

    entity: type[Entity]
    ident: UUID
    link: str  # the field that points to the row it came with
    values: Values | None


@dataclass(frozen=True)
class Draft:
    """One record of Odoo's in our words, as plain data. With problems it cannot be taken as it is."""

    number: int
    name: str
    values: Values
    active: bool = True
    problems: tuple[Problem, ...] = ()
    also: tuple[Also, ...] = ()

    @property
    def mark(self) -> str:
        """A hash of all that is taken of it: equal means that there is nothing new. Of what is archived it begins with a dash."""
        found = mark_of(self.values, *((one.entity.__tablename__, one.values) for one in self.also))
        return found if self.active else f"{GONE}{found}"


Find = Callable[[Session, UUID, Sequence[Draft]], Mapping[int, UUID]]
Keep = Callable[[Any, Any, Sequence[Draft], dict[str, Any]], Any]  # of an Inward, an Arrival, a page and how far that is
Ask = Callable[[Odoo, Sequence[Row], Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Arrival(In):
    """A map of what comes in. `finds` are tried in their order for what was never met before; `asks` reads what a page needs
    besides; `keeps` takes the place of making one row of each; what is `only_new` is made here once and then left alone.
    """

    finds: tuple[Find, ...] = ()
    asks: Ask | None = None
    keeps: Keep | None = None
    of_company: bool = False
    only_new: bool = False
    out: Out | None = None  # the map by which it goes the other way, where both sides write it
    gives_way: tuple[str, ...] = ()  # fields that are left out rather than the record, where another has the same
    since: int = 0  # the version of Odoo that has such records first
    setting: str = ""  # by which an organisation says that Odoo masters these records, with the word `odoo`


class Ground:
    """What a map may ask while it reads: whose records they are, in what currency, and what was met before."""

    def __init__(self, session: Session, registry: Registry, org_id: UUID, *, currency: str, facts: Mapping[str, Any]) -> None:
        self.session = session
        self.registry = registry
        self.org_id = org_id
        self.currency = currency
        self.facts = facts  # of the set-up, and what was read before this page, such as the units
        self._known: dict[tuple[str, int], UUID | None] = {}

    def ours(self, entity: type[Entity], model: str, linked: Any) -> UUID | None:
        """Our row for a link as Odoo gives it, [number, name] or false; None where there is none."""
        if not linked:
            return None
        key = entity.__tablename__, int(linked[0])
        if key not in self._known:
            here = OdooMapping.org_id == self.org_id, OdooMapping.entity == key[0], OdooMapping.model == model
            wanted = select(OdooMapping.row_id).where(*here, OdooMapping.number == key[1])
            self._known[key] = self.session.scalar(wanted.limit(1))
        return self._known[key]

    def minor(self, amount: float) -> int:
        """An amount as Odoo has it, in minor units of the organisation's currency, rounded half up."""
        step = Decimal(1).scaleb(-decimals(self.currency))
        return int(Decimal(repr(amount)).quantize(step, ROUND_HALF_UP).scaleb(decimals(self.currency)))

    def ident(self, table: str, slot: str) -> UUID:
        return derived_id(self.org_id, table, slot)


def text(value: Any, size: int = 255) -> str:
    """A text as Odoo gives it, where false stands for none, cut to what fits."""
    return value.strip()[:size] if isinstance(value, str) else ""


def mark_of(values: Mapping[str, Any], *more: Any) -> str:
    """A hash of plain values; what is empty counts as not there."""
    told = {name: value for name, value in values.items() if value not in (None, "")}
    return sha256(canonical([told, *more]).encode()).hexdigest()[:32]


def by_field(entity: type[Entity], name: str) -> Find:
    """Finds records in use by a field of theirs that tells one from another."""

    def find(session: Session, org_id: UUID, drafts: Sequence[Draft]) -> dict[int, UUID]:
        wanted = {draft.values[name]: draft.number for draft in reversed(drafts) if draft.values.get(name)}
        rows = in_use(session, entity, org_id, name, wanted)
        return {wanted[value]: row.id for row in rows if (value := getattr(row, name)) in wanted}

    return find


def naming(row: Row) -> str:
    """What people in Odoo call a record."""
    return text(row.get("display_name")) or text(row.get("name")) or f"#{row['id']}"
