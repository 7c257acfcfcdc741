"""`fettle bench records`: parts that were imported offline arrive at the hub, beside the same rows written bare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.kernel.commands import Envelope
from app.kernel.measuring import Result
from app.kernel.standard import SaveMany
from sync.bench.hall import hall
from sync.bench.process import hub_app, take
from sync.bench.push import bare, recorded
from sync.bench.shop import Shop, envelope, furnish, pushes

PARTS = 1_000_000  # that are there already
ROWS = 100_000
TOGETHER = 2_000  # rows of one command
IN_A_PUSH = 8  # commands: about five of the eight megabytes that one may hold
FIRST = 1  # pushes whose rows are also written bare


def bench(n: int | None = None) -> Result:
    """Pushes `n` new parts in commands of 2,000, as many at once as a terminal sends, and checks that each was applied."""
    count = n or ROWS
    shop = Shop(0, 1, PARTS, 1)
    with hall(PARTS) as hub, hub_app(hub, shop.number) as app:
        furnish(app, hub, [shop], role="ADM")
        sent = pushes(shop, imports(shop, count), IN_A_PUSH)
        with recorded(app.dispatcher.engine) as written:
            first = take(app, sent[:FIRST])
        rest = take(app, sent[FIRST:])
    with hall(PARTS) as hub, hub_app(hub, shop.number) as app:
        furnish(app, hub, [shop], role="ADM")
        limit = min(count, FIRST * IN_A_PUSH * TOGETHER) / bare(app.dispatcher.engine, written)
    here = count / (first.seconds + rest.seconds)
    return Result(
        "records",
        count,
        {"rows_per_s": round(here), "cpu_us_per_row": round((first.ours + rest.ours) * 1e6 / count, 1)},
        {"rows_per_s": round(limit)},
        {"part_of_bare": round(here / limit, 3)},
        {"rows_per_s": (">=", 15_000)},
        did=f"{count:,} new parts beside {PARTS:,}, in commands of {TOGETHER:,}; bare are the very same rows",
    )


def imports(shop: Shop, count: int) -> Iterator[Envelope]:
    """What an import of so many parts sends."""
    for number, start in enumerate(range(0, count, TOGETHER), start=1):
        rows = [_part(place) for place in range(start, min(start + TOGETHER, count))]
        yield envelope(shop, number, SaveMany(entity="part", rows=rows), "parts.edit", {})


def _part(place: int) -> dict[str, Any]:
    return {
        "code": f"IMP-{place:07d}",
        "name": f"Brake disc {place % 97} mm, drilled, of series {place // 97}",
        "unit": "pcs",
        "mpn": f"BD-{place * 7919 % 1_000_003}",
        "category": "Brakes",
        "cost": 1200 + place % 900,
        "price": 2400 + place % 900,
    }
