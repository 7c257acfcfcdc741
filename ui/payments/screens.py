"""Money: jobs to be paid, payments with their refunds, and the cash drawer; and what is done of it on a job's page."""

from __future__ import annotations

from app.kernel.words import _
from app.payments.commands import AskPayment, TakePayment
from app.payments.drawers import CountDrawer, OpenDrawer
from app.payments.model import Drawer, Payment
from app.work_orders.delivery import CheckDelivery
from app.work_orders.model import WorkOrder
from app.work_orders.rules import OPEN
from ui.kit.declared import Action, Chip, FormScreen, ListScreen, PageScreen, Place
from ui.payments.refunding import choose_payment, pay_otherwise, refund_it

PAYMENTS = ListScreen(
    Payment,
    "pay",
    query="payments",
    columns=("number", "amount", "channel", "at", "state", "order", "customer", "reason"),
    chips=(Chip(_("Refunds"), {"refunds": True}), Chip(_("Not confirmed"), {"pending": True})),
    adds=False,
    empty=_("Nothing has been paid yet. Payments are taken on the page of a job."),
)
TO_PAY = ListScreen(
    WorkOrder,
    "pay",
    query="to_pay",
    columns=("number", "amount", "paid", "customer", "plate"),
    id="to_pay",
    title=_("To pay"),
    opens="pay",
    adds=False,
    empty=_("Nobody has to pay now. What is handed over stands here until it is paid."),
)
PAYMENT = PageScreen(
    Payment,
    "pay",
    facts=("order_id", "channel", "amount", "settled_at", "quote_id", "drawer_id", "refund_of_id", "provider", "provider_ref",
           "reason"),
    panels=("notes", "history"),
    edits=False,
)  # fmt: skip
DRAWERS = ListScreen(
    Drawer,
    "drawer",
    columns=("number", "state", "began_with", "expected", "counted", "counted_at", "reason"),
    empty=_("No cash drawer has been opened yet. Open one with what lies in it."),
)
DRAWER = PageScreen(
    Drawer, "drawer", facts=("site_id", "state", "began_with", "counted", "expected", "counted_at", "reason"), edits=False
)
NEW_DRAWER = FormScreen(Drawer, OpenDrawer, ("began_with", "site_id"), title=_("Open a cash drawer"))
COUNT = FormScreen(
    Drawer, CountDrawer, ("counted", "reason"), of="drawer", id="drawer.count", title=_("Count the cash drawer")
)  # fmt: skip

SCREENS = (TO_PAY, PAYMENTS, PAYMENT, DRAWERS, DRAWER, NEW_DRAWER, COUNT)

ACTIONS = (
    Action("to_pay", _("To pay"), "pay", opens=Place("list", "to_pay"), needs=TakePayment.needs, note=_("{count} wait"),
           count=("to_pay", {})),
    Action("drawers", _("Cash drawer"), "drawer", opens=Place("list", "drawer"), needs=CountDrawer.needs,
           note=_("Open, count")),
    Action("payments", _("Payments"), "pay", opens=Place("list", "payment"), needs="payments.read", note=_("And refunds")),
    Action("order.deliver", _("Check the delivery"), "check", on=WorkOrder, when=("READY",),
           needs=CheckDelivery.needs, leads=lambda order: Place("hand_over", id=order.id)),
    Action("order.pay", _("Take the payment"), "pay", on=WorkOrder, when=(*OPEN, "DELIVERED"), needs=AskPayment.needs,
           leads=lambda order: Place("pay", id=order.id)),
    Action("order.payments", _("Look at its payments"), "pay", on=WorkOrder, needs="payments.read", begins=choose_payment),
    Action("payment.online", _("Show where to pay"), "pay", on=Payment, when=("pending",), needs="payments.read",
           leads=lambda payment: Place("online", id=payment.id)),
    Action("payment.refund", _("Give it back"), "undo", on=Payment, when=("success",), needs="payments.read", begins=refund_it),
    Action("payment.otherwise", _("Take the payment"), "pay", on=Payment, when=("failed",), needs=AskPayment.needs,
           begins=pay_otherwise),
    Action("drawer.count", _("Count the drawer"), "count", on=Drawer, needs=CountDrawer.needs,
           leads=lambda drawer: Place("form", "drawer.count", given={"drawer": drawer.id})),
)  # fmt: skip
