"""What an hour costs: the organisation's rate, and the overhead that its accounts add to labor."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.money import Money, decimals, half_up
from app.kernel.problems import Problem, Refused
from app.kernel.settings import Setting, values_of
from app.kernel.types import SCALE, Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.organisations.model import Organisation
from app.work_orders.rules import rate_counts


def is_a_price(text: str) -> Problem | None:
    """Whether this is a plain number, and no less than nothing."""
    try:
        price = Quantity.parse(text, "value")
    except Refused as refused:
        return refused.problems[0]
    return rate_counts(Money(price.thousandths))


RATE = Setting(
    "work_orders.rate",
    "80",
    _("Price of an hour"),
    _("In the organisation's currency, for example 80 or 84.50. A service may have its own."),
    group=_("Jobs"),
    check=is_a_price,
)
OVERHEAD = Setting(
    "work_orders.overhead",
    0,
    _("Overhead on labor, %"),
    _("What rent, tools and the office add to the cost of an hour, where the cost of a job is shown."),
    least=0,
    most=1000,
    group=_("Jobs"),
)
SETTINGS = (RATE, OVERHEAD)


def rate_of(work: Work) -> Money:
    """The price of an hour for a line that is made now, as it stood when the person acted."""
    return _money(str(work.setting(RATE.key)), work.draw("currency", lambda: currency_of(work.session, work.envelope.org_id)))


def rate_now(session: Session, org_id: UUID) -> Money:
    """The price of an hour as it is set now."""
    return _money(str(set_to(session, org_id, RATE)), currency_of(session, org_id))


def set_to(session: Session, org_id: UUID, setting: Setting) -> object:
    """What the organisation has set one of these to."""
    return values_of(session, org_id, None).get((setting.key, None), setting.default)


def currency_of(session: Session, org_id: UUID) -> str:
    own = session.get(Organisation, org_id)
    return own.currency if own is not None else "EUR"


def _money(text: str, currency: str) -> Money:
    """A plain number of whole units as minor ones of a currency; it is read however it was written."""
    return Money(half_up(Quantity.parse(text).thousandths * 10 ** decimals(currency), SCALE))
