"""What people ask about quotes: the list, a job's versions, the lines of one, and what it says that the one before did not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.money import Money
from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.parties.model import Customer
from app.quotes.copies import difference
from app.quotes.model import Quote
from app.quotes.rules import agreed_version
from app.work_orders.model import WorkOrder
from app.work_orders.sums import BILL, as_rows, in_words, sum_of

COLUMNS = (
    Column("number", _("Number")),
    Column("customer", _("Customer"), empty=True),
    Column("what", _("What")),
    Column("state", _("State"), "choice"),
    Column("supplement", _("Supplement"), "flag"),
    Column("gross", _("Gross"), "money"),
    Column("published_at", _("Published at"), "moment", empty=True),
    Column("decided_at", _("Decided at"), "moment", empty=True),
)
ADDED = (
    Column("how", _("Change")),
    Column("what", _("What")),
    Column("quantity", _("Quantity"), "quantity", empty=True),
    Column("unit", _("Unit"), empty=True),
    Column("gross", _("Gross"), "money"),
)
HOW = {"new": _("New"), "changed": _("Changed"), "gone": _("Taken off"), "all": _("In all")}


def quotes(_asking: Asking, *, waiting: bool = False, order: UUID | None = None) -> Ask:
    """Quotes with the customer they are for."""
    statement = (
        select(
            Quote.id.label("id"),
            Quote.number.label("number"),
            Customer.name.label("customer"),
            WorkOrder.what.label("what"),
            Quote.state.label("state"),
            Quote.supplement.label("supplement"),
            Quote.gross.label("gross"),
            Quote.published_at.label("published_at"),
            Quote.decided_at.label("decided_at"),
        )
        .join(WorkOrder, WorkOrder.id == Quote.order_id)
        .outerjoin(Customer, Customer.id == WorkOrder.customer_id)
        .where(Quote.retired.is_(False))
    )
    if waiting:
        statement = statement.where(Quote.state == "published")
    if order is not None:
        statement = statement.where(Quote.order_id == order)
    return Ask(statement, COLUMNS, order="-number", reads=frozenset({"quote", "work_order", "customer"}))


def order_quotes(asking: Asking, *, order: UUID) -> Ask:
    """The versions of a job's quote."""
    return quotes(asking, order=order)


def quote_lines(asking: Asking, *, quote: UUID) -> Ask:
    """The lines of a version as they were told, and under them the net, the tax of each code and what is to pay."""
    row = asking.session.get(Quote, quote)
    rows = list(_lines(row)) if row is not None else []
    return Ask(as_rows(rows, BILL), BILL, key=("turn",), order="turn", reads=frozenset({"quote"}), told=in_words)


def _lines(quote: Quote) -> Iterator[dict[str, Any]]:
    for line in quote.lines or ():
        amounts = {name: Money(line[name]) for name in ("price", "net", "tax", "gross")}
        told = {"line": line["kind"], "what": line["what"], "unit": line["unit"], "code": line["code"]}
        amounts["amount"] = amounts["gross" if quote.inclusive else "net"]
        yield {"id": UUID(line["id"]), **told, "quantity": Quantity.parse(line["quantity"]), **amounts}
    yield sum_of(quote.id, "net", net=quote.net)
    for tax in quote.taxes or ():
        yield sum_of(quote.id, "tax", tax["code"], what=tax["code"], code=tax["code"], tax=Money(tax["tax"]))
    yield sum_of(quote.id, "gross", gross=quote.gross)


def quote_added(asking: Asking, *, quote: UUID) -> Ask:
    """What a version says that the one to which the customer had said yes did not; all of it where there was none."""
    row = asking.session.get(Quote, quote)
    rows = list(_added(asking, row)) if row is not None else []
    return Ask(as_rows(rows, ADDED), ADDED, key=("turn",), order="turn", reads=frozenset({"quote"}), told=_in_words)


def _added(asking: Asking, quote: Quote) -> Iterator[dict[str, Any]]:
    before = agreed_version(asking.session, quote.order_id, quote.version)
    for one in difference(before.lines if before is not None else (), quote.lines or ()):
        line = one.line
        told = {"how": one.how, "what": line["what"], "unit": line["unit"]}
        yield {"id": UUID(line["id"]), **told, "quantity": one.quantity, "gross": one.gross}
    more = quote.gross - before.gross if before is not None else quote.gross
    yield sum_of(quote.id, "", how="all", gross=more)


def _in_words(rows: list[Row]) -> list[Row]:
    return [row | {"how": say(HOW[row["how"]])} for row in rows]


QUERIES = (
    Query("quotes", quotes, "quotes.read", _("Quotes, the newest first; waiting=true shows those nobody has decided on.")),
    Query("order_quotes", order_quotes, "quotes.read", _("The versions of a job's quote.")),
    Query(
        "quote_lines", quote_lines, "quotes.read", _("The lines of a quote as they were told, each with its tax, and the sums.")
    ),
    Query("quote_added", quote_added, "quotes.read", _("What a quote says that the version agreed before did not.")),
)
