"""Organisations: the companies that rows belong to. A terminal holds the rows of one of them."""

from app.kernel.registry import Capability
from app.organisations.model import Organisation

capability = Capability(name="organisations", entities=(Organisation,))
