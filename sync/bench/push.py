"""`fettle bench push`: a backlog of issues through one hub process, beside its rows written bare; then through two at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from app.kernel.measuring import Result
from sync.bench import pair
from sync.bench.hall import hall
from sync.bench.process import hub_app, take
from sync.bench.shop import Shop, furnish, issues, pushes
from sync.protocol import MOST_IN_A_PUSH

PARTS = 1_000_000
COMMANDS = 100_000
BARE = 5_000  # commands whose rows are also written bare
IN_TWO = 5  # one in so many commands goes through two processes too
Written = list[tuple[str, Any]]


def bench(n: int | None = None) -> Result:
    """Pushes `n` issues of one terminal, 500 at a time, and checks that each was applied."""
    count = n or COMMANDS
    shop = Shop(0, 1, PARTS, count)
    with hall(PARTS) as hub, hub_app(hub, shop.number) as app:
        furnish(app, hub, [shop])
        sent = pushes(shop, issues(shop, 1, count), MOST_IN_A_PUSH)
        with recorded(app.dispatcher.engine) as written:
            first = take(app, sent[: -(-BARE // MOST_IN_A_PUSH)])
        rest = take(app, sent[-(-BARE // MOST_IN_A_PUSH) :])
    few = min(count, sum(len(push.envelopes) for push in sent[: -(-BARE // MOST_IN_A_PUSH)]))
    with hall(PARTS) as hub, hub_app(hub, shop.number) as app:
        furnish(app, hub, [shop])
        limit = few / bare(app.dispatcher.engine, written)
    here = count / (first.seconds + rest.seconds)
    two = pair.measured(PARTS, max(count // IN_TWO, 2))
    return Result(
        "push",
        count,
        {"commands_per_s": round(here), "cpu_ms_per_command": round((first.ours + rest.ours) * 1000 / count, 3), **two},
        {"commands_per_s": round(limit)},
        {"part_of_bare": round(here / limit, 3)},
        {"commands_per_s": (">=", 600), "growth_percent": ("<=", 15), "lock_wait_percent": ("<=", 10)},
        did=f"{count:,} issues beside {PARTS:,} parts, every rule, grant and audit line kept; bare are the very same rows",
    )


@contextmanager
def recorded(engine: Engine) -> Iterator[Written]:
    """What is written through an engine meanwhile, statement by statement, with a mark at each end of a transaction."""
    written: Written = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith(("INSERT", "UPDATE")) or "set_config" in statement:
            written.append((statement, parameters))

    def end(_connection: Any) -> None:
        written.append(("COMMIT", None))

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", end)
    try:
        yield written
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", end)


def bare(engine: Engine, written: Written) -> float:
    """The same statements by the driver alone, in the same transactions; seconds."""
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        start = time.perf_counter()
        with raw.cursor() as cursor:
            for statement, parameters in written:
                if statement == "COMMIT":
                    raw.commit()
                else:
                    (cursor.executemany if isinstance(parameters, list) else cursor.execute)(statement, parameters)
            raw.commit()
        return time.perf_counter() - start
