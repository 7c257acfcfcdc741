"""The bill of a job: its parts, services and charges, each with its tax. Screen, quote, payment and paper all ask here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.ids import derived_id
from app.kernel.money import Amounts, Money, Rate, Totals, half_up, taxed, totals
from app.kernel.types import Quantity
from app.organisations.model import Organisation
from app.parts.model import Part
from app.stock.balances import used
from app.stock.model import Usage
from app.taxes.model import TaxCode
from app.taxes.rules import rate_of as tax_rate
from app.work_orders.model import WITH_TAX, ChargeLine, PartLine, ServiceLine, WorkOrder
from app.work_orders.rates import rate_now

NONE = Quantity(0)
PLANNING = ("DRAFT", "CHECKIN", "DIAGNOSING", "QUOTED", "IN_PROGRESS")
"""Until the work is done the plan counts too; from READY on only what was really used, so that payment and paper agree."""


@dataclass(frozen=True)
class Tax:
    """The rate a line is taxed by, and the row it comes from; without a row there is no tax."""

    code: str = ""
    rate: Rate = Rate(0)
    id: UUID | None = None


NO_TAX = Tax()


@dataclass(frozen=True)
class BillLine:
    """One line: `kind` is part, service or charge; `id` is the row behind it. `price` is of one unit, as the shop states it."""

    kind: str
    id: UUID
    what: str
    quantity: Quantity
    unit: str
    price: Money
    tax: Tax
    amounts: Amounts
    part_id: UUID | None = None


@dataclass(frozen=True)
class Bill:
    """What a job costs its customer. `inclusive` says that the lines' prices contain the tax."""

    lines: tuple[BillLine, ...] = ()
    totals: Totals = field(default_factory=lambda: totals(()))
    inclusive: bool = True


@dataclass(frozen=True)
class Stated:
    """A line before its tax is reckoned."""

    kind: str
    id: UUID
    what: str
    quantity: Quantity
    unit: str
    price: Money
    tax: Tax = NO_TAX
    part_id: UUID | None = None


def made_of(stated: Iterable[Stated], *, inclusive: bool) -> Bill:
    """Reckons each line by itself and adds them up; the tax of a code is the sum of its lines."""
    lines = tuple(_reckoned(one, inclusive=inclusive) for one in stated)
    return Bill(lines, totals((line.tax.code, line.amounts) for line in lines), inclusive)


def _reckoned(one: Stated, *, inclusive: bool) -> BillLine:
    amounts = taxed(one.quantity, one.price, one.tax.rate, inclusive=inclusive)
    return BillLine(one.kind, one.id, one.what, one.quantity, one.unit, one.price, one.tax, amounts, one.part_id)


def share_of(bill: Bill, amount: Money) -> Totals:
    """What an amount that goes back holds of a bill's net and of the tax of each code; all of it mirrors the bill to the cent."""
    whole = bill.totals
    if abs(amount) == abs(whole.gross):
        sign = 1 if amount == whole.gross else -1
        return Totals(whole.net * sign, {code: tax * sign for code, tax in whole.tax.items()}, amount)
    tax, upto, dealt = dict[str, Money](), 0, 0
    for code, own in whole.tax.items():
        gross = sum(line.amounts.gross.minor for line in bill.lines if line.tax.code == code)
        upto += gross
        share = _part(amount.minor, upto, whole.gross.minor) - dealt
        dealt += share
        tax[code] = Money(_part(share, own.minor, gross))
    return Totals(amount - sum(tax.values(), Money(0)), tax, amount)


def _part(amount: int, of: int, whole: int) -> int:
    """So much of an amount as something is of a whole; nothing of nothing."""
    return half_up(amount * of * (1 if whole > 0 else -1), abs(whole)) if whole else 0


def billed(planned: Quantity, taken: Quantity, state: str) -> Quantity:
    """How many of a part are on the bill: what is used, and until the work is done what is planned for certain."""
    return max(taken, planned) if state in PLANNING else max(taken, NONE)


def bill(session: Session, order: WorkOrder) -> Bill:
    """The bill of a job as it stands: parts first, then services and charges, each in the order in which they came."""
    taxes = _Taxes(session)
    stated = [*_parts(session, order, taxes), *_services(session, order, taxes), *_charges(session, order, taxes)]
    return made_of(stated, inclusive=includes_tax(session, order))


def includes_tax(session: Session, order: WorkOrder) -> bool:
    """Whether a job's prices contain the tax: as when it was opened. What was opened before that was kept goes by the setting."""
    if order.prices:
        return order.prices == WITH_TAX
    own = session.get(Organisation, order.org_id)
    return own is None or own.prices_with_tax


class _Taxes:
    """The rows that lines name, each read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read: dict[UUID, Tax] = {}

    def of(self, ident: UUID | None) -> Tax:
        if ident is None:
            return NO_TAX
        if ident not in self._read:
            row = self._session.get(TaxCode, ident)
            self._read[ident] = Tax(row.code, tax_rate(row), row.id) if row is not None else NO_TAX
        return self._read[ident]


def _parts(session: Session, order: WorkOrder, taxes: _Taxes) -> list[Stated]:
    """One line for each part; a line that was taken off the plan still says what was used of it costs."""
    lines = session.scalars(select(PartLine).where(PartLine.order_id == order.id).order_by(PartLine.id)).all()
    of_part: dict[UUID, list[PartLine]] = {}
    for line in lines:
        of_part.setdefault(line.part_id, []).append(line)
    for part_id in session.scalars(select(Usage.part_id).where(Usage.source_id == order.id).order_by(Usage.part_id)):
        of_part.setdefault(part_id, [_never_priced(session, order, part_id)])
    found = (one for part, same in of_part.items() for one in _of_part(session, order, part, same, taxes))
    return [one for one in found if one.quantity]


def _never_priced(session: Session, order: WorkOrder, part_id: UUID) -> PartLine:
    """What was taken unplanned before the price of the moment was kept: as the part is priced now, without tax."""
    part = session.get(Part, part_id)
    ident = derived_id(order.id, "part_line", part_id.hex)
    return PartLine(id=ident, part_id=part_id, planned=NONE, price=part.price if part is not None else None, retired=True)


def _of_part(session: Session, order: WorkOrder, part_id: UUID, same: list[PartLine], taxes: _Taxes) -> list[Stated]:
    """The lines of one part, each at its own price: those on the plan, or where there is none the one that was taken off it."""
    lines = [line for line in same if not line.retired] or same[:1]
    certain = [NONE if line.retired or line.optional else line.planned for line in lines]
    issued, returned = used(session, order.id, part_id)
    count = billed(sum(certain, NONE), issued - returned, order.state)
    part = session.get(Part, part_id)
    name, unit = (part.name, part.unit) if part is not None else ("", "")
    return [
        Stated("part", line.id, name, share, unit, line.price or Money(0), taxes.of(line.tax_id), part_id)
        for line, share in zip(lines, shared([line.planned for line in lines], count), strict=True)
    ]


def shared(planned: Sequence[Quantity], count: Quantity) -> list[Quantity]:
    """A count dealt out over lines of one part: each up to what it plans, in their order, and the rest on the last."""
    found, left = list[Quantity](), count
    for one in planned:
        found.append(min(one, left))
        left -= found[-1]
    return [*found[:-1], found[-1] + left]


def _services(session: Session, order: WorkOrder, taxes: _Taxes) -> list[Stated]:
    wanted = select(ServiceLine).where(ServiceLine.order_id == order.id, ServiceLine.retired.is_(False)).order_by(ServiceLine.id)
    return [_service(session, line, taxes.of(line.tax_id)) for line in session.scalars(wanted)]


def _service(session: Session, line: ServiceLine, tax: Tax) -> Stated:
    """A fixed price is for the whole of it; otherwise the hours count, at the line's rate or the shop's."""
    if line.price is not None:
        return Stated("service", line.id, line.what, Quantity(1), "", line.price, tax)
    rate = line.rate if line.rate is not None else rate_now(session, line.org_id)
    return Stated("service", line.id, line.what, line.hours, "h", rate, tax)


def _charges(session: Session, order: WorkOrder, taxes: _Taxes) -> list[Stated]:
    wanted = select(ChargeLine).where(ChargeLine.order_id == order.id, ChargeLine.retired.is_(False)).order_by(ChargeLine.id)
    found = session.scalars(wanted)
    return [Stated("charge", line.id, line.what, Quantity(1), "", line.amount, taxes.of(line.tax_id)) for line in found]
