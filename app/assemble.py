"""The only constructor of an App: a database, its registry, one writer, and the doors through which everybody acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.capabilities import registry as whole_registry
from app.kernel import finding, meanings, mending, meta, named, queries
from app.kernel.access import Actor, denied
from app.kernel.clock import Clock
from app.kernel.commands import Answer, Command, decode
from app.kernel.dispatch import Dispatcher, Station
from app.kernel.events import Notice, Notices
from app.kernel.ids import new_id
from app.kernel.journal import Journal
from app.kernel.keys import KeyKeeper, machine_keeper
from app.kernel.problems import Problem, Refused
from app.kernel.queries import Ask, Asking, Filter, Page, ReadSession
from app.kernel.registry import Registry
from app.kernel.room import Room, free_on, levels_in
from app.kernel.store import Store
from app.kernel.writer import Writer
from app.migrations import revisions, upgrade

SETTING_TABLE = frozenset({"setting_value"})
ACCESS_TABLES = ("person", "role", "appointment", "warehouse")  # a role held at a site holds in its warehouses


class App:
    """Business without a window: run a command, ask a question, learn what a scan means."""

    def __init__(
        self,
        writer: Writer,
        write_engine: Engine,
        read_engine: Engine,
        station: Station,
        *,
        registry: Registry | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.registry = registry or whole_registry()
        self.writer = writer
        self.read_engine = read_engine
        self.notices = Notices()
        self.clock = clock or Clock()
        self.dispatcher = writer.run(lambda: Dispatcher(write_engine, self.registry, station, self.clock, self.notices))
        self.against_files: Callable[[], Problem | None] = lambda: None  # why none is taken in now, such as for want of room
        self._actors: dict[tuple[UUID, UUID], Actor] = {}  # by the organisation that they say is theirs, and their id
        self.notices.listen(self._forget_actors)

    @property
    def station(self) -> Station:
        return self.dispatcher.station

    # -------------------------------------------------------------------------------------------------------- writing

    def run(
        self, command: Command, actor: Actor, id: UUID | None = None, cosigner: Actor | None = None, zone: str = ""
    ) -> Answer:
        """Runs a command and waits for its commit. From the writer's own thread it runs at once. `zone` is that of the place it
        is done at, where this is not the station's own."""
        return self.writer.run(
            self.dispatcher.run, command, self.current(actor), id, self.current(cosigner) if cosigner else None, zone
        )

    def do(self, name: str, fields: dict[str, Any], actor: Actor, id: UUID | None = None) -> Answer:
        """Runs a command by its name from plain data, as the command line and the hub's API give it."""
        kind = self.registry.command(name)
        return self.run(decode(kind, fields), actor, id)

    # -------------------------------------------------------------------------------------------------------- reading

    def read(self, actor: Actor) -> ReadSession:
        """A session that sees what the actor may see. Use it with `with`."""
        return queries.reader(self.read_engine, self.current(actor), self.registry)

    def asked(self, session: Session, name: str, actor: Actor, arguments: dict[str, Any] | None = None) -> Ask:
        """The Ask of a declared query, or of an entity's plain list; Refused without the grant."""
        actor = self.current(actor)
        query = self.registry.queries.get(name)
        if query is None and name in self.registry.entities:
            entity = self.registry.entities[name]
            query = queries.Query(
                name,
                lambda asking: queries.list_of(asking.registry, entity, actor=asking.actor),
                self.registry.grant_of(entity, "read"),
                entity.__about__.plural,
            )
        query = query or self.registry.query(name)
        if not actor.can(query.needs):
            raise Refused(denied(actor, query.needs))
        return replace(query.ask(Asking(session, actor, self.registry, self.clock.now()), arguments or {}), needs=query.needs)

    def ask(
        self,
        name: str,
        actor: Actor,
        *,
        after: str | None = None,
        limit: int = 50,
        sort: str = "",
        filters: Sequence[Filter] = (),
        **arguments: Any,
    ) -> Page:
        """One page of a declared query."""
        with self.read(actor) as session:
            return queries.page(
                session, self.asked(session, name, actor, arguments), after=after, limit=limit, sort=sort, filters=filters
            )

    def count(self, name: str, actor: Actor, filters: Sequence[Filter] = (), **arguments: Any) -> int:
        with self.read(actor) as session:
            return queries.count(session, self.asked(session, name, actor, arguments), filters)

    def find(self, sought: str, actor: Actor, entity: str = "", most: int = 50, near: UUID | None = None) -> list[meanings.Match]:
        """Full-text search over what the actor may read, best first; where `near` is a job, what suits it before all else."""
        with self.read(actor) as session:
            found = finding.find(session, self.registry, actor.org_id, finding.Sought(sought, entity, most, near))
            titles: dict[UUID, str] = {}
            for kind in (self.registry.entities[name] for name in sorted({name for name, _ident in found})):
                if actor.can(self.registry.grant_of(kind, "read")):
                    wanted = [ident for name, ident in found if name == kind.__tablename__]
                    titles |= named.titles_of(session, kind, wanted)
            return [meanings.Match(name, ident, titles[ident], exact=False) for name, ident in found if ident in titles]

    def meaning(self, text: str, actor: Actor, expected: Sequence[str] = ()) -> meanings.Meaning:
        """What a scanned text means."""
        with self.read(actor) as session:
            return meanings.meaning(session, self.registry, self.current(actor), text, expected)

    # --------------------------------------------------------------------------------------------------------- people

    def can(self, actor: Actor, grant: str) -> bool:
        """Whether a button should be live; the dispatcher decides again."""
        return self.current(actor).can(grant)

    def current(self, actor: Actor) -> Actor:
        """The actor with the grants the store says they have now."""
        known = self._actors  # what is read here while somebody's rights change must not outlive the change
        if actor.system:
            return actor  # and never kept: the program has the same id in every organisation
        found = known.get((actor.org_id, actor.id))
        if found is None:
            with Session(self.read_engine, info={"orgs": {actor.org_id}}) as session:
                found = self.registry.actors(session, [actor.id]).get(actor.id) or replace(actor, active=False)
            known[actor.org_id, actor.id] = found
        return found

    def forget_actors(self) -> None:
        """Reads everybody's rights anew from now on: another process may have changed them."""
        self._actors = {}

    def _forget_actors(self, notice: Notice) -> None:
        if notice.touches(ACCESS_TABLES):
            self.forget_actors()

    def close(self) -> None:
        """Ends the writer; what was handed to it is finished first."""
        self.writer.close()


# ------------------------------------------------------------------------------------------------------------ a terminal


@dataclass(frozen=True)
class Terminal:
    """An App on a terminal's own store. `org_id` is whose store it is. Close it: then the next start is a quick one."""

    app: App
    store: Store
    org_id: UUID
    journal: Journal
    room: Room

    def close(self) -> None:
        self.app.close()
        self.journal.close()
        self.store.close()


def open_terminal(
    path: Path, *, keeper: KeyKeeper | None = None, clock: Clock | None = None, free: Callable[[Path], int] = free_on
) -> Terminal:
    """Opens the store at `path` and brings its tables up to date; Trouble says why it cannot be had. `free` tells how many
    bytes of a folder's disk are free.

    A damaged one is set aside and its newest backup takes its place; what was done since comes out of the black box.
    """
    terminal = _started(mending.opened(path, keeper or machine_keeper(), revisions()), None, clock, free=free)
    try:
        terminal.app.writer.submit(mending.catch_up, terminal.app.dispatcher, terminal.store).result()
    except BaseException:
        terminal.store.suspect()  # the next start must not take it for whole
        terminal.close()
        raise
    return terminal


def make_terminal(
    path: Path,
    station: Station | None = None,
    *,
    org_id: UUID | None = None,
    keeper: KeyKeeper | None = None,
    clock: Clock | None = None,
    free: Callable[[Path], int] = free_on,
) -> Terminal:
    """Makes an empty store at `path`; Trouble when something is there. Where no organisation is named, it is for a new one that
    has nobody in it yet."""
    key = (keeper or machine_keeper()).make(path)
    return _started(Store.create(path, key), station or Station(new_id()), clock, org_id, free)


def _started(
    store: Store,
    fresh: Station | None,
    clock: Clock | None,
    org_id: UUID | None = None,
    free: Callable[[Path], int] = free_on,
) -> Terminal:
    """The App on an opened store. A `fresh` one is first told which terminal it serves, and whom."""
    writer = Writer(store.writer)
    try:
        writer.run(upgrade, store.writer)
        station, org = writer.run(_settled, writer, fresh, org_id)
        app = App(writer, store.writer, store.reader, station, clock=clock)
    except BaseException:
        writer.close()
        store.close()
        raise
    journal, room = Journal(store.path, store.key), Room(store.path, free)
    app.dispatcher.journal, app.dispatcher.relief = journal.note, room.give
    app.against_files = room.against_files
    _teach(room, app, org)
    return Terminal(app, store, org, journal, room)


def _teach(room: Room, app: App, org: UUID) -> None:
    """What the settings say of a full disk, now and whenever they change."""

    def learn() -> None:
        with Session(app.read_engine, info={"orgs": {org}}) as session:
            room.learn(levels_in(session, app.registry, org, app.station.id, app.station.site_id))

    learn()
    app.notices.listen(lambda notice: learn() if notice.touches(SETTING_TABLE) else None)


def _settled(writer: Writer, fresh: Station | None, org_id: UUID | None) -> tuple[Station, UUID]:
    """The terminal and the organisation of a store, written down where it has none: also after a first start cut short."""
    with writer.sessions() as session:
        if meta.read(session, meta.STATION) is None:
            meta.keep_station(session, fresh or Station(new_id()))
            meta.keep(session, meta.ORGANISATION, (org_id or new_id()).hex)
            session.commit()
        return meta.station_of(session), UUID(meta.read(session, meta.ORGANISATION))
