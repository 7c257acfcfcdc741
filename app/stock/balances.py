"""The folds of the stock ledger: what lies in a bin, and what a document used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.kernel.projections import Projection, State
from app.kernel.types import Quantity
from app.places.model import SET_ASIDE, Bin
from app.stock.model import Balance, Reservation, StockLine, Usage

NONE = Quantity(0)


def _step(state: State, line: Any) -> State:
    """A count sets the balance; any later line moves it; an earlier one was already counted."""
    if line.kind == "count":
        return {"on_hand": line.quantity, "counted": line.stamp} if line.stamp >= state["counted"] else state
    return {**state, "on_hand": state["on_hand"] + line.quantity} if line.stamp > state["counted"] else state


def _any_order(_state: State, line: Any) -> bool:
    """Plain movements add up in any order; a count needs all that came before and after it in place."""
    return bool(line.kind != "count")


BALANCE = Projection(
    source=StockLine,
    target=Balance,
    key=("part_id", "bin_id"),
    start=lambda: {"on_hand": NONE, "counted": 0},
    step=_step,
    in_any_order=_any_order,
)


def _used(state: State, line: Any) -> State:
    """Issues add to what was taken; returns to what came back; a reversal of either takes it off again by its sign."""
    if line.kind == "issue" or (line.kind == "reverse" and line.quantity > NONE):
        return {**state, "issued": state["issued"] - line.quantity}
    if line.kind in ("return", "reverse"):
        return {**state, "returned": state["returned"] + line.quantity}
    return state


USAGE = Projection(
    source=StockLine, target=Usage, key=("source_id", "part_id"), start=lambda: {"issued": NONE, "returned": NONE}, step=_used
)


# Built once: every scan asks them.
_RESERVED = select(func.sum(Reservation.quantity)).where(
    Reservation.part_id == bindparam("part"),
    Reservation.warehouse_id == bindparam("warehouse"),
    Reservation.state == "active",
    Reservation.retired.is_(False),
)
RESERVED_BY_OTHERS = _RESERVED.where(Reservation.source_id != bindparam("source"))
_IN_WAREHOUSE = (
    select(func.sum(Balance.on_hand))
    .join(Bin, Bin.id == Balance.bin_id)
    .where(Balance.part_id == bindparam("part"), Bin.warehouse_id == bindparam("warehouse"), Bin.kind.not_in(SET_ASIDE))
)
_STOCKED = (
    select(Balance.bin_id, Balance.on_hand)
    .where(Balance.part_id == bindparam("part"))
    .order_by(Balance.on_hand.desc(), Balance.bin_id)
)


def on_hand(session: Session, part: UUID, bin: Bin) -> Quantity:
    """What is booked in a bin, in the part's unit."""
    held = BALANCE.current(session, (part, bin.id))
    return held["on_hand"] if held else NONE


def used(session: Session, source: UUID, part: UUID) -> tuple[Quantity, Quantity]:
    """What a document has taken of a part and given back, as (issued, returned)."""
    held = USAGE.current(session, (source, part))
    return (held["issued"], held["returned"]) if held else (NONE, NONE)


def reserved(session: Session, part: UUID, warehouse: UUID, *, but: UUID | None = None) -> Quantity:
    """What others have reserved of a part in a warehouse."""
    wanted = {"part": part, "warehouse": warehouse}
    if but is None:
        return session.scalar(_RESERVED, wanted) or NONE
    return session.scalar(RESERVED_BY_OTHERS, {**wanted, "source": but}) or NONE


def in_warehouse(session: Session, part: UUID, warehouse: UUID) -> Quantity:
    """What is booked of a part in all the bins of a warehouse from which jobs take."""
    return session.scalar(_IN_WAREHOUSE, {"part": part, "warehouse": warehouse}) or NONE


def stocked_bins(session: Session, part: UUID) -> list[tuple[UUID, Quantity]]:
    """The bins that hold a part, fullest first."""
    return [(row.bin_id, row.on_hand) for row in session.execute(_STOCKED, {"part": part}) if row.on_hand > NONE]
