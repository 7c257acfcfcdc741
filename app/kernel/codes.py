"""Numbers that people read: series counted in blocks leased to a terminal, so that two of them never give the same one.

Numbers 0001 to 4999 of a period are leased in blocks. A terminal without a lease counts in a range of its own: 5000+100k
to 5099+100k for terminal k (0 to 49), then five digits, then more. The hub takes what it needs one by one, and when all is
leased counts on behind the terminals, and so do terminals beyond the fiftieth. Gaps are allowed; a number is never given
twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.entity import LocalRow
from app.kernel.upsert import upsert
from app.kernel.work import Mode, Work

LEASED = 4999
FIRST_BLOCK = 50
TERMINALS = 50  # ranges of their own
SMALL = 1100  # numbers of a terminal's range that have at most five digits


@dataclass(frozen=True)
class Series:
    """A kind of number that restarts each day or year: `pattern` has the places {day}, {year}, {n} and what the caller names."""

    name: str
    pattern: str
    resets: str = "day"  # or "year"


class LeaseRow(LocalRow):
    """What a terminal may still count from, in one series and period. `static` counts numbers taken without a lease."""

    __tablename__ = "number_lease"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(String(80), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    next: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    static: Mapped[int] = mapped_column(BigInteger)


class GrantedRow(LocalRow):
    """Up to where the hub (or a terminal that has none) has leased a series."""

    __tablename__ = "number_granted"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(String(80), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    upto: Mapped[int] = mapped_column(BigInteger)


LEASES: Any = LeaseRow.__table__
GRANTED: Any = GrantedRow.__table__
LEASED_TO = ("org_id", "series", "period")  # the key of both


def static_number(index: int, count: int) -> int:
    """The `count`-th number (from 0) that terminal `index` takes without a lease; 50 is the hub, and from 51 on are more."""
    if index >= TERMINALS:
        return 1_000_000 * (index + 1) + count
    if count < 100:
        return 5000 + 100 * index + count
    if count < SMALL:
        return 10_000 + 1000 * index + count - 100
    return 1_000_000 * (index + 1) + count - SMALL


def grant_block(session: Session, org_id: UUID, series: str, period: str, size: int) -> tuple[int, int] | None:
    """Leases the next block of a series, as (first, last); None when the leased range is used up. It holds one number at least,
    whatever is asked for: what was leased is never taken back."""
    upto = _held(session, org_id, series, period)
    if upto >= LEASED:
        return None
    last = min(upto + max(1, size), LEASED)
    _grant_to(session, org_id, series, period, last)
    return upto + 1, last


def keep_clear(session: Session, org_id: UUID, series: str, period: str, number: int) -> None:
    """Never leases a number that a terminal took by itself, nor the rest of the block that it still counts in."""
    upto = min(-(-number // FIRST_BLOCK) * FIRST_BLOCK, LEASED)
    if number <= LEASED and _held(session, org_id, series, period) < upto:
        _grant_to(session, org_id, series, period, upto)


def hold(session: Session, org_id: UUID, series: str) -> None:
    """Nobody else gives out of this series until this transaction ends: for what is chosen by looking at all there is."""
    _held(session, org_id, series, "")


def _held(session: Session, org_id: UUID, series: str, period: str) -> int:
    """Up to where a series is leased; nobody else can lease from it until this transaction ends."""
    key = {"org_id": org_id, "series": series, "period": period}
    upsert(session, GRANTED, [key | {"upto": 0}], (*key, "upto"))  # left alone where it is there
    return int(session.scalars(select(GRANTED.c.upto).filter_by(**key).with_for_update()).one())


def _grant_to(session: Session, org_id: UUID, series: str, period: str, upto: int) -> None:
    row = {"org_id": org_id, "series": series, "period": period, "upto": upto}
    upsert(session, GRANTED, [row], LEASED_TO)


def keep_block(session: Session, series: str, period: str, block: tuple[int, int]) -> None:
    """Takes a leased block into use for whoever counts in this series here; what was left of the one before becomes a gap."""
    for org_id in session.scalars(select(LEASES.c.org_id).filter_by(series=series).distinct()).all():
        key = {"org_id": org_id, "series": series, "period": period}
        static = session.scalar(select(LEASES.c.static).filter_by(**key)) or 0
        upsert(session, LEASES, [{**key, "next": block[0], "last": block[1], "static": static}], LEASED_TO)


def take(work: Work, series: Series, *, alone: bool = True, **places: object) -> str:
    """The next number of a series, drawn once and kept in the envelope."""
    named = f"{series.name}:{'/'.join(str(value) for value in places.values())}"
    period = work.today.isoformat() if series.resets == "day" else str(work.today.year)
    count = work.draw(f"number:{named}", lambda: _next(work, named, period, alone))
    if work.mode is Mode.REPLAY:
        keep_clear(work.session, work.envelope.org_id, named, period, count)
        if not work.only_here:
            _given(work, named, period, count)
    spoken = {"day": work.today.strftime("%Y%m%d"), "year": work.today.year, "n": count, **places}
    return series.pattern.format(**spoken)


def _given(work: Work, named: str, period: str, number: int) -> None:
    """A number that this terminal gave, and that a store put back from a backup knows nothing of, is given to nobody else."""
    kept = before = _lease(work, named, period)
    if kept["next"] <= number <= kept["last"]:
        kept = kept | {"next": number + 1}
    while number > LEASED and static_number(*_behind(work, kept["static"])) <= number:
        kept = kept | {"static": kept["static"] + 1}
    if kept != before:
        upsert(work.session, LEASES, [kept], LEASED_TO)


def _lease(work: Work, named: str, period: str) -> dict[str, Any]:
    key = {"org_id": work.envelope.org_id, "series": named, "period": period}
    lease = work.session.execute(select(LEASES).filter_by(**key)).mappings().first()
    return dict(lease) if lease else {**key, "next": 1, "last": 0, "static": 0}


def _next(work: Work, named: str, period: str, alone: bool) -> int:
    session = work.session
    if work.envelope.drawn.get("hub") and (one := grant_block(session, work.envelope.org_id, named, period, 1)):
        return one[0]
    kept = _lease(work, named, period)
    if kept["next"] > kept["last"] and alone and not work.envelope.drawn.get("enrolled"):
        block = grant_block(session, work.envelope.org_id, named, period, FIRST_BLOCK)
        kept["next"], kept["last"] = block or (1, 0)
    if kept["next"] <= kept["last"]:
        number = int(kept["next"])
        kept["next"] = number + 1
    else:
        number = static_number(*_behind(work, int(kept["static"])))
        kept["static"] = int(kept["static"]) + 1
    upsert(session, LEASES, [kept], LEASED_TO)
    return number


def _behind(work: Work, count: int) -> tuple[int, int]:
    """Whose range, and which number in it."""
    if work.envelope.drawn.get("hub"):
        return TERMINALS, count
    return int(work.envelope.drawn.get("station", 0)), count
