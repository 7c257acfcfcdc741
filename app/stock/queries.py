"""What people ask about stock."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, select, type_coerce

from app.kernel.queries import Ask, Asking, Column, Query
from app.kernel.types import Quantity, QuantityType
from app.kernel.words import _
from app.parts.model import Part
from app.places.model import Bin, Warehouse
from app.stock.model import Balance, Lot, StockLine

BALANCE_COLUMNS = (
    Column("code", _("Code")),
    Column("name", _("Name")),
    Column("bin", _("Bin")),
    Column("warehouse", _("Warehouse")),
    Column("on_hand", _("On hand"), "quantity"),
    Column("unit", _("Unit")),
    Column("least", _("Minimum"), "quantity", empty=True),
)

MOVEMENT_COLUMNS = (
    Column("at", _("When"), "moment"),
    Column("kind", _("Kind"), "choice"),
    Column("code", _("Code"), empty=True),
    Column("name", _("Name"), empty=True),
    Column("bin", _("Bin"), empty=True),
    Column("quantity", _("Quantity"), "quantity"),
    Column("unit", _("Unit")),
    Column("reason", _("Reason"), empty=True),
    Column("stamp", _("Order"), "number"),
)


FULL = 20_000  # parts in one bin
STOCK_COLUMNS = (
    Part.id.label("id"),
    Part.code.label("code"),
    Part.name.label("name"),
    Bin.id.label("bin_id"),
    Bin.code.label("bin"),
    Warehouse.code.label("warehouse"),
    Balance.on_hand.label("on_hand"),
    Part.unit.label("unit"),
    Part.least.label("least"),
)


def stock(asking: Asking, *, part: UUID | None = None, bin: UUID | None = None, low: bool = False, negative: bool = False) -> Ask:
    """Balances per part and bin; `id` is the part's."""
    placed = select(Balance.part_id).join(Bin, Bin.id == Balance.bin_id).join(Warehouse, Warehouse.id == Bin.warehouse_id)
    listed = placed.with_only_columns(*STOCK_COLUMNS).join(Part, Part.id == Balance.part_id)
    wanted = [one == value for one, value in ((Balance.part_id, part), (Balance.bin_id, bin)) if value is not None]
    if negative:
        wanted.append(Balance.on_hand < Quantity(0))
    reads, key = frozenset({"stock_line", "part", "bin"}), ("id", "bin_id")
    if low:
        lacking = _by_part().where(Part.least.is_not(None), Balance.on_hand < Part.least, *wanted)
        return Ask(lacking, BALANCE_COLUMNS, order="code", reads=reads, key=key)
    counted, led = placed.where(*wanted), dict[str, Any]()
    if part is None and not negative and (bin is None or _is_full(asking, bin)):
        by_part = _by_part().where(*wanted)
        led = {name: by_part.where(one >= "") for name, one in (("code", Part.code), ("name", Part.name))}
    statement = listed.where(*wanted)
    return Ask(statement, BALANCE_COLUMNS, order="code", reads=reads, key=key, led=led, counted=counted, found=listed)


def _is_full(asking: Asking, bin: UUID) -> bool:
    """Whether so many parts lie in a bin that a page of them is found sooner among all parts, in their order, than by sorting."""
    some = select(Balance.part_id).where(Balance.bin_id == bin).limit(FULL).subquery("some")
    return asking.session.scalar(select(func.count()).select_from(some)) == FULL


def _by_part() -> Select[*tuple[Any, ...]]:
    """The parts lead, in the order of their index, and nothing is sorted: each finds its balances, and those their bins.

    A column within a function cannot be looked up by; so no planner turns this round, whatever it believes of the sizes. A
    bound on the column that orders them, even one that all meet, makes it take that column's index.
    """
    part, bin = func.coalesce(Part.id, Part.id), func.coalesce(Balance.bin_id, Balance.bin_id)
    return (
        select(*STOCK_COLUMNS)
        .select_from(Part)
        .join(Balance, Balance.part_id == part)
        .join(Bin, Bin.id == bin)
        .join(Warehouse, Warehouse.id == Bin.warehouse_id)
    )


def movements(
    asking: Asking,
    *,
    part: UUID | None = None,
    source: UUID | None = None,
    bin: UUID | None = None,
    lot: UUID | None = None,
) -> Ask:
    """The ledger, newest first; of a `lot` (or the piece with a serial number) only what went in and out under it."""
    statement = (
        select(
            StockLine.id.label("id"),
            StockLine.made_at.label("at"),
            StockLine.kind.label("kind"),
            Part.code.label("code"),
            Part.name.label("name"),
            Bin.code.label("bin"),
            StockLine.quantity.label("quantity"),
            StockLine.unit.label("unit"),
            StockLine.reason.label("reason"),
            StockLine.stamp.label("stamp"),
        )
        .outerjoin(Part, Part.id == StockLine.part_id)  # the ledger leads: the newest page is read, and nothing sorted
        .outerjoin(Bin, Bin.id == StockLine.bin_id)
    )
    for column, value in ((StockLine.part_id, part), (StockLine.source_id, source), (StockLine.bin_id, bin)):
        if value is not None:
            statement = statement.where(column == value)
    if lot is not None:
        statement = statement.where(*_of_lot(asking, lot))
    return Ask(statement, MOVEMENT_COLUMNS, order="-stamp", reads=frozenset({"stock_line"}))


def _of_lot(asking: Asking, ident: UUID) -> tuple[ColumnElement[bool], ...]:
    """The lines that name a lot; its number stands in them, as the goods were labelled."""
    lot = asking.session.get(Lot, ident)
    if lot is None:
        return (false(),)
    return StockLine.part_id == lot.part_id, StockLine.lot == lot.code, StockLine.lot != ""


def lots(_asking: Asking, *, part: UUID | None = None) -> Ask:
    """Lots and serial numbers, with what is booked of each in all bins together."""
    booked = (
        select(func.coalesce(func.sum(StockLine.quantity), 0))
        .where(StockLine.part_id == Lot.part_id, StockLine.lot == Lot.code, StockLine.lot != "", StockLine.kind != "count")
        .scalar_subquery()
    )
    statement = select(
        Lot.id.label("id"),
        Lot.code.label("lot"),
        Part.code.label("code"),
        Part.name.label("name"),
        type_coerce(booked, QuantityType()).label("booked"),
        Part.unit.label("unit"),
        Lot.expires.label("expires"),
    ).join(Part, Part.id == Lot.part_id)
    columns = (
        Column("lot", _("Lot or serial number")),
        Column("code", _("Code")),
        Column("name", _("Name")),
        Column("booked", _("Booked"), "quantity"),
        Column("unit", _("Unit")),
        Column("expires", _("Use before"), "day", empty=True),
    )
    wanted = statement if part is None else statement.where(Lot.part_id == part)
    return Ask(wanted, columns, order="lot", reads=frozenset({"lot", "stock_line", "part"}))


QUERIES = (
    Query("lots", lots, "stock.read", _("Lots and serial numbers, and what is booked of each.")),
    Query("stock", stock, "stock.read", _("What lies in which bin; low=true shows what is under its minimum.")),
    Query("movements", movements, "stock.read", _("Every movement of stock, the newest first.")),
)
