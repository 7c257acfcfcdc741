"""Payments: what was paid for a job and how, the drawer's count of a shift, and the last step, which closes a job once."""

from app.kernel.cards import DECIDED
from app.kernel.registry import Capability
from app.kernel.settings import Setting
from app.kernel.standard import Moved
from app.kernel.words import _
from app.parties.erasing import CustomerErased
from app.payments.commands import (
    AskPayment,
    RefundPayment,
    TakePayment,
    ask_payment,
    erase_from_payments,
    parts_came_back,
    payment_moved,
    refund_payment,
    take_payment,
)
from app.payments.drawers import CountDrawer, OpenDrawer, count_drawer, open_drawer
from app.payments.gates import amount_agrees, is_confirmed, is_given_back, is_paid, money_was_taken
from app.payments.hearing import HearProvider, hear_provider
from app.payments.model import DRAWERS, Drawer, Payment
from app.payments.provider import PROVIDERS
from app.payments.queries import FINDERS, QUERIES
from app.payments.states import PAYMENT
from app.stock.commands import StockMoved
from app.work_orders.model import WorkOrder

PROVIDER = Setting(
    "payments.provider",
    "",
    _("Online payment"),
    _("Which provider's word counts for what customers pay online. Its secret stands at the hub, and nowhere else."),
    choices=("", *PROVIDERS),
    words={"": _("None"), **{name: one.label for name, one in PROVIDERS.items()}},
    group=_("Payments"),
)

capability = Capability(
    name="payments",
    entities=(Drawer, Payment),
    handlers={
        TakePayment: take_payment,
        AskPayment: ask_payment,
        RefundPayment: refund_payment,
        HearProvider: hear_provider,
        OpenDrawer: open_drawer,
        CountDrawer: count_drawer,
    },
    machines=(PAYMENT,),
    gates={
        (WorkOrder, "deliver"): (amount_agrees,),
        (WorkOrder, "close"): (is_paid, is_confirmed),
        (WorkOrder, "cancel"): (is_given_back, money_was_taken),
    },
    reactions={Moved: (payment_moved,), StockMoved: (parts_came_back,), CustomerErased: (erase_from_payments,)},
    queries=QUERIES,
    finders=FINDERS,
    settings=(PROVIDER,),
    series=(DRAWERS,),
    cards={  # money that is too much, or not there
        "payments.overpaid": DECIDED,
        "payments.never_came": DECIDED,
        "payments.drawer_differs": DECIDED,
    },
)
