"""Parts issue: hands parts out of a bin to a work order, and takes them back."""

from app.kernel.registry import Capability
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

capability = Capability(
    name="parts_issue",
    handlers={IssuePart: issue_part, ReturnPart: return_part, UndoIssue: undo_issue, UndoReturn: undo_return},
)
