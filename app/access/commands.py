"""Badges given and taken back, PINs set, and who signs in and out where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access.model import Badge, Person, Presence
from app.access.pins import is_verifier
from app.access.rules import above_you, active_only, badge_is_free, hash_is_shaped
from app.kernel.commands import Authority, Command, encode
from app.kernel.events import Event
from app.kernel.ids import derived_id
from app.kernel.problems import Problem, Refused
from app.kernel.registry import Registry
from app.kernel.words import _
from app.kernel.work import Work

SIGNED_OUT, SWITCHED, STOPPED = "signed_out", "switched", "stopped"


@dataclass(frozen=True, kw_only=True)
class SignedIn(Event):
    """Somebody was let in at a terminal."""

    person: Person


@dataclass(frozen=True, kw_only=True)
class GiveBadge(Command):
    """Hands someone a badge. Only the hash of its code is kept (see `app.access.badges`)."""

    label = _("Badge given")
    about = {"person": "person"}
    needs = "access.people"
    person: UUID
    code_hash: str
    kind: str = "own"

    def undone_by(self, command_id: UUID) -> Command:
        return RevokeBadge(badge=derived_id(command_id, Badge.__tablename__))


@dataclass(frozen=True, kw_only=True)
class RevokeBadge(Command):
    """Takes a badge back, lost or not: from now on nobody signs in with it."""

    label = _("Badge taken back")
    about = {"badge": "badge"}
    needs = "access.people"
    badge: UUID


@dataclass(frozen=True, kw_only=True)
class ReplaceBadge(Command):
    """A badge was lost: all that somebody has are taken back, and a new one is given, where there is one, by the same act."""

    label = _("Badge replaced")
    about = {"person": "person"}
    needs = "access.reset_pin"
    person: UUID
    code_hash: str = ""
    kind: str = "own"


@dataclass(frozen=True, kw_only=True)
class SetPin(Command):
    """Gives someone a new PIN. It carries what verifies the PIN, made before by `app.access.pins.pin_verifier`."""

    label = _("New PIN given")
    about = {"person": "person"}
    needs = "access.reset_pin"
    person: UUID
    verifier: str = field(repr=False)

    def __post_init__(self) -> None:
        _hold_verifier(self.verifier)

    def told(self, registry: Registry) -> dict[str, Any]:
        return {**encode(self), "verifier": "…"}


@dataclass(frozen=True, kw_only=True)
class ChangePin(Command):
    """Someone gives themselves a new PIN."""

    label = _("Own PIN changed")
    needs = "access.sign_in"
    verifier: str = field(repr=False)

    def __post_init__(self) -> None:
        _hold_verifier(self.verifier)

    def told(self, registry: Registry) -> dict[str, Any]:
        return {**encode(self), "verifier": "…"}


@dataclass(frozen=True, kw_only=True)
class SignIn(Command):
    """Someone signed in at this terminal; whoever was signed in there before is not any more."""

    label = _("Signed in")
    about = {"person": "person"}
    needs = "access.sign_in"
    authority = Authority.FACT
    person: UUID
    how: str = "badge"


@dataclass(frozen=True, kw_only=True)
class SignOut(Command):
    """Someone signed out at this terminal, or was signed out because nobody was there."""

    label = _("Signed out")
    needs = "access.sign_in"
    authority = Authority.FACT
    reason: str = SIGNED_OUT


def _hold_verifier(verifier: str) -> None:
    """Refuses at the door whatever is no verifier: a PIN given in its place must not get as far as a log of refused tries."""
    if not is_verifier(verifier):
        raise Refused(
            Problem(
                "access.verifier",
                _("This is not what verifies a PIN."),
                field="verifier",
                hint=_("Set the PIN at a terminal; a PIN itself is never sent."),
            )
        )


def give_badge(do: GiveBadge, work: Work) -> None:
    person = work.get(Person, do.person)
    badge = Badge(id=work.new_id(Badge), person_id=person.id, code_hash=do.code_hash, kind=do.kind, active=True)
    work.check(hash_is_shaped(badge), active_only(person), badge_is_free(badge, work), above_you(person, work))
    work.add(badge)


def revoke_badge(do: RevokeBadge, work: Work) -> None:
    badge = work.get(Badge, do.badge)
    work.check(above_you(work.get(Person, badge.person_id, even_retired=True), work))
    badge.active = False


def replace_badge(do: ReplaceBadge, work: Work) -> None:
    person = work.get(Person, do.person, even_retired=not do.code_hash)
    work.check(above_you(person, work))
    out = select(Badge).where(Badge.person_id == person.id, Badge.active.is_(True), Badge.retired.is_(False))
    for badge in work.session.scalars(out.order_by(Badge.id)):
        badge.active = False
    work.session.flush()
    if do.code_hash:
        give_badge(GiveBadge(person=person.id, code_hash=do.code_hash, kind=do.kind), work)


def set_pin(do: SetPin, work: Work) -> None:
    person = work.get(Person, do.person)
    work.check(above_you(person, work))
    person.pin = do.verifier


def change_pin(do: ChangePin, work: Work) -> None:
    work.get(Person, work.envelope.actor_id).pin = do.verifier


def begin_presence(do: SignIn, work: Work) -> None:
    person = work.get(Person, do.person)
    work.check(_not_yourself(do.person, work), active_only(person))
    for presence in _present(work):
        _end(presence, work, STOPPED if presence.person_id == person.id else SWITCHED)
    work.add(Presence(person_id=person.id, terminal_id=work.envelope.terminal_id, how=do.how, started=work.now))
    work.emit(SignedIn(person=person))


def end_presence(do: SignOut, work: Work) -> None:
    for presence in _present(work):
        if presence.person_id == work.envelope.actor_id:
            _end(presence, work, do.reason)


def _not_yourself(person: UUID, work: Work) -> Problem | None:
    if person == work.envelope.actor_id:
        return None
    return Problem(
        "access.not_yourself", _("Nobody signs in for someone else."), field="person", hint=_("Let them scan their own badge.")
    )


def _present(work: Work) -> list[Presence]:
    """Who is signed in at the terminal where this happened."""
    here = select(Presence).where(Presence.terminal_id == work.envelope.terminal_id, Presence.ended.is_(None))
    return list(work.session.scalars(here.where(Presence.org_id == work.envelope.org_id)))


def _end(presence: Presence, work: Work, reason: str) -> None:
    presence.ended, presence.reason = work.now, reason
