"""Where a part would come from, and where it would go back to: what the flow proposes so that nobody has to choose."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.parts.model import PartBin
from app.places.model import Bin
from app.stock.balances import stocked_bins
from app.work_orders.queries import TAKEN_FROM

# Built once: every scan asks them.
_FIXED = select(PartBin.bin_id).where(PartBin.part_id == bindparam("part"), PartBin.fixed, PartBin.retired.is_(False))
_BINS = select(Bin).where(Bin.id.in_(bindparam("bins", expanding=True)), Bin.retired.is_(False))
_IS_FIXED = _FIXED.where(PartBin.bin_id == bindparam("bin")).limit(1)


def proposed_bins(session: Session, part: UUID, warehouse: UUID | None) -> list[Bin]:
    """The bins to take a part from, best first: the fixed one, then the fullest. One or a fixed one means: do not ask."""
    fixed = list(session.scalars(_FIXED, {"part": part}))
    order = list(dict.fromkeys([*fixed, *(bin for bin, _left in stocked_bins(session, part))]))
    bins = {bin.id: bin for bin in session.scalars(_BINS, {"bins": order})}
    found = [bins[ident] for ident in order if ident in bins and bins[ident].kind in TAKEN_FROM]
    near = [bin for bin in found if warehouse is None or bin.warehouse_id == warehouse]
    return near or found


def is_fixed(session: Session, part: UUID, bin: UUID) -> bool:
    return session.scalar(_IS_FIXED, {"part": part, "bin": bin}) is not None


def quarantine_bin(session: Session, warehouse: UUID | None) -> Bin | None:
    """Where damaged parts go."""
    wanted = select(Bin).where(Bin.kind == "quarantine", Bin.retired.is_(False)).order_by(Bin.code)
    return session.scalars(wanted.where(Bin.warehouse_id == warehouse) if warehouse else wanted).first()
