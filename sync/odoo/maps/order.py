"""All that goes to Odoo, in the order in which it goes: nothing before what it names."""

from sync.odoo.map import Out
from sync.odoo.maps import parties, parts, places, stock, work_orders

OUT: tuple[Out, ...] = (
    places.WAREHOUSES,
    places.BINS,
    parts.PARTS,
    parts.LOTS,
    parties.CUSTOMERS,
    parties.VEHICLES,
    stock.LINES,
    work_orders.ORDERS,
)
