"""The stock ledger, which only grows, and the balances folded from it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.entity import WITHOUT_ROWID, About, Entity, Has, LocalRow, Scope, Sync, choice, day, link, money, quantity, text
from app.kernel.money import Money
from app.kernel.types import Quantity
from app.kernel.words import _
from app.parts.model import Part
from app.places.model import Bin, Warehouse

KINDS = (
    ("receipt", _("Receipt")),
    ("issue", _("Issue")),
    ("return", _("Return")),
    ("transfer_out", _("Moved out")),
    ("transfer_in", _("Moved in")),
    ("adjust", _("Adjustment")),
    ("scrap", _("Scrap")),
    ("count", _("Count")),
    ("reverse", _("Reversal")),
)


class StockLine(Entity):
    """One movement in or out of a bin, or one count of it. `made_at` is the business time; never changed, only reversed."""

    __tablename__ = "stock_line"
    __about__ = About(_("Stock movement"), _("Stock movements"), sync=Sync.LEDGER, scope=Scope.WAREHOUSE, title=("kind",))
    kind: Mapped[str] = choice(_("Kind"), KINDS)
    part_id: Mapped[UUID] = link(Part, _("Part"), index=False)
    bin_id: Mapped[UUID] = link(Bin, _("Bin"), index=False)
    warehouse_id: Mapped[UUID] = link(Warehouse, _("Warehouse"), index=False)
    lot: Mapped[str] = text(_("Lot"), size=60, required=False)
    quantity: Mapped[Quantity] = quantity(_("Quantity"))  # signed; for a count, what was found
    unit: Mapped[str] = text(_("Unit"), size=8)
    cost: Mapped[Money | None] = money(_("Unit cost"), required=False)
    source_id: Mapped[UUID | None] = link("", _("For"), required=False, index=False)
    reason: Mapped[str] = text(_("Reason"), required=False)
    reverses_id: Mapped[UUID | None] = link("stock_line", _("Reverses"), required=False, index=False)


Index("ix_stock_line_balance", StockLine.part_id, StockLine.bin_id, StockLine.stamp)
Index("ix_stock_line_newest", StockLine.stamp, StockLine.org_id)  # in this order: else the planner takes it for one part too
Index("ix_stock_line_bin", StockLine.bin_id, StockLine.stamp)
Index("ix_stock_line_usage", StockLine.source_id, StockLine.part_id)
_REVERSALS = StockLine.reverses_id.is_not(None)
Index("ix_stock_line_reverses_id", StockLine.reverses_id, sqlite_where=_REVERSALS, postgresql_where=_REVERSALS)


_OF_A_LOT = StockLine.lot != ""
Index("ix_stock_line_lot", StockLine.part_id, StockLine.lot, sqlite_where=_OF_A_LOT, postgresql_where=_OF_A_LOT)


class Lot(Entity):
    """A batch of a part, or a single piece under its serial number. The ledger's lines name it by its number.

    Its id follows from part and number, so that two terminals which meet the same lot speak of one row.
    """

    __tablename__ = "lot"
    __about__ = About(
        _("Lot"),
        _("Lots"),
        scan="LT",
        title=("code",),
        search=("code",),
        natural=("part_id", "code"),
        has=Has.AUDIT | Has.EXPORT | Has.NOTES,
    )
    part_id: Mapped[UUID] = link(Part, _("Part"), by_command="ReceiveStock")
    code: Mapped[str] = text(_("Lot or serial number"), size=60, by_command="ReceiveStock")
    expires: Mapped[date | None] = day(_("Use before"), required=False)


Index("ix_lot_code", Lot.org_id, Lot.code)


class Balance(LocalRow):
    """What is in a bin: the last count and the lines after it."""

    __tablename__ = "balance"
    __table_args__ = WITHOUT_ROWID
    part_id: Mapped[UUID] = mapped_column(primary_key=True)
    bin_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    org_id: Mapped[UUID | None]  # the lines' own; what stood here before there was this column has none
    on_hand: Mapped[Quantity]
    counted: Mapped[int] = mapped_column(BigInteger)  # the stamp of the last count, 0 where there is none


class Usage(LocalRow):
    """What a document has taken of a part, and given back."""

    __tablename__ = "usage"
    __table_args__ = WITHOUT_ROWID
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    part_id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID | None]
    issued: Mapped[Quantity]
    returned: Mapped[Quantity]


class Reservation(Entity):
    """Stock that is spoken for. It holds nothing back physically; it lowers what is available to others."""

    __tablename__ = "reservation"
    __about__ = About(_("Reservation"), _("Reservations"), scope=Scope.WAREHOUSE, title=("state",), form=False)
    part_id: Mapped[UUID] = link(Part, _("Part"))
    warehouse_id: Mapped[UUID] = link(Warehouse, _("Warehouse"))
    source_id: Mapped[UUID] = link("", _("For"))
    quantity: Mapped[Quantity] = quantity(_("Quantity"))
    state: Mapped[str] = choice(_("State"), (("active", _("Active")), ("released", _("Released"))), default="active")
