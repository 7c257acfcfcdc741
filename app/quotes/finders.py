"""What a scanned or typed text may mean among quotes: the number that stands on the customer's paper."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.meanings import Finder, Match
from app.kernel.scanning import Reading
from app.quotes.model import Quote

MOST = 9


def by_number(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    """A version by its number, in capitals or not."""
    text = reading.text.strip()
    wanted = select(Quote).where(Quote.org_id == actor.org_id, Quote.number.in_((text, text.upper())), Quote.retired.is_(False))
    return [Match("quote", row.id, row.title) for row in session.scalars(wanted.order_by(Quote.id).limit(MOST))]


FINDERS = (Finder("quote number", 22, by_number),)
