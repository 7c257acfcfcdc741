"""Moving stock: receive, transfer, adjust, count, reserve, and take back what was booked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.commands import Authority, Command
from app.kernel.events import Event
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parts.model import Part
from app.parts.rules import more_than_nothing, whole_pieces
from app.places.model import Bin, Warehouse
from app.stock.balances import on_hand
from app.stock.lots import booked_of, receipt_names_it, single, taken_in, there_already
from app.stock.model import Reservation, StockLine
from app.stock.rules import (
    already_reversed,
    changes_something,
    costs_something,
    count_stays,
    far_off,
    is_a_job_s,
    none_at_least,
    reason_is_there,
    same_bin,
    short,
    too_large,
)

ENDS = {"transfer_out": "transfer_in", "transfer_in": "transfer_out"}


@dataclass(frozen=True, kw_only=True)
class StockMoved(Event):
    """A line was posted to the ledger."""

    line: StockLine


@dataclass(frozen=True, kw_only=True)
class StockReserved(Event):
    """Stock is spoken for; whoever keeps the document that it is for says whether there is such a one."""

    source: UUID


@dataclass(frozen=True, kw_only=True)
class ReceiveStock(Command):
    """Parts came in and were put into a bin."""

    label = _("Goods received")
    about = {"part": "part", "lot": "", "bin": "bin"}
    needs = "stock.receive"
    authority = Authority.FACT
    part: UUID
    bin: UUID
    quantity: Quantity
    cost: Money | None = None
    lot: str = ""
    reason: str = ""

    def undone_by(self, command_id: UUID) -> Command:
        return ReverseMovement(line=derived_id(command_id, "stock_line", "receipt"), reason="undone")


@dataclass(frozen=True, kw_only=True)
class MoveStock(Command):
    """Parts went from one bin to another."""

    label = _("Stock moved")
    about = {"part": "part", "out": "bin", "into": "bin"}
    needs = "stock.transfer"
    authority = Authority.FACT
    part: UUID
    out: UUID
    into: UUID
    quantity: Quantity = Quantity(1)
    reason: str = ""

    def undone_by(self, command_id: UUID) -> Command:
        return ReverseMovement(line=derived_id(command_id, "stock_line", "transfer_out"), reason="undone")


@dataclass(frozen=True, kw_only=True)
class AdjustStock(Command):
    """What is booked was wrong by so much."""

    label = _("Stock adjusted")
    about = {"part": "part", "bin": "bin"}
    needs = "stock.adjust"
    authority = Authority.FACT
    part: UUID
    bin: UUID
    change: Quantity
    reason: str = ""

    def undone_by(self, command_id: UUID) -> Command:
        return ReverseMovement(line=derived_id(command_id, "stock_line", "adjust"), reason="undone")


@dataclass(frozen=True, kw_only=True)
class CountStock(Command):
    """Somebody looked: so much is in the bin now."""

    label = _("Stock counted")
    about = {"part": "part", "bin": "bin"}
    needs = "stock.count"
    authority = Authority.FACT
    part: UUID
    bin: UUID
    counted: Quantity
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ReserveStock(Command):
    """Speaks for stock on behalf of a document; zero lets go of it."""

    label = _("Stock spoken for")
    about = {"part": "part", "warehouse": "warehouse"}
    needs = "stock.reserve"
    part: UUID
    warehouse: UUID
    source: UUID
    quantity: Quantity


@dataclass(frozen=True, kw_only=True)
class ReverseMovement(Command):
    """Takes one movement back, once, by its mirror image; both ends of a move together."""

    label = _("Movement taken back")
    about = {"line": "stock_line"}
    needs = "stock.reverse"
    authority = Authority.FACT
    line: UUID
    reason: str = ""


def ledger_line(
    work: Work,
    part: Part,
    bin: Bin,
    quantity: Quantity,
    *,
    kind: str,
    source: UUID | None = None,
    reason: str = "",
    lot: str = "",
    cost: Money | None = None,
    reverses: UUID | None = None,
    slot: str = "",
) -> StockLine:
    """Writes one line of the ledger; the unit and cost are the ones of the moment. Whoever calls it tells everybody."""
    price = work.draw(f"cost:{part.id.hex}", lambda: part.cost.minor if part.cost else None) if cost is None else cost.minor
    line = StockLine(
        kind=kind,
        part_id=part.id,
        bin_id=bin.id,
        warehouse_id=bin.warehouse_id,
        lot=lot,
        quantity=quantity,
        unit=part.unit,
        cost=None if price is None else Money(price),
        source_id=source,
        reason=reason,
        reverses_id=reverses,
    )
    return work.add(line, slot or kind)


def post(work: Work, part: Part, bin: Bin, quantity: Quantity, *, kind: str, **more: Any) -> StockLine:
    """Writes one line of the ledger, as `ledger_line` takes it, and tells everybody."""
    line = ledger_line(work, part, bin, quantity, kind=kind, **more)
    work.session.flush()
    work.emit(StockMoved(line=line))
    return line


def policy_of(work: Work, bin: Bin) -> str:
    """What the bin's warehouse says about taking more than is booked."""
    return str(work.draw(f"policy:{bin.warehouse_id.hex}", lambda: work.get(Warehouse, bin.warehouse_id).policy))


def receive_stock(do: ReceiveStock, work: Work) -> None:
    part, bin = work.get(Part, do.part), work.get(Bin, do.bin)
    work.check(more_than_nothing(do.quantity), whole_pieces(part, do.quantity), costs_something(do.cost))
    work.check(receipt_names_it(part, do.lot), single(part, do.quantity))
    code = do.lot.strip()
    lot = taken_in(work, part, code)
    if lot is not None:
        work.check(there_already(part, code, booked_of(work.session, lot)))
    post(work, part, bin, do.quantity, kind="receipt", reason=do.reason, lot=code, cost=do.cost)


def move_stock(do: MoveStock, work: Work) -> None:
    part, out = work.get(Part, do.part, even_retired=True), work.get(Bin, do.out, even_retired=True)
    into = work.get(Bin, do.into)
    work.check(more_than_nothing(do.quantity), whole_pieces(part, do.quantity), same_bin(do.out, do.into))
    work.check(short(do.quantity, on_hand(work.session, part.id, out), policy_of(work, out), part.title, out.title))
    post(work, part, out, -do.quantity, kind="transfer_out", reason=do.reason)
    post(work, part, into, do.quantity, kind="transfer_in", reason=do.reason)


def _limit(work: Work, bin: Bin) -> int:
    """How much one person may adjust here: as the store room has it, its site or the organisation."""
    room = work.find(Warehouse, bin.warehouse_id)
    return int(work.setting("stock.adjust_limit", bin.warehouse_id, *((room.site_id,) if room else ())))


def adjust_stock(do: AdjustStock, work: Work) -> None:
    adjust(do, work)


def adjust(do: AdjustStock, work: Work, **more: Any) -> None:
    """Adjusts by the rules that hold for everybody; `more` is what its line says besides, such as what it was done for."""
    part, bin = work.get(Part, do.part, even_retired=True), work.get(Bin, do.bin, even_retired=True)
    limit = _limit(work, bin)
    work.check(
        reason_is_there(do.reason),
        changes_something(do.change),
        whole_pieces(part, do.change),
        too_large(do.change, limit, may=work.may("stock.adjust_large", bin.warehouse_id)),
    )
    post(work, part, bin, do.change, kind="adjust", reason=do.reason, **more)


def count_stock(do: CountStock, work: Work) -> None:
    part, bin = work.get(Part, do.part, even_retired=True), work.get(Bin, do.bin, even_retired=True)
    limit = _limit(work, bin)
    work.check(
        whole_pieces(part, do.counted),
        none_at_least(do.counted),
        far_off(do.counted, on_hand(work.session, part.id, bin), limit, may=work.may("stock.adjust_large", bin.warehouse_id)),
    )
    post(work, part, bin, do.counted, kind="count", reason=do.reason)


def reserve_stock(do: ReserveStock, work: Work) -> None:
    part, warehouse = work.get(Part, do.part, even_retired=not do.quantity), work.get(Warehouse, do.warehouse)
    if do.quantity:
        work.check(more_than_nothing(do.quantity), whole_pieces(part, do.quantity))
        work.emit(StockReserved(source=do.source))
    held = work.session.scalars(
        select(Reservation).where(
            Reservation.part_id == part.id,
            Reservation.warehouse_id == warehouse.id,
            Reservation.source_id == do.source,
            Reservation.state == "active",
        )
    ).first()
    if held is not None:
        held.quantity, held.state = do.quantity, "active" if do.quantity else "released"
    elif do.quantity:
        work.add(
            Reservation(part_id=part.id, warehouse_id=warehouse.id, source_id=do.source, quantity=do.quantity, state="active")
        )


def reverse_movement(do: ReverseMovement, work: Work) -> None:
    line = work.get(StockLine, do.line)
    if not (work.check(is_a_job_s(line)) and reversible(work, line)):
        return
    mirror(work, line, do.reason)
    other = other_end(work.session, line)
    if other is not None and reversible(work, other):
        mirror(work, other, do.reason, slot=f"reverse:{other.kind}")


def other_end(session: Session, line: StockLine) -> StockLine | None:
    """The other end of a move: what the same command took out where this came in, or the other way round."""
    if line.kind not in ENDS:
        return None
    same = StockLine.part_id == line.part_id, StockLine.stamp == line.stamp, StockLine.made_by == line.made_by
    other = StockLine.kind == ENDS[line.kind], StockLine.quantity == -line.quantity
    return session.scalars(select(StockLine).where(*same, *other).order_by(StockLine.id).limit(1)).first()


def reversible(work: Work, line: StockLine) -> bool:
    """Whether a line can be taken back, and was not yet."""
    work.hold(line.id, line.part_id, line.bin_id, line.source_id)
    by = work.session.scalars(select(StockLine).where(StockLine.reverses_id == line.id).limit(1)).first()
    return work.check(count_stays(line), already_reversed(line, by))


def mirror(work: Work, line: StockLine, reason: str, slot: str = "") -> StockLine:
    """Posts the mirror image of a line."""
    part, bin = work.get(Part, line.part_id, even_retired=True), work.get(Bin, line.bin_id, even_retired=True)
    return post(
        work,
        part,
        bin,
        -line.quantity,
        kind="reverse",
        source=line.source_id,
        reason=reason,
        lot=line.lot or "",
        cost=line.cost,
        reverses=line.id,
        slot=slot,
    )
