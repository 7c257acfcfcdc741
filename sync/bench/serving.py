"""A process that serves one hall's snapshots on this machine, for benches: `python -m sync.bench.serving`, told by its input."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

import uvicorn
from fastapi import FastAPI

from app.kernel import postgres
from sync.hub import problems
from sync.hub.feed import Reach
from sync.hub.snapshot_routes import routes
from sync.hub.snapshots import Snapshots, in_a_child


def main() -> None:
    """Serves whoever asks, as if each were a terminal of the reach in its order, until its input ends."""
    order = json.loads(sys.stdin.readline())
    engine = postgres.engine(order["url"])
    reach = Reach(UUID(order["org"]), frozenset(map(UUID, order["sites"])), frozenset(map(UUID, order["warehouses"])))
    served = FastAPI(openapi_url=None)
    problems.install(served)
    snapshots = Snapshots(Path(order["folder"]), engine, in_a_child(engine.url))
    served.include_router(routes(lambda _request: reach, lambda: time.time_ns() // 1_000_000, snapshots))
    server = uvicorn.Server(uvicorn.Config(served, host="127.0.0.1", port=order["port"], log_level="warning"))
    threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
    server.run()


def _end_with_input(server: uvicorn.Server) -> None:
    """Whoever started us has ended, however it ended."""
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
