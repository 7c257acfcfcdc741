"""Places: sites, warehouses and bins. Scopes decide which of them a terminal holds."""

from app.kernel.registry import Capability
from app.kernel.standard import Saved
from app.places.finders import FINDERS
from app.places.model import Bin, Site, Warehouse
from app.places.reactions import keep_what_is_used
from app.places.rules import code_is_free, zone_is_known

capability = Capability(
    name="places",
    entities=(Site, Warehouse, Bin),
    finders=FINDERS,
    reactions={Saved: (keep_what_is_used,)},
    rules={Site: (zone_is_known,), Bin: (code_is_free,)},
)
