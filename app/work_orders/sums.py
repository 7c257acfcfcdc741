"""The money of a job as rows that people and programs ask for: its bill line by line, and what it has cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, String, literal, select, union_all

from app.kernel.ids import derived_id
from app.kernel.money import MoneyType
from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.types import Id, QuantityType
from app.kernel.words import _, say
from app.work_orders.bill import Bill, bill
from app.work_orders.cost import cost
from app.work_orders.model import WorkOrder

SUMS = {
    "net": _("Net"),
    "tax": _("Tax"),
    "gross": _("To pay"),
    "material": _("Material"),
    "labor": _("Labor"),
    "overhead": _("Overhead"),
    "cost": _("Cost"),
    "left": _("Left over"),
}
"""What the rows are called that are no line of the job."""
_AT_ONCE = 100  # rows in one select: a database takes only so many
_TYPES: dict[str, Any] = {
    "turn": Integer(),
    "id": Id(),
    "line": String(),
    "what": String(),
    "quantity": QuantityType(),
    "unit": String(),
    "price": MoneyType(),
    "code": String(),
    "net": MoneyType(),
    "tax": MoneyType(),
    "gross": MoneyType(),
    "amount": MoneyType(),
    "how": String(),
}
BILL = (
    Column("line", _("Line")),
    Column("what", _("What")),
    Column("quantity", _("Quantity"), "quantity", empty=True),
    Column("unit", _("Unit"), empty=True),
    Column("price", _("Price"), "money", empty=True),
    Column("code", _("Tax code"), empty=True),
    Column("amount", _("Amount"), "money"),
    Column("net", _("Net"), "money", empty=True),
    Column("tax", _("Tax"), "money", empty=True),
    Column("gross", _("Gross"), "money", empty=True),
)
COST = (
    Column("line", _("Line")),
    Column("what", _("What")),
    Column("quantity", _("Hours"), "quantity", empty=True),
    Column("amount", _("Amount"), "money"),
)
READS = frozenset({"part_line", "service_line", "charge_line", "stock_line", "work_order", "tax_code", "setting_value"})


def order_bill(asking: Asking, *, order: UUID) -> Ask:
    """The lines of a job's bill, and under them the net, the tax of each code and what is to pay."""
    job = asking.session.get(WorkOrder, order)
    rows = list(_bill_rows(order, bill(asking.session, job))) if job is not None else []
    return Ask(as_rows(rows, BILL), BILL, key=("turn",), order="turn", reads=READS, told=in_words)


def order_cost(asking: Asking, *, order: UUID) -> Ask:
    """What a job has cost the workshop so far, and what its bill leaves over."""
    job = asking.session.get(WorkOrder, order)
    rows = list(_cost_rows(asking, job)) if job is not None else []
    return Ask(as_rows(rows, COST), COST, key=("turn",), order="turn", reads=READS | {"stint"}, told=in_words)


def _bill_rows(order: UUID, whole: Bill) -> Iterator[dict[str, Any]]:
    for line in whole.lines:
        sums = {"net": line.amounts.net, "tax": line.amounts.tax, "gross": line.amounts.gross}
        sums["amount"] = sums["gross" if whole.inclusive else "net"]  # as the prices are stated
        shown = {"quantity": line.quantity, "unit": line.unit, "price": line.price, "code": line.tax.code}
        yield {"id": line.id, "line": line.kind, "what": line.what, **shown, **sums}
    yield sum_of(order, "net", net=whole.totals.net)
    for code, tax in whole.totals.tax.items():
        if code:
            yield sum_of(order, "tax", code, what=code, code=code, tax=tax)
    yield sum_of(order, "gross", gross=whole.totals.gross)


def _cost_rows(asking: Asking, job: WorkOrder) -> Iterator[dict[str, Any]]:
    spent, net, order = cost(asking.session, job), bill(asking.session, job).totals.net, job.id
    missing = say(_("(what {count} parts cost is not known)"), count=spent.unknown) if spent.unknown else ""
    yield sum_of(order, "material", what=missing, amount=spent.material)
    yield sum_of(order, "labor", quantity=spent.hours, amount=spent.labor)
    yield sum_of(order, "overhead", amount=spent.overhead)
    yield sum_of(order, "cost", amount=spent.total)
    yield sum_of(order, "left", amount=net - spent.total)


def sum_of(order: UUID, line: str, of: str = "", **values: Any) -> dict[str, Any]:
    """A row that is no line but adds them up; `SUMS` says what it is called."""
    amount = next((values[name] for name in ("amount", "gross", "tax", "net") if name in values), None)
    return {"id": derived_id(order, "sum", line + of), "line": line, "what": "", **values, "amount": amount}


def in_words(rows: list[Row]) -> list[Row]:
    """A sum says what it is; a line of the job says so itself."""
    return [
        row | {"what": " ".join((say(SUMS[row["line"]]), row["what"])).strip()} if row["line"] in SUMS else row for row in rows
    ]


def as_rows(rows: Sequence[dict[str, Any]], columns: tuple[Column, ...]) -> Select[*tuple[Any, ...]]:
    """Rows that are reckoned here as a select, so that they page, sort and filter like any others."""
    names = ("turn", "id", *(column.name for column in columns))
    numbered = [{"turn": turn, **row} for turn, row in enumerate(rows)]
    selects = [select(*(literal(row.get(name), _TYPES[name]).label(name) for name in names)) for row in numbered]
    if not selects:
        return select(*(literal(None, _TYPES[name]).label(name) for name in names)).where(literal(value=False))
    parts = [
        select(union_all(*selects[start : start + _AT_ONCE]).subquery(f"rows_{start}"))
        for start in range(0, len(selects), _AT_ONCE)
    ]
    return select(union_all(*parts).subquery("rows"))


QUERIES = (
    Query(
        "order_bill", order_bill, "work_orders.read", _("What a job costs its customer: each line with its tax, and the sums.")
    ),
    Query("order_cost", order_cost, "work_orders.cost", _("What a job has cost the workshop: material, labor and overhead.")),
)
