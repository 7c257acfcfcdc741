"""A small workshop for tests, on a real store: one site, a store room with two bins, five parts, one job, and its people."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from app.access.model import Role
from app.access.roles import standard_roles
from app.assemble import App
from app.kernel import postgres
from app.kernel.access import Actor, system
from app.kernel.clock import Clock
from app.kernel.commands import Answer, Command
from app.kernel.dispatch import Station
from app.kernel.ids import new_id
from app.kernel.problems import Refused
from app.kernel.records import Discrepancy, EnvelopeRow
from app.kernel.standard import Retire, SaveRecord
from app.kernel.store import Store
from app.kernel.types import Quantity
from app.kernel.writer import Writer
from app.migrations import revisions, upgrade
from app.places.model import Bin
from app.stock.balances import on_hand, used
from app.stock.commands import CountStock, ReceiveStock
from app.stock.model import Balance
from app.work_orders.commands import CreateOrder, PlanPart

KEY = bytes(range(32))


def open_app(path: Path, *, station: Station | None = None, clock: Clock | None = None) -> App:
    """An App on the store at `path`, made when it is not there yet."""
    there = path.exists()
    store = Store.open(path, KEY, revisions()) if there else Store.create(path, KEY)
    writer = Writer(store.writer)
    if not there:
        writer.run(upgrade, store.writer)
    app = App(writer, store.writer, store.reader, station or Station(new_id(), zone="Europe/Berlin"), clock=clock)
    app.store = store  # type: ignore[attr-defined]
    return app


def copied(folder: Path, to: Path) -> Path:
    """A copy of a closed store; its path."""
    return Path(shutil.copytree(folder, to)) / "terminal.fettle"


def open_hub(url: URL, *, station: Station | None = None, clock: Clock | None = None) -> App:
    """The hub's App on a PostgreSQL database whose tables are there, as the role that owns nothing."""
    engine = postgres.engine(url)
    station = station or Station(new_id(), zone="Europe/Berlin", hub=True)
    app = App(Writer(engine), engine, engine, station, clock=clock)
    app.store = SimpleNamespace(close=engine.dispose)  # type: ignore[attr-defined]
    return app


class World:
    """The workshop, with its ids, and short words for what tests do all day."""

    def __init__(self, app: App, org: UUID | None = None) -> None:
        self.app = app
        self.org = org or new_id()
        self.system = system(self.org)
        self.actor = self.system

    def furnish(self, stocked: int = 5) -> World:
        """Site, store room, bins, five parts with `stocked` of each, and a job that plans one of each."""
        self.save("organisation", id=self.org, name="Moto Keller")
        self.site = self.save("site", code="M", name="Main workshop", zone="Europe/Berlin")
        self.warehouse = self.save("warehouse", site_id=self.site.hex, code="WH", name="Store room")
        self.bin = self.save("bin", warehouse_id=self.warehouse.hex, code="A-01")
        self.other_bin = self.save("bin", warehouse_id=self.warehouse.hex, code="A-02")
        self.quarantine = self.save("bin", warehouse_id=self.warehouse.hex, code="Q-01", kind="quarantine")
        self.parts = [self.save("part", code=f"PT-{place}", name=name, cost=450, price=900) for place, name in enumerate(NAMES)]
        self.part = self.parts[0]
        for part in self.parts:
            if stocked:
                self.done(ReceiveStock(part=part, bin=self.bin, quantity=Quantity(stocked)))
        self.order = self.done(CreateOrder(site=self.site, what="Front brake")).row("work_order")
        for part in self.parts:
            self.done(PlanPart(order=self.order, part=part, quantity=Quantity(1)))
        return self

    def reopened(self, app: App) -> World:
        """The same workshop on a copy of its store."""
        again = copy(self)
        again.app = app
        return again

    def person(self, name: str, role: str, *, place: UUID | None = None) -> Actor:
        """Someone with a role (such as KEE), ready to act."""
        roles = {row.code: row.id for row in self.rows(Role) if row.org_id == self.org}
        found = roles.get(role) or self._roles()[role]
        ident = self.save("person", username=name.casefold(), name=name, home=role)
        fields = {"person_id": ident.hex, "role_id": found.hex} | ({"place_id": place.hex} if place else {})
        self.save("appointment", **fields)
        return self.app.current(Actor(ident, self.org, name))

    def _roles(self) -> dict[str, UUID]:
        self.done(standard_roles())
        return {row.code: row.id for row in self.rows(Role) if row.org_id == self.org}

    def run(self, command: Command, actor: Actor | None = None, **more: Any) -> Answer:
        return self.app.run(command, actor or self.actor, **more)

    def done(self, command: Command, actor: Actor | None = None) -> Answer:
        """Runs what must go well."""
        answer = self.run(command, actor)
        assert answer.done, [problem.sentence for problem in answer.problems]
        return answer

    def codes(self, command: Command, actor: Actor | None = None) -> list[str]:
        """The codes of the problems that refuse a command."""
        answer = self.run(command, actor)
        return [] if answer.done else [problem.code for problem in answer.problems]

    def save(self, entity: str, /, *, id: UUID | None = None, **fields: Any) -> UUID:
        """Makes a record from plain values; its id."""
        answer = self.done(SaveRecord(entity=entity, id=id, fields={name: [None, value] for name, value in fields.items()}))
        return answer.row(entity)

    def gone(self, entity: str, ident: UUID) -> Answer:
        """Takes a record out of use, after what lies there was cleared out."""
        with self.session() as session:
            lying = session.execute(select(Balance.part_id, Balance.bin_id).where(Balance.on_hand != Quantity(0))).all()
        for part, bin in lying:
            if ident in (part, bin):
                self.done(CountStock(part=part, bin=bin, counted=Quantity(0)))
        return self.done(Retire(entity=entity, id=ident))

    def session(self) -> Session:
        return Session(self.app.read_engine, info={"orgs": {self.org}})

    def rows(self, entity: type[Any]) -> list[Any]:
        with self.session() as session:
            return list(session.scalars(select(entity)))

    def get(self, entity: type[Any], ident: UUID) -> Any:
        with self.session() as session:
            return session.get(entity, ident)

    def on_hand(self, part: UUID | None = None, bin: UUID | None = None) -> Quantity:
        with self.session() as session:
            return on_hand(session, part or self.part, session.get_one(Bin, bin or self.bin))

    def used(self, part: UUID | None = None) -> tuple[Quantity, Quantity]:
        with self.session() as session:
            return used(session, self.order, part or self.part)

    def outbox(self) -> list[str]:
        """The names of the commands that wait for the hub, oldest first."""
        with self.session() as session:
            return list(
                session.scalars(select(EnvelopeRow.command).where(EnvelopeRow.state == "waiting").order_by(EnvelopeRow.seq))
            )

    def discrepancies(self) -> list[str]:
        return [row.code for row in self.rows(Discrepancy)]

    def close(self) -> None:
        self.app.close()
        self.app.store.close()  # type: ignore[attr-defined]


def refusal(call: Callable[[], object]) -> str:
    """The code of the problem with which something is refused, as it must be."""
    try:
        call()
    except Refused as refused:
        return refused.problems[0].code
    raise AssertionError("it was let through")


NAMES = ("Brake pads front", "Brake disc 320 mm", "Brake fluid DOT 4", "Banjo bolt M10", "Copper washer 10 mm")
