"""When parts may go to a job and come back; pure, so a screen may ask before anyone presses a button."""

from __future__ import annotations

from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.places.model import SET_ASIDE, Bin
from app.work_orders.model import WorkOrder
from app.work_orders.rules import TAKES_PARTS, in_words

MORE_THAN_PLAN = 120  # per cent of the plan that a storekeeper may issue without a supervisor


def closed(order: WorkOrder) -> Problem | None:
    if order.state in TAKES_PARTS:
        return None
    return Problem(
        "parts_issue.closed",
        _("{order} is {state}: it takes no more parts."),
        hint=_("Issue to another order; what is left over can still be returned."),
        values={"order": order.number, "state": in_words(order.state)},
    )


def cancelled(order: WorkOrder) -> Problem | None:
    """A cancelled job has given everything back, and keeps nothing again."""
    if order.state != "CANCELLED":
        return None
    return Problem(
        "parts_issue.cancelled",
        _("{order} was cancelled: what came back from it stays here."),
        hint=_("Issue the part to another order."),
        values={"order": order.number},
    )


def over_plan(issued: Quantity, planned: Quantity, part: str) -> Problem | None:
    """More goes out than the job plans: someone says why."""
    if issued <= planned:
        return None
    if not planned:
        return Problem(
            "parts_issue.unplanned",
            _("{part} is not planned on this job."),
            field="reason",
            blocks=False,
            asks="reason",
            review=False,
            hint=_("Say why it is needed, or scan another part."),
            values={"part": part},
        )
    return Problem(
        "parts_issue.over",
        _("{issued} of {part} is more than the {planned} planned."),
        field="reason",
        blocks=False,
        asks="reason",
        review=False,
        hint=_("Say why, or take it back."),
        values={"issued": issued, "part": part, "planned": planned},
    )


def far_over_plan(issued: Quantity, planned: Quantity, part: str, *, may: bool) -> Problem | None:
    """Far more than planned wants a supervisor; one piece too many never does."""
    if may or issued <= planned + Quantity(1) or issued.thousandths * 100 <= planned.thousandths * MORE_THAN_PLAN:
        return None
    return Problem(
        "parts_issue.far_over",
        _("{issued} of {part} is far more than the {planned} planned."),
        field="quantity",
        hint=_("Ask a supervisor to scan their badge, or change the plan."),
        values={"issued": issued, "part": part, "planned": planned},
    )


OTHERS = {"issue": _("This movement is no issue."), "return": _("This movement is no return.")}


def other_movement(kind: str) -> Problem:
    """Whoever hands parts out, or takes them back, undoes that and no other movement."""
    return Problem("parts_issue.not_of_a_job", OTHERS[kind], hint=_("Take it back where it was booked, on the page of the part."))


def came_back(returned: Quantity, issued: Quantity) -> Problem | None:
    """What came back cannot be put on the shelf a second time by undoing its issue."""
    if returned <= issued:
        return None
    return Problem(
        "parts_issue.came_back",
        _("{returned} of this part came back from the job already."),
        hint=_("Undo the return first."),
        values={"returned": returned},
    )


def many_unplanned(issued: Quantity, limit: int, part: str, *, may: bool) -> Problem | None:
    """A few unplanned screws are nobody's business; many of a part that the job does not plan want a supervisor."""
    if may or issued <= Quantity(limit):
        return None
    return Problem(
        "parts_issue.many_unplanned",
        _("{issued} of {part} is more than the {limit} that may go to a job without a plan."),
        field="quantity",
        hint=_("Ask a supervisor to scan their badge, or plan the part."),
        values={"issued": issued, "part": part, "limit": limit},
    )


def spoken_for(quantity: Quantity, left: Quantity, reserved: Quantity, part: str, order: str) -> Problem | None:
    """Others counted on what is taken: someone says why this job goes first."""
    taken = min(quantity, reserved - left)
    if taken <= Quantity(0):
        return None
    return Problem(
        "parts_issue.reserved",
        _("{taken} of {part} are reserved for {order}."),
        field="reason",
        blocks=False,
        asks="reason",
        review=False,
        hint=_("Say why this job goes first, or take less."),
        values={"taken": taken, "part": part, "order": order},
    )


def set_aside(bin: Bin) -> Problem | None:
    """What was put aside as damaged is built into no vehicle."""
    if bin.kind not in SET_ASIDE:
        return None
    return Problem(
        "parts_issue.set_aside",
        _("What lies in {bin} was set aside and goes to no job."),
        field="bin",
        hint=_("Scan another bin; if the part is good, move it to its own bin first."),
        values={"bin": bin.title},
    )


def more_than_issued(returned: Quantity, issued: Quantity, part: str) -> Problem | None:
    if returned <= issued:
        return None
    return Problem(
        "parts_issue.not_issued",
        _("Only {issued} of {part} went to this job."),
        field="quantity",
        hint=_("Scan the job it came from, or return less."),
        values={"issued": issued, "part": part},
    )
