"""Customers and their vehicles."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.kernel.entity import ABOUT, WHO, About, Entity, Has, extras, flag, link, text, time, whole
from app.kernel.words import _


class Customer(Entity):
    """Someone who brings work, or buys."""

    __tablename__ = "customer"
    __about__ = About(
        _("Customer"),
        _("Customers"),
        scan="CU",
        search=("name", "phone", "email", "city", "extra"),
        spelled=("phone",),
        natural=("reference",),
        has=Has.AUDIT | Has.CUSTOM_FIELDS | Has.EXPORT | Has.NOTES,
    )
    name: Mapped[str] = text(_("Name"), personal=WHO)
    phone: Mapped[str] = text(_("Phone"), size=40, required=False, unique=True, personal=WHO)
    email: Mapped[str] = text(_("E-mail"), size=120, required=False, personal=WHO)
    street: Mapped[str] = text(_("Street"), required=False, personal=ABOUT)
    zip: Mapped[str] = text(_("Post code"), size=16, required=False, personal=ABOUT)
    city: Mapped[str] = text(_("Town"), size=120, required=False, personal=ABOUT)
    country: Mapped[str] = text(_("Country"), size=60, required=False, personal=ABOUT)
    company: Mapped[bool] = flag(_("Company"))
    vat: Mapped[str] = text(_("VAT number"), size=24, required=False, personal=WHO)
    reference: Mapped[str] = text(_("Number in the other system"), size=120, required=False, personal=WHO)
    erased: Mapped[datetime | None] = time(_("Erased"), required=False, by_command="EraseCustomer")
    extra: Mapped[Any] = extras(personal=ABOUT)


class Vehicle(Entity):
    """A motorcycle, car or machine that belongs to a customer."""

    __tablename__ = "vehicle"
    __about__ = About(
        _("Vehicle"),
        _("Vehicles"),
        scan="VE",
        title=("model", "plate"),
        search=("plate", "vin", "make", "model", "extra"),
        spelled=("plate", "vin"),
        natural=("plate",),
        has=Has.AUDIT | Has.CUSTOM_FIELDS | Has.EXPORT | Has.NOTES,
    )
    customer_id: Mapped[UUID] = link(Customer, _("Customer"))
    plate: Mapped[str] = text(_("Plate"), size=16, required=False, unique=True, personal=WHO)
    vin: Mapped[str] = text(_("Chassis number"), size=24, required=False, personal=WHO)
    make: Mapped[str] = text(_("Make"), size=60, required=False)
    model: Mapped[str] = text(_("Model"), size=80)
    year: Mapped[int | None] = whole(_("Year"), required=False)
    odometer: Mapped[int | None] = whole(_("Odometer, km"), required=False)
    extra: Mapped[Any] = extras(personal=ABOUT)


Index("ix_vehicle_vin", Vehicle.org_id, Vehicle.vin)
