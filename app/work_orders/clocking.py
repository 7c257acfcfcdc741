"""What a clock that begins to run means for its job: one that is open is worked on, and one that may begin begins."""

from __future__ import annotations

from app.kernel.standard import Transition, move_of, transition
from app.kernel.work import Work
from app.labor.commands import ClockStarted
from app.work_orders.model import WorkOrder
from app.work_orders.rules import is_open

BEGIN = "begin"


def work_on_an_open_job(event: ClockStarted, work: Work) -> None:
    """Nobody works on a job that is over. Who comes back to one from a break is told so, and not kept in the break."""
    order = work.get(WorkOrder, event.order, even_retired=event.back)
    locked = is_open(order)
    if event.back and locked is not None:
        event.over.append(locked)
    elif work.check(locked):
        _begin(order, work)


def _begin(order: WorkOrder, work: Work) -> None:
    """Takes the job on, where nothing is unmet that its own button would want; decided once, where the clock was started."""
    move = move_of(work.registry, WorkOrder.__tablename__, BEGIN)[1]
    if work.draw("begins", lambda: move.leaves(order.state) and not any(gate(order, work) for gate in move.gates)):
        transition(Transition(entity=WorkOrder.__tablename__, id=order.id, move=move.name), work)
