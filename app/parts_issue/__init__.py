"""Parts issue: hands parts out of a bin to a work order, and takes them back."""

from app.kernel.cards import DECIDED
from app.kernel.registry import Capability
from app.kernel.settings import Setting
from app.kernel.words import _
from app.parts.model import Part
from app.parts_issue.commands import (
    IssuePart,
    ReturnPart,
    UndoIssue,
    UndoReturn,
    issue_part,
    return_part,
    undo_issue,
    undo_return,
)
from app.parts_issue.favourites import fits_the_model

UNPLANNED_LIMIT = Setting(
    "parts_issue.unplanned_limit",
    10,
    _("Most of an unplanned part on a job"),
    _("More than this many units of a part that a job does not plan need someone who may issue far more than planned."),
    least=0,
    most=1_000_000,
    group=_("Stock"),
)

capability = Capability(
    name="parts_issue",
    handlers={IssuePart: issue_part, ReturnPart: return_part, UndoIssue: undo_issue, UndoReturn: undo_return},
    settings=(UNPLANNED_LIMIT,),
    favourites={Part: fits_the_model},
    audits={"parts_issue.closed": "work_order", "parts_issue.cancelled": "work_order"},
    cards={"parts_issue.set_aside": DECIDED},  # what was damaged may be built into a vehicle
)
