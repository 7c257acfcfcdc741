"""Issue and return: badge, job tag, then parts and nothing else."""

from __future__ import annotations

from app.kernel.words import _
from app.parts.model import Part
from app.parts_issue.commands import IssuePart, ReturnPart
from app.places.model import Bin
from app.stock.lots import part_of
from app.stock.model import Lot
from app.work_orders.model import WorkOrder
from app.work_orders.queries import all_there
from app.work_orders.rules import TAKES_PARTS
from ui.kit.declared import Action, Flow, Lines, Place
from ui.kit.steps import Choices, Count, Mark, Propose, Scan, Within
from ui.parts_issue.looking import about, bins_to_put_into, bins_to_take_from, in_pieces, old_part, takes_parts

REASONS = (
    ("broken", _("The first one broke")),
    ("extra", _("More work than planned")),
    ("plan", _("The plan was wrong")),
    ("count", _("The count was wrong")),
    ("other", _("Something else")),
)


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
        leads=lambda order: Place("flow", ISSUE.id, order.id, {"order": order}),
        when=TAKES_PARTS, needs=IssuePart.needs, on=WorkOrder,
    ),
    Action(
        "order.return", RETURN.title, "return",
        leads=lambda order: Place("flow", RETURN.id, order.id, {"order": order}), needs=ReturnPart.needs, on=WorkOrder,
    ),
)  # fmt: skip
