"""What comes in from Odoo, model by model, in the order in which they are read: what others name comes before them."""

from __future__ import annotations

from sync.odoo.arrivals import packs, parties, parts, people, places, repairs
from sync.odoo.arriving import Arrival

ARRIVALS: tuple[Arrival, ...] = (
    places.WAREHOUSES,
    places.LOCATIONS,
    people.USERS,
    parties.PARTNERS,
    parts.PRODUCTS,
    packs.PACKS,
    repairs.REPAIRS,
)
