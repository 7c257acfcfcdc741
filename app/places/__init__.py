"""Places: sites, warehouses and bins. Scopes decide which of them a terminal holds."""

from app.kernel.registry import Capability
from app.places.finders import FINDERS
from app.places.model import Bin, Site, Warehouse
from app.places.rules import code_is_free, zone_is_known

capability = Capability(
    name="places",
    entities=(Site, Warehouse, Bin),
    finders=FINDERS,
    rules={Site: (zone_is_known,), Bin: (code_is_free,)},
)
