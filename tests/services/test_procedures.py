"""Procedures: saved only as they can be worked by, and offered for the vehicles that they fit."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.standard import Retire, SaveMany, SaveRecord
from app.kernel.types import Quantity
from app.services.model import Procedure
from app.services.rules import Kind, closeness
from app.services.torque import in_words, is_within, limits
from world import World

_numbers = count(1)


def procedure(world: World, code: str = "", **more: Any) -> UUID:
    fields: dict[str, Any] = {"code": code or f"PR-{next(_numbers)}", "name": "Renew front brake pads", "hours": "1.2", **more}
    return world.save("procedure", **fields)


def step(procedure: UUID, place: int = 10, **more: Any) -> dict[str, Any]:
    return {"procedure_id": procedure.hex, "place": place, "what": "Tighten the calliper", **more}


def codes(world: World, entity: str, **fields: Any) -> list[str]:
    return world.codes(SaveRecord(entity=entity, fields={name: [None, value] for name, value in fields.items()}))


# ------------------------------------------------------------------------------------------------------------ procedures


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"hours": "0"}, "services.hours"),
        ({"hours": "-1"}, "services.hours"),
        ({"code": "  "}, "services.unnamed"),
        ({"name": "  "}, "services.unnamed"),
        ({"price": -1}, "services.price"),
        ({"tax_code": "X9"}, "taxes.unknown"),
    ],
)
def test_a_procedure_that_nobody_could_work_by_is_not_saved(world: World, more: dict[str, Any], code: str) -> None:
    fields: dict[str, Any] = {"code": "PR-0", "name": "Renew pads", "hours": "1", **more}
    assert codes(world, "procedure", **fields) == [code]


def test_a_procedure_s_code_is_given_once(world: World) -> None:
    procedure(world, "BRK-F")
    assert codes(world, "procedure", code="BRK-F", name="Other", hours="1") == ["record.taken"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"what": " "}, "services.step"),
        ({"torque": "0"}, "services.torque"),
        ({"torque": "-5"}, "services.torque"),
        ({"torque": "50", "tolerance": "-1"}, "services.tolerance"),
        ({"torque": "50", "tolerance": "100.001"}, "services.tolerance"),
    ],
)
def test_a_step_that_nobody_could_do_is_not_saved(world: World, more: dict[str, Any], code: str) -> None:
    assert codes(world, "procedure_step", **step(procedure(world), **more)) == [code]


@pytest.mark.parametrize("tolerance", ["0", "4", "100"])
def test_a_tolerance_is_from_nothing_to_all(world: World, tolerance: str) -> None:
    assert codes(world, "procedure_step", **step(procedure(world), torque="50", tolerance=tolerance)) == []


def test_two_steps_never_stand_at_one_place(world: World) -> None:
    one, other = procedure(world), procedure(world)
    first = world.save("procedure_step", **step(one, 10))
    assert codes(world, "procedure_step", **step(one, 10)) == ["services.place"]
    assert codes(world, "procedure_step", **step(other, 10)) == []
    second = world.save("procedure_step", **step(one, 20))
    assert world.codes(SaveRecord(entity="procedure_step", id=second, fields={"place": [20, 10]})) == ["services.place"]
    assert world.codes(SaveRecord(entity="procedure_step", id=first, fields={"what": ["Tighten the calliper", "Check it"]})) == []
    world.done(Retire(entity="procedure_step", id=first))
    assert world.codes(SaveRecord(entity="procedure_step", id=second, fields={"place": [20, 10]})) == []


def test_a_part_stands_once_in_a_procedure_and_in_whole_pieces(world: World) -> None:
    one = procedure(world)
    line = {"procedure_id": one.hex, "part_id": world.part.hex}
    assert codes(world, "procedure_part", **line, quantity="0") == ["parts.quantity"]
    assert codes(world, "procedure_part", **line, quantity="0.5") == ["parts.whole"]
    assert codes(world, "procedure_part", **line) == []
    assert codes(world, "procedure_part", **line, quantity="2") == ["services.part_twice"]


def test_a_package_holds_a_procedure_once_and_each_at_a_place_of_its_own(world: World) -> None:
    one, other = procedure(world), procedure(world)
    package = world.save("package", code="INS", name="Inspection")
    item = {"package_id": package.hex, "procedure_id": one.hex, "place": 1}
    assert codes(world, "package_item", **item) == []
    assert codes(world, "package_item", **{**item, "place": 2}) == ["services.procedure_twice"]
    assert codes(world, "package_item", **{**item, "procedure_id": other.hex}) == ["services.place"]
    assert codes(world, "package_item", **{**item, "procedure_id": other.hex, "place": 2}) == []


def test_a_list_of_steps_is_taken_in_and_found_again_by_its_places(world: World) -> None:
    one = procedure(world)
    rows = [step(one, place, what=f"Step {place}") for place in range(1, 40)]
    world.done(SaveMany(entity="procedure_step", rows=rows))
    world.done(SaveMany(entity="procedure_step", rows=[{**row, "torque": "50"} for row in rows]))
    steps = world.app.ask("procedure_steps", world.actor, procedure=one).rows
    assert [row["what"] for row in steps] == [f"Step {place}" for place in range(1, 40)]
    assert {row["range"] for row in steps} == {"48.0–52.0 Nm"}
    assert world.codes(SaveMany(entity="procedure_step", rows=[step(one, 70), step(one, 70)])) == ["record.twice"]


# -------------------------------------------------------------------------------------------------------- what it is for


@pytest.mark.parametrize(
    ("wanted", "there", "rank"),
    [
        (("", ""), ("BMW", "R 1250 GS"), 0),
        (("", ""), ("", ""), 0),
        (("bmw", "r 1250 gs"), ("BMW", "R 1250 GS"), 2),
        (("BMW", " R  1250 GS"), ("", "bmw r 1250 gs"), 2),
        (("", "BMW R 1250 GS"), ("BMW", "R 1250 GS"), 2),
        (("", "R 1250 GS"), ("BMW", "R 1250 GS"), 2),
        (("BMW", "R 1250 GS"), ("", "R 1250 GS"), 2),
        (("BMW", "R 1250 GS"), ("KTM", "R 1250 GS"), None),
        (("BMW", "R 1250 GS"), ("BMW", "R 1250 GSA"), None),
        (("BMW", ""), ("BMW", "S 1000 RR"), 1),
        (("BMW", ""), ("", "BMW S 1000 RR"), 1),
        (("BMW", ""), ("", "BMWX 1"), None),
        (("Škoda", ""), ("ŠKODA", "Octavia"), 1),
        (("BMW", ""), ("", ""), None),
    ],
)
def test_a_procedure_fits_its_model_its_make_or_every_vehicle(
    wanted: tuple[str, str], there: tuple[str, str], rank: int | None
) -> None:
    assert closeness(Kind(*wanted), Kind(*there)) == rank


def test_the_best_fit_is_offered_first_and_nothing_for_another_model(world: World) -> None:
    procedure(world, "A-ALL")
    procedure(world, "Z-GS", make="BMW", model="R 1250 GS")
    procedure(world, "M-BMW", make="bmw")
    procedure(world, "B-KTM", make="KTM")
    gone = procedure(world, "GONE", model="R 1250 GS")
    world.done(Retire(entity="procedure", id=gone))
    customer = world.save("customer", name="Ada")
    vehicle = world.save("vehicle", customer_id=customer.hex, make="BMW", model="R 1250 gs")

    def offered(vehicle: UUID) -> list[str]:
        return [row["code"] for row in world.app.ask("procedures_for", world.actor, vehicle=vehicle).rows]

    assert offered(vehicle) == ["Z-GS", "M-BMW", "A-ALL"]
    assert offered(world.part) == ["A-ALL"], "of what is no vehicle nothing is known"
    assert [row["code"] for row in world.app.ask("procedures", world.actor).rows] == ["A-ALL", "B-KTM", "M-BMW", "Z-GS"]


def test_a_package_is_offered_where_all_of_it_fits(world: World) -> None:
    general, fitted = procedure(world), procedure(world, model="R 1250 GS")
    customer = world.save("customer", name="Ada")
    ours = world.save("vehicle", customer_id=customer.hex, model="R 1250 GS")
    other = world.save("vehicle", customer_id=customer.hex, model="MT-07")
    for code, held in (("BOTH", (general, fitted)), ("GENERAL", (general,)), ("NOTHING", ())):
        package = world.save("package", code=code, name=code)
        for place, one in enumerate(held):
            world.save("package_item", package_id=package.hex, procedure_id=one.hex, place=place)

    def offered(vehicle: UUID) -> list[tuple[str, int]]:
        return [(row["code"], row["work"]) for row in world.app.ask("packages_for", world.actor, vehicle=vehicle).rows]

    assert offered(ours) == [("BOTH", 2), ("GENERAL", 1)]
    assert offered(other) == [("GENERAL", 1)]


def test_a_procedure_is_found_by_its_code_name_and_model(world: World) -> None:
    ident = procedure(world, "BRK-F", make="BMW", model="R 1250 GS")
    for words in ("BRK-F", "front brake", "1250"):
        assert ident in [one.id for one in world.app.find(words, world.actor, "procedure")]
    assert world.get(Procedure, ident).title == "Renew front brake pads"


# --------------------------------------------------------------------------------------------------------------- torque


def q(text: str) -> Quantity:
    return Quantity.parse(text)


@pytest.mark.parametrize(
    ("torque", "tolerance", "words"),
    [
        ("50", "4", "48.0–52.0 Nm"),
        ("50", None, "48.0–52.0 Nm"),
        ("50", "0", "50.0–50.0 Nm"),
        ("12", "10", "10.8–13.2 Nm"),
        ("0.5", "4", "0.48–0.52 Nm"),
        ("7", "3.333", "6.767–7.233 Nm"),
    ],
)
def test_a_torque_is_read_as_a_range(torque: str, tolerance: str | None, words: str) -> None:
    assert in_words(q(torque), None if tolerance is None else q(tolerance)) == words


def test_what_is_not_tightened_has_no_range() -> None:
    assert in_words(None, q("4")) == ""


@given(torque=st.integers(1, 2_000_000), tolerance=st.integers(0, 100_000), measured=st.integers(0, 5_000_000))
def test_what_is_within_is_within_exactly(torque: int, tolerance: int, measured: int) -> None:
    made = Quantity.of_thousandths
    exactly = abs(measured - torque) * 100_000 <= torque * tolerance
    assert is_within(made(measured), made(torque), made(tolerance)) == exactly
    low, high = limits(made(torque), made(tolerance))
    assert low <= made(torque) <= high
