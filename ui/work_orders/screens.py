"""Jobs: the list, the page with its gates, and opening one."""

from __future__ import annotations

from app.kernel.words import _
from app.work_orders.check_in import CheckIn
from app.work_orders.commands import AddService, AgreeOrder, AssignOrder, CreateOrder, HoldOrder, PlanPart
from app.work_orders.health import RecordHealth
from app.work_orders.model import STATES, HealthRecord, PartLine, ServiceLine, WorkOrder
from app.work_orders.procedures import ChooseProcedure
from app.work_orders.rules import OPEN
from ui.kit.declared import Action, Board, Chip, Drawn, FormScreen, Lines, ListScreen, PageScreen, Place
from ui.kit.paper import print_it
from ui.work_orders.choosing import KINDS, choice, choose_work
from ui.work_orders.health import HealthPanel
from ui.work_orders.holding import hold
from ui.work_orders.ticking import STEPS

ORDERS = ListScreen(
    WorkOrder,
    "jobs",
    query="work_orders",
    columns=("number", "what", "plate", "state", "vehicle", "customer", "priority", "bay"),
    chips=(Chip(_("Mine"), {"mine": True}), Chip(_("Open"), {"open": True})),
)
ORDER = PageScreen(
    WorkOrder,
    "jobs",
    facts=(
        "what",
        "hold",
        "customer_id",
        "vehicle_id",
        "assignee_id",
        "bay",
        "priority",
        "odometer",
        "promised",
        "agreed_how",
    ),
    panels=(
        Lines(_("Parts"), "order_parts", "order", ("code", "name", "planned", "issued", "returned"), opens="part"),
        STEPS,
        Lines(_("Bill"), "order_bill", "order", ("what", "quantity", "amount", "price", "net", "tax", "gross", "code")),
        Lines(_("Quotes"), "order_quotes", "order", ("number", "state", "gross", "published_at", "decided_at"), opens="quote"),
        Lines(_("Payments"), "order_payments", "order", ("at", "number", "channel", "amount", "state"), opens="payment"),
        Drawn(_("Health"), HealthPanel),
        Lines(_("Old parts"), "cores", "order", ("number", "part", "quantity", "state", "due", "deposit"), opens="core"),
        Lines(_("Cost"), "order_cost", "order", ("what", "quantity", "amount")),
        Lines(_("Movements"), "movements", "source", ("at", "kind", "name", "quantity", "bin", "reason")),
        "notes",
        "history",
    ),
    locks=tuple(state for state, _label in STATES if state not in OPEN),
    changes=("what", "priority", "vehicle_id", "customer_id", "bay", "hold", "odometer"),
    jumps={
        "services": "order.service",
        "agreed_how": "order.agree",
        "quote": "order.quote",
        "sign": "order.sign",
        "health": "order.health",
        "parts": "order.return",
        "delivery": "order.deliver",
        "payment": "order.pay",
        "payments": "order.payments",
        "pending": "order.payments",
        "cores": "order.charge_cores",
    },
    reads=("part_line", "service_line", "charge_line", "stock_line", "health_record", "quote", "delivery", "payment", "core"),
    instead={"diagnose": "order.diagnose", "quote": "order.quote"},
    scans={kind: choice for kind in KINDS},
    vouched=("work_orders.cancel_late", "payments.unconfirmed", "quotes.on_top"),
)
BOARD = Board(
    "jobs",
    _("Job board"),
    "jobs",
    WorkOrder,
    "work_orders",
    {"open": True},
    groups=(("state", _("By state")), ("bay", _("By bay"))),
    steps={"state": OPEN},
    said=("what", "plate"),
    empty=_("No job is open."),
)
NEW_ORDER = FormScreen(WorkOrder, CreateOrder, ("what", "vehicle_id", "customer_id", "priority", "odometer", "site_id"))
NEW_SERVICE = FormScreen(ServiceLine, AddService, ("what", "hours", "rate", "price"), of="order")
NEW_PART = FormScreen(PartLine, PlanPart, ("part_id", "planned"), of="order", arguments={"planned": "quantity"})
HEALTH = FormScreen(
    HealthRecord, RecordHealth, ("battery", "rpm", "front_tyre", "rear_tyre", "coolant", "oil", "odometer", "notes"), of="order"
)
AGREED = FormScreen(
    WorkOrder, AgreeOrder, ("agreed_how",), of="order", id="work_order.agree", title=_("How the customer agreed"),
    arguments={"agreed_how": "how"},
)  # fmt: skip
ASSIGNED = FormScreen(
    WorkOrder, AssignOrder, ("assignee_id", "bay"), of="order", id="work_order.assign", title=_("Give the job to somebody"),
    arguments={"assignee_id": "person"},
)  # fmt: skip

SCREENS = (ORDERS, BOARD, ORDER, NEW_ORDER, NEW_SERVICE, NEW_PART, HEALTH, AGREED, ASSIGNED)

ACTIONS = (
    Action("jobs", _("Jobs"), "jobs", "F3", opens=Place("list", "work_order"), needs="work_orders.read",
           note=_("{count} open"), count=("work_orders", {"open": True})),
    Action("board", _("Job board"), "board", "F12", opens=Place("board", "jobs"), needs="work_orders.read", word=_("Board"),
           note=_("Who waits, and since when")),
    Action("check_in", _("Check in"), "vehicle", "F9", opens=Place("check_in"), needs=CheckIn.needs,
           note=_("Who has come, and what is wrong")),
    Action("order.new", _("New job"), "plus", "F6", opens=Place("form", "work_order"), needs=CreateOrder.needs,
           note=_("Vehicle and what is wrong")),
    Action("order.diagnose", _("Choose a procedure"), "count", on=WorkOrder, when=OPEN, needs=ChooseProcedure.needs,
           begins=choose_work),
    Action("order.hold", _("Put on hold"), "clock", on=WorkOrder, when=OPEN, needs=HoldOrder.needs, begins=hold),
    Action("order.part", _("Plan a part"), "part", on=WorkOrder, when=OPEN, needs=PlanPart.needs,
           leads=lambda order: Place("form", "part_line", given={"order": order.id})),
    Action("order.service", _("Add a service"), "plus", on=WorkOrder, when=OPEN, needs=AddService.needs,
           leads=lambda order: Place("form", "service_line", given={"order": order.id})),
    Action("order.assign", _("Give to somebody"), "people", on=WorkOrder, when=OPEN, needs=AssignOrder.needs,
           leads=lambda order: Place("form", "work_order.assign", given={"order": order.id})),
    Action("order.agree", _("Record the agreement"), "check", on=WorkOrder, when=OPEN, needs=AgreeOrder.needs,
           leads=lambda order: Place("form", "work_order.agree", given={"order": order.id})),
    Action("order.health", _("Health check"), "health", on=WorkOrder, when=OPEN, needs=RecordHealth.needs,
           leads=lambda order: Place("form", "health_record", given={"order": order.id})),
    Action("order.print", _("Print the job tag"), "print", on=WorkOrder, needs="labels.print", begins=print_it),
)  # fmt: skip
