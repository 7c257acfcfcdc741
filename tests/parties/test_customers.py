"""Customers and vehicles: found by a phone number, a plate or a chassis number, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from app.kernel.standard import Retire, SaveMany, SaveRecord
from app.parties.model import Customer
from app.work_orders.commands import CreateOrder
from ui.kit.declared import Place
from world import World


def customer(**fields: object) -> SaveRecord:
    return SaveRecord(entity="customer", fields={name: [None, value] for name, value in fields.items()})


@pytest.fixture
def ada(bare: World) -> World:
    bare.ada = bare.save("customer", name="Ada Lovelace", phone="0170 123", email="ada@keller.example", city="München")  # type: ignore[attr-defined]
    bare.bike = bare.save(  # type: ignore[attr-defined]
        "vehicle", customer_id=bare.ada.hex, plate="M-AB 12", vin="WB10ABC01D2E34567", make="BMW", model="R 1250 GS"
    )
    return bare


def found(world: World, text: str) -> list[object]:
    return [one.id for one in world.app.meaning(text, world.actor).matches]


def test_a_customer_has_a_name(bare: World) -> None:
    assert bare.codes(customer(name=" ")) == ["parties.name"]
    assert bare.codes(customer(phone="0170")) == ["record.missing"]


def test_a_phone_number_belongs_to_one_customer_and_the_sentence_says_to_whom(ada: World) -> None:
    answer = ada.run(customer(name="Bob", phone="0170 123"))
    assert [problem.code for problem in answer.problems] == ["record.taken"]
    assert "Ada Lovelace" in answer.problems[0].sentence
    ada.done(Retire(entity="customer", id=ada.ada))  # type: ignore[attr-defined]
    assert ada.codes(customer(name="Bob", phone="0170 123")) == []


def test_a_plate_belongs_to_one_vehicle_and_vehicles_without_one_are_many(ada: World) -> None:
    twin = {"customer_id": [None, ada.ada.hex], "model": [None, "F 800"]}  # type: ignore[attr-defined]
    assert ada.codes(SaveRecord(entity="vehicle", fields={**twin, "plate": [None, "M-AB 12"]})) == ["record.taken"]
    assert [ada.codes(SaveRecord(entity="vehicle", fields=twin)) for _turn in range(2)] == [[], []]


@pytest.mark.parametrize("text", ["M-AB 12", "m-ab 12", " M-AB 12 ", "WB10ABC01D2E34567", "wb10abc01d2e34567"])
def test_a_vehicle_is_found_by_plate_and_chassis_number(ada: World, text: str) -> None:
    assert found(ada, text) == [ada.bike]  # type: ignore[attr-defined]


def test_a_customer_is_found_by_phone_and_by_any_word(ada: World) -> None:
    assert found(ada, "0170 123") == [ada.ada]  # type: ignore[attr-defined]
    for word in ("lovel", "munchen", "0170", "ada@keller"):
        assert [one.title for one in ada.app.find(word, ada.actor, "customer")] == ["Ada Lovelace"], word


def test_who_is_retired_is_found_no_more(ada: World) -> None:
    for entity, ident in (("vehicle", ada.bike), ("customer", ada.ada)):  # type: ignore[attr-defined]
        ada.done(Retire(entity=entity, id=ident))
    assert [found(ada, text) for text in ("M-AB 12", "WB10ABC01D2E34567", "0170 123")] == [[], [], []]


def test_an_advisor_edits_customers_and_a_storekeeper_does_not(bare: World) -> None:
    assert bare.codes(customer(name="Ada"), bare.person("Avi", "ADV")) == []
    assert bare.codes(customer(name="Bob"), bare.person("Kim", "KEE")) == ["access.denied"]


def test_the_country_s_own_letters_stay_as_they_were_written(anywhere: World) -> None:
    anywhere.save("organisation", id=anywhere.org, name="Moto Keller")
    ident = anywhere.save("customer", name="Ὀδυσσεύς Ñandú 李小龙", street="Straße des 17. Juni 135")
    (row,) = anywhere.app.ask("customer", anywhere.actor).rows
    assert (row["id"], row["name"], row["street"]) == (ident, "Ὀδυσσεύς Ñandú 李小龙", "Straße des 17. Juni 135")


# ----------------------------------------------------------------------------------------------- however they are written


@pytest.mark.parametrize("text", ["MAB12", "m ab 12", "M.AB-12", "wb10 abc0 1d2e 34567", "WB10-ABC01D2E34567"])
def test_a_vehicle_is_found_however_its_numbers_are_written(ada: World, text: str) -> None:
    assert found(ada, text) == [ada.bike]  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["0170123", "0170/123", "(0170) 1-23"])
def test_a_customer_is_found_however_the_telephone_number_is_written(ada: World, text: str) -> None:
    assert found(ada, text) == [ada.ada]  # type: ignore[attr-defined]


def test_what_is_only_part_of_a_number_or_of_a_model_names_nobody(ada: World) -> None:
    assert [found(ada, text) for text in ("mab", "0170", "gs", "12", "-")] == [[], [], [], [], []]


def test_a_few_letters_of_a_plate_find_it_without_its_signs(ada: World) -> None:
    assert [one.title for one in ada.app.find("mab1", ada.actor, "vehicle")] == ["R 1250 GS M-AB 12"]


def test_numbers_are_found_at_the_hub_in_the_same_way(hub: World) -> None:
    hub.save("organisation", id=hub.org, name="Moto Keller")
    ada = hub.save("customer", name="Ada", phone="0170 123")
    bike = hub.save("vehicle", customer_id=ada.hex, plate="M-AB 12", model="R 1250 GS")
    assert (found(hub, "mab12"), found(hub, "0170/123")) == ([bike], [ada])


@pytest.mark.parametrize(("entity", "fields"), [("customer", {"phone": "0170/123"}), ("vehicle", {"plate": "mab12"}),
                                                ("vehicle", {"vin": "wb10-abc01d2e34567"})])  # fmt: skip
def test_nobody_is_written_down_a_second_time_in_another_spelling(ada: World, entity: str, fields: dict[str, str]) -> None:
    more = {"name": "Bob"} if entity == "customer" else {"model": "F 800", "customer_id": ada.ada.hex}  # type: ignore[attr-defined]
    pairs = {name: [None, value] for name, value in {**more, **fields}.items()}
    (problem,) = ada.run(SaveRecord(entity=entity, fields=pairs)).problems
    there = ada.ada if entity == "customer" else ada.bike  # type: ignore[attr-defined]
    assert (problem.code, problem.values["other_id"]) == ("record.taken", there.hex)


def test_who_keeps_their_number_changes_the_rest_as_they_like(ada: World) -> None:
    ada.done(SaveRecord(entity="customer", id=ada.ada, fields={"city": ["München", "Ulm"]}))  # type: ignore[attr-defined]
    ada.done(SaveRecord(entity="customer", id=ada.ada, fields={"phone": ["0170 123", "0170-123"]}))  # type: ignore[attr-defined]
    kept = ada.get(Customer, ada.ada)  # type: ignore[attr-defined]
    assert (kept.city, kept.phone) == ("Ulm", "0170-123")


def test_a_file_of_customers_is_taken_as_it_is(ada: World) -> None:
    ada.done(SaveMany(entity="customer", rows=[{"name": "Bob", "phone": "0170/123"}]))
    assert ("Bob", "0170/123") in [(one.name, one.phone) for one in ada.rows(Customer)]


# ------------------------------------------------------------------------------------------------------------ on their pages


@pytest.fixture
def terminal(ada: World, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    site = ada.save("site", code="M", name="Main workshop", zone="Europe/Berlin")
    ada.done(CreateOrder(site=site, what="Front brake", vehicle=ada.bike))  # type: ignore[attr-defined]
    with at_work(ada, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(ada.person("Avi", "ADV"))
        yield terminal


def test_a_customer_s_page_leads_to_the_vehicle_and_that_to_its_jobs(ada: World, terminal: Terminal) -> None:
    terminal.window.floor.go(Place("page", "customer", ada.ada))  # type: ignore[attr-defined]
    terminal.until(terminal.settled)
    terminal.open_tab("Jobs")
    terminal.until(lambda: terminal.row("Front brake") is not None)
    terminal.open_tab("Vehicles")
    terminal.touch_row("M-AB 12")
    terminal.until(lambda: terminal.window.floor.screen.place == Place("page", "vehicle", ada.bike))  # type: ignore[union-attr,attr-defined]
    terminal.until(terminal.settled)
    terminal.touch_row("Front brake")
    terminal.until(lambda: terminal.window.floor.screen.place.name == "work_order")  # type: ignore[union-attr]


def test_a_form_offers_whoever_is_there_already(ada: World, terminal: Terminal) -> None:
    terminal.window.floor.go(Place("form", "customer"))
    terminal.until(terminal.settled)
    for name, text in (("Name", "A. Lovelace"), ("Phone", "0170/123")):
        box = next(one for one in terminal.window.findChildren(QLineEdit) if one.accessibleName() == name and one.isVisible())
        QTest.keyClicks(box, text)
    terminal.touch("Save customer")
    terminal.touch("Open Ada Lovelace")
    terminal.until(lambda: terminal.window.floor.screen.place == Place("page", "customer", ada.ada))  # type: ignore[union-attr,attr-defined]
