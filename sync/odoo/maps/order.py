"""All that goes to Odoo, in the order in which it goes: nothing before what it names."""

from sync.odoo.map import Out
from sync.odoo.maps import differences, invoices, parties, parts, payments, places, quotes, stock, work_orders

OUT: tuple[Out, ...] = (
    places.WAREHOUSES,
    places.BINS,
    parts.PARTS,
    parts.LOTS,
    parties.CUSTOMERS,
    parties.VEHICLES,
    stock.LINES,
    differences.DIFFERENCES,
    work_orders.ORDERS,
    quotes.QUOTES,
    invoices.INVOICES,
    payments.PAYMENTS,
)
