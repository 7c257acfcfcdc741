"""Who sees what: lists, notes and findings show a person only what their grants open, and only where they hold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from app.access.commands import GiveBadge
from app.kernel.access import Actor
from app.kernel.problems import Refused
from app.kernel.queries import Filter
from app.kernel.standard import AddNote, SaveRecord
from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock
from app.work_orders.commands import AddService, CreateOrder
from app.work_orders.health import RecordHealth
from world import World


def with_grants(world: World, name: str, *grants: str, place: UUID | None = None) -> Actor:
    """Someone with a role of their own."""
    world.done(SaveRecord(entity="role", fields={"code": [None, name], "name": [None, name], "grants": [None, list(grants)]}))
    return world.person(name.title(), name, place=place)


def notes(world: World, actor: Actor) -> list[str]:
    return [row["text"] for row in world.app.ask("note", actor).rows]


def test_a_note_follows_the_record_it_hangs_on(world: World) -> None:
    world.done(AddNote(entity="work_order", id=world.order, text="Calls back on Friday"))
    world.done(AddNote(entity="part", id=world.part, text="Replaced by PT-1"))
    assert len(notes(world, world.person("Vic", "VIE"))) == 2
    assert notes(world, with_grants(world, "PRT", "kernel.read", "parts.read")) == ["Replaced by PT-1"]
    assert notes(world, with_grants(world, "NON", "kernel.read")) == []


def test_a_note_of_another_workshop_s_job_is_not_seen(world: World) -> None:
    north = world.save("site", code="N", name="North", zone="Europe/Berlin")
    theirs = world.done(CreateOrder(site=north, what="Chain")).row("work_order")
    world.done(AddNote(entity="work_order", id=theirs, text="Theirs"))
    world.done(AddNote(entity="work_order", id=world.order, text="Ours"))
    assert notes(world, world.person("Mia", "MEC", place=world.site)) == ["Ours"]


def test_what_was_done_on_another_workshop_s_job_is_not_seen(world: World) -> None:
    world.done(AddService(order=world.order, what="Replace pads"))
    world.done(RecordHealth(order=world.order, odometer=12_000))
    north = world.save("site", code="N", name="North", zone="Europe/Berlin")
    here, there = world.person("Mia", "MGR", place=world.site), world.person("Nora", "MGR", place=north)
    asked = ("order_parts", "order_health", "order_bill", "order_cost")
    assert all(world.app.ask(name, here, order=world.order).rows for name in asked)
    assert not any(world.app.ask(name, there, order=world.order).rows for name in asked)
    for name in ("part_line", "service_line", "health_record"):
        assert world.app.ask(name, here).rows, name
        assert not world.app.ask(name, there).rows, name


@pytest.mark.parametrize("entity", ["person", "stock_line", "bin", "site"])
def test_nobody_writes_notes_on_people_or_on_the_ledger(world: World, entity: str) -> None:
    ident = world.app.ask(entity, world.actor).rows[0]["id"] if entity != "person" else world.person("Vic", "VIE").id
    assert world.codes(AddNote(entity=entity, id=ident, text="Late again")) == ["note.not_here"]


def test_findings_are_for_those_who_settle_them_and_for_whoever_caused_them(world: World) -> None:
    vic, sue = world.person("Vic", "VIE"), world.person("Sue", "SUP")
    for seen, mine in (("", "new@x"), ("old@x", "newer@x")):
        world.done(SaveRecord(entity="person", id=vic.id, fields={"email": [seen, mine]}))
    (card,) = world.app.ask("discrepancies", sue).rows
    assert "“newer@x” was kept, “new@x” was not" in card["message"]
    for name in ("discrepancies", "discrepancy"):
        assert world.app.ask(name, vic).rows == []


def test_a_finding_never_tells_a_secret(world: World) -> None:
    badge = world.done(GiveBadge(person=world.person("Vic", "VIE").id, code_hash="1" * 64)).row("badge")
    world.done(SaveRecord(entity="badge", id=badge, fields={"code_hash": ["0" * 64, "2" * 64]}))
    (seen,) = world.app.ask("discrepancies", world.actor).rows
    assert not {"1" * 64, "2" * 64} & set(seen["detail"].values())


def test_balances_are_seen_where_stock_may_be_read(world: World) -> None:
    second = world.save("warehouse", site_id=world.site.hex, code="WH2", name="Second")
    bin = world.save("bin", warehouse_id=second.hex, code="B-01")
    world.done(ReceiveStock(part=world.part, bin=bin, quantity=Quantity(20)))
    with_grants(world, "RD", "places.read", "parts.read")
    reader = world.person("Rob", "RD")
    with_grants(world, "STK", "stock.read")
    role = next(row["id"] for row in world.app.ask("role", world.actor).rows if row["code"] == "STK")
    world.save("appointment", person_id=reader.id.hex, role_id=role.hex, place_id=second.hex)
    reader = world.app.current(reader)
    assert {row["bin"] for row in world.app.ask("stock", reader).rows} == {"B-01"}
    assert world.app.count("stock", reader) == 1


def test_titles_of_what_somebody_may_not_read_stay_empty(world: World) -> None:
    customer = world.save("customer", name="Secret Customer")
    world.done(CreateOrder(site=world.site, what="Chain", customer=customer))
    limited = with_grants(world, "JOB", "work_orders.read")
    assert {row["customer"] for row in world.app.ask("work_order", limited).rows} == {None}
    assert "Secret Customer" in {row["customer"] for row in world.app.ask("work_order", world.actor).rows}


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("on_hand", "<", "much"),
        ("on_hand", "in", 5),
        ("on_hand", "has", "5"),
        ("code", "has", "\x00"),
        ("code", "=", {}),
        ("code", "has", None),
        ("on_hand", ">", None),
    ],
)
def test_a_filter_that_fits_no_column_is_told_in_a_sentence(world: World, field: str, op: str, value: Any) -> None:
    with pytest.raises(Refused) as refused:
        world.app.ask("stock", world.actor, filters=[Filter(field, op, value)])
    assert refused.value.problems[0].sentence


def test_a_filter_is_read_as_its_column_is(world: World) -> None:
    for value in (5, "5", Quantity(5)):
        assert len(world.app.ask("stock", world.actor, filters=[Filter("on_hand", "=", value)]).rows) == 5
        assert len(world.app.ask("stock", world.actor, filters=[Filter("on_hand", "in", [value])]).rows) == 5
