"""Issue and return: badge, job tag, then parts and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.cores.commands import ReceiveCore
from app.kernel.commands import Command
from app.kernel.meanings import Match
from app.kernel.problems import Problem
from app.kernel.words import _
from app.parties.model import Customer, Vehicle
from app.parts.model import WHOLE_UNITS, Part
from app.parts_issue.commands import IssuePart, ReturnPart
from app.parts_issue.queries import is_fixed, proposed_bins, quarantine_bin
from app.parts_issue.rules import closed
from app.places.model import Bin
from app.stock.balances import on_hand
from app.stock.lots import part_of
from app.stock.model import Lot
from app.work_orders.model import WorkOrder
from app.work_orders.queries import all_there
from app.work_orders.rules import TAKES_PARTS
from ui.kit.declared import Action, Choices, Count, Flow, Lines, Mark, Place, Propose, Scan, Within

REASONS = (
    ("broken", _("The first one broke")),
    ("extra", _("More work than planned")),
    ("plan", _("The plan was wrong")),
    ("count", _("The count was wrong")),
    ("other", _("Something else")),
)


def takes_parts(session: Session, ident: UUID) -> Problem | None:
    """Said when the tag is scanned, not when the first part is."""
    order = session.get(WorkOrder, ident)
    return closed(order) if order is not None else None


def about(session: Session, ident: UUID) -> str:
    """What the job is: the vehicle, its plate, its owner, and what is wrong."""
    order = session.get(WorkOrder, ident)
    if order is None:
        return ""
    vehicle = session.get(Vehicle, order.vehicle_id) if order.vehicle_id else None
    customer = session.get(Customer, order.customer_id) if order.customer_id else None
    words = [vehicle.title if vehicle else "", customer.title if customer else "", order.what]
    return " · ".join(word for word in words if word)


def bins_to_take_from(session: Session, ids: Mapping[str, UUID], _damaged: bool) -> list[Match]:
    """The fixed bin, or the only one that has some; otherwise all that have."""
    part, order = ids["part"], session.get(WorkOrder, ids["order"])
    bins = proposed_bins(session, part, order.warehouse_id if order else None)
    sure = bins[:1] if bins and is_fixed(session, part, bins[0].id) else bins
    return [Match("bin", bin.id, bin.title, on_hand(session, part, bin)) for bin in sure]


def bins_to_put_into(session: Session, ids: Mapping[str, UUID], damaged: bool) -> list[Match]:
    """Good parts go back to their bin, damaged ones into quarantine."""
    if not damaged:
        return bins_to_take_from(session, ids, damaged)[:1]
    order = session.get(WorkOrder, ids["order"])
    bin = quarantine_bin(session, order.warehouse_id if order else None)
    return [Match("bin", bin.id, bin.title, on_hand(session, ids["part"], bin))] if bin else []


def in_pieces(session: Session, ident: UUID) -> bool:
    """Whether nobody hands out half of one."""
    part = session.get(Part, ident)
    return part is not None and part.unit in WHOLE_UNITS


def old_part(core: Match) -> Command:
    """The tag of an old part says which one came back."""
    return ReceiveCore(core=core.id)


A_LOT = Within("lot", Lot, part_of)
JOB = Scan("order", WorkOrder, ask=_("Scan the job tag"), sticky=True, check=takes_parts)
ANY_JOB = Scan("order", WorkOrder, ask=_("Scan the job tag"), sticky=True)  # what is left over comes back from a closed job too
OPEN_JOBS = Choices("work_orders", {"open": True}, ("number", "what", "plate", "state", "vehicle"))
DUE = ("code", "name", "bin", "planned", "issued", "unit", "returned")
NEEDED = Lines(_("Parts"), "order_parts", "order", DUE, done=all_there)

ISSUE = Flow(
    id="parts_issue.issue",
    title=_("Issue parts"),
    icon="issue",
    keys="F4",
    runs=IssuePart,
    steps=(JOB, Scan("part", Part, ask=_("Scan the part"), within=A_LOT)),
    fills=(
        Propose("bin", bins_to_take_from, entity=Bin, ask=_("Which bin is {part} from? Scan it"),
                none=_("No {part} is booked anywhere. Scan the bin you took it from")),
        Count("quantity", in_pieces),
    ),
    said=_("{quantity} × {part}"),
    less=ReturnPart,
    lines=NEEDED,
    choices=OPEN_JOBS,
    about=about,
    homes=("KEE", "WHS"),
    turns={"RETURN": "parts_issue.return"},
    reasons=REASONS,
    finish=_("Finish issue"),
    vouched=("parts_issue.far_over", "parts_issue.many_unplanned"),
    offers={"parts_issue.unplanned": ((_("Add it to the job"), {"supplement": True}),)},
)  # fmt: skip

RETURN = Flow(
    id="parts_issue.return",
    title=_("Return parts"),
    icon="return",
    keys="F5",
    runs=ReturnPart,
    steps=(ANY_JOB, Scan("part", Part, ask=_("Scan the part that comes back"), within=A_LOT)),
    fills=(
        Propose("bin", bins_to_put_into, entity=Bin, ask=_("Which bin does {part} go into? Scan it"),
                none=_("{part} has no bin yet. Scan the one it goes into")),
        Count("quantity", in_pieces),
    ),
    said=_("{quantity} × {part} back"),
    less=IssuePart,
    lines=NEEDED,
    choices=OPEN_JOBS,
    about=about,
    turns={"ISSUE": "parts_issue.issue", "CORE": "cores.receive"},
    also={"core": old_part},
    marks={"DAMAGED": Mark(_("Damaged"), {"damaged": True})},
    reasons=REASONS,
    finish=_("Finish return"),
)  # fmt: skip

SCREENS = (ISSUE, RETURN)

ACTIONS = (
    Action(
        "issue", ISSUE.title, "issue", "F4",
        opens=Place("flow", ISSUE.id), needs=IssuePart.needs, word=_("Issue"), note=_("Job tag, then parts"),
    ),
    Action(
        "return", RETURN.title, "return", "F5",
        opens=Place("flow", RETURN.id), needs=ReturnPart.needs, word=_("Return"), note=_("What came back"),
    ),
    Action(
        "order.issue", ISSUE.title, "issue",
        leads=lambda order: Place("flow", ISSUE.id, given={"order": order}),
        when=TAKES_PARTS, needs=IssuePart.needs, on=WorkOrder,
    ),
    Action(
        "order.return", RETURN.title, "return",
        leads=lambda order: Place("flow", RETURN.id, given={"order": order}), needs=ReturnPart.needs, on=WorkOrder,
    ),
)  # fmt: skip
