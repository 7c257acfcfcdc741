"""What a payment provider tells: believed only when it is signed, booked once however often it is told."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.kernel import locks
from app.kernel.commands import Command
from app.kernel.problems import Problem, Refused
from app.kernel.standard import Transition, transition
from app.kernel.words import _
from app.kernel.work import Work
from app.payments.commands import booked, settle
from app.payments.model import Payment
from app.payments.provider import Heard, provider_of
from app.payments.rules import ONLINE
from app.work_orders.model import WorkOrder


@dataclass(frozen=True, kw_only=True)
class HearProvider(Command):
    """Takes in a payment provider's callback: its body as it came, and the signature that came with it."""

    label = _("Payment provider heard")
    about = {"provider": ""}
    needs = "payments.hear"
    provider: str
    body: str
    signature: str


def hear_provider(do: HearProvider, work: Work) -> None:
    provider = provider_of(do.provider, str(work.setting("payments.provider")))
    heard = provider.hear(do.body, do.signature, work.now)
    reference = f"{do.provider}:{heard.reference}"
    locks.hold(work.session, {reference}, "payment")
    asked = _asked(work, heard)
    work.hold(asked.id, asked.order_id)
    if _known(work, reference) or not (heard.paid or asked.state == "pending"):
        work.check(already_processed(asked))
    elif not heard.paid:
        _move(work, asked, "fail", do.provider)
    elif asked.state == "pending":
        asked.provider, asked.provider_ref = do.provider, reference
        _move(work, asked, "confirm", do.provider)
    else:  # it was given up, or paid already under another reference: the money is here all the same
        order = work.get(WorkOrder, asked.order_id)
        told = {"quote_id": asked.quote_id, "provider": do.provider, "provider_ref": reference}
        booked(work, order, ONLINE, heard.amount, told)
        settle(work, order)


def _asked(work: Work, heard: Heard) -> Payment:
    """The payment that was asked for, at the amount that was asked for."""
    wanted = select(Payment).where(Payment.org_id == work.envelope.org_id, Payment.number == heard.number)
    found = work.session.scalars(wanted).first()
    if found is None or found.channel != ONLINE or found.refund_of_id is not None:
        raise Refused(unknown(heard))
    if found.amount != heard.amount:
        raise Refused(another_amount(found, heard))
    return found


def _known(work: Work, reference: str) -> bool:
    wanted = select(Payment.id).where(Payment.org_id == work.envelope.org_id, Payment.provider_ref == reference)
    return work.session.scalar(wanted) is not None


def _move(work: Work, payment: Payment, move: str, provider: str) -> None:
    transition(Transition(entity=Payment.__tablename__, id=payment.id, move=move, reason=provider), work)


def already_processed(payment: Payment) -> Problem:
    return Problem(
        "payments.already_processed",
        _("This was heard before: {number} is booked already."),
        blocks=False,
        review=False,
        hint=_("Nothing was booked a second time, and nothing is to be done."),
        values={"number": payment.number},
    )


def unknown(heard: Heard) -> Problem:
    return Problem(
        "payments.unknown",
        _("No online payment {number} was asked for."),
        field="body",
        hint=_("It may not have reached the hub yet: the provider sends its message again."),
        values={"number": heard.number[:40]},
    )


def another_amount(payment: Payment, heard: Heard) -> Problem:
    return Problem(
        "payments.another_amount",
        _("The provider says {heard} for {number}, and {asked} was asked for."),
        field="body",
        hint=_("Nothing was booked. Ask the provider, then book what really came in as a bank transfer."),
        values={"heard": heard.amount, "number": payment.number, "asked": payment.amount},
    )
