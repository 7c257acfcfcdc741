"""Where a customer pays online: the provider's address for a payment that waits, as a screen and a paper show it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.kernel.registry import Registry
from app.kernel.settings import read_setting
from app.payments.model import Payment
from app.payments.provider import PROVIDERS, Provider
from app.payments.rules import ONLINE
from app.payments.sums import NOTHING
from app.work_orders.rates import currency_of


@dataclass(frozen=True)
class PaymentPage:
    """A payment that the customer is to make, and the address where they do; `double` says that no money moves there."""

    payment: UUID
    number: str
    amount: Money
    address: str
    label: str
    double: bool


def chosen(session: Session, registry: Registry, org: UUID) -> Provider | None:
    """The provider whose word counts for an organisation, where it has chosen one."""
    return PROVIDERS.get(str(read_setting(session, registry, org, "payments.provider")))


def page_of(session: Session, registry: Registry, payment: Payment | None) -> PaymentPage | None:
    """None where nothing is to be paid online, or the workshop has chosen no provider."""
    if payment is None or payment.channel != ONLINE or payment.state != "pending" or payment.amount <= NOTHING:
        return None
    provider = chosen(session, registry, payment.org_id)
    if provider is None:
        return None
    amount = Money(payment.amount.minor, currency_of(session, payment.org_id))
    address = provider.page(payment.number, amount)
    return PaymentPage(payment.id, payment.number, amount, address, provider.label, provider.double)


def page_of_job(session: Session, registry: Registry, order: UUID) -> PaymentPage | None:
    """The same for the newest payment of a job that was asked for online."""
    asked = select(Payment).where(Payment.order_id == order, Payment.channel == ONLINE, Payment.state == "pending")
    newest = asked.where(Payment.refund_of_id.is_(None)).order_by(Payment.id.desc()).limit(1)
    return page_of(session, registry, session.scalars(newest).first())
