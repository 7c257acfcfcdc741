"""Odoo: what the company's Odoo knows of our records, what must be matched there, and what somebody must settle.

The hub's bridge speaks to it (`sync/odoo`); here is what it keeps, and what people see and decide of it.
"""

from app.kernel.registry import Capability
from app.odoo.model import OdooDifference, OdooHealth, OdooLetter, OdooLink, OdooMatch, OdooThing
from app.odoo.records import LOCAL

capability = Capability(
    name="odoo",
    entities=(OdooHealth, OdooLink, OdooMatch, OdooThing, OdooLetter, OdooDifference),
    local=LOCAL,
)
