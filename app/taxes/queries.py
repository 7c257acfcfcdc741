"""What people ask about taxes."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.queries import Ask, Asking, Column, Query
from app.kernel.words import _
from app.taxes.model import TaxCode

COLUMNS = (
    Column("code", _("Code")),
    Column("name", _("Name")),
    Column("percent", _("Rate, %"), "quantity"),
    Column("valid_from", _("Valid from"), "day", empty=True),
)


def taxes(_asking: Asking) -> Ask:
    """Every rate of every code."""
    statement = select(
        TaxCode.id.label("id"),
        TaxCode.code.label("code"),
        TaxCode.name.label("name"),
        TaxCode.percent.label("percent"),
        TaxCode.valid_from.label("valid_from"),
    ).where(TaxCode.retired.is_(False))
    return Ask(statement, COLUMNS, order="code", reads=frozenset({"tax_code"}))


QUERIES = (Query("taxes", taxes, "taxes.read", _("Tax codes with their rates, and the day from which each holds.")),)
