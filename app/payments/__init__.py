"""Payments: what was paid for a job and how, the drawer's count of a shift, and the last step, which closes a job once."""

from app.kernel.registry import Capability
from app.payments.model import Drawer, Payment

capability = Capability(name="payments", entities=(Drawer, Payment))
