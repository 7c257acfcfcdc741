"""Waiting: what somebody left half filled in, and the lists they keep, as lines of the palette."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import drafts
from app.kernel.words import _, say, within
from ui.kit import kept
from ui.kit.bench import Bench
from ui.kit.declared import Action, FormScreen, Place
from ui.kit.narrowing import KEPT
from ui.kit.values import moment
from ui.shell.offers import Offer, key_of, may_list


def waiting(bench: Bench) -> list[Offer]:
    """On a reader thread: the forms first, the latest of them at the top, and then the lists."""
    with bench.app.read(bench.actor) as session:
        return [*_forms(bench, session), *_lists(bench, session)]


def _forms(bench: Bench, session: Session) -> Iterator[Offer]:
    for draft in drafts.parked(session, bench.actor.id):
        place = place_of(bench, draft.form)
        if place is not None:
            title = say(_("Go on with: {what}"), what=_title(bench, place))
            note = say(_("Half filled in, left {when}"), when=moment(draft.at))
            yield Offer(f"draft:{draft.form}", title, note, "edit", partial(bench.ways.go, place))


def place_of(bench: Bench, form: str) -> Place | None:
    """Where a form that was left is; None where it is no form of this program, or not this person's any more."""
    name, _colon, ident = form.partition(":")
    if (door := door_of(bench, name)) is not None:
        return door.opens if bench.can(door.needs) else None
    declared, entity = bench.declared.form_of(name), bench.app.registry.entities.get(name)
    try:
        found = None if ident == "new" else UUID(ident)
    except ValueError:
        return None
    if declared is not None and (found is None or (declared.of and "-" not in ident)):
        given = {declared.of: found} if found is not None else {}
        return Place("form", name, given=given) if bench.can(declared.makes.needs) else None
    may = entity is not None and bench.can(bench.app.registry.grant_of(entity, "edit"))
    return Place("form", name, found) if may else None


def door_of(bench: Bench, name: str) -> Action | None:
    """The action that opens a screen which keeps a draft under its own name, such as the check-in."""
    return next((one for one in bench.declared.actions if one.opens is not None and one.opens == Place(name)), None)


def _title(bench: Bench, place: Place) -> str:
    if (door := door_of(bench, place.kind)) is not None:
        return say(door.title)
    declared = bench.declared.form_of(place.name) if place.id is None else None
    if declared is not None and declared.title:
        return say(declared.title)
    return say(_("Change {what}") if place.id else _("New {what}"), what=within(_entity(bench, place, declared)))


def _entity(bench: Bench, place: Place, declared: FormScreen | None) -> str:
    entity = declared.entity if declared is not None else bench.app.registry.entities[place.name]
    return entity.__about__.label


def _lists(bench: Bench, session: Session) -> Iterator[Offer]:
    for name, one in kept.of_all(session, bench):
        screen = bench.declared.list_of(name)
        if screen is not None and may_list(bench, screen):
            place = Place("list", name, given={KEPT: one.name})
            title = say(screen.title or screen.entity.__about__.plural)
            yield Offer(key_of(place), one.name, title, screen.icon, partial(bench.ways.go, place))
