"""What stock holds against others: where something lies, the bin, the part and its unit stay what they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm.attributes import get_history, instance_state

from app.kernel.entity import Entity
from app.kernel.events import only_of
from app.kernel.problems import Problem
from app.kernel.standard import Saved
from app.kernel.types import Quantity
from app.kernel.work import Work
from app.parts.model import Part
from app.places.model import Bin
from app.stock.model import Balance
from app.stock.rules import bin_is_empty, part_is_gone, unit_counts


@only_of(Bin, Part)
def keep_what_lies_there(event: Saved, work: Work) -> None:
    """Whoever takes a bin or a part out of use clears it out first."""
    match event.row:
        case Bin(retired=True) as bin:
            work.check(bin_is_empty(_lying(work, Balance.bin_id == bin.id)))
        case Part(retired=True) as part:
            work.check(part_is_gone(_lying(work, Balance.part_id == part.id)))


def warehouse_stays(bin: Bin, work: Work) -> Problem | None:
    """A bin goes to another store room empty: what lies in it is booked where it is."""
    return bin_is_empty(_lying(work, Balance.bin_id == bin.id)) if _changes(bin, "warehouse_id") else None


def unit_stays(part: Part, work: Work) -> Problem | None:
    """Five pieces do not become five metres."""
    return unit_counts(_lying(work, Balance.part_id == part.id)) if _changes(part, "unit") else None


def _changes(row: Entity, field: str) -> bool:
    """Whether a record that is there is being given another value."""
    return field in instance_state(row).committed_state and bool(get_history(row, field).deleted)


def _lying(work: Work, where: ColumnElement[bool]) -> dict[str, Any]:
    """Something that is booked there, as a problem tells it; nothing where nothing is."""
    booked = select(Part.name.label("part"), Bin.code.label("bin"), Balance.on_hand.label("left"))
    joined = booked.join(Part, Part.id == Balance.part_id).join(Bin, Bin.id == Balance.bin_id)
    with work.session.no_autoflush:
        wanted = joined.where(where, Balance.on_hand != Quantity(0)).order_by(Part.name, Bin.code).limit(1)
        found = work.session.execute(wanted).mappings().first()
    return dict(found or {})
