"""The search bench: a fixed mix of what people type among a million parts, each to its fifty best rows with their names."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from ui.bench import Result, spread
from ui.bench.shelf import PARTS, WORDS, Shelf, opened, other_names

TURNS = 5  # times that the whole mix is sought
MOST = 50
TYPED = (
    *("b", "o", "c", "s", "l", "p", "m", "0", "1", "9", "β"),  # the commonest first letters, as the first key is pressed
    *("br", "lo", "mm", "ch", "se", "p-", "00", "10", "99", "κα"),
    *("bra", "lot", "oil", "bea", "sch", "dic", "001", "999", "φρε"),
    *("brak", "filte", "kupplungsh", "unterleg", "embray", "μανετ", "lag", "spie"),
    *(
        "brake",
        "brake disc",
        "bearing",
        "oil filter",
        "lot",
        "mm",
        "Bremsscheibe",
        "Ölfilter",
        "plaquette de frein",
        "Φίλτρο λαδιού",
    ),
    *("brake 96 mm", "brake pad 12", "cable 5 mm lot 9", "disc 77", "lamp 00", "seal lot 4"),
    *("braek", "claning", "bearimg", "olifilter", "clucth lever", "Bremscheibe", "washre", "Μανετα", "τακακη", "mirrro lot"),
    *("P-0000012", "P-00000", "p-099", "0000077", "P-0500000", "4000000000", "400000001"),
    *("nothing like it", "zzzz", "brake zebra", "12345678901"),
)


def bench(n: int | None = None) -> Result:
    """Asks for what people type, letter by letter and whole; beside it the very statements that this came to, by the driver
    alone."""
    count = n or PARTS
    with opened(count) as shelf:
        told = _heard(shelf)
        ours, bare = [], []
        with shelf.store.reader.connect() as connection:
            raw: Any = connection.connection.driver_connection
            for _turn in range(TURNS):  # turn by turn, so that both meet the same machine
                for typed, statements in told.items():
                    ours.append(_timed(_sought(shelf, typed)))
                    bare.append(_timed(_run(raw, statements)))
    metrics, limits = spread([one for one, _cpu in ours]), spread([one for one, _cpu in bare])
    cpu = spread([one for _wall, one in ours], "cpu_")
    return Result(
        "search",
        count,
        metrics | cpu | {"queries": float(len(ours))},
        limits | spread([one for _wall, one in bare], "cpu_"),
        {"p50_times_bare": round(metrics["p50_ms"] / limits["p50_ms"], 1)},
        {"p99_ms": ("<=", 20.0)},
        did=f"{len(TYPED)} texts sought {TURNS} times among {count:,} parts, each to its {MOST} best",
    )


Act = Callable[[], object]
Statements = list[tuple[str, Any]]


def _timed(act: Act) -> tuple[float, float]:
    """Milliseconds on the clock, and of work."""
    begun, worked = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000


def _sought(shelf: Shelf, typed: str) -> Act:
    return lambda: shelf.app.find(typed, shelf.actor, "part", MOST)


def _run(raw: Any, statements: Statements) -> Act:
    return lambda: [raw.execute(statement, given).fetchmany(MOST) for statement, given in statements]


def _heard(shelf: Shelf) -> dict[str, Statements]:
    """What each text comes to in SQL; and everything is warm afterwards."""
    told: dict[str, Statements] = {}
    for typed in TYPED:
        with _listening(shelf) as heard:
            shelf.app.find(typed, shelf.actor, "part", MOST)
        told[typed] = heard
    _hold(shelf)
    return told


@contextmanager
def _listening(shelf: Shelf) -> Iterator[Statements]:
    heard: Statements = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("SELECT"):  # and not where a transaction begins
            heard.append((statement, given))

    event.listen(shelf.store.reader, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(shelf.store.reader, "before_cursor_execute", note)


def _hold(shelf: Shelf) -> None:
    """What is fast must be right too: a name, a name of another language, a code, and a slip."""
    first = WORDS[0]
    for typed in (first, first[1::-1] + first[2:], other_names(0)["de"], "P-0000000"):
        found = shelf.app.find(typed, shelf.actor, "part", MOST)
        if not found or not found[0].title.startswith(first):
            raise RuntimeError(f"“{typed}” found {found[:1]}")
