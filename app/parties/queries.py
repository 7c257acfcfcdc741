"""What people ask about customers and their vehicles."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.kernel.queries import Ask, Asking, Column, Query
from app.kernel.words import _
from app.parties.model import Vehicle


def vehicles_of(_asking: Asking, *, customer: UUID) -> Ask:
    """The vehicles of one customer."""
    statement = select(
        Vehicle.id.label("id"),
        Vehicle.plate.label("plate"),
        Vehicle.make.label("make"),
        Vehicle.model.label("model"),
        Vehicle.year.label("year"),
        Vehicle.odometer.label("odometer"),
    ).where(Vehicle.customer_id == customer, Vehicle.retired.is_(False))
    columns = (
        Column("plate", _("Plate"), empty=True),
        Column("make", _("Make"), empty=True),
        Column("model", _("Model")),
        Column("year", _("Year"), "number", empty=True),
        Column("odometer", _("Odometer, km"), "number", empty=True),
    )
    return Ask(statement, columns, order="model", reads=frozenset({"vehicle"}))


QUERIES = (Query("vehicles_of", vehicles_of, "parties.read", _("The vehicles of a customer.")),)
