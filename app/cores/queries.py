"""What people ask about old parts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cores.model import Core
from app.cores.rules import HERE
from app.kernel.access import Actor
from app.kernel.meanings import Finder, Match
from app.kernel.queries import Ask, Asking, Column, Query
from app.kernel.scanning import Reading
from app.kernel.words import _
from app.parts.model import Part
from app.places.model import Bin
from app.work_orders.model import WorkOrder

COLUMNS = (
    Column("number", _("Number")),
    Column("part", _("Part")),
    Column("quantity", _("Quantity"), "quantity"),
    Column("state", _("State"), "choice"),
    Column("order", _("Work order")),
    Column("due", _("Due"), "day", empty=True),
    Column("deposit", _("Deposit"), "money", empty=True),
    Column("shelf", _("Shelf"), empty=True),
    Column("supplier", _("Supplier"), empty=True),
    Column("credit", _("Credit note"), empty=True),
)


def cores(_asking: Asking, *, order: UUID | None = None, open: bool = False) -> Ask:
    """Old parts, the one that is due first first; `open` leaves out what is settled."""
    statement = (
        select(
            Core.id.label("id"),
            Core.number.label("number"),
            Part.name.label("part"),
            Core.quantity.label("quantity"),
            Core.state.label("state"),
            WorkOrder.number.label("order"),
            Core.due.label("due"),
            Core.deposit.label("deposit"),
            Bin.code.label("shelf"),
            Core.supplier.label("supplier"),
            Core.credit.label("credit"),
        )
        .join(Part, Part.id == Core.part_id)
        .join(WorkOrder, WorkOrder.id == Core.order_id)
        .outerjoin(Bin, Bin.id == Core.bin_id)
        .where(Core.retired.is_(False))
    )
    if order is not None:
        statement = statement.where(Core.order_id == order)
    if open:
        statement = statement.where(Core.state.in_((*HERE, "returned")))
    return Ask(statement, COLUMNS, order="due", reads=frozenset({"core", "part", "work_order", "bin"}))


def by_number(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    """An old part's number, as it is printed on its label."""
    wanted = select(Core).where(Core.org_id == actor.org_id, Core.number == reading.text.strip().upper(), Core.retired.is_(False))
    return [Match("core", row.id, row.title) for row in session.scalars(wanted.limit(9))]


def part_of(session: Session, ident: UUID) -> Match | None:
    """The part that an old one is owed for, where a tag is scanned instead of it."""
    core = session.get(Core, ident)
    part = session.get(Part, core.part_id) if core is not None else None
    return Match("part", part.id, part.name) if part is not None else None


FINDERS = (Finder("old part number", 20, by_number),)
QUERIES = (
    Query(
        "cores",
        cores,
        "cores.read",
        _("Old parts that are owed, the one that is due first first; open=true leaves out the settled."),
    ),
)
