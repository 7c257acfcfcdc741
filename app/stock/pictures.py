"""Pictures of stock: how many of a part there were, day by day, read back from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.charts.spec import Chart, Limit, Series, line, plain
from app.kernel.clock import stamp_of
from app.kernel.entity import fields_of
from app.kernel.figures import short_day
from app.kernel.types import SCALE
from app.kernel.words import _, say
from app.parts.model import Part
from app.stock.model import Balance, StockLine

DAYS = 60  # days that a whole picture tells of
WEEKS = 28  # days that a small curve tells of
MOST = 20_000  # lines that are read for one picture


@dataclass(frozen=True)
class Moved:
    """One line of the ledger: when, in which bin, how much, and whether it is a count, which says what was found."""

    day: date
    bin: UUID
    amount: int  # thousandths
    counted: bool


def stock_over_time(session: Session, part: UUID, now: datetime, days: int = DAYS) -> Chart | None:
    """All bins together at the end of each day, with the part's minimum; nothing where nothing was ever booked.

    `now` is in the zone of the site, whose days they are.
    """
    row = session.get(Part, part)
    lines, first = _lines(session, part, now, days)
    here = _here(session, part)
    if row is None or not (lines or here):
        return None
    span = [now.date() - timedelta(days=back) for back in range(days - 1, -1, -1)]
    totals = daily(lines, here, span)
    words = [short_day(day) for day in span]
    limits = [
        Limit(say(name, amount=plain(at.thousandths / SCALE)), at.thousandths / SCALE, ink)
        for name, at, ink in ((_("Minimum {amount}"), row.least, "danger"), (_("Order again at {amount}"), row.reorder, "warn"))
        if at is not None
    ]
    title = say(_("Stock of {part}"), part=row.title)
    unit = say(dict(fields_of(Part)["unit"].choices).get(row.unit, row.unit))
    note = say(_("{now} {unit} today; between {low} and {high} in {days} days."), now=plain(totals[-1]), unit=unit,
               low=plain(min(totals)), high=plain(max(totals)), days=days)  # fmt: skip
    series = Series(say(_("In stock")), tuple(totals), step=True)
    return line(title, words, (series,), unit, limits, note if first else say(_("Older movements are not drawn.")))


def _lines(session: Session, part: UUID, now: datetime, days: int) -> tuple[list[Moved], bool]:
    """The lines of these days, the earliest first, and whether they are all of them."""
    since = stamp_of(millis_of(now - timedelta(days=days)))
    wanted = (
        select(StockLine.made_at, StockLine.bin_id, StockLine.quantity, StockLine.kind)
        .where(StockLine.part_id == part, StockLine.stamp >= since)
        .order_by(StockLine.stamp.desc())
        .limit(MOST)
    )
    found = [_moved(now, *row) for row in session.execute(wanted)]
    return found[::-1], len(found) < MOST


def _moved(now: datetime, at: datetime, bin: UUID, quantity: Any, kind: str) -> Moved:
    return Moved(at.astimezone(now.tzinfo).date(), bin, quantity.thousandths, kind == "count")


def _here(session: Session, part: UUID) -> dict[UUID, int]:
    """What is in each bin now."""
    wanted = select(Balance.bin_id, Balance.on_hand).where(Balance.part_id == part)
    return {bin: on_hand.thousandths for bin, on_hand in session.execute(wanted)}


def daily(lines: Sequence[Moved], here: dict[UUID, int], days: Sequence[date]) -> list[float]:
    """Units in all bins at the end of each day, from what is there now back through the lines.

    What a count found to differ came and went unseen: before it the curve stands as if nothing had differed.
    """
    back = dict(here)
    totals: dict[date, float] = {}
    waiting = list(lines)
    for day in reversed(days):
        while waiting and waiting[-1].day > day:
            _undo(back, waiting.pop())
        totals[day] = sum(back.values()) / SCALE
    return [totals[day] for day in days]


def _undo(back: dict[UUID, int], line: Moved) -> None:
    """A count moved nothing."""
    if not line.counted:
        back[line.bin] = back.get(line.bin, 0) - line.amount


def small_curves(session: Session, rows: Sequence[dict[str, Any]], now: datetime, days: int = WEEKS) -> list[tuple[float, ...]]:
    """For rows of the query `stock` (a part in a bin, and how many), the same by day, the latest last. One question for all."""
    parts, bins = {row["id"] for row in rows}, {row["bin_id"] for row in rows}
    since = stamp_of(millis_of(now - timedelta(days=days)))
    wanted = (
        select(StockLine.part_id, StockLine.made_at, StockLine.bin_id, StockLine.quantity, StockLine.kind)
        .where(StockLine.part_id.in_(parts), StockLine.bin_id.in_(bins), StockLine.stamp >= since)
        .order_by(StockLine.stamp)
    )
    found: dict[tuple[UUID, UUID], list[Moved]] = {}
    for part, at, bin, quantity, kind in session.execute(wanted) if parts else ():
        line_of = _moved(now, at, bin, quantity, kind)
        found.setdefault((part, line_of.bin), []).append(line_of)
    span = [now.date() - timedelta(days=back) for back in range(days - 1, -1, -1)]
    return [
        tuple(daily(found.get((row["id"], row["bin_id"]), []), {row["bin_id"]: row["on_hand"].thousandths}, span)) for row in rows
    ]


def millis_of(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)
