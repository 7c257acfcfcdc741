"""Odoo's contacts as customers, which are written here and there: what each side changed is put together field by field."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.bulk import in_use
from app.kernel.problems import Problem
from app.kernel.words import _
from app.parties.model import Customer
from sync.odoo.arriving import Arrival, Draft, Ground, by_field, naming, text
from sync.odoo.maps.parties import CUSTOMERS
from sync.odoo.transport import Row

FIELDS = ("name", "display_name", "phone", "email", "street", "zip", "city", "country_id", "is_company", "vat", "active")


def take(row: Row, _ground: Ground) -> Draft:
    sizes = {"name": 255, "phone": 40, "email": 120, "street": 255, "zip": 16, "city": 120, "vat": 24}
    values = {name: text(row[name], size) for name, size in sizes.items()}
    told = values | {"country": text(row["country_id"][1], 60) if row["country_id"] else "", "company": bool(row["is_company"])}
    wrong = () if values["name"] else (_nameless(row),)
    return Draft(row["id"], naming(row), told, row["active"], wrong)


def _nameless(row: Row) -> Problem:
    message = _("The contact number {number} has no name in Odoo.")
    return Problem("odoo.no_name", message, hint=_("Give it one there; it comes by itself then."), values={"number": row["id"]})


def by_address(session: Session, org_id: UUID, drafts: Sequence[Draft]) -> dict[int, UUID]:
    """Customers of the same name and e-mail address."""
    wanted = {(one.values["email"], one.values["name"]): one.number for one in reversed(drafts) if one.values["email"]}
    rows = in_use(session, Customer, org_id, "email", {email for email, _name in wanted})
    keys = {row.id: (row.email, row.name) for row in rows if isinstance(row, Customer)}
    return {wanted[key]: ident for ident, key in keys.items() if key in wanted}


PARTNERS = Arrival(
    model="res.partner",
    entity=Customer,
    fields=FIELDS,
    take=take,
    domain=(
        ("type", "=", "contact"),
        ("user_ids", "=", False),
        ("ref_company_ids", "=", False),
        "|",
        ("customer_rank", ">", 0),
        ("supplier_rank", "=", 0),
    ),
    finds=(by_field(Customer, "phone"), by_address),
    out=CUSTOMERS,
    gives_way=("phone",),  # a company's people often have its number
)
