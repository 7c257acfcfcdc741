"""A process of its own that builds one snapshot, as its input tells: `python -m sync.hub.child`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from app.capabilities import registry
from app.kernel import postgres
from sync.hub.building import build
from sync.hub.feed import Reach

YIELDING = 10  # how far behind the hub's own processes it queues for a core


def main() -> None:
    """Reads its order from the input and builds; what goes wrong is its last line of errors."""
    order = json.load(sys.stdin)
    if hasattr(os, "nice"):
        os.nice(YIELDING)
    reach = order["reach"]
    engine = postgres.engine(order["url"])
    try:
        held = Reach(UUID(reach["org"]), _places(reach["sites"]), _places(reach["warehouses"]))
        build(engine, registry(), held, order["form"], Path(order["folder"]))
    finally:
        engine.dispose()


def _places(named: Iterable[str] | None) -> frozenset[UUID] | None:
    return None if named is None else frozenset(map(UUID, named))


if __name__ == "__main__":
    main()
