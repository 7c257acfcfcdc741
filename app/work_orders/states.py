"""How far a job is. What must be paid, signed or clocked before a step is held against it by the capability that knows."""

from app.kernel.states import Machine, Move
from app.kernel.words import _
from app.work_orders.model import WorkOrder
from app.work_orders.rules import has_a_service, is_checked, is_explained, nothing_is_out, stock_was_taken

WORK_ORDER = Machine(
    WorkOrder,
    start="DRAFT",
    moves=(
        Move("check_in", "DRAFT", "CHECKIN", "work_orders.move", _("Check in")),
        Move("diagnose", "CHECKIN", "DIAGNOSING", "work_orders.move", _("Diagnose")),
        Move("quote", ("CHECKIN", "DIAGNOSING"), "QUOTED", "work_orders.move", _("Quote"), gates=(has_a_service,)),
        Move("begin", "QUOTED", "IN_PROGRESS", "work_orders.move", _("Begin work")),
        Move("requote", "QUOTED", "DIAGNOSING", "work_orders.move", _("Quote again"), reason=True),
        Move("finish", "IN_PROGRESS", "READY", "work_orders.move", _("Finish job"), gates=(is_checked,)),
        Move("deliver", "READY", "DELIVERED", "work_orders.deliver", _("Hand over"), gates=(is_explained,)),
        Move("close", "DELIVERED", "CLOSED", "work_orders.close", _("Close")),
        Move(
            "cancel",
            ("DRAFT", "CHECKIN", "DIAGNOSING", "QUOTED", "IN_PROGRESS", "READY"),
            "CANCELLED",
            "work_orders.cancel",
            _("Cancel job"),
            gates=(nothing_is_out, stock_was_taken),
            reason=True,
        ),
    ),
)
