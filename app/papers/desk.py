"""What all papers say alike: the shop's letterhead, who and what a job is about, moments on the site's clock, and money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.model import Person
from app.kernel import figures
from app.kernel.attached import Attachment, BlobRow
from app.kernel.entity import Entity, fields_of
from app.kernel.ids import short
from app.kernel.money import Money
from app.kernel.registry import Registry
from app.kernel.scanning import own_code
from app.kernel.settings import read_setting
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.kernel.zones import local_time
from app.organisations.model import Organisation
from app.papers.paper import Letterhead
from app.parties.model import Customer, Vehicle
from app.places.model import Site
from app.work_orders.model import WorkOrder
from app.work_orders.rates import currency_of

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Desk:
    """Where a paper is written: it reads the store, and words what it finds in the reader's language."""

    session: Session
    registry: Registry
    org_id: UUID

    def letterhead(self) -> Letterhead:
        own = self.session.get(Organisation, self.org_id)
        head, foot = (str(read_setting(self.session, self.registry, self.org_id, key)) for key in ("papers.head", "papers.foot"))
        return Letterhead(own.name if own is not None else "", head, foot, self._logo())

    def _logo(self) -> bytes:
        """The newest file on the organisation's own record that is called a logo."""
        wanted = select(Attachment.sha256).where(
            Attachment.row_id == self.org_id, Attachment.name.ilike("logo%"), Attachment.retired.is_(False)
        )
        sha = self.session.scalars(wanted.order_by(Attachment.stamp.desc()).limit(1)).first()
        kept = self.session.get(BlobRow, (self.org_id, sha)) if sha else None
        return kept.content if kept is not None else b""

    def money(self, amount: Money | None) -> str:
        return (
            figures.spoken(str(Money(amount.minor, amount.currency or currency_of(self.session, self.org_id))))
            if amount is not None
            else ""
        )

    def moment(self, when: datetime | None, site: UUID) -> str:
        place = self.session.get(Site, site)
        return figures.moment(local_time(when, place.zone if place is not None else "UTC")) if when is not None else ""

    def code(self, row: Entity) -> str:
        return own_code(row.__about__.scan, short(row.id))

    def word(self, row: Entity, name: str) -> str:
        """A choice as people read it."""
        return say(dict(fields_of(type(row))[name].choices).get(getattr(row, name), getattr(row, name)))

    def about(self, order: WorkOrder) -> Facts:
        """Whose job it is, on what, and when."""
        vehicle = self.session.get(Vehicle, order.vehicle_id) if order.vehicle_id else None
        customer = self.session.get(Customer, order.customer_id) if order.customer_id else None
        mechanic = self.session.get(Person, order.assignee_id) if order.assignee_id else None
        facts = (
            (_("Customer"), _joined(customer, "name", "phone")),
            (_("Address"), _joined(customer, "street", "zip", "city")),
            (_("Vehicle"), _joined(vehicle, "make", "model", "plate")),
            (_("Chassis number"), _joined(vehicle, "vin")),
            (_("Odometer, km"), str(order.odometer or "")),
            (_("What is wrong"), order.what),
            (_("Checked in"), self.moment(order.made_at, order.site_id)),
            (_("Promised"), self.moment(order.promised, order.site_id)),
            (_("Mechanic"), mechanic.name if mechanic is not None else ""),
        )
        return tuple((say(label), value) for label, value in facts if value)


def amount(quantity: Quantity | None) -> str:
    return figures.spoken(str(quantity)) if quantity is not None else ""


def _joined(row: Entity | None, *names: str) -> str:
    return " · ".join(str(value) for name in names if (value := getattr(row, name, None))) if row is not None else ""
