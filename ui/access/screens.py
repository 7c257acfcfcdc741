"""People: who works here; a badge is given, and a PIN set, on the page of a person."""

from __future__ import annotations

from app.access.model import Person, Role
from app.access.newly import GrantNew
from app.kernel.words import _
from ui.access.people import give_badge, lost_badge, set_pin
from ui.kit.declared import Action, FormScreen, Lines, ListScreen, PageScreen, Place

PEOPLE = ListScreen(Person, "people", query="people", columns=("name", "username", "status", "has_pin"))
PERSON = PageScreen(
    Person,
    "people",
    facts=("username", "status", "email", "language", "home"),
    panels=(
        Lines(_("Roles"), "roles_held", "person", ("code", "name")),
        Lines(_("Badges"), "badges", "person", ("kind", "active", "given")),
        "history",
    ),
)
NEW_GRANTS = FormScreen(Role, GrantNew, (), id="role.new", title=_("Give the roles what is new in this version"))

SCREENS = (PEOPLE, PERSON, NEW_GRANTS)
ACTIONS = (
    Action("people", _("People"), "people", opens=Place("list", "person"), needs="access.read"),
    Action("roles.new", _("What is new for the roles"), "people", opens=Place("form", "role.new"), needs=GrantNew.needs),
    Action("person.badge", _("Give a badge"), "label", on=Person, needs="access.people",
           begins=give_badge),
    Action("person.lost", _("Lost badge"), "lock", on=Person, needs="access.reset_pin",
           begins=lost_badge),
    Action("person.pin", _("Set a PIN"), "lock", on=Person, needs="access.reset_pin",
           begins=set_pin),
)  # fmt: skip
