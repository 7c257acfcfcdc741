"""What stock holds against others: a bin in which something lies stays in use."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.standard import Saved
from app.kernel.types import Quantity
from app.kernel.work import Work
from app.parts.model import Part
from app.places.model import Bin
from app.stock.model import Balance
from app.stock.rules import bin_is_empty


def keep_full_bins(event: Saved, work: Work) -> None:
    """Whoever takes a bin out of use empties it first."""
    match event.row:
        case Bin(retired=True) as bin:
            lying = select(Part.name, Balance.on_hand).join(Part, Part.id == Balance.part_id)
            found = work.session.execute(
                lying.where(Balance.bin_id == bin.id, Balance.on_hand != Quantity(0)).order_by(Part.name).limit(1)
            ).first()
            work.check(bin_is_empty(bin, *found) if found else None)
