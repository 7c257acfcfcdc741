"""Who is let in from afar: a login's refresh tokens, each good once, and the end of all of them when one is shown again."""

from __future__ import annotations

import binascii
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import is_active
from app.access.model import Person, TokenFamily
from app.kernel.ids import new_id

LASTS = timedelta(days=30)  # then somebody must log in again
LOGOUT, REUSED = "logout", "reused"


@dataclass(frozen=True)
class Refresh:
    """A refresh token's parts: whose organisation, which family, and the secret that is kept only as a hash."""

    org_id: UUID
    family: UUID
    secret: bytes

    @classmethod
    def read(cls, text: str) -> Refresh | None:
        """The parts of a token; None for what cannot be one."""
        try:
            raw = urlsafe_b64decode(text.encode("ascii"))
        except (UnicodeEncodeError, binascii.Error):
            return None
        return cls(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:]) if len(raw) == 64 else None

    def text(self) -> str:
        return urlsafe_b64encode(self.org_id.bytes + self.family.bytes + self.secret).decode("ascii")

    def hashed(self) -> str:
        return sha256(b"refresh " + self.secret).hexdigest()


def begin(session: Session, person: Person, now: datetime) -> Refresh:
    """Somebody has logged in; their family and its first token. The caller commits."""
    token = Refresh(person.org_id, new_id(), secrets.token_bytes(32))
    session.add(
        TokenFamily(
            id=token.family,
            org_id=person.org_id,
            person_id=person.id,
            token_hash=token.hashed(),
            pin_mark=_mark(person),
            started=now,
            until=now + LASTS,
        )
    )
    return token


def renewed(session: Session, shown: Refresh, now: datetime) -> tuple[UUID, Refresh] | None:
    """The person and the next token for one that is good; None for any other. The caller commits, whatever it gets: a token
    that was good before has just ended its family."""
    family = session.get(TokenFamily, shown.family, with_for_update=True)
    if family is None or family.org_id != shown.org_id or not _stands(session, family, now):
        return None
    if not secrets.compare_digest(family.token_hash, shown.hashed()):
        family.ended = REUSED
        return None
    token = Refresh(shown.org_id, shown.family, secrets.token_bytes(32))
    family.token_hash = token.hashed()
    return family.person_id, token


def stands(session: Session, ident: UUID, person: UUID, now: datetime) -> bool:
    """Whether a login still holds: nobody ended it, and its person is active and has the same PIN."""
    family = session.get(TokenFamily, ident)
    return family is not None and family.person_id == person and _stands(session, family, now)


def end(session: Session, ident: UUID, why: str = LOGOUT) -> None:
    """Ends a login and all its tokens; the caller commits."""
    family = session.get(TokenFamily, ident, with_for_update=True)
    if family is not None and family.ended is None:
        family.ended = why


def of_person(session: Session, person: UUID, now: datetime) -> list[TokenFamily]:
    """The logins of somebody that still hold, the latest first."""
    wanted = select(TokenFamily).where(TokenFamily.person_id == person, TokenFamily.ended.is_(None), TokenFamily.until > now)
    return [one for one in session.scalars(wanted.order_by(TokenFamily.started.desc())) if _stands(session, one, now)]


def people_called(session: Session, username: str) -> list[Person]:
    """Everyone in use who has this user name: one in each organisation that the session may see."""
    wanted = select(Person).where(Person.username == username.casefold(), Person.retired.is_(False))
    return list(session.scalars(wanted.order_by(Person.id)))


def _stands(session: Session, family: TokenFamily, now: datetime) -> bool:
    if family.ended is not None or family.until <= now:
        return False
    person = session.scalars(select(Person).where(Person.id == family.person_id, Person.org_id == family.org_id)).first()
    return person is not None and is_active(person) and _mark(person) == family.pin_mark


def _mark(person: Person) -> str:
    return sha256(f"pin {person.pin}".encode()).hexdigest()
