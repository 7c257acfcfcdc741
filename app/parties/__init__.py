"""Parties: customers and their vehicles. A phone number or a plate finds the one that is there already."""

from app.kernel.finding import Lead
from app.kernel.registry import Capability
from app.parties.erasing import EraseCustomer, erase_customer
from app.parties.finders import FINDERS
from app.parties.merging import MergeCustomers, MergeVehicles, merge_customers, merge_vehicles
from app.parties.model import Customer, Vehicle
from app.parties.queries import QUERIES
from app.parties.rules import RULES

capability = Capability(
    name="parties",
    entities=(Customer, Vehicle),
    anywhere=(Customer, Vehicle),  # whoever takes a job in writes down whose it is
    handlers={EraseCustomer: erase_customer, MergeCustomers: merge_customers, MergeVehicles: merge_vehicles},
    finders=FINDERS,
    leads=(Lead(Vehicle.plate), Lead(Vehicle.vin), Lead(Customer.phone, least=3)),
    queries=QUERIES,
    rules=RULES,
)
