"""What people ask about parts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.kernel.queries import Ask, Asking, Column, Query
from app.kernel.words import _
from app.parts.model import Barcode, Part


def parts(_asking: Asking) -> Ask:
    statement = select(
        Part.id.label("id"),
        Part.code.label("code"),
        Part.name.label("name"),
        Part.category.label("category"),
        Part.unit.label("unit"),
        Part.price.label("price"),
    ).where(Part.retired.is_(False))
    return Ask(
        statement,
        (
            Column("code", _("Code")),
            Column("name", _("Name")),
            Column("category", _("Category"), empty=True),
            Column("unit", _("Unit")),
            Column("price", _("Price"), "money", empty=True),
        ),
        order="code",
        reads=frozenset({"part"}),
    )


def barcodes_of(_asking: Asking, *, part: UUID) -> Ask:
    statement = select(Barcode.id.label("id"), Barcode.code.label("code"), Barcode.quantity.label("quantity")).where(
        Barcode.part_id == part, Barcode.retired.is_(False)
    )
    return Ask(
        statement,
        (Column("code", _("Code")), Column("quantity", _("Quantity per scan"), "quantity")),
        order="code",
        reads=frozenset({"barcode"}),
    )


QUERIES = (
    Query("parts", parts, "parts.read", _("All parts that are in use, by their code.")),
    Query("barcodes_of", barcodes_of, "parts.read", _("The codes that mean one part.")),
)
