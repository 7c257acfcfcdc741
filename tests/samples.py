"""A valid record of any entity, made from its declared fields alone, and plain values of any field of a command."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from app.kernel.commands import Command
from app.kernel.entity import Entity, Field, fields_of
from app.kernel.ids import new_id
from app.kernel.money import MOST as MOST_MONEY
from app.kernel.money import Money
from app.kernel.registry import Registry
from app.kernel.shapes import Shape
from app.kernel.standard import SaveRecord
from app.kernel.types import MOST, Quantity, moment
from app.labor.commands import ClockIn
from app.odoo.notes import NoteInOdoo
from app.parts.model import Part
from app.parts_issue.commands import IssuePart
from app.payments.commands import AskPayment
from app.payments.drawers import CountDrawer, OpenDrawer
from app.payments.model import Drawer
from app.quotes.commands import DraftQuote
from app.services.model import ProcedureStep
from app.stock.commands import ReceiveStock, ReserveStock
from app.terminals.commands import EnrolTerminal, InviteTerminal, invitation_of
from app.work_orders.charges import AddCharge
from app.work_orders.commands import AddService, CreateOrder, PlanPart
from app.work_orders.delivery import CheckDelivery
from app.work_orders.health import RecordHealth
from app.work_orders.procedures import ChooseProcedure
from world import World

# What a rule of the shop wants beyond the field's own declaration.
SHAPED: dict[tuple[str, str], Any] = {
    ("person", "username"): lambda count: f"user{count}",
    ("role", "code"): lambda count: f"R{count}",
    ("role", "grants"): lambda _count: ["parts.read"],
    ("organisation", "currency"): lambda _count: "EUR",
    ("badge", "code_hash"): lambda count: f"{count:064x}",
    ("part", "code"): lambda count: f"PC-{count}",
    ("part", "names"): lambda count: {"de": f"Bremsbelag{count}"},
    ("part", "least"): lambda _count: "1",
    ("part", "reorder"): lambda _count: "2",
    ("part", "most"): lambda _count: "3",
    ("part", "tax_code"): lambda _count: "",
    ("tax_code", "percent"): lambda _count: "19",
    ("site", "code"): lambda count: f"S{count}",
    ("site", "zone"): lambda _count: "Europe/Berlin",
    ("procedure", "tax_code"): lambda _count: "",
    ("procedure_step", "tolerance"): lambda _count: "4.5",
    ("procedure_part", "quantity"): lambda _count: "2",
    ("shift", "starts"): lambda _count: 480,
    ("shift", "ends"): lambda _count: 1020,
    ("shift", "pause"): lambda _count: 30,
    ("setting_value", "key"): lambda _count: "stock.adjust_limit",
    ("setting_value", "value"): lambda _count: {"most": 60},
}
LEFT_EMPTY = {("person", "pin")}  # has a command of its own


def by_hand(registry: Registry, entity: type[Entity]) -> bool:
    """Whether a form or an import makes such records; others are written by commands of their own alone."""
    needs_command = any(field.by_command and field.required for field in fields_of(entity).values())
    return entity.__about__.form and not registry.is_ledger(entity) and not needs_command


class Samples:
    """Makes records in a world, and the records they point to first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.registry = world.app.registry
        self._count = itertools.count(1)

    def start_at(self, count: int) -> None:
        """Goes on counting from here, where others have already made records."""
        self._count = itertools.count(count)

    def fields(self, entity: type[Entity], *, all: bool = True) -> dict[str, Any]:
        """Plain values for an entity's fields, each one different from every other; with `all` unset only what is required."""
        table = entity.__tablename__
        declared = fields_of(entity).items()
        named = {name: field for name, field in declared if (table, name) not in LEFT_EMPTY and not field.by_command}
        return {name: self.plain(table, field) for name, field in named.items() if all or field.required}

    def plain(self, table: str, field: Field) -> Any:
        count = next(self._count)
        if (table, field.name) in SHAPED:
            return SHAPED[table, field.name](count)
        if table in ("note", "attachment") and field.name in ("entity", "row_id"):
            return "organisation" if field.name == "entity" else self.world.org.hex
        if field.kind == "link":
            return self._pointed_to(table, field.target).hex
        if field.choices:
            return field.choices[0][0]
        return plain_of(field.kind, count, field.size)

    def record(self, entity: type[Entity], *, all: bool = True) -> UUID:
        """A new record; its id."""
        if not by_hand(self.registry, entity):
            return self.world.done(self._command(entity.__tablename__)).row(entity.__tablename__)
        return self.world.save(entity.__tablename__, **self.fields(entity, all=all))

    def _command(self, table: str) -> Command:
        """What makes a record that nobody writes by hand."""
        if table == "work_order":
            return CreateOrder(site=self._pointed_to(table, "site"), what=f"Wort {next(self._count)}")
        if table == "lot":
            part = self.world.save("part", **self.fields(Part, all=False) | {"tracking": "lot"})
            return ReceiveStock(
                part=part, bin=self._pointed_to(table, "bin"), quantity=Quantity(1), lot=f"Wort {next(self._count)}"
            )
        if table == "terminal":
            count = next(self._count)
            invited = self.world.done(InviteTerminal(code_hash=f"{count:064x}"))
            return EnrolTerminal(invitation=invitation_of(invited.id), public_key=f"{count:064x}", name=f"Wort {count}")
        if table == "drawer":
            return self._drawer()
        if table == "stint":
            return ClockIn(person=self._pointed_to(table, "person"))
        if table.startswith("odoo_"):
            return told_from_odoo(table, next(self._count), self._pointed_to(table, "part"), self._pointed_to(table, "bin"))
        return self._on_a_job(table, self._pointed_to(table, "work_order"))

    def _drawer(self) -> Command:
        """The next one, after the one that is open at this desk was counted."""
        for one in self.world.rows(Drawer):
            if one.state == "open" and one.org_id == self.world.org:
                self.world.done(CountDrawer(drawer=one.id, counted=one.began_with, reason=f"Wort {next(self._count)}"))
        return OpenDrawer(site=self._pointed_to("drawer", "site"))

    def _on_a_job(self, table: str, order: UUID) -> Command:
        if table == "discrepancy":
            return SaveRecord(entity="work_order", id=order, fields={"what": ["Somebody's", f"Wort {next(self._count)}"]})
        match table:
            case "order_step":
                procedure = self._pointed_to(table, "procedure")
                step = self.fields(ProcedureStep, all=False) | {"procedure_id": procedure.hex}
                self.world.save("procedure_step", **step)
                return ChooseProcedure(order=order, procedure=procedure)
            case "charge_line":
                return AddCharge(order=order, what=f"Wort {next(self._count)}", amount=Money(500))
            case "service_line":
                return AddService(order=order, what=f"Wort {next(self._count)}")
            case "quote":
                self.world.done(AddService(order=order, what=f"Wort {next(self._count)}"))
                return DraftQuote(order=order)
            case "health_record":
                return RecordHealth(order=order, notes=f"Wort {next(self._count)}")
        return self._of_a_part(table, order)

    def _of_a_part(self, table: str, order: UUID) -> Command:
        match table:
            case "part_line":
                return PlanPart(order=order, part=self._pointed_to(table, "part"))
            case "reservation":
                part, warehouse = self._pointed_to(table, "part"), self._pointed_to(table, "warehouse")
                return ReserveStock(part=part, warehouse=warehouse, source=order, quantity=Quantity(1))
            case "core":
                part = self.world.save("part", **self.fields(Part, all=False) | {"core": True, "deposit": 5000})
                bin = self._pointed_to(table, "bin")
                self.world.done(ReceiveStock(part=part, bin=bin, quantity=Quantity(1)))
                return IssuePart(order=order, part=part, bin=bin, reason=f"Wort {next(self._count)}")
        return self._at_the_counter(table, order)

    def _at_the_counter(self, table: str, order: UUID) -> Command:
        match table:
            case "payment":
                return AskPayment(order=order, amount=Money(next(self._count)))
            case "delivery":
                return CheckDelivery(order=order, explained=True, method="card", amount=Money(0))
        raise AssertionError(f"say here which command makes a {table}")

    def _pointed_to(self, table: str, target: str) -> UUID:
        if target not in self.registry.entities:
            return new_id()
        return self.record(self.registry.entities[target], all=False)


def told_from_odoo(table: str, count: int, part: UUID, bin: UUID) -> Command:
    """What the hub's bridge tells, of each kind one: on a job there is none of, a tax, and a bin of which Odoo says another
    number."""
    about = {"entity": "part", "row_id": part.hex}
    match table:
        case "odoo_health":
            return NoteInOdoo(health={"database": f"Wort {count}", "url": "https://odoo.test"})
        case "odoo_link":
            return NoteInOdoo(links=[about | {"name": f"Wort {count}", "state": "there"}])
        case "odoo_letter":
            told = {"subject": f"Wort {count}", "code": "odoo.unit", "said": "Odoo knows no such unit."}
            return NoteInOdoo(letters=[about | told])
        case "odoo_match":
            return NoteInOdoo(matches=[{"kind": "tax", "ours": f"V{count}", "ours_title": f"Wort {count}"}])
        case "odoo_thing":
            return NoteInOdoo(things=[{"kind": "tax", "number": count, "name": f"Wort {count}"}])
    return NoteInOdoo(differences=[{"part_id": part.hex, "bin_id": bin.hex, "ours": 5000, "theirs": 3000 + count}])


def plain_of(kind: str, count: int, size: int) -> Any:
    """A plain value of a kind of field."""
    plain: dict[str, Any] = {
        "text": f"Wort {count}"[:size],
        "choice": f"word{count}"[:size],
        "number": count,
        "quantity": f"{count}.5",
        "money": count,
        "day": (date(2026, 1, 1) + timedelta(days=count)).isoformat(),
        "moment": 1_790_000_000_000 + count,
        "flag": True,
        "data": {"count": count},
        "extras": {"colour": count},
    }
    return plain[kind]


# ------------------------------------------------------------------------------------------------- values of commands

WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=40)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53), 1 << 53) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "an id (UUID)": st.builds(new_id),
    "a quantity": st.builds(Quantity.of_thousandths, st.integers(-MOST, MOST)),
    "an amount in minor units": st.builds(Money, st.integers(-MOST_MONEY, MOST_MONEY)),
    "a whole number": st.integers(-(1 << 53), 1 << 53),
    "true or false": st.booleans(),
    "text": WORDS,
    "a day": st.dates(),
    "a moment": st.builds(moment, st.integers(0, 1 << 42)),
    "an object": st.dictionaries(WORDS, PLAIN, max_size=3),
    "a list": st.lists(PLAIN, max_size=3),
    "any value": PLAIN,
}


VERIFIER = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
SHAPED_FIELDS: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("SetPin", "verifier"): st.just(VERIFIER),
    ("ChangePin", "verifier"): st.just(VERIFIER),
    ("Settle", "alike"): st.lists(st.uuids(), max_size=3).map(tuple),
    ("SetPrice", "was"): st.lists(VALUES["an amount in minor units"], max_size=1).map(tuple),
    ("SettleOwn", "alike"): st.lists(st.uuids(), max_size=3).map(tuple),
}


def value_of(shape: Shape, command: str = "", name: str = "") -> st.SearchStrategy[Any]:
    """Values that a field of this shape may hold; a field that may hold nothing sometimes does."""
    if (command, name) in SHAPED_FIELDS:
        return SHAPED_FIELDS[command, name]
    held = VALUES[shape.words]
    return held if shape.required or shape.default is not None else st.none() | held
