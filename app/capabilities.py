"""The capabilities this program has, in band order. One that is not named here does not exist."""

from app import access, organisations, parties, parts, parts_issue, places, stock, terminals, work_orders
from app.kernel import standard
from app.kernel.registry import Capability, Registry

CAPABILITIES: tuple[Capability, ...] = (
    standard.capability,
    organisations.capability,
    places.capability,
    access.capability,
    terminals.capability,
    parts.capability,
    parties.capability,
    stock.capability,
    work_orders.capability,
    parts_issue.capability,
)


def registry() -> Registry:
    """The registry of the whole program."""
    return Registry(CAPABILITIES)
