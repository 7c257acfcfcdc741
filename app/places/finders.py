"""What a scanned or typed text may mean among places: the code that is written on a bin."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.meanings import Finder, Match
from app.kernel.scanning import Reading
from app.places.model import Bin

SIDE_BY_SIDE = 30  # asked together with part codes: a step that wants a bin takes the bin, any other lets people choose


def by_bin(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    text = reading.text.strip()
    wanted = select(Bin).where(Bin.org_id == actor.org_id, Bin.code.in_({text, text.upper()}), Bin.retired.is_(False)).limit(9)
    return [Match("bin", row.id, row.title) for row in session.scalars(wanted)]


FINDERS = (Finder("bin code", SIDE_BY_SIDE, by_bin),)
