"""Badges: a random code that only the card carries. What is kept finds the card again, and cannot print it a second time."""

from __future__ import annotations

import secrets
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.model import Badge, Person
from app.kernel.ids import short
from app.kernel.problems import Refused
from app.kernel.scanning import own_code, read


def badge_code() -> tuple[str, str]:
    """A new badge: the text to print on it (`FT1:US:…`, 128 random bits) and the hash to keep."""
    text = own_code("US", short(UUID(int=secrets.randbits(128))))
    return text, badge_hash(text)


def badge_hash(text: str) -> str:
    """The hash under which a badge is kept: of the code as the scan grammar reads it, whatever the scanner adds around it.

    Raises Refused for what no scanner can have meant.
    """
    return sha256(b"badge " + read(text).text.encode()).hexdigest()


def badge_kind(text: str) -> str:
    """Whether it was printed here, or is a card of another system."""
    return "own" if text.upper().startswith("FT1:US:") else "card"


def badge_of(session: Session, text: str) -> Badge | None:
    """The badge a scan shows, in use or not; where a card was given out again, the one in use."""
    try:
        code_hash = badge_hash(text)
    except Refused:
        return None
    wanted = select(Badge).where(Badge.code_hash == code_hash, Badge.retired.is_(False))
    return session.scalars(wanted.order_by(Badge.active.desc(), Badge.stamp.desc()).limit(1)).first()


def is_badge(session: Session, text: str) -> bool:
    """Whether a code is, or was, a badge: then it is a secret, whatever card carries it."""
    return badge_of(session, text) is not None


def by_badge(session: Session, text: str) -> Person | None:
    """Who carries the badge; nobody when it is unknown or was taken back."""
    badge = badge_of(session, text)
    return session.get(Person, badge.person_id) if badge is not None and badge.active else None
