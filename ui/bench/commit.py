"""The commit bench: one whole issue (grants, scope, rules, ledger, audit, outbox, balances), durable and encrypted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, count, repeat
from typing import Any
from uuid import UUID

from sqlalchemy import event

from app.kernel.ids import new_id
from ui.bench import Result, spread, timed
from ui.bench.shelf import ORG, Shelf, opened

ISSUES = 1000
WARM = 50
PARTS = 10_000
Written = list[tuple[str, Any]]


def bench(n: int | None = None) -> Result:
    """Issues parts one after another; beside it the same rows, inserted bare in their own transactions."""
    issues = n or ISSUES
    with opened(PARTS) as shelf:
        written = _recorded(shelf)
        for _ in range(WARM):
            shelf.issue(0)
        ours, bare = [], []
        for place in range(issues):  # turn by turn, so that both meet the same machine
            ours.append(timed(partial(shelf.issue, place)))
            bare.append(timed(partial(shelf.app.writer.run, _bare, shelf, written)))
    metrics, limits = spread(ours), spread(bare)
    return Result(
        "commit",
        issues,
        metrics,
        limits,
        {"p50_times_bare": round(metrics["p50_ms"] / limits["p50_ms"], 1)},
        {"p50_ms": ("<=", 3.0), "p50_times_bare": ("<=", 12.0)},
        did=f"{issues} issues, each answered after its commit with synchronous=FULL",
    )


def _recorded(shelf: Shelf) -> Written:
    """What one issue writes, statement by statement."""
    written: Written = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith(("INSERT", "UPDATE")):
            written.append((statement, parameters))

    event.listen(shelf.store.writer, "before_cursor_execute", note)
    shelf.issue(0)
    event.remove(shelf.store.writer, "before_cursor_execute", note)
    return written


def _bare(shelf: Shelf, written: Written) -> None:
    """The same rows under new ids, by the driver alone, in one transaction."""
    fresh: dict[bytes, bytes] = {}
    with shelf.store.writer.begin() as connection:
        raw: Any = connection.connection.driver_connection
        place = next(_PLACES)
        for statement, parameters in written:
            rows = parameters if isinstance(parameters, list) else [parameters]
            raw.executemany(statement, [tuple(_anew(statement, row, fresh, place)) for row in rows])


_PLACES = count(1 << 40)  # beyond every place in the outbox, and every command's number
_COUNTED = ("seq", "number")  # the columns that hold them
_COLUMNS = re.compile(r"INSERT INTO \S+ \(([^)]*)\)")


def _anew(statement: str, row: Sequence[Any], fresh: dict[bytes, bytes], place: int) -> Iterator[Any]:
    found = _COLUMNS.match(statement)
    names = found[1].replace('"', "").split(", ") if found else []
    for name, value in zip(chain(names, repeat("")), row, strict=False):
        yield place if name in _COUNTED else _renewed(value, fresh)


def _renewed(value: Any, fresh: dict[bytes, bytes]) -> Any:
    """A new id for what the command made; the masters' ids, which are as old as the shelf, stay."""
    plain = bytes(value) if isinstance(value, memoryview) else value
    if not isinstance(plain, bytes) or len(plain) != 16 or UUID(bytes=plain).int >> 80 <= ORG.int >> 80:
        return plain
    return fresh.setdefault(plain, new_id().bytes)
