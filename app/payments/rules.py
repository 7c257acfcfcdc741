"""What must hold when money changes hands; pure, so a screen may ask before anyone presses a button."""

from __future__ import annotations

from app.kernel.money import Money
from app.kernel.problems import Contest, Problem
from app.kernel.words import _
from app.payments.model import Drawer, Payment
from app.payments.sums import NOTHING, Owed
from app.quotes.model import Quote
from app.work_orders.model import WorkOrder
from app.work_orders.rules import OPEN

CASH, ONLINE = "cash", "online"


def is_an_amount(amount: Money) -> Problem | None:
    if amount > NOTHING:
        return None
    return Problem(
        "payments.amount",
        _("{amount} is no payment."),
        field="amount",
        hint=_("Write what is paid; what is given back is a refund."),
        values={"amount": amount},
    )


def is_confirmed(quote: Quote | None) -> Problem | None:
    """The customer pays what they agreed to: the quote that stands now, in its newest version."""
    if quote is None or quote.state == "confirmed":
        return None
    return Problem(
        "payments.quote_not_confirmed",
        _("{quote} stands now, and the customer has not confirmed it."),
        field="quote",
        hint=_("Let them sign it first, then take the payment."),
        values={"quote": quote.number},
    )


def still_owes(order: WorkOrder, sums: Owed) -> Problem | None:
    """Nobody takes money a second time for what is paid already."""
    if sums.due > NOTHING or not sums.paid > NOTHING:
        return None
    return Problem(
        "payments.nothing_due",
        _("{order} is paid: nothing is left to pay."),
        field="amount",
        hint=_("Look at its payments; what was paid too much is given back as a refund."),
        values={"order": order.number},
    )


def overpaid(order: WorkOrder, sums: Owed) -> Problem | None:
    """More came in than the job costs: it is kept, and somebody gives it back. A deposit comes before there is a bill."""
    if sums.due >= NOTHING or (not sums.gross and order.state in OPEN):
        return None
    return Problem(
        "payments.overpaid",
        _("{over} more was paid for {order} than it costs."),
        field="amount",
        blocks=False,
        hint=_("Give it back: cash as change or a refund, anything else as a refund of one of its payments."),
        values={"over": -sums.due, "order": order.number},
    )


def is_paid_in_full(order: WorkOrder, sums: Owed) -> Problem | None:
    """What waits to be confirmed counts here; whether it may is another question."""
    if sums.left <= NOTHING:
        return None
    return Problem(
        "payments.not_paid",
        _("{left} of {order} is not paid yet."),
        field="payment",
        hint=_("Take the payment; the job closes by itself after it."),
        values={"left": sums.left, "order": order.number},
    )


def unconfirmed(order: WorkOrder, sums: Owed, *, may: bool) -> Problem | None:
    """An online payment that nobody has confirmed closes a job only where a manager answers for it."""
    if may or not sums.is_open:
        return None
    return Problem(
        "payments.unconfirmed",
        _("{pending} for {order} was asked for online and is not confirmed."),
        field="pending",
        hint=_("Wait for the provider, say that it was not paid, or ask a manager to scan their badge."),
        values={"pending": sums.pending, "order": order.number},
    )


def never_came(payment: Payment, order: WorkOrder, sums: Owed) -> Problem | None:
    """What a job that is closed still owes, because what was asked for online was not paid."""
    if order.state != "CLOSED" or sums.left <= NOTHING:
        return None
    return Problem(
        "payments.never_came",
        _("{order} is closed, and {left} that was asked for online was not paid."),
        field="payment",
        blocks=False,
        hint=_("Ask the customer once more, and take the money from the page of this payment."),
        values={"order": order.number, "left": sums.left},
        contest=Contest("payment", payment.id),
    )


def agrees(order: WorkOrder, told: Money, due: Money) -> Problem | None:
    """What the customer was told at the hand-over is what they pay."""
    if told == due:
        return None
    return Problem(
        "payments.amount_differs",
        _("The customer was told {told} for {order}, and {due} is to pay."),
        field="delivery",
        hint=_("Go through the delivery checklist again with the right amount."),
        values={"told": told, "order": order.number, "due": due},
    )


def all_given_back(order: WorkOrder, sums: Owed) -> Problem | None:
    if not sums.paid and not sums.is_open:
        return None
    return Problem(
        "payments.not_refunded",
        _("{paid} was paid for {order}, {pending} more is asked for."),
        field="payments",
        hint=_("Give the money back first, and say of what is not confirmed that it was not paid; then cancel the job."),
        values={"paid": sums.paid, "pending": sums.pending, "order": order.number},
    )


def can_be_refunded(payment: Payment) -> Problem | None:
    if payment.state == "success" and payment.amount > NOTHING:
        return None
    return Problem(
        "payments.no_refund",
        _("{number} cannot be given back."),
        hint=_("Choose a payment that was made, and no refund."),
        values={"number": payment.number},
    )


def within_the_payment(payment: Payment, back: Money) -> Problem | None:
    """All refunds of a payment together are never more than it was."""
    if back <= payment.amount:
        return None
    return Problem(
        "payments.refund_over",
        _("{back} would be given back of {number}, which was {amount}."),
        field="amount",
        hint=_("Give back what is left of it, or refund another payment."),
        values={"back": back, "number": payment.number, "amount": payment.amount},
    )


def says_why(reason: str) -> Problem | None:
    if reason.strip():
        return None
    return Problem("payments.reason", _("A refund needs a reason."), field="reason", hint=_("Say why in a few words."))


def is_open(drawer: Drawer) -> Problem | None:
    if drawer.state == "open":
        return None
    return Problem(
        "payments.drawer_counted",
        _("{drawer} was counted already."),
        hint=_("Open a new drawer for the next shift."),
        values={"drawer": drawer.number},
    )


def none_open(drawer: Drawer | None) -> Problem | None:
    if drawer is None:
        return None
    return Problem(
        "payments.drawer_open",
        _("{drawer} is open at this desk."),
        hint=_("Count it first, then open the next one."),
        values={"drawer": drawer.number},
    )


def not_below_nothing(amount: Money, field: str) -> Problem | None:
    if amount >= NOTHING:
        return None
    return Problem(
        "payments.cash",
        _("No drawer holds {amount}."),
        field=field,
        hint=_("Write what lies in it; 0 when it is empty."),
        values={"amount": amount},
    )


def counted_off(counted: Money, expected: Money) -> Problem | None:
    """The count is blind: by how much it differs is shown once it stands."""
    if counted == expected:
        return None
    return Problem(
        "payments.drawer_differs",
        _("What was counted is not what the drawer should hold."),
        field="reason",
        blocks=False,
        asks="reason",
        hint=_("Count once more; if it stays so, say why."),
    )


def opened_by_itself(drawer: str) -> Problem:
    return Problem(
        "payments.drawer_opened",
        _("No drawer was open at this desk: {drawer} was opened with nothing in it."),
        field="channel",
        blocks=False,
        review=False,
        hint=_("Put down what it began with when you count it."),
        values={"drawer": drawer},
    )
