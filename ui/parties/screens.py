"""Customers and their vehicles."""

from __future__ import annotations

from app.kernel.words import _
from app.parties.model import Customer, Vehicle
from ui.kit.declared import Action, Drawn, Lines, ListScreen, PageScreen, Place
from ui.parties.erasing import erase
from ui.parties.merging import merge
from ui.work_orders.health import VehicleHealth

JOBS = ("number", "what", "state", "promised")
VEHICLES = Lines(_("Vehicles"), "vehicles_of", "customer", ("plate", "make", "model", "year", "odometer"), opens="vehicle")

SCREENS = (
    ListScreen(Customer, "customer", columns=("name", "phone", "city", "email")),
    PageScreen(
        Customer,
        "customer",
        facts=("phone", "email", "street", "zip", "city", "country", "vat"),
        panels=(VEHICLES, Lines(_("Jobs"), "work_orders", "customer", JOBS, opens="work_order"), "notes", "history"),
    ),
    ListScreen(Vehicle, "vehicle", columns=("plate", "make", "model", "year", "customer")),
    PageScreen(
        Vehicle,
        "vehicle",
        facts=("customer_id", "plate", "vin", "make", "model", "year", "odometer"),
        panels=(
            Lines(_("Jobs"), "work_orders", "vehicle", JOBS, opens="work_order"),
            Drawn(_("Health"), VehicleHealth),
            "notes",
            "history",
        ),
    ),
)
ACTIONS = (
    Action("customers", _("Customers"), "customer", opens=Place("list", "customer"), needs="parties.read"),
    Action("customer.erase", _("Erase"), "cross", on=Customer, needs="parties.erase", begins=erase),
    Action("customer.merge", _("Put together"), "people", on=Customer, needs="parties.merge", begins=merge),
    Action("vehicle.merge", _("Put together"), "vehicle", on=Vehicle, needs="parties.merge", begins=merge),
    Action("vehicles", _("Vehicles"), "vehicle", opens=Place("list", "vehicle"), needs="parties.read"),
)
