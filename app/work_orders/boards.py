"""What hangs on the wall and what a mechanic has before them: the bays with their jobs, the queue, and one's own jobs in turn."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, String, and_, case, cast, func, or_, select, type_coerce

from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.words import _
from app.labor.model import Stint
from app.parties.model import Vehicle
from app.work_orders.model import WorkOrder
from app.work_orders.rules import TAKES_PARTS

WORKED_ON = ("CHECKIN", "DIAGNOSING", "QUOTED", "IN_PROGRESS")
RANKS = {"urgent": "0", "high": "1"}
NEVER = "9999999999999"  # after every moment in milliseconds
READS = frozenset({"work_order", "vehicle"})


def my_jobs(asking: Asking) -> Ask:
    """One's own jobs that are not finished, and the one on which one's clock runs: what is urgent first, then what is promised
    first."""
    runs = select(Stint.id).where(
        Stint.order_id == WorkOrder.id, Stint.person_id == asking.actor.id, Stint.ended.is_(None), Stint.retired.is_(False)
    )
    rank = case(*((WorkOrder.priority == word, number) for word, number in RANKS.items()), else_="2")
    by_when = func.coalesce(cast(type_coerce(WorkOrder.promised, BigInteger), String), NEVER)
    statement = _jobs(rank.concat(by_when).concat(WorkOrder.number).label("turn")).where(
        or_(runs.exists(), and_(WorkOrder.state.in_(WORKED_ON), WorkOrder.assignee_id == asking.actor.id))
    )
    columns = (Column("number", _("Number")), Column("what", _("What")), *_OF_A_JOB)
    return Ask(statement, columns, order="turn", key=("turn", "id"), reads=READS | {"stint"})


def bays(_asking: Asking) -> Ask:
    """The jobs in the house by bay, with as little of the plate as their owners need to know them."""
    statement = _jobs().where(WorkOrder.state.in_(TAKES_PARTS))
    return Ask(statement, (Column("number", _("Number")), *_OF_A_JOB), order="number", reads=READS, told=_masked)


def _jobs(*more: Any) -> Any:
    names = ("id", "number", "what", "state", "priority", "bay", "promised")
    chosen = (getattr(WorkOrder, name).label(name) for name in names)
    joined = select(*chosen, Vehicle.plate.label("plate"), Vehicle.model.label("vehicle"), *more)
    return joined.outerjoin(Vehicle, Vehicle.id == WorkOrder.vehicle_id).where(WorkOrder.retired.is_(False))


_OF_A_JOB = (
    Column("state", _("State"), "choice"),
    Column("vehicle", _("Vehicle"), empty=True),
    Column("plate", _("Plate"), empty=True),
    Column("priority", _("Priority"), "choice"),
    Column("bay", _("Bay"), empty=True),
    Column("promised", _("Promised"), "moment", empty=True),
)


def _masked(rows: list[Row]) -> list[Row]:
    return [{**row, "plate": masked(row["plate"] or "") or row["number"]} for row in rows]


def masked(plate: str) -> str:
    """A plate as it may hang where everybody reads it, such as `B·· ··42`; nothing of one that is too short to hide."""
    signs = [sign for sign in plate if sign.isalnum()]
    return f"{signs[0]}·· ··{''.join(signs[-2:])}" if len(signs) > 4 else ""


QUERIES = (
    Query("my_jobs", my_jobs, "work_orders.read", _("One's own open jobs, the next one first.")),
    Query("bays", bays, "work_orders.read", _("The jobs in the house by bay, their plates masked, as the wall shows them.")),
)
