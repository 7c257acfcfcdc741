"""Access: the people who work here, what they may do and where, and how a terminal knows them.

A badge or a PIN says who someone is; roles, held by appointment, say what they may do.
"""

from app.access.model import AccessTry, Appointment, Badge, Person, Presence, Role
from app.kernel.registry import Capability

capability = Capability(name="access", entities=(Person, Role, Appointment, Badge, Presence), local=(AccessTry,))
