"""Labor: one running clock per person, on a job, between jobs or in a break; shifts and attendance."""

from app.kernel.registry import Capability
from app.labor.model import Shift, Stint

capability = Capability(name="labor", entities=(Shift, Stint))
