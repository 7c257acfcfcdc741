"""The lines of quotes and bills in Odoo's words, and whether Odoo reckons them to the same cent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.odoo.model import MAPPING
from app.organisations.model import Organisation
from app.quotes.model import Quote
from app.taxes.model import TaxCode
from app.taxes.rules import rate_of
from app.work_orders.bill import Bill
from app.work_orders.model import PartLine
from sync.odoo import splitting
from sync.odoo.batch import Batch
from sync.odoo.errors import Verdict
from sync.odoo.map import MODULE, Stuck, Value
from sync.odoo.splitting import Item

GENERAL = "odoo_good"  # what a product is to us that stands for all work, or for all charges
WORK, CHARGE = "service", "charge"
_CALLED = {WORK: _("Workshop labor"), CHARGE: _("Workshop charge")}
WALK_IN = _("Walk-in customer")
HUNDREDTH, ONE = 10, Quantity(1)  # the first one in thousandths
Row = dict[str, Any]
Cells = dict[str, Value]


@dataclass(frozen=True)
class Stated:
    """One line: the row behind it, what it is, and its price of one unit as the shop states it."""

    id: str
    kind: str
    what: str
    quantity: Quantity
    price: Money
    tax: UUID | None
    part: UUID | None = None


@dataclass(frozen=True)
class Sums:
    """Net, tax and gross, and whether the prices of the lines contain the tax."""

    net: Money
    tax: Money
    gross: Money
    inclusive: bool


def of_bill(bill: Bill) -> list[Stated]:
    return [
        Stated(line.id.hex, line.kind, line.what, line.quantity, line.price, line.tax.id, line.part_id) for line in bill.lines
    ]


def sums_of(bill: Bill) -> Sums:
    whole = bill.totals
    return Sums(whole.net, whole.gross - whole.net, whole.gross, bill.inclusive)


def of_quote(session: Session, quote: Quote) -> list[Stated]:
    """A version's own copies: they say a tax by its code and rate, and a part by the line of the job that planned it."""
    codes = list(session.scalars(select(TaxCode).where(TaxCode.org_id == quote.org_id).order_by(TaxCode.id)))
    taxes = {(one.code, rate_of(one).millionths): one.id for one in codes}
    return [_copied(session, line, taxes) for line in quote.lines]


def _copied(session: Session, line: Mapping[str, Any], taxes: Mapping[tuple[str, int], UUID]) -> Stated:
    behind = session.get(PartLine, UUID(line["id"])) if line["kind"] == "part" else None
    return Stated(
        line["id"],
        line["kind"],
        line["what"],
        Quantity.parse(line["quantity"]),
        Money(line["price"]),
        taxes.get((line["code"], line["rate"])),
        behind.part_id if behind is not None else None,
    )


# ----------------------------------------------------------------------------------------------------------- as cells


class Words:
    """What lines are in Odoo's words: their products and taxes, and the currency, which has to be the same."""

    def __init__(self, batch: Batch) -> None:
        """Stuck where Odoo's company reckons in another currency."""
        self._batch = batch
        [company] = batch.odoo.call("res.company", "read", [batch.places.company], fields=["currency_id"])
        own = batch.session.get(Organisation, batch.org_id)
        self.currency = own.currency if own is not None else ""
        theirs = company["currency_id"][1]
        if theirs != self.currency:
            raise Stuck(MAPPING, Problem("odoo.currency", _OTHER_MONEY, _TELL, values={"ours": self.currency, "theirs": theirs}))
        self._goods: dict[str, int] = {}
        self._included: dict[int, bool] = {}

    def learn(self, lines: Iterable[Stated]) -> None:
        """Asks once for the products and taxes that these lines need; what Odoo lacks of general products is made."""
        lines = list(lines)
        self._batch.learn(("part", line.part) for line in lines if line.part is not None)
        self._general({kind for line in lines if (kind := _general(line))})
        self._learn_taxes(lines)

    def cells(self, line: Stated, name: str, amount: str, *, inclusive: bool) -> Cells:
        """A line under our own name for it; `amount` is what the document calls a quantity. Stuck where something is unknown.

        Odoo keeps hundredths of a quantity, as it comes; a line with thousandths is one whole there, and its name says of what.
        """
        what, quantity, price = line.what or say(_CALLED.get(line.kind, _CALLED[CHARGE])), line.quantity, line.price
        if quantity.thousandths % HUNDREDTH:
            what, quantity, price = f"{quantity} × {what}", ONE, price.times(quantity)
        return {
            "id": f"{MODULE}.{name}_{line.id}",
            "name": what,
            "product_id/.id": self._product(line),
            amount: str(quantity),
            "price_unit": price.figures(self.currency),
            "tax_ids/.id": self._tax(line, inclusive=inclusive),
        }

    def _product(self, line: Stated) -> int:
        general = _general(line)
        return self._goods[general] if general else self._batch.number("part", line.part or UUID(int=0))

    def _tax(self, line: Stated, *, inclusive: bool) -> int | None:
        if line.tax is None:
            return None
        found = self._batch.matched("tax", line.tax.hex)
        if self._included.get(found) is not inclusive:
            raise Stuck(MAPPING, Problem("odoo.tax_in_price", _INCLUDED if inclusive else _ON_TOP, _OTHER_TAX))
        return found

    def _general(self, kinds: set[str]) -> None:
        names = {kind: derived_id(self._batch.org_id, GENERAL, kind) for kind in sorted(kinds)}
        missing = [Item(kind, _good(kind, ident)) for kind, ident in names.items() if self._batch.placed(GENERAL, ident) is None]
        found, bad = splitting.load(self._batch.odoo, "product.product", missing)
        for kind, number in found.items():
            self._batch.keep_beside(GENERAL, names[kind], number, say(_CALLED[kind]), "product.product")
        for verdict in bad.values():
            raise Stuck(verdict.kind, verdict.problem)
        self._goods = {kind: self._batch.number(GENERAL, ident) for kind, ident in names.items()}

    def _learn_taxes(self, lines: Iterable[Stated]) -> None:
        wanted = sorted({found for line in lines if line.tax is not None and (found := self._matched(line.tax))})
        rows = self._batch.odoo.search_read("account.tax", [("id", "in", wanted)], ["price_include"]) if wanted else ()
        self._included = {row["id"]: bool(row["price_include"]) for row in rows}

    def _matched(self, tax: UUID) -> int | None:
        try:
            return self._batch.matched("tax", tax.hex)
        except Stuck:
            return None  # each line says so for itself


def _general(line: Stated) -> str:
    """The product that stands for a line which names none of ours."""
    return "" if line.part is not None else WORK if line.kind == WORK else CHARGE


def _good(kind: str, ident: UUID) -> Cells:
    return {"id": f"{MODULE}.good_{ident.hex}", "name": say(_CALLED[kind]), "type": "service", "purchase_ok": "0"}


def customer(batch: Batch, ident: UUID | None) -> int:
    """The partner who pays; whoever did not say who they are is one for all."""
    if ident is not None:
        return batch.number("customer", ident)
    one = derived_id(batch.org_id, GENERAL, "walk_in")
    known = batch.placed(GENERAL, one)
    if known is not None:
        return known.number
    found, bad = splitting.load(
        batch.odoo, "res.partner", [Item(one, {"id": f"{MODULE}.walk_in_{batch.org_id.hex}", "name": say(WALK_IN)})]
    )
    for verdict in bad.values():
        raise Stuck(verdict.kind, verdict.problem)
    batch.keep_beside(GENERAL, one, found[one], say(WALK_IN), "res.partner")
    return found[one]


# -------------------------------------------------------------------------------------------------------- to the cent


def disagrees(what: str, ours: Sums, row: Row, currency: str) -> Verdict | None:
    """What stands against a document of which Odoo's sums are not ours."""
    theirs = [row["amount_untaxed"], row["amount_tax"], row["amount_total"]]
    if [exact(one, currency) for one in theirs] == [ours.net.minor, ours.tax.minor, ours.gross.minor]:
        return None
    told = {"what": what, "ours": ours.gross.text(currency), "theirs": f"{row['amount_total']:.2f} {currency}"}
    told |= {"tax": ours.tax.text(currency), "their_tax": f"{row['amount_tax']:.2f} {currency}"}
    return Verdict("mapping", Problem("odoo.cents", _CENTS, _ROUNDING, values=told))


def exact(amount: float, currency: str) -> int:
    """Odoo's float in minor units."""
    return Money.parse(f"{amount:.{_places(currency)}f}", currency).minor


def _places(currency: str) -> int:
    _whole, _dot, places = Money(0).figures(currency).partition(".")
    return len(places)


def spoken(batch: Batch) -> Words | None:
    """The words for a batch; where there are none, all of it is stuck."""
    try:
        return Words(batch)
    except Stuck as error:
        for row in batch.rows:
            batch.stuck(row.id, error)
        return None


def read(batch: Batch, model: str, numbers: Sequence[int], fields: Sequence[str]) -> dict[int, Row]:
    """Documents by Odoo's id; those that were deleted there are missing."""
    found: dict[int, Row] = {}
    for start in range(0, len(numbers), splitting.AT_ONCE):
        domain = [("id", "in", list(numbers[start : start + splitting.AT_ONCE]))]
        found |= {row["id"]: row for row in batch.odoo.search_read(model, domain, list(fields))}
    return found


def loaded(batch: Batch, model: str, items: Sequence[Item]) -> dict[UUID, int]:
    """Loads what can be loaded, and says what stands against the rest."""
    found, bad = splitting.load(batch.odoo, model, items)
    for ident, verdict in bad.items():
        batch.refuse(ident, verdict)
    return found


_OTHER_MONEY = _("Here it is reckoned in {ours}, and Odoo's company reckons in {theirs}.")
_TELL = _("Set both to the same currency, or connect the company that has it; then try again.")
_INCLUDED = _("The prices here contain the tax, and the tax that it is matched with in Odoo is added on top.")
_ON_TOP = _("The tax here is added on top, and the tax that it is matched with in Odoo is contained in the prices.")
_OTHER_TAX = _("Match it on the page “Match with Odoo” with a tax of the same kind; then it goes by itself.")
_CENTS = _("{what} is {ours} here, {tax} of it tax; Odoo reckons {theirs}, {their_tax} of it tax.")
_ROUNDING = _("Let Odoo round taxes line by line (fettle odoo check says more), or match the tax anew; then try again.")
