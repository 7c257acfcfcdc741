"""Every question: who may ask it, that its pages add up, and that nobody sees what is another's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from paying import given_out
from postgres_fixture import Databases
from replays import laid, late
from samples import Samples
from sqlalchemy import URL, select

from app.access.actors import placed
from app.access.commands import SignIn
from app.capabilities import registry as whole_registry
from app.kernel import rls
from app.kernel.access import Actor, Grant, system
from app.kernel.clock import stamp_ms
from app.kernel.entity import Scope
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.problems import Refused
from app.kernel.scan_log import Outcome, Scanned, keep
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.labor.commands import ClockOn
from app.labor.model import Stint
from app.odoo.model import match_id
from app.odoo.notes import NoteInOdoo
from app.parts.commands import TeachCode
from app.parts_issue.commands import IssuePart
from app.payments.commands import TakePayment
from app.quotes.commands import PublishQuote
from app.stock.commands import MoveStock, ReceiveStock
from app.work_orders.commands import CreateOrder, PlanPart
from app.work_orders.health import RecordHealth
from app.work_orders.procedures import ChooseProcedure
from world import World, copied, open_app, open_hub

REGISTRY = whole_registry()
QUERIES = [*REGISTRY.queries, *(name for name in REGISTRY.entities if name not in REGISTRY.queries)]


def arguments(world: World, name: str) -> dict[str, Any]:
    """What a query must be told, from this workshop."""
    known = {"part": world.part, "order": world.order, "person": world.kim.id, "row": world.order, "entity": "work_order"}  # type: ignore[attr-defined]
    known |= world.work  # type: ignore[attr-defined]
    query = REGISTRY.queries.get(name)
    needed = query.arguments() if query else {}
    return {name: known[name] for name, one in needed.items() if one.default is one.empty}


def busy(world: World) -> World:
    """A workshop where something of everything has happened."""
    world.furnish()
    world.kim = world.person("Kim", "KEE")  # type: ignore[attr-defined]
    world.done(SignIn(person=world.kim.id), world.kim)  # type: ignore[attr-defined]
    for part in world.parts:
        world.done(IssuePart(order=world.order, part=part, bin=world.bin))
    world.done(IssuePart(order=world.order, part=world.part, bin=world.other_bin, quantity=Quantity(2), reason="They are here"))
    world.done(TeachCode(part=world.part, code="4006381333931"))
    world.done(MoveStock(part=world.part, out=world.bin, into=world.other_bin))
    world.work = described(world)  # type: ignore[attr-defined]
    world.done(ChooseProcedure(order=world.order, procedure=world.work["procedure"]))  # type: ignore[attr-defined]
    world.done(TakePayment(order=world.order, channel="card", amount=Money(100)))
    sold = given_out(world)
    world.run(PlanPart(order=sold, part=world.part))  # it is handed over: the try is told
    world.work["quote"] = world.done(PublishQuote(order=world.order)).row("quote")  # type: ignore[attr-defined]
    own = Stint(person_id=world.actor.id, kind="job", order_id=world.order, day=date(2026, 11, 20), started=world.app.clock.now())
    laid(world, own)
    world.done(RecordHealth(order=world.order, odometer=12_000))
    world.done(ClockOn(person=world.kim.id, order=world.order))  # type: ignore[attr-defined]
    for what in ("Chain", "Horn"):
        parted(world, what)
    tell_of_odoo(world)
    samples = Samples(world)
    for entity in REGISTRY.entities.values():
        if not REGISTRY.is_ledger(entity) and entity.__tablename__ != "organisation":
            for _count in range(2):
                samples.record(entity)
    scan = Scanned(world.org, world.app.clock.now(), "PT-0", "wedge", Outcome.SUCCESS)
    with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
        for _count in range(2):
            world.app.writer.run(keep, session, scan, new_id())
    return world


def tell_of_odoo(world: World) -> None:
    """The job stands in Odoo, and a tax is to be matched with one of two."""
    taxes = [{"kind": "tax", "number": number, "name": f"{number} %"} for number in (7, 19)]
    link = {"entity": "work_order", "row_id": world.order.hex, "name": "WH/RO/1", "state": "there"}
    matches = [{"kind": "tax", "ours": "V19", "ours_title": "19 %"}]
    world.done(NoteInOdoo(links=[link], things=taxes, matches=matches))
    world.work["match"] = match_id(world.org, "tax", "V19")  # type: ignore[attr-defined]


def described(world: World) -> dict[str, UUID]:
    """A procedure with steps and parts, in a package, that fits a vehicle."""
    owner = world.save("customer", name="Ada")
    found = {"customer": owner, "vehicle": world.save("vehicle", customer_id=owner.hex, make="BMW", model="R 1250 GS")}
    for make in ("", "BMW"):
        found["procedure"] = world.save("procedure", code=f"PADS{make}", name="Renew the pads", hours="1.2", make=make)
    found["package"] = world.save("package", code="BRAKES", name="Brake service")
    world.save("package_item", package_id=found["package"].hex, procedure_id=found["procedure"].hex, place=1)
    for place, part in enumerate(world.parts[:2]):
        world.save("procedure_step", procedure_id=found["procedure"].hex, place=place, what="Tighten it", torque="50")
        world.save("procedure_part", procedure_id=found["procedure"].hex, part_id=part.hex, optional=bool(place))
    return found


def parted(world: World, what: str) -> None:
    """A job that one person cancelled while another began it elsewhere."""
    order = world.done(CreateOrder(site=world.site, what=what)).row("work_order")
    world.done(Transition(entity="work_order", id=order, move="cancel", reason="Sold"))
    late(world, Transition(entity="work_order", id=order, move="begin"), stamp_ms(world.app.clock.tick()) + 1)


@pytest.fixture(scope="module")
def busy_store(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> tuple[Path, World]:
    """A folder with such a workshop's store, closed: what happened there takes a second, a copy a few milliseconds."""
    path = copied(empty_store, tmp_path_factory.mktemp("busy") / "store")
    world = busy(World(open_app(path)))
    world.close()
    return path.parent, world


@pytest.fixture(scope="module")
def busy_hub(postgres_server: Databases, postgres_template: URL) -> Iterator[tuple[URL, World]]:
    """The same at a hub."""
    url = postgres_server.create(postgres_template.database or "")
    world = busy(World(open_hub(url)))
    world.close()
    yield url, world
    postgres_server.drop(url)


@pytest.fixture
def at_terminal(busy_store: tuple[Path, World], tmp_path: Path) -> Iterator[World]:
    folder, closed = busy_store
    world = closed.reopened(open_app(copied(folder, tmp_path / "store"), station=closed.app.station))
    yield world
    world.close()


@pytest.fixture
def at_hub(busy_hub: tuple[URL, World], postgres_server: Databases) -> Iterator[World]:
    original, closed = busy_hub
    url = postgres_server.create(original.database or "")
    world = closed.reopened(open_hub(url, station=closed.app.station))
    yield world
    world.close()
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def workshop(request: pytest.FixtureRequest) -> World:
    return request.getfixturevalue("at_terminal" if request.param == "sqlite" else "at_hub")


def holder(world: World, *grants: Grant) -> Actor:
    return Actor(new_id(), world.org, "Max", frozenset(grants), system=True)


def needs(name: str) -> str:
    return REGISTRY.queries[name].needs if name in REGISTRY.queries else REGISTRY.grant_of(REGISTRY.entities[name], "read")


def all_rows(world: World, name: str, actor: Actor, *, limit: int = 1000, sort: str = "") -> list[dict[str, Any]]:
    """Every row of a query, page by page."""
    rows: list[dict[str, Any]] = []
    after = None
    while True:
        page = world.app.ask(name, actor, after=after, limit=limit, sort=sort, **arguments(world, name))
        rows += page.rows
        after = page.next
        if after is None:
            return rows


def test_a_query_says_in_a_sentence_what_it_answers() -> None:
    for query in REGISTRY.queries.values():
        assert query.sentence.endswith("."), query.name
        assert query.needs in REGISTRY.grants(), query.name


ALSO = dict.fromkeys(("discrepancies", "attention"), (Grant("kernel.settle"),))  # others see only what they caused themselves


def test_a_query_runs_for_whoever_holds_its_grant_and_for_nobody_else(workshop: World) -> None:
    for name in QUERIES:
        may = holder(workshop, Grant(needs(name)), *ALSO.get(name, ()))
        workshop.app.ask(name, may, **arguments(workshop, name))
        assert all_rows(workshop, name, workshop.actor), f"{name} has nothing to show: give the workshop something"
        others = holder(workshop, *(Grant(one) for one in REGISTRY.grants() if one != needs(name)))
        with pytest.raises(Refused) as refused:
            workshop.app.ask(name, others, **arguments(workshop, name))
        assert refused.value.problems[0].code == "access.denied"


def test_small_pages_show_the_same_rows_as_one_large_one(workshop: World) -> None:
    for name in QUERIES:
        whole = all_rows(workshop, name, workshop.actor)
        assert workshop.app.count(name, workshop.actor, **arguments(workshop, name)) == len(whole), name
        for limit in (1, 2, 3):
            assert all_rows(workshop, name, workshop.actor, limit=limit) == whole, (name, limit)


def test_every_column_sorts_upwards_and_downwards_page_by_page(workshop: World) -> None:
    for name in QUERIES:
        with workshop.app.read(workshop.actor) as session:
            columns = workshop.app.asked(session, name, workshop.actor, arguments(workshop, name)).columns
        many = workshop.app.count(name, workshop.actor, **arguments(workshop, name))
        for column in columns:
            up = all_rows(workshop, name, workshop.actor, sort=column.name, limit=9)
            down = all_rows(workshop, name, workshop.actor, sort="-" + column.name, limit=7)
            assert up == down[::-1], (name, column.name)
            assert len(up) == many


def test_every_column_that_is_declared_is_there(workshop: World) -> None:
    for name in QUERIES:
        with workshop.app.read(workshop.actor) as session:
            ask = workshop.app.asked(session, name, workshop.actor, arguments(workshop, name))
            there = set(ask.statement.selected_columns.keys())
            assert {column.name for column in ask.columns} | {*ask.key, ask.order.lstrip("-")} <= there, name
            assert ask.reads, f"{name}: a screen would never know when to ask again"


# --------------------------------------------------------------------------------------------------- what is another's


def ids_of(world: World, wanted: Any = None) -> dict[UUID, str]:
    """The ids of all rows in the database that are another organisation's, or what `wanted` says."""
    found: dict[UUID, str] = {}
    with world.session() as session:
        rls.serve_all(session)
        for name, entity in REGISTRY.entities.items():
            for row in session.scalars(select(entity)):
                if (wanted or (lambda row: row.org_id != world.org))(row):
                    found[row.id] = name
    return found


def seen(rows: list[dict[str, Any]]) -> set[UUID]:
    return {value for row in rows for value in row.values() if isinstance(value, UUID)}


def test_nobody_sees_the_rows_of_another_organisation(workshop: World) -> None:
    other = busy(World(workshop.app))
    foreign = ids_of(workshop)
    assert len(foreign) > 30
    for name in QUERIES:
        assert not {foreign[one] for one in seen(all_rows(workshop, name, workshop.actor)) & foreign.keys()}, name
        with_their_ids = workshop.app.ask(name, workshop.actor, **arguments(other, name))
        assert not seen(with_their_ids.rows) & foreign.keys(), f"{name}, asked with the other's ids"


def test_a_search_a_scan_and_a_count_stay_within_the_organisation(workshop: World) -> None:
    other = busy(World(workshop.app))
    foreign = ids_of(workshop)
    for word in ("Brake", "M-", "Kim", "Wort", "A-01", "PT-0"):
        assert not {one.id for one in workshop.app.find(word, workshop.actor)} & foreign.keys()
        assert not {one.id for one in workshop.app.meaning(word, workshop.actor).matches} & foreign.keys()
    assert workshop.app.count("parts", workshop.actor) == workshop.app.count("parts", other.actor)


def test_whoever_is_limited_to_a_place_sees_only_what_is_there(workshop: World) -> None:
    elsewhere = second_site(workshop)
    with workshop.session() as session:
        limited = holder(workshop, *placed(session, ["*"], workshop.site))
    hidden = ids_of(workshop, lambda row: _place_of(row) in elsewhere)
    assert len(hidden) >= 5
    for name in QUERIES:
        rows = all_rows(workshop, name, limited)
        assert not {hidden[one] for one in seen(rows) & hidden.keys()}, name
    for word in ("B-01", "N-", "Far"):
        assert not {one.id for one in workshop.app.find(word, limited)} & hidden.keys(), word
        assert not {one.id for one in workshop.app.meaning(word, limited).matches} & hidden.keys(), word


def _place_of(row: Any) -> Any:
    scope = row.__about__.scope
    return None if scope is Scope.ORGANISATION else getattr(row, scope.value)


def second_site(world: World) -> set[UUID]:
    """A workshop in another town, with a store room, stock and a job; the ids of its places."""
    site = world.save("site", code="N", name="Far away", zone="Europe/Lisbon")
    room = world.save("warehouse", site_id=site.hex, code="FAR", name="Far store")
    bin = world.save("bin", warehouse_id=room.hex, code="B-01")
    world.done(ReceiveStock(part=world.part, bin=bin, quantity=Quantity(4)))
    order = world.done(CreateOrder(site=site, what="Far job")).row("work_order")
    world.done(PlanPart(order=order, part=world.part))
    world.done(IssuePart(order=order, part=world.part, bin=bin))
    return {site, room}


def test_the_program_sees_its_own_organisation_only(workshop: World) -> None:
    assert not all_rows(workshop, "parts", system(new_id()))
