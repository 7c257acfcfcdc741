"""Quotes: versions of what a job will cost, which never change once they are published, and how the customer decided."""

from app.kernel.registry import Capability
from app.quotes.model import Quote

capability = Capability(name="quotes", entities=(Quote,))
