"""Odoo's users as people to whom jobs can be given. They have no PIN, no badge and no role: signing in is given to them here."""

from __future__ import annotations

import re

from app.access.model import Person
from sync.odoo.arriving import Arrival, Draft, Ground, by_field, naming, text
from sync.odoo.transport import Row

LOGIN = "login"  # a fact: as whom the bridge comes in, where that is a user of its own
_OTHER = re.compile(r"[^a-z0-9._-]+")


def take(row: Row, ground: Ground) -> Draft | None:
    """The bridge's own user is nobody who works here."""
    if row["login"] == ground.facts.get(LOGIN):
        return None
    values = {"username": username(text(row["login"]), row["id"]), "name": text(row["name"]), "email": text(row["email"])}
    if row["lang"]:
        values["language"] = row["lang"].partition("_")[0]
    return Draft(row["id"], naming(row), values, row["active"])


def username(login: str, number: int) -> str:
    """A login, which mostly is an address, as a user name."""
    found = _OTHER.sub("", login.casefold().partition("@")[0]).lstrip("._-")[:32]
    return found if len(found) > 1 else f"odoo-{number}"


USERS = Arrival(
    model="res.users",
    entity=Person,
    fields=("name", "login", "email", "lang", "active"),
    take=take,
    domain=(("share", "=", False), ("id", "!=", 1)),  # 1 is Odoo itself
    finds=(by_field(Person, "email"), by_field(Person, "username")),
    only_new=True,
)
