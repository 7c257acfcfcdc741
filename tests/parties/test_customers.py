"""Customers and vehicles: found by a phone number, a plate or a chassis number, and never twice."""

from __future__ import annotations

import pytest

from app.kernel.standard import Retire, SaveRecord
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
