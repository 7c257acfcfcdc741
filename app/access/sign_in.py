"""The sign-in desk: what the window and the command line ask when somebody shows a badge or types a PIN."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.access.actors import actor_of, roles_of
from app.access.badges import badge_of
from app.access.commands import SIGNED_OUT, ChangePin, SetPin, SignIn, SignOut
from app.access.model import Person
from app.access.pins import NOBODYS, pin_fits, pin_verifier, weak_pin
from app.access.rules import active_only
from app.access.throttle import Throttle, locked
from app.kernel.access import Actor
from app.kernel.clock import Clock
from app.kernel.commands import Answer, Command
from app.kernel.dispatch import Station
from app.kernel.problems import Problem
from app.kernel.settings import values_of
from app.kernel.words import _
from app.kernel.writer import Writer

T = TypeVar("T")
LANGUAGE = "terminals.language"  # the setting by which somebody chooses what is spoken to them


class Workplace(Protocol):
    """What the desk needs of the App."""

    writer: Writer
    read_engine: Engine
    clock: Clock

    @property
    def station(self) -> Station: ...

    def run(self, command: Command, actor: Actor) -> Answer: ...


@dataclass(frozen=True)
class Tile:
    """A person as the sign-in page shows them."""

    id: UUID
    name: str
    home: str = ""
    has_pin: bool = True


@dataclass(frozen=True)
class Outcome:
    """What came of it: `actor` is signed in, or `needs_pin` names who must type a PIN now, or `refused` says why not."""

    actor: Actor | None = None
    needs_pin: Tile | None = None
    refused: Problem | None = None


def needs_pin(session: Session, person: Person) -> bool:
    """Whether the badge alone is not enough for this person: one of their roles asks for the PIN too."""
    return any(role.needs_pin for role in roles_of(session, person))


class Desk:
    """Lets people in at one terminal, by badge, by PIN or by both."""

    def __init__(self, app: Workplace, tick: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._info: dict[str, Any] = {}  # whose rows it may look at, where a database holds several organisations
        self._throttle = self._write(lambda session: Throttle(session, app.station.id, app.clock.now, tick))

    def at(self, place: str, most: int, info: dict[str, Any]) -> Desk:
        """The same desk for whoever calls from a place afar, such as an address: `most` failures there lock that place."""
        other = copy.copy(self)
        other._info, other._throttle = info, self._throttle.at(_marked("place", place), most)
        return other

    # ------------------------------------------------------------------------------------------------------ signing in

    def badge(self, text: str, *, signs_in: bool = True) -> Outcome:
        """Somebody scanned a badge. Whoever was signed in here stays so until this one is let in.

        With `signs_in` false they only vouch for somebody else's command, and nobody is signed in.
        """
        with self._reading() as session:
            badge = badge_of(session, text)
            person = session.get(Person, badge.person_id) if badge is not None else None
            if badge is None or person is None:
                return self._refused("unknown", None, _unknown_badge())
            if not badge.active:
                return self._refused("revoked", person.id, _revoked_badge(person))
            problem = active_only(person)
            if problem is not None:
                return self._refused("inactive", person.id, problem)
            if needs_pin(session, person):
                return Outcome(needs_pin=_tile(person)) if person.pin else Outcome(refused=_no_pin(person))
            return self._let_in(session, person, "badge", signs_in)

    def pin(self, person_id: UUID, pin: str, *, signs_in: bool = True) -> Outcome:
        """Somebody typed a PIN, after their badge or on their tile; to sign in, or only to vouch."""
        with self._reading() as session:
            person = session.get(Person, person_id)
            problem = _unknown_person() if person is None else active_only(person) or _without_pin(person)
            if person is None or problem is not None:
                return Outcome(refused=problem)
            wrong = self._check(person, pin)
            return Outcome(refused=wrong) if wrong is not None else self._let_in(session, person, "pin", signs_in)

    def nobody(self, name: str, pin: str) -> Outcome:
        """Somebody typed a PIN for a name that nobody has, or who cannot sign in: it counts and takes as long as if they did."""
        ident = _marked("name", name)
        _number, problem = self._write(lambda session: self._throttle.admit(session, ident))
        if problem is None and not pin_fits(NOBODYS, pin):
            problem = self._write(lambda session: self._wrong(session, ident))
        return Outcome(refused=problem)

    def people(self) -> list[Tile]:
        """Everyone who may sign in here, by name."""
        with self._reading() as session:
            found = session.scalars(
                select(Person).where(Person.status == "active", Person.retired.is_(False)).order_by(Person.name)
            )
            return [_tile(person) for person in found]

    def sign_out(self, actor: Actor, reason: str = SIGNED_OUT) -> Answer:
        """Ends someone's presence here; `reason` is `signed_out` or `idle`."""
        return self._app.run(SignOut(reason=reason), actor)

    # ------------------------------------------------------------------------------------------------------------ PINs

    def change_pin(self, actor: Actor, old: str, new: str) -> Problem | None:
        """Somebody who is signed in gives themselves a new PIN; who has one already must know it. None when it is done."""
        with self._reading() as session:
            person = session.get(Person, actor.id)
        problem = weak_pin(new) or (self._check(person, old) if person is not None and person.pin else None)
        return problem or _first(self._app.run(ChangePin(verifier=pin_verifier(new)), actor))

    def new_pin(self, actor: Actor, person_id: UUID, pin: str) -> Problem | None:
        """A supervisor gives somebody who forgot theirs a new PIN, which also ends their lock. None when it is done."""
        problem = weak_pin(pin) or _first(self._app.run(SetPin(person=person_id, verifier=pin_verifier(pin)), actor))
        if problem is None:
            self._write(lambda session: self._throttle.forgive(session, person_id))
        return problem

    def _check(self, person: Person, pin: str) -> Problem | None:
        """Holds a PIN against the person's, after the try was written down for good."""
        number, problem = self._write(lambda session: self._throttle.admit(session, person.id))
        if problem is not None:
            return problem
        if pin_fits(person.pin or "", pin):
            self._write(lambda session: self._throttle.passed(session, number, person.id))
            return None
        return self._write(lambda session: self._wrong(session, person.id))

    def _wrong(self, session: Session, person: UUID) -> Problem:
        wait = self._throttle.locked_for(session, person)
        return locked(wait) if wait else _wrong_pin(self._throttle.left(session, person))

    # -------------------------------------------------------------------------------------------------------- together

    def _let_in(self, session: Session, person: Person, how: str, signs_in: bool) -> Outcome:
        actor = actor_of(session, person.id)
        if actor is None:
            return Outcome(refused=_unknown_person())
        chosen = values_of(session, actor.org_id, person.id).get((LANGUAGE, person.id))
        actor = replace(actor, language=str(chosen)) if chosen else actor
        if not signs_in:
            return Outcome(actor=actor)
        problem = _first(self._app.run(SignIn(person=person.id, how=how), actor))
        if problem is None and how == "badge":
            self._write(lambda own: self._throttle.note(own, "badge", person.id))
        return Outcome(refused=problem) if problem is not None else Outcome(actor=actor)

    def _refused(self, outcome: str, person: UUID | None, problem: Problem) -> Outcome:
        self._write(lambda session: self._throttle.note(session, outcome, person))
        return Outcome(refused=problem)

    def _reading(self) -> Session:
        return Session(self._app.read_engine, info=self._info)

    def _write(self, function: Callable[[Session], T]) -> T:
        """Runs on the writer thread in a transaction of its own, which is on the disk when this returns."""
        return self._app.writer.run(self._committed, function)

    def _committed(self, function: Callable[[Session], T]) -> T:
        with self._app.writer.sessions.begin() as session:
            return function(session)


def _marked(kind: str, text: str) -> UUID:
    """What a place or a name that has no row is counted under."""
    return UUID(bytes=sha256(f"{kind} {text}".encode()).digest()[:16])


def _tile(person: Person) -> Tile:
    return Tile(person.id, person.name, person.home or "", person.pin is not None)


def _first(answer: Answer) -> Problem | None:
    return None if answer.done else answer.problems[0]


# ------------------------------------------------------------------------------------------------------------- sentences


def _unknown_badge() -> Problem:
    return Problem(
        "access.badge_unknown", _("Nobody has this badge."), hint=_("Scan another one, or tap your name and type your PIN.")
    )


def _revoked_badge(person: Person) -> Problem:
    return Problem(
        "access.badge_revoked",
        _("This badge was taken back from {name}."),
        values={"name": person.name},
        hint=_("Use your new badge, or hand this one to a supervisor."),
    )


def _unknown_person() -> Problem:
    return Problem(
        "access.person_unknown",
        _("This person is not known here."),
        hint=_("Choose a name from the list, or wait until the hub has been reached."),
    )


def _no_pin(person: Person) -> Problem:
    return Problem(
        "access.no_pin", _("{name} has no PIN yet."), hint=_("Ask a supervisor to set one here."), values={"name": person.name}
    )


def _without_pin(person: Person) -> Problem | None:
    return None if person.pin else _no_pin(person)


def _wrong_pin(left: int) -> Problem:
    return Problem(
        "access.pin_wrong",
        _("That is not the PIN."),
        field="pin",
        values={"left": left},
        hint=_("Try again; {left} more mistakes lock it for a quarter of an hour."),
    )
