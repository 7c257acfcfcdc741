"""The capabilities this program has, in band order. One that is not named here does not exist."""

from app import (
    access,
    cores,
    labor,
    odoo,
    organisations,
    papers,
    parties,
    parts,
    parts_issue,
    payments,
    places,
    quotes,
    services,
    stock,
    taxes,
    terminals,
    work_orders,
)
from app.kernel import standard
from app.kernel.registry import Capability, Registry

CAPABILITIES: tuple[Capability, ...] = (
    standard.capability,
    organisations.capability,
    places.capability,
    access.capability,
    terminals.capability,
    taxes.capability,
    parts.capability,
    parties.capability,
    stock.capability,
    services.capability,
    labor.capability,
    work_orders.capability,
    quotes.capability,
    parts_issue.capability,
    payments.capability,
    cores.capability,
    papers.capability,
    odoo.capability,
)


def registry() -> Registry:
    """The registry of the whole program."""
    return Registry(CAPABILITIES)
