"""Regaining: a lone administrator who lost badge and PIN comes back in by the recovery code that lies in the safe."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.model import Person
from app.access.rules import administrators
from app.access.sign_in import Desk
from app.kernel import recovery
from app.kernel.access import system
from app.kernel.problems import Problem, Refused
from app.kernel.words import _


@dataclass(frozen=True)
class Keeper:
    """An administrator, by the name that stands on the tile."""

    id: UUID
    name: str


def keepers(session: Session, org_id: UUID) -> list[Keeper]:
    """Those who can be let in by the code, by name."""
    people = (session.get_one(Person, ident) for ident in dict.fromkeys(administrators(session, org_id)))
    return sorted((Keeper(one.id, one.name) for one in people), key=lambda one: one.name)


def regain(
    desk: Desk, org_id: UUID, wrapped: str, key: bytes, code: str, pin: str, *, who: UUID, known: Sequence[Keeper]
) -> None:
    """Gives an administrator a new PIN, which ends their lock too. `wrapped` is the store's key under the code, `key` the
    store's own. Refused for any other code, for anybody else, and for a PIN that is easily guessed.

    The code holds 130 random bits: nobody tries them all, and no lock is wanted that would keep its owner out.
    """
    if not wrapped:
        raise Refused(_no_code())
    if not hmac.compare_digest(recovery.unwrap(wrapped, code), key):
        raise Refused(_no_code())
    if who not in {one.id for one in known}:
        raise Refused(_not_for_them())
    problem = desk.new_pin(system(org_id), who, pin)
    if problem is not None:
        raise Refused(problem)


def _no_code() -> Problem:
    message = _("No recovery code was made for this store.")
    hint = _("Another administrator can set a new PIN; where there is a hub, whoever looks after it can.")
    return Problem("access.no_recovery", message, hint=hint, field="code")


def _not_for_them() -> Problem:
    message = _("The recovery code lets administrators in, and nobody else.")
    return Problem("access.not_keeper", message, hint=_("Ask a supervisor for a new PIN."), field="person")
