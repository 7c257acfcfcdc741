"""Cores: old parts that come back, go to the supplier and are credited, or are charged where they do not."""

from app.cores.model import Core
from app.kernel.registry import Capability

capability = Capability(name="cores", entities=(Core,))
