"""Offers: everything that somebody may open or do, as words. What they may not do is not among it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from app.kernel.entity import Entity
from app.kernel.meanings import Match
from app.kernel.states import Machine, Move
from app.kernel.words import _, say, within
from ui.kit.bench import Bench, Told
from ui.kit.declared import Action, ListScreen, PageScreen, Place
from ui.kit.doors import barred
from ui.kit.question import Question, Tile, row_of
from ui.kit.screen import Deed, Screen


@dataclass(frozen=True)
class Offer:
    """One line of the palette: its key (by which it is remembered), its words, its icon, and what picking it does."""

    key: str
    title: str
    note: str
    icon: str
    run: Callable[[], None]

    @property
    def words(self) -> str:
        return f"{self.title}   ·   {self.note}" if self.note else self.title


def key_of(place: Place) -> str:
    """The word by which a place is remembered."""
    record = place.id.hex if place.id else ""
    given = ",".join(f"{name}={value}" for name, value in sorted(place.given.items()))
    return ":".join((place.kind, place.name, record, given)).rstrip(":")


def offers(bench: Bench, screen: Screen | None) -> list[Offer]:
    """What the screen in front can do, then every screen, then what can be done to a record that is still to be named."""
    found: dict[str, Offer] = {}
    for offer in (*_deeds(bench, screen), *_doors(bench), *_lists(bench), *_forms(bench), *_on_records(bench, screen)):
        found.setdefault(offer.key, offer)
    return list(found.values())


def record(bench: Bench, match: Match, icon: str, label: str) -> Offer:
    """A record by its title; picking it opens its page."""
    place = Place("page", match.entity, match.id)
    return Offer(key_of(place), match.title, label, icon, partial(bench.ways.go, place))


def _deeds(bench: Bench, screen: Screen | None) -> Iterator[Offer]:
    """What the screen in front can do now; what must be held is asked for once more."""
    if screen is None:
        return
    for deed in (*filter(None, (screen.primary,)), *reversed(screen.others)):
        if deed.live:
            run = partial(_hold, bench, deed) if deed.grave else deed.run
            yield Offer(f"deed:{deed.label}", deed.label, screen.title, deed.icon or "next", run)


def _hold(bench: Bench, deed: Deed) -> None:
    tile = Tile(deed.label, deed, icon=deed.icon, grave=True)
    bench.ways.ask(Question(say(_("{what}: hold the button."), what=deed.label), lambda one, _by: one.run(), tiles=(tile,)))


def _doors(bench: Bench) -> Iterator[Offer]:
    yield _door(bench, Place("home"), say(_("Home")), "home", "")
    for action in bench.declared.actions:
        if action.opens is not None and bench.can(action.needs) and not barred(bench, action.opens):
            yield _door(bench, action.opens, say(action.title), action.icon, action.keys)


def _door(bench: Bench, place: Place, title: str, icon: str, note: str) -> Offer:
    return Offer(key_of(place), title, note, icon, partial(bench.ways.go, place))


def may_list(bench: Bench, screen: ListScreen) -> bool:
    """Whether somebody may read a list."""
    registry = bench.app.registry
    query = registry.queries.get(screen.query)
    return bench.can(query.needs if query else registry.grant_of(screen.entity, "read"))


def _lists(bench: Bench) -> Iterator[Offer]:
    for screen in bench.declared.screens:
        if isinstance(screen, ListScreen) and may_list(bench, screen):
            title = say(screen.title or screen.entity.__about__.plural)
            yield _door(bench, Place("list", screen.name), title, screen.icon, "")


def _forms(bench: Bench) -> Iterator[Offer]:
    """Making a record, by the list that shows its kind."""
    for screen in bench.declared.screens:
        if isinstance(screen, ListScreen) and screen.adds and bench.can(_grant_to_make(bench, screen.entity)):
            title = say(_("Add {what}"), what=within(screen.entity.__about__.label))
            yield _door(bench, Place("form", screen.entity.__tablename__), title, "plus", "")


def _grant_to_make(bench: Bench, entity: type[Entity]) -> str:
    return bench.declared.grant_to_make(bench.app.registry, entity)


def _on_records(bench: Bench, screen: Screen | None) -> Iterator[Offer]:
    """What is done to a record: of the one in front it is among the deeds; of any other it is asked which."""
    here = screen.place.name if screen is not None and screen.place.kind == "page" else ""
    for page in bench.declared.pages():
        if page.name != here:
            yield from _on(bench, page)


def _on(bench: Bench, page: PageScreen) -> Iterator[Offer]:
    for action in bench.declared.on(page.entity):
        if bench.can(action.needs):
            yield _asks(bench, page, f"on:{action.id}", say(action.title), action.icon, partial(_act, bench, action))
    if page.edits and bench.can(bench.app.registry.grant_of(page.entity, "edit")):
        change = say(_("Change {what}"), what=within(page.entity.__about__.label))
        form = partial(_go, bench, "form", page.name)
        yield _asks(bench, page, f"change:{page.name}", change, "edit", form)
    machine = bench.app.registry.machines.get(page.entity)
    for move in _moves(bench, machine):
        yield _asks(bench, page, f"move:{page.name}:{move.name}", say(move.label), "next", partial(_go, bench, "page", page.name))


def _moves(bench: Bench, machine: Machine | None) -> tuple[Move, ...]:
    """The steps this person may take; on the record's page each says what is still unmet."""
    return tuple(move for move in machine.moves if move.label and bench.can(move.needs)) if machine else ()


def _asks(bench: Bench, page: PageScreen, key: str, title: str, icon: str, then: Callable[[Match], None]) -> Offer:
    label = say(page.entity.__about__.label)
    sentence = say(_("{what}: which {kind}?"), what=title, kind=within(page.entity.__about__.label))

    def answer(match: Match, _told: Told) -> None:
        then(match)

    def ask() -> None:
        bench.ways.ask(Question(sentence, answer, kind="find", entity=page.name, takes=row_of(page.name)))

    return Offer(key, title, label, icon, ask)


def _go(bench: Bench, kind: str, name: str, match: Match) -> None:
    bench.ways.go(Place(kind, name, match.id))


def _act(bench: Bench, action: Action, match: Match) -> None:
    """On the page of the record, so that what comes of it is seen there."""
    bench.ways.go(Place("page", match.entity, match.id))
    if action.leads is not None:
        bench.ways.go(action.leads(match))
    elif action.begins is not None:
        action.begins(bench, match)
