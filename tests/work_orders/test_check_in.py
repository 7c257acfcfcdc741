"""A vehicle is checked in by one command: who brings it, what it is, what is wrong and what was read, or nothing of it all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from replay_world import Machine, Trio, morning, named

from app.kernel.records import Discrepancy
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.kernel.words import speak
from app.parties.model import Customer, Vehicle
from app.parts_issue.commands import IssuePart
from app.work_orders.arrivals import arrival, place_for
from app.work_orders.check_in import USUAL, CheckIn, promises, symptoms
from app.work_orders.model import HealthRecord, WorkOrder
from world import World

NEW: dict[str, Any] = {"name": "Ada Lovelace", "phone": "0170 123 456", "plate": "m-ab 12", "make": "BMW", "model": "R 1250 GS"}


def checked_in(world: World, **more: Any) -> WorkOrder:
    answer = world.done(CheckIn(**{"site": world.site, "what": "Front brake", **more}))
    order: WorkOrder = world.get(WorkOrder, answer.row("work_order"))
    return order


def only(world: World, entity: type[Any]) -> Any:
    (row,) = world.rows(entity)
    return row


# ----------------------------------------------------------------------------------------------------------- somebody new


def test_somebody_new_is_written_down_with_their_vehicle_and_its_job(world: World) -> None:
    due = datetime(2026, 11, 21, 16, tzinfo=UTC)
    order = checked_in(world, **NEW, odometer=12_000, battery=Quantity.parse("12.6"), noise="Rattles", promised=due)
    customer, vehicle, health = only(world, Customer), only(world, Vehicle), only(world, HealthRecord)
    assert (customer.name, customer.phone) == ("Ada Lovelace", "0170 123 456")
    assert (vehicle.customer_id, vehicle.plate, vehicle.model, vehicle.odometer) == (customer.id, "M-AB 12", "R 1250 GS", 12_000)
    assert (order.customer_id, order.vehicle_id, order.state, order.odometer) == (customer.id, vehicle.id, "CHECKIN", 12_000)
    assert (order.what, order.promised, order.warehouse_id) == ("Front brake", due, world.warehouse)
    assert (health.order_id, health.kind, health.odometer, str(health.battery)) == (order.id, "intake", 12_000, "12.6")
    assert health.notes == "Rattles"
    assert world.outbox()[-1] == "CheckIn"


def test_where_nothing_was_read_there_is_no_health_record(world: World) -> None:
    checked_in(world, **NEW)
    assert world.rows(HealthRecord) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "work_orders.whose"),
        ({"plate": "M-AB 12", "model": "GS"}, "work_orders.whose_vehicle"),
        ({"name": "Ada", "plate": "M-AB 12"}, "work_orders.which_model"),
        ({"phone": "0170 1"}, "parties.name"),
        ({"name": "Ada", "what": " "}, "work_orders.what"),
        ({"name": "Ada", "odometer": -1}, "work_orders.odometer_range"),
        ({"name": "Ada", "battery": Quantity(400)}, "work_orders.reading"),
        ({"name": "Ada", "priority": "soon"}, "record.choice"),
        ({"name": "A" * 300}, "record.too_long"),
    ],
)
def test_what_makes_no_sense_writes_nothing_down_at_all(world: World, more: dict[str, Any], code: str) -> None:
    asked = CheckIn(**{"site": world.site, "what": "Front brake", **more})
    assert world.codes(asked) == [code]
    assert (world.rows(Customer), world.rows(Vehicle), len(world.rows(WorkOrder))) == ([], [], 1)


def test_a_job_may_be_somebody_s_without_a_vehicle(world: World) -> None:
    assert checked_in(world, name="Ada").vehicle_id is None


# ------------------------------------------------------------------------------------------------------- somebody known


def test_a_known_vehicle_says_whose_it_is_and_its_odometer_follows(world: World) -> None:
    first = checked_in(world, **NEW, odometer=12_000)
    order = checked_in(world, vehicle=first.vehicle_id, odometer=12_500)
    assert (order.customer_id, only(world, Vehicle).odometer) == (first.customer_id, 12_500)


def test_an_odometer_that_went_back_is_told_once_and_kept(world: World) -> None:
    first = checked_in(world, **NEW, odometer=12_000)
    answer = world.done(CheckIn(site=world.site, what="Chain", vehicle=first.vehicle_id, odometer=11_000))
    assert [problem.code for problem in answer.problems] == ["work_orders.odometer"]
    assert only(world, Vehicle).odometer == 11_000


def test_somebody_else_may_bring_a_vehicle_and_it_stays_its_owner_s(world: World) -> None:
    owner = checked_in(world, **NEW)
    brings = checked_in(world, name="Bob", vehicle=owner.vehicle_id)
    assert brings.customer_id != owner.customer_id
    assert only(world, Vehicle).customer_id == owner.customer_id


@pytest.mark.parametrize(
    ("again", "field"),
    [
        ({"phone": "0170 123 456"}, "phone"),
        ({"phone": "0170/123-456"}, "phone"),
        ({"plate": "M-AB 12"}, "plate"),
        ({"plate": "mab12"}, "plate"),
        ({"vin": "wb10 abc01d2e34567"}, "vin"),
    ],
)
def test_who_is_there_already_is_named_however_it_is_written(world: World, again: dict[str, Any], field: str) -> None:
    checked_in(world, **NEW, vin="WB10ABC01D2E34567")
    there = only(world, Customer) if field == "phone" else only(world, Vehicle)
    answer = world.run(CheckIn(site=world.site, what="Chain", **{"name": "Bob", "model": "F 800", **again}))
    (problem,) = answer.problems
    assert (answer.status, problem.code, problem.field) == ("refused", "record.taken", field)
    assert problem.values["other_id"] == there.id.hex
    assert there.title in problem.sentence


# --------------------------------------------------------------------------------------------------------------- undoing


def taken_back(world: World, order: WorkOrder, command: CheckIn, answer: Any) -> None:
    back = command.undone_by(answer.id)
    assert back is not None
    world.done(back)


def test_a_check_in_is_taken_back_with_whom_it_wrote_down(world: World) -> None:
    command = CheckIn(site=world.site, what="Front brake", **NEW)
    answer = world.done(command)
    taken_back(world, world.get(WorkOrder, answer.row("work_order")), command, answer)
    assert world.get(WorkOrder, answer.row("work_order")).state == "CANCELLED"
    assert only(world, Customer).retired
    assert only(world, Vehicle).retired
    checked_in(world, **NEW)


def test_whoever_was_there_before_stays_and_the_odometer_says_what_it_said(world: World) -> None:
    first = checked_in(world, **NEW, odometer=12_000)
    command = CheckIn(site=world.site, what="Chain", vehicle=first.vehicle_id, odometer=125_000)
    answer = world.done(command)
    taken_back(world, first, command, answer)
    vehicle = only(world, Vehicle)
    assert (vehicle.retired, vehicle.odometer, only(world, Customer).retired) == (False, 12_000, False)


def test_a_customer_who_has_come_again_meanwhile_stays(world: World) -> None:
    command = CheckIn(site=world.site, what="Front brake", **NEW)
    answer = world.done(command)
    checked_in(world, vehicle=only(world, Vehicle).id)
    taken_back(world, world.get(WorkOrder, answer.row("work_order")), command, answer)
    assert not only(world, Vehicle).retired
    assert not only(world, Customer).retired


def test_what_somebody_works_on_is_not_taken_back(world: World) -> None:
    command = CheckIn(site=world.site, what="Front brake", **NEW)
    answer = world.done(command)
    order = answer.row("work_order")
    world.done(IssuePart(order=order, part=world.part, bin=world.bin, reason="It is worn"))
    assert world.codes(command.undone_by(answer.id)) == ["work_orders.parts_out"]  # type: ignore[arg-type]
    world.done(Transition(entity="work_order", id=order, move="diagnose"))
    assert world.codes(command.undone_by(answer.id)) == ["work_orders.begun"]  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------------------- who may


def test_an_advisor_checks_in_and_a_mechanic_opens_jobs_only(world: World) -> None:
    avi, max = world.person("Avi", "ADV"), world.person("Max", "MEC")
    command = CheckIn(site=world.site, what="Front brake", **NEW)
    assert world.codes(command, max) == ["access.denied"]
    assert world.codes(command, avi) == []


def test_an_advisor_of_one_site_writes_customers_down_there(world: World) -> None:
    avi = world.person("Avi", "ADV", place=world.site)
    assert world.codes(CheckIn(site=world.site, what="Front brake", **NEW, odometer=5), avi) == []
    other = world.save("site", code="N", name="North", zone="Europe/Berlin")
    assert world.codes(CheckIn(site=other, what="Front brake", name="Bob"), avi) == ["access.out_of_scope"]


# ------------------------------------------------------------------------------------------------------- from afar, and twice


@pytest.fixture
def trio() -> Iterator[Trio]:
    made = morning()
    yield made
    made.stop()
    assert made.mishaps.told == []


def handed_in(trio: Trio, machine: Machine, who: str, **more: Any) -> Any:
    trio.wall.ms += 60_000
    return machine.done(CheckIn(**{"site": named("site", "M"), "what": "Front brake", **more}), trio.person(who))


def test_the_same_rows_are_there_at_the_hub_and_at_the_other_terminal(trio: Trio) -> None:
    answer = handed_in(trio, trio.left, "Ann", **NEW, odometer=12_000)
    trio.quiesce()
    order = answer.row("work_order")
    for machine in trio.machines:
        assert machine.get(WorkOrder, order).number == trio.left.get(WorkOrder, order).number
        assert [row.plate for row in machine.all(Vehicle)] == ["M-AB 12"]
        assert [(row.kind, row.odometer) for row in machine.all(HealthRecord)] == [("intake", 12_000)]
    assert trio.hub.image() == trio.left.image() == trio.right.image()


@pytest.mark.parametrize(("plate", "fields"), [("M-AB 12", ["phone", "plate"]), ("mab12", ["phone", "plate"])])
def test_somebody_written_down_twice_while_apart_is_kept_twice_and_somebody_is_asked(
    trio: Trio, plate: str, fields: list[str]
) -> None:
    handed_in(trio, trio.left, "Ann", **NEW)
    handed_in(trio, trio.right, "Ben", **{**NEW, "plate": plate})
    trio.quiesce()
    cards = trio.hub.all(Discrepancy)
    assert sorted((card.code, card.field) for card in cards) == [("record.taken", field) for field in fields]
    assert all(len(machine.all(WorkOrder)) == 4 and len(machine.all(Vehicle)) == 2 for machine in trio.machines)
    assert trio.hub.image() == trio.left.image() == trio.right.image()


def test_an_odometer_that_comes_in_late_never_turns_a_vehicle_back(trio: Trio) -> None:
    vehicle = handed_in(trio, trio.left, "Ann", **NEW, odometer=12_000).row("vehicle")
    trio.quiesce()
    handed_in(trio, trio.left, "Ann", vehicle=vehicle, odometer=12_100)  # on Monday, and nobody hears of it
    handed_in(trio, trio.right, "Ben", vehicle=vehicle, odometer=12_500)
    trio.exchange(trio.right)
    trio.quiesce()
    assert [machine.get(Vehicle, vehicle).odometer for machine in trio.machines] == [12_500] * 3


def test_a_check_in_is_taken_back_everywhere(trio: Trio) -> None:
    command = CheckIn(site=named("site", "M"), what="Front brake", **NEW)
    answer = trio.left.done(command, trio.person("Ann"))
    trio.quiesce()
    trio.left.done(command.undone_by(answer.id), trio.person("Ann"))  # type: ignore[arg-type]
    trio.quiesce()
    assert [machine.get(WorkOrder, answer.row("work_order")).state for machine in trio.machines] == ["CANCELLED"] * 3
    assert [machine.all(Customer) for machine in trio.machines] == [[], [], []]


# ------------------------------------------------------------------------------------------------- what the screen looks up


def test_a_vehicle_a_customer_and_an_earlier_job_name_the_same_arrival(world: World) -> None:
    order = checked_in(world, **NEW, odometer=12_000)
    for text in ("mab12", "0170123456", order.number):
        match = world.app.meaning(text, world.actor).match
        assert match is not None, text
        with world.session() as session:
            found = arrival(session, match)
        assert found.customer is not None
        assert found.vehicle is not None
        assert found.last is not None
        assert (found.customer.id, found.phone, found.vehicle.id, found.odometer) == (
            order.customer_id, "0170 123 456", order.vehicle_id, 12_000,
        )  # fmt: skip
        assert (found.last.number, found.last.is_open) == (order.number, True)


def test_of_several_vehicles_none_is_guessed(world: World) -> None:
    order = checked_in(world, **NEW)
    world.save("vehicle", customer_id=order.customer_id.hex, model="F 800")  # type: ignore[union-attr]
    match = world.app.meaning("0170123456", world.actor).match
    assert match is not None
    with world.session() as session:
        found = arrival(session, match)
    assert (found.vehicle, [one.title for one in found.garage]) == (None, ["F 800", "R 1250 GS M-AB 12"])


@pytest.mark.parametrize(
    ("text", "field", "kept"),
    [
        ("m-ab 12", "plate", "M-AB 12"),
        ("+49 170 123456", "phone", "+49 170 123456"),
        ("4711", "plate", "4711"),
        ("wb10abc01d2e34567", "vin", "WB10ABC01D2E34567"),
        ("Ada  Lovelace", "name", "Ada Lovelace"),
    ],
)
def test_what_named_nobody_goes_where_it_belongs(text: str, field: str, kept: str) -> None:
    assert place_for(text) == (field, kept)


def test_the_phrases_are_the_shop_s_own_or_the_usual_ones() -> None:
    assert symptoms(" Brake squeals;; Oil ; Oil ") == ("Brake squeals", "Oil")
    assert symptoms("") == USUAL
    speak("de")
    try:
        assert "Vorderbremse" in symptoms("")
        assert len(set(symptoms(""))) == len(USUAL)
    finally:
        speak("en")


def test_nothing_is_promised_within_the_hour_or_in_another_zone() -> None:
    noon, late = datetime(2026, 11, 20, 11, tzinfo=UTC), datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    first = next(promises(noon, "Europe/Berlin"))
    assert first == ("Today 17:00", datetime(2026, 11, 20, 16, tzinfo=UTC))
    assert next(promises(late, "Europe/Berlin"))[0] == "Tomorrow noon"
    assert len(list(promises(noon, "Europe/Berlin"))) == 5
