"""Parties: customers and their vehicles. A phone number or a plate finds the one that is there already."""

from app.kernel.finding import Lead
from app.kernel.problems import Problem
from app.kernel.registry import Capability
from app.kernel.words import _
from app.kernel.work import Work
from app.parties.erasing import EraseCustomer, erase_customer
from app.parties.finders import FINDERS
from app.parties.model import Customer, Vehicle


def has_a_name(customer: Customer, _work: Work) -> Problem | None:
    if (customer.name or "").strip():
        return None
    return Problem("parties.name", _("The customer has no name."), field="name", hint=_("Write at least a first name."))


capability = Capability(
    name="parties",
    entities=(Customer, Vehicle),
    anywhere=(Customer, Vehicle),  # whoever takes a job in writes down whose it is
    handlers={EraseCustomer: erase_customer},
    finders=FINDERS,
    leads=(Lead(Vehicle.plate), Lead(Vehicle.vin), Lead(Customer.phone, least=3)),
    rules={Customer: (has_a_name,)},
)
