"""The beginning of a workshop on an empty store: what it is called and where it stands, and its first administrator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select

from app.access.badges import badge_hash, badge_kind
from app.access.commands import GiveBadge, SetPin
from app.access.model import Appointment, Person, Role
from app.access.newcomers import Doing, may_begin, suggested
from app.access.pins import pin_verifier, weak_pin
from app.access.roles import standard_roles
from app.access.rules import administrators
from app.kernel import meta
from app.kernel.access import Actor, system
from app.kernel.commands import Command
from app.kernel.dispatch import Dispatcher
from app.kernel.entity import Entity
from app.kernel.ids import derived_id
from app.kernel.money import currency_code
from app.kernel.problems import Problem, Refused
from app.kernel.rows import row_image
from app.kernel.standard import SaveRecord
from app.kernel.words import _, say
from app.kernel.writer import Writer
from app.kernel.zones import zone
from app.organisations.model import Organisation
from app.places.model import Bin, Site, Warehouse

ADMINISTRATOR = "ADM"
NAMED = "admin"  # the user name of an administrator whose own name has no letters that a user name may have
LANGUAGES = (("en", "English"), ("de", "Deutsch"))
"""The languages that people may choose, each by its own name; a catalogue of words lies in resources for all but the first."""


class Beginning(Doing, Protocol):
    """What is needed of the App of an empty store."""

    writer: Writer
    dispatcher: Dispatcher


@dataclass(frozen=True)
class Shop:
    """What the first screen asks. Where `site` is empty it has the shop's name; `code` opens the numbers of its jobs.

    `tax` is the usual rate, in per cent; empty is none. Whoever knows taxes keeps it.
    """

    name: str
    site: str = ""
    code: str = "M"
    zone: str = "UTC"
    currency: str = "EUR"
    prices_with_tax: bool = True
    tax: str = ""


@dataclass(frozen=True)
class Founder:
    """Whoever looks after people from now on: their PIN, and the text of a badge where they have one."""

    name: str
    pin: str
    username: str = ""
    badge: str = ""
    language: str = "en"


def found_shop(app: Beginning, shop: Shop, who: Actor) -> UUID:
    """Sets the workshop up in somebody's name, or changes what was said of it; its site. Refused where it does not fit."""
    if not shop.name.strip():
        raise Refused(_nameless())
    zone(shop.zone)
    org, currency = who.org_id, currency_code(shop.currency)
    site = app.dispatcher.station.site_id or derived_id(org, "site")
    what = {"name": shop.name.strip(), "currency": currency, "prices_with_tax": shop.prices_with_tax}
    _save(app, who, Organisation, org, what)
    where = {"code": shop.code.strip(), "name": shop.site.strip() or shop.name.strip(), "zone": shop.zone}
    _save(app, who, Site, site, where)
    if not _has_rooms(app, org):
        room = derived_id(org, "warehouse")
        _save(app, who, Warehouse, room, {"site_id": site.hex, "code": "MAIN", "name": say(_("Store room"))})
        _save(app, who, Bin, derived_id(org, "bin"), {"warehouse_id": room.hex, "code": "A-01"})
    if not _roles(app, org):
        _done(app, who, standard_roles())
    _stand_at(app, site, shop.zone)
    return site


def shop_of(app: Beginning, org: UUID) -> Shop | None:
    """What was said of the workshop so far; None before anything was."""
    with app.read(system(org)) as session:
        own = session.get(Organisation, org)
        site = session.get(Site, app.dispatcher.station.site_id or derived_id(org, "site"))
        if own is None or site is None:
            return None
        return Shop(own.name, site.name, site.code, site.zone, own.currency, own.prices_with_tax)


def first_administrator(app: Beginning, org: UUID, founder: Founder) -> UUID:
    """Makes somebody who may do everything; their id. Refused where there is such a person already: they make the others."""
    username = username_of(founder)
    may_begin(founder.name, ADMINISTRATOR, username)
    who = system(org)
    problem = weak_pin(founder.pin) or (somebody_is_there() if has_people(app, org) else None)
    if problem is not None:
        raise Refused(problem)
    if not _roles(app, org):
        _done(app, who, standard_roles())
    person = derived_id(org, "person")
    fields = {
        "name": founder.name.strip(),
        "username": username,
        "home": ADMINISTRATOR,
        "language": founder.language,
    }
    _save(app, who, Person, person, fields)
    _done(app, who, SetPin(person=person, verifier=pin_verifier(founder.pin)))
    if founder.badge:
        _done(app, who, GiveBadge(person=person, code_hash=badge_hash(founder.badge), kind=badge_kind(founder.badge)))
    held = {"person_id": person.hex, "role_id": _roles(app, org)[ADMINISTRATOR].hex}
    _save(app, who, Appointment, derived_id(org, "appointment"), held)  # last: until then it can be begun again
    return person


def username_of(founder: Founder) -> str:
    """What they are called at a command line; at the terminal nobody asks for it."""
    return founder.username or suggested(founder.name) or NAMED


def has_people(app: Beginning, org: UUID) -> bool:
    """Whether anybody looks after this store: then it is they who change it."""
    with app.read(system(org)) as session:
        return bool(administrators(session, org))


def is_empty(app: Beginning, org: UUID) -> bool:
    """Whether nobody was ever made here who could sign in."""
    with app.read(system(org)) as session:
        return session.scalars(select(Person.id).where(Person.org_id == org).limit(1)).first() is None


def somebody_is_there() -> Problem:
    message = _("There is an administrator already.")
    return Problem("access.founded", message, hint=_("Let them sign in and make further people."))


def _nameless() -> Problem:
    message, hint = _("The workshop has no name yet."), _("Write what stands over the door.")
    return Problem("access.nameless", message, hint=hint, field="name")


# ------------------------------------------------------------------------------------------------------------- by commands


def _save(app: Beginning, who: Actor, entity: type[Entity], ident: UUID, wanted: dict[str, Any]) -> None:
    """Makes a record under an id of its own, or changes what differs."""
    old = _there(app, who.org_id, entity, ident)
    fields = {name: [old.get(name), value] for name, value in wanted.items() if not old or old.get(name) != value}
    if fields:
        _done(app, who, SaveRecord(entity=entity.__tablename__, id=ident, fields=fields))


def _there(app: Beginning, org: UUID, entity: type[Entity], ident: UUID) -> dict[str, Any]:
    with app.read(system(org)) as session:
        row = session.get(entity, ident)
        return row_image(row) if row else {}


def _roles(app: Beginning, org: UUID) -> dict[str, UUID]:
    with app.read(system(org)) as session:
        wanted = select(Role).where(Role.org_id == org, Role.retired.is_(False))
        return {one.code: one.id for one in session.scalars(wanted)}


def _has_rooms(app: Beginning, org: UUID) -> bool:
    with app.read(system(org)) as session:
        return session.scalars(select(Warehouse.id).where(Warehouse.org_id == org).limit(1)).first() is not None


def _done(app: Beginning, who: Actor, command: Command) -> None:
    app.run(command, who).or_refused()


def _stand_at(app: Beginning, site: UUID, zone_name: str) -> None:
    """The terminal stands at this site, and its days are those of the site's zone."""
    station = replace(app.dispatcher.station, zone=zone_name, site_id=site)

    def keep() -> None:
        with app.writer.sessions() as session:
            meta.keep_station(session, station)
            session.commit()
        app.dispatcher.moved_to(station)

    app.writer.run(keep)
