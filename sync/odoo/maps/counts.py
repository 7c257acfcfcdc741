"""Counts: Odoo is told by how much one moved the book, and told again where a movement of before it came late."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.types import SCALE, Quantity
from app.stock.model import StockLine
from sync.odoo.batch import Batch
from sync.odoo.moves import Posted

NONE = Quantity(0)


@dataclass(frozen=True)
class Counted:
    """A count on its way: the `turn`-th movement that is posted for it, and what Odoo was told of it before."""

    line: StockLine
    turn: int
    told: Quantity
    change: Quantity
    number: int

    @property
    def name(self) -> str:
        return f"count_{self.line.id.hex}_{self.turn}"

    @property
    def mark(self) -> str:
        return f"{self.turn}:{self.told.thousandths}"

    def after(self, posted: Posted, bin: int) -> Counted:
        """The count once a movement is posted: as that was read back, for its answer may have been lost, and since then the
        change may have become another."""
        size = Quantity.of_thousandths(round(posted.quantity * SCALE))
        moved = size if posted.into == bin else -size
        return Counted(self.line, self.turn + 1, self.told + moved, self.change - moved, posted.number)


def counted(batch: Batch, line: StockLine) -> Counted:
    """What Odoo must still be told of a count."""
    known = batch.placed(StockLine.__tablename__, line.id)
    turn, told = (int(one) for one in known.mark.split(":")) if known is not None and ":" in known.mark else (0, 0)
    before = Quantity.of_thousandths(told)
    return Counted(line, turn, before, line.quantity - booked_before(batch.session, line) - before, known.number if known else 0)


def booked_before(session: Session, count: StockLine) -> Quantity:
    """What the book said just before a count: the count before it, and what moved since."""
    same = StockLine.part_id == count.part_id, StockLine.bin_id == count.bin_id, StockLine.stamp < count.stamp
    last = session.scalars(
        select(StockLine).where(*same, StockLine.kind == "count").order_by(StockLine.stamp.desc(), StockLine.id.desc()).limit(1)
    ).first()
    since = () if last is None else (StockLine.stamp > last.stamp,)
    moved = session.scalars(select(StockLine.quantity).where(*same, *since, StockLine.kind != "count"))
    return sum(moved, NONE if last is None else last.quantity)


def later_count(session: Session, line: StockLine) -> StockLine | None:
    """The first count of the same part and bin after a line."""
    same = StockLine.part_id == line.part_id, StockLine.bin_id == line.bin_id, StockLine.stamp > line.stamp
    wanted = select(StockLine).where(*same, StockLine.kind == "count").order_by(StockLine.stamp, StockLine.id)
    return session.scalars(wanted.limit(1)).first()
