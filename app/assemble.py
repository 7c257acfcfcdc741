"""The only constructor of an App: a database, its registry, one writer, and the doors through which everybody acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.capabilities import registry as whole_registry
from app.kernel import meanings, queries, search
from app.kernel.access import Actor, denied
from app.kernel.clock import Clock
from app.kernel.commands import Answer, Command, decode
from app.kernel.dispatch import Dispatcher, Station
from app.kernel.events import Notice, Notices
from app.kernel.problems import Refused
from app.kernel.queries import Ask, Asking, Filter, Page, ReadSession
from app.kernel.registry import Registry
from app.kernel.writer import Writer

ACCESS_TABLES = ("person", "role", "appointment")


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
        self._actors: dict[UUID, Actor] = {}
        self.notices.listen(self._forget_actors)

    @property
    def station(self) -> Station:
        return self.dispatcher.station

    # -------------------------------------------------------------------------------------------------------- writing

    def run(self, command: Command, actor: Actor, id: UUID | None = None, cosigner: Actor | None = None) -> Answer:
        """Runs a command and waits for its commit. From the writer's own thread it runs at once."""
        return self.writer.run(
            self.dispatcher.run, command, self.current(actor), id, self.current(cosigner) if cosigner else None
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
                lambda asking: queries.list_of(asking.registry, entity),
                self.registry.grant_of(entity, "read"),
                entity.__about__.plural,
            )
        query = query or self.registry.query(name)
        if not actor.can(query.needs):
            raise Refused(denied(actor, query.needs))
        return query.ask(Asking(session, actor, self.registry), arguments or {})

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

    def find(self, sought: str, actor: Actor, entity: str = "", most: int = 50) -> list[meanings.Match]:
        """Full-text search over what the actor may read, best first."""
        with self.read(actor) as session:
            found = search.find(session, actor.org_id, sought, entity, most)
            rows = [
                (name, session.get(self.registry.entities[name], ident))
                for name, ident in found
                if actor.can(self.registry.grant_of(self.registry.entities[name], "read"))
            ]
            return [meanings.Match(name, row.id, row.title, exact=False) for name, row in rows if row is not None]

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
        found = self._actors.get(actor.id)
        if found is None:
            with Session(self.read_engine) as session:
                found = self.registry.actors(session, actor.id) or (actor if actor.system else replace(actor, active=False))
            self._actors[actor.id] = found
        return found

    def _forget_actors(self, notice: Notice) -> None:
        if notice.touches(ACCESS_TABLES):
            self._actors.clear()

    def close(self) -> None:
        """Ends the writer; what was handed to it is finished first."""
        self.writer.close()
