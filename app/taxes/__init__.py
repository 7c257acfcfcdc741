"""Taxes: the codes by which lines are taxed, and the one way a bill's net, tax and gross are added up."""

from app.kernel.registry import Capability
from app.taxes.model import TaxCode

capability = Capability(name="taxes", entities=(TaxCode,))
