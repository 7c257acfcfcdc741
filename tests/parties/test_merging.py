"""Two that are one: what hung on the second hangs on the first, here and everywhere; for a manager alone, and on record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from replay_world import morning, named
from shop_floor import Terminal, at_work, code

from app.kernel.attached import AddNote, Note
from app.kernel.looking import history
from app.kernel.standard import SaveRecord
from app.parties.erasing import EraseCustomer
from app.parties.finders import written_so
from app.parties.merging import MergeCustomers, MergeVehicles
from app.parties.model import Customer, Vehicle
from app.work_orders.check_in import CheckIn
from app.work_orders.model import WorkOrder
from ui.kit.buttons import HoldButton
from ui.kit.declared import Place
from world import World


@pytest.fixture
def twice(world: World) -> World:
    """The same woman with the same motorcycle, written down twice."""
    for name, phone, plate in (("Ada Lovelace", "0170 1", "M-AB 12"), ("A. Lovelace", "0151 777", "")):
        world.done(CheckIn(site=world.site, what="Chain", name=name, phone=phone, plate=plate, model="R 1250 GS"))
    world.ada, world.again = sorted(world.rows(Customer), key=lambda one: one.phone, reverse=True)  # type: ignore[attr-defined]
    return world


def test_vehicles_and_jobs_of_the_second_go_to_the_first(twice: World) -> None:
    ada, again = twice.ada.id, twice.again.id  # type: ignore[attr-defined]
    twice.done(MergeCustomers(customer=ada, other=again))
    assert {row.customer_id for row in twice.rows(Vehicle)} == {ada}
    assert {row.customer_id for row in twice.rows(WorkOrder) if row.vehicle_id} == {ada}
    assert (twice.get(Customer, ada).retired, twice.get(Customer, again).retired) == (False, True)
    assert twice.get(Customer, ada).phone == "0170 1"


def test_what_the_first_lacks_it_takes_over(twice: World) -> None:
    bikes = sorted(twice.rows(Vehicle), key=lambda one: one.plate)
    twice.done(MergeVehicles(vehicle=bikes[0].id, other=bikes[1].id))
    assert twice.get(Vehicle, bikes[0].id).plate == "M-AB 12"
    assert {row.vehicle_id for row in twice.rows(WorkOrder) if row.vehicle_id} == {bikes[0].id}
    assert [one.id for one in twice.app.meaning("mab12", twice.actor).matches] == [bikes[0].id]


def test_notes_and_files_of_the_second_are_read_on_the_first(twice: World) -> None:
    ada, again = twice.ada.id, twice.again.id  # type: ignore[attr-defined]
    bikes = [row.id for row in twice.rows(Vehicle)]
    for entity, ident in (("customer", ada), ("customer", again), ("vehicle", bikes[1])):
        twice.done(AddNote(entity=entity, id=ident, text="Ring in the evening"))
    twice.done(MergeCustomers(customer=ada, other=again))
    twice.done(MergeVehicles(vehicle=bikes[0], other=bikes[1]))
    assert sorted((one.entity, one.row_id) for one in twice.rows(Note)) == sorted(
        [("customer", ada), ("customer", ada), ("vehicle", bikes[0])]
    )
    twice.done(EraseCustomer(customer=ada, reason="Asked for it by letter."))
    assert {one.text for one in twice.rows(Note)} == {"–"}


@pytest.mark.parametrize("typed", ["0151 777", "0151-777", "0151777"])
def test_the_number_of_the_second_finds_the_first(twice: World, typed: str) -> None:
    ada, again = twice.ada.id, twice.again.id  # type: ignore[attr-defined]
    twice.done(MergeCustomers(customer=ada, other=again))
    assert [one.id for one in twice.app.meaning(typed, twice.actor).matches] == [ada]
    assert [one.id for one in twice.app.find("Lovelace 0151", twice.actor, entity="customer")] == [ada]


def test_a_number_finds_the_one_that_stands_over_several_steps(twice: World) -> None:
    ada, again = twice.ada.id, twice.again.id  # type: ignore[attr-defined]
    last = twice.save("customer", name="Ada King", phone="0160 5555")
    twice.done(MergeCustomers(customer=ada, other=again))
    twice.done(MergeCustomers(customer=last, other=ada))
    for phone in ("0151 777", "0170 1", "0160 5555"):
        assert [one.id for one in twice.app.meaning(phone, twice.actor).matches] == [last]


def test_the_plate_of_the_second_finds_the_first(twice: World) -> None:
    first, second = (row.id for row in sorted(twice.rows(Vehicle), key=lambda one: one.plate, reverse=True))
    twice.done(SaveRecord(entity="vehicle", id=second, fields={"plate": [None, "HH-XY 7"]}))
    twice.done(MergeVehicles(vehicle=first, other=second))
    assert [one.id for one in twice.app.meaning("hhxy7", twice.actor).matches] == [first]


def test_who_is_erased_is_erased_with_whoever_was_put_together_with_them(twice: World) -> None:
    ada, again = twice.ada.id, twice.again.id  # type: ignore[attr-defined]
    twice.done(MergeCustomers(customer=ada, other=again))
    twice.done(EraseCustomer(customer=ada, reason="Asked for it by letter."))
    assert {(row.name, row.phone, row.retired) for row in twice.rows(Customer)} == {("–", None, True)}
    assert not twice.app.meaning("0151 777", twice.actor).matches


def test_nobody_is_put_together_with_themselves(twice: World) -> None:
    ada = twice.ada.id  # type: ignore[attr-defined]
    assert twice.codes(MergeCustomers(customer=ada, other=ada)) == ["parties.same"]


def test_it_is_for_a_manager_and_on_record(twice: World) -> None:
    command = MergeCustomers(customer=twice.ada.id, other=twice.again.id)  # type: ignore[attr-defined]
    assert twice.codes(command, twice.person("Avi", "ADV")) == ["access.denied"]
    twice.done(command, twice.person("Stefan", "MGR"))
    with twice.session() as session:
        told = [entry.command for entry in history(session, twice.again.id)]  # type: ignore[attr-defined]
    assert told[0] == "MergeCustomers"


def test_it_is_so_at_the_hub_and_at_every_terminal() -> None:
    trio = morning()
    for name, phone in (("Ada", "0170 1"), ("A. Lovelace", "0151 777")):
        trio.left.done(CheckIn(site=named("site", "M"), what="Chain", name=name, phone=phone, model="GS"), trio.person("Ann"))
    trio.quiesce()
    kept, other = (row.id for row in trio.right.all(Customer))
    trio.hub.done(MergeCustomers(customer=kept, other=other), trio.program)
    trio.quiesce()
    for machine in trio.machines:
        assert [row.id for row in machine.all(Customer)] == [kept]
        org = machine.all(Customer)[0].org_id
        with machine.session() as session:
            for phone in ("0170 1", "0151 777"):
                assert [row.id for row in written_so(session, org, Customer, ("phone",), phone)] == [kept]
        assert {row.customer_id for row in machine.all(Vehicle)} == {kept}
    assert trio.hub.image() == trio.left.image() == trio.right.image()
    trio.stop()


@pytest.fixture
def terminal(twice: World, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    with at_work(twice, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(twice.person("Stefan", "MGR"))
        yield terminal


def test_on_the_page_the_other_is_scanned_and_a_button_held(twice: World, terminal: Terminal) -> None:
    terminal.window.floor.go(Place("page", "customer", twice.ada.id))  # type: ignore[attr-defined]
    terminal.until(terminal.settled)
    terminal.touch("Put together")
    terminal.shoot(code("CU", twice.again.id))  # type: ignore[attr-defined]
    terminal.until(lambda: "Put A. Lovelace into Ada Lovelace?" in terminal.words())
    held = next(one for one in terminal.window.findChildren(HoldButton) if one.isVisible())
    held.confirmed.emit()
    terminal.until(lambda: twice.get(Customer, twice.again.id).retired)  # type: ignore[attr-defined]
    terminal.until(lambda: any("They are one now: Ada Lovelace." in said for _outcome, said in terminal.heard))
