"""The first people of an organisation, before anybody is there who could make them: done by the program, for whoever runs it."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.commands import SetPin
from app.access.model import Person, Role
from app.access.pins import SHORTEST, pin_verifier, weak_pin
from app.access.roles import ROLES, standard_roles
from app.access.rules import username_is_shaped
from app.kernel.access import Actor, system
from app.kernel.commands import Answer, Command
from app.kernel.ids import new_id
from app.kernel.problems import Problem, Refused
from app.kernel.standard import SaveRecord
from app.kernel.words import _


class Doing(Protocol):
    """What is needed of the App."""

    def run(self, command: Command, actor: Actor) -> Answer: ...

    def read(self, actor: Actor) -> Session: ...


@dataclass(frozen=True)
class Newcomer:
    """Somebody who was just made, with the PIN that they come in with, and then change."""

    username: str
    pin: str


def found(app: Doing, name: str) -> UUID:
    """Founds an organisation with the standard roles; its id."""
    org = new_id()
    _done(app, org, SaveRecord(entity="organisation", id=org, fields={"name": [None, name]}))
    _done(app, org, standard_roles())
    return org


def may_begin(name: str, role: str, username: str = "") -> None:
    """Before an organisation is founded for somebody: Refused where their role or user name would not fit it."""
    _known(role, [one.code for one in ROLES])
    if (problem := username_is_shaped(Person(username=_chosen(name, username)))) is not None:
        raise Refused(problem)


def welcome(app: Doing, org: UUID, name: str, role: str, username: str = "") -> Newcomer:
    """Makes a person with a role everywhere in an organisation. Refused where the role or the user name does not fit."""
    held = _role(app, org, role)
    chosen = _chosen(name, username)
    fields = {"name": [None, name], "username": [None, chosen], "home": [None, role]}
    person = _done(app, org, SaveRecord(entity="person", fields=fields))
    _done(app, org, SaveRecord(entity="appointment", fields={"person_id": [None, person.hex], "role_id": [None, held.hex]}))
    pin = new_pin()
    _done(app, org, SetPin(person=person, verifier=pin_verifier(pin)))
    return Newcomer(chosen, pin)


def new_pin() -> str:
    """A PIN that nobody guesses, for whoever has none."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _digit in range(SHORTEST))
        if weak_pin(pin) is None:
            return pin


def _done(app: Doing, org: UUID, command: Command) -> UUID:
    """Runs a command as the program itself; the first row that it touched."""
    return app.run(command, system(org)).or_refused().rows[0][1]


def _role(app: Doing, org: UUID, code: str) -> UUID:
    with app.read(system(org)) as session:
        roles = {one.code: one.id for one in session.scalars(select(Role).where(Role.retired.is_(False)))}
    _known(code, roles)
    return roles[code]


def _known(code: str, codes: Iterable[str]) -> None:
    there = sorted(codes)
    if code not in there:
        message, hint = _("There is no role “{role}”."), _("There are: {roles}.")
        values = {"role": code[:8], "roles": ", ".join(there)}
        raise Refused(Problem("access.no_role", message, field="role", hint=hint, values=values))


def _chosen(name: str, username: str) -> str:
    return username or suggested(name)


def suggested(name: str) -> str:
    """A user name made of somebody's name; nothing where its script gives none, as of Ελένη or 李雷."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    made = re.sub(r"[^a-z0-9]+", ".", plain).strip(".")[:32]
    return made if len(made) > 1 else ""
