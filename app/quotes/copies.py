"""Copies: a bill as plain data, as a version of a quote keeps it for ever; and what one version says that another did not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.money import Money
from app.kernel.types import Quantity
from app.work_orders.bill import Bill, BillLine

Line = dict[str, Any]
NONE = Quantity(0)


def copied(bill: Bill) -> dict[str, Any]:
    """All of a bill that a version keeps; amounts in minor units."""
    whole = bill.totals
    return {
        "lines": [_line(one) for one in bill.lines],
        "taxes": [{"code": code, "tax": tax.minor} for code, tax in whole.tax.items() if code],
        "net": whole.net.minor,
        "tax": (whole.gross - whole.net).minor,
        "gross": whole.gross.minor,
        "inclusive": bill.inclusive,
    }


def _line(line: BillLine) -> Line:
    return {
        "kind": line.kind,
        "id": line.id.hex,
        "what": line.what,
        "quantity": str(line.quantity),
        "unit": line.unit,
        "price": line.price.minor,
        "code": line.tax.code,
        "rate": line.tax.rate.millionths,
        "net": line.amounts.net.minor,
        "tax": line.amounts.tax.minor,
        "gross": line.amounts.gross.minor,
    }


@dataclass(frozen=True)
class Difference:
    """A line that a version has otherwise than the one before: `how` is new, changed or gone; both amounts are by how much."""

    how: str
    line: Line
    quantity: Quantity
    gross: Money


def difference(before: Sequence[Line], after: Sequence[Line]) -> list[Difference]:
    """What is new, then what costs more or less, then what is gone. A line is known again by the row that it was made from."""
    was, now = _by_row(before), _by_row(after)
    found = [_met(was.get(row), line) for row, line in now.items()]
    gone = [_gone(line) for row, line in was.items() if row not in now]
    return sorted(filter(None, [*found, *gone]), key=lambda one: ("new", "changed", "gone").index(one.how))


def _by_row(lines: Iterable[Line]) -> dict[str, Line]:
    return {line["id"]: line for line in lines}


def _met(before: Line | None, line: Line) -> Difference | None:
    if before is None:
        return Difference("new", line, Quantity.parse(line["quantity"]), Money(line["gross"]))
    more = Quantity.parse(line["quantity"]) - Quantity.parse(before["quantity"])
    dearer = Money(line["gross"] - before["gross"])
    return Difference("changed", line, more, dearer) if more or dearer else None


def _gone(line: Line) -> Difference:
    return Difference("gone", line, NONE - Quantity.parse(line["quantity"]), Money(-line["gross"]))
