"""What a database knows about itself: whose it is, which terminal it serves, how it came to be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from app.kernel.dispatch import Station
from app.kernel.records import MetaRow
from app.kernel.upsert import upsert

ORGANISATION, STATION = "organisation", "station"
DEMO = "demo"  # no real store has this fact
_ALL = "all facts"  # in the session that has gathered them


def gather(session: Session) -> None:
    """Reads all facts at once, for a session that only looks."""
    session.info[_ALL] = {key: value for key, value in session.execute(select(MetaRow.key, MetaRow.value))}


def read(session: Session, key: str) -> Any:
    """A fact as plain data; None where it was never written."""
    if _ALL in session.info:
        return session.info[_ALL].get(key)
    row = session.get(MetaRow, key)
    return row.value if row is not None else None


def demo_host(engine: Engine) -> str:
    """The user name that acts in a demo store when nobody is named; empty where the store is not a whole demo."""
    with Session(engine) as session:
        return str(read(session, DEMO) or "")


def keep(session: Session, key: str, value: Any) -> None:
    """Writes a fact; the caller commits."""
    table: Any = MetaRow.__table__
    upsert(session, table, [{"key": key, "value": value}], ("key",))


def forget(session: Session, key: str) -> None:
    """Takes a fact away; the caller commits."""
    session.execute(delete(MetaRow).where(MetaRow.key == key))


def station_of(session: Session) -> Station:
    """The terminal that this store serves, as `keep_station` wrote it."""
    plain = read(session, STATION)
    site = plain.get("site")
    return Station(
        UUID(plain["id"]), plain["zone"], plain["index"], UUID(site) if site else None, enrolled=plain.get("enrolled", False)
    )


def keep_station(session: Session, station: Station) -> None:
    """Writes down which terminal this is."""
    site = station.site_id.hex if station.site_id else None
    plain = {"id": station.id.hex, "zone": station.zone, "index": station.index, "site": site, "enrolled": station.enrolled}
    keep(session, STATION, plain)
