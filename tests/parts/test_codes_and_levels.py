"""Parts: what they are called, which codes mean them, and how little or much of them there should be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from app.kernel.access import Actor, Grant
from app.kernel.ids import new_id, short
from app.kernel.meanings import Match, Meaning
from app.kernel.scanning import own_code
from app.kernel.standard import Retire, SaveRecord
from app.kernel.types import Quantity
from app.parts.commands import TeachCode
from app.parts.model import Barcode
from app.work_orders.model import WorkOrder
from world import World

EAN = "4006381333931"


def scan(world: World, text: str, *expected: str) -> Meaning:
    return world.app.meaning(text, world.actor, expected)


def means(world: World, text: str) -> tuple[UUID, Quantity]:
    match = scan(world, text).match
    assert match is not None, text
    return match.id, match.quantity


def teach(world: World, code: str, *, part: UUID | None = None, quantity: str = "1") -> TeachCode:
    return TeachCode(part=part or world.part, code=code, quantity=Quantity.parse(quantity))


def save(world: World, **fields: Any) -> SaveRecord:
    return SaveRecord(
        entity="part", fields={name: [None, value] for name, value in {"code": "P-1", "name": "P", **fields}.items()}
    )


# ------------------------------------------------------------------------------------------------------------- teaching


def test_an_unknown_code_is_taught_once_and_known_from_then_on(anywhere: World) -> None:
    world = anywhere.furnish()
    assert scan(world, EAN).kind == "unknown"
    world.done(teach(world, EAN))
    assert means(world, EAN) == (world.part, Quantity(1))
    assert means(world, "0" + EAN) == (world.part, Quantity(1)), "the same number as a GTIN-14"


def test_a_pack_s_code_stands_for_as_many_as_are_in_it(world: World) -> None:
    world.done(teach(world, EAN, quantity="10"))
    assert means(world, EAN) == (world.part, Quantity(10))
    world.done(teach(world, EAN, quantity="12"))
    assert means(world, EAN) == (world.part, Quantity(12))
    assert len(world.rows(Barcode)) == 1


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_a_scan_stands_for_something(world: World, quantity: str) -> None:
    assert world.codes(teach(world, EAN, quantity=quantity)) == ["parts.scan_quantity"]
    world.done(teach(world, EAN))
    assert world.codes(teach(world, EAN, quantity=quantity)) == ["parts.scan_quantity"]
    assert means(world, EAN) == (world.part, Quantity(1))


def test_a_code_means_one_part_until_it_is_retired_there(world: World) -> None:
    world.done(teach(world, EAN))
    answer = world.run(teach(world, EAN, part=world.parts[1]))
    assert [problem.code for problem in answer.problems] == ["parts.code_taken"]
    assert "Brake pads front" in answer.problems[0].sentence
    world.done(Retire(entity="barcode", id=world.rows(Barcode)[0].id))
    assert scan(world, EAN).kind == "unknown"
    world.done(teach(world, EAN, part=world.parts[1]))
    assert means(world, EAN)[0] == world.parts[1]


@pytest.mark.parametrize(("code", "problem"), [("", "parts.no_code"), ("  ", "parts.no_code"), ("x" * 121, "record.too_long")])
def test_what_is_no_code_is_not_learned(world: World, code: str, problem: str) -> None:
    assert world.codes(teach(world, code)) == [problem]


def test_space_around_a_code_is_not_part_of_it(world: World) -> None:
    world.done(teach(world, f" {EAN}\r\n"))
    assert means(world, EAN)[0] == world.part


def test_a_label_of_our_own_means_its_own_row_and_nothing_else(world: World) -> None:
    ours = own_code("PT", short(world.parts[1]))
    assert world.codes(teach(world, ours)) == ["parts.own_code"]
    by_hand = SaveRecord(entity="barcode", fields={"part_id": [None, world.part.hex], "code": [None, ours.lower()]})
    assert world.codes(by_hand) == ["parts.own_code"]


def test_a_barcode_saved_by_its_form_stands_for_one(world: World) -> None:
    world.save("barcode", part_id=world.part.hex, code=EAN)
    assert means(world, EAN) == (world.part, Quantity(1))


def test_only_who_may_teach_does(world: World) -> None:
    assert world.codes(teach(world, EAN), world.person("Max", "MEC")) == ["access.denied"]
    assert world.codes(teach(world, EAN), world.person("Kim", "KEE")) == []


# --------------------------------------------------------------------------------------------------- finding by a scan


def test_a_part_is_found_by_its_code_in_any_case_and_by_its_maker_s_number(world: World) -> None:
    part = world.save("part", code="Ktm-77a", name="Lever", mpn="901.77.001")
    for text in ("Ktm-77a", "KTM-77A", "ktm-77a", "901.77.001"):
        assert means(world, text)[0] == part


def shelf_taught_before(world: World) -> UUID:
    """A bin that was put up under a code which a part had been taught."""
    world.done(teach(world, "B-77"))
    return world.save("bin", warehouse_id=world.warehouse.hex, code="B-77")


def test_what_is_taught_goes_before_what_else_has_the_code(world: World) -> None:
    shelf_taught_before(world)
    assert means(world, "B-77")[0] == world.part


def test_what_the_open_step_wants_goes_before_everything_else(world: World) -> None:
    shelf = shelf_taught_before(world)
    assert scan(world, "B-77", "bin").match == Match("bin", shelf, "B-77")
    assert means(world, "B-77")[0] == world.part
    found = scan(world, "B-77", "work_order")
    assert (found.kind, found.problem and found.problem.code) == ("row", "scan.wrong_kind")


def test_what_may_not_be_read_hides_nothing_behind_it(world: World) -> None:
    shelf_taught_before(world)
    limited = Actor(new_id(), world.org, grants=frozenset({Grant("places.read")}), system=True)
    assert [one.entity for one in world.app.meaning("B-77", limited).matches] == ["bin"]


def test_what_means_something_already_is_not_taught_to_a_part(world: World) -> None:
    owner = world.save("customer", name="Ada", phone="0170 123")
    world.save("vehicle", customer_id=owner.hex, model="R 1250 GS", plate="M-AB 12")
    world.save("part", code="LEVER", name="Lever", mpn="901.77")
    for code in ("PT-1", "pt-1", "A-01", world.get(WorkOrder, world.order).number, "M-AB 12", "0170 123", "901.77"):
        assert world.codes(teach(world, code)) == ["parts.code_means"], code
        by_form = SaveRecord(entity="barcode", fields={"part_id": [None, world.part.hex], "code": [None, code]})
        assert world.codes(by_form) == ["parts.code_means"], code
    answer = world.run(teach(world, "A-01"))
    assert answer.problems[0].sentence == "A-01 already means the Bin A-01."


def test_a_part_may_be_taught_its_own_code_as_a_pack(world: World) -> None:
    world.done(teach(world, "PT-0", quantity="10"))
    assert means(world, "PT-0") == (world.part, Quantity(10))


def test_two_parts_with_one_maker_s_number_are_a_choice(world: World) -> None:
    for code in ("L-1", "L-2"):
        world.save("part", code=code, name=f"Lever {code}", mpn="901")
    found = scan(world, "901")
    assert (found.kind, len(found.matches)) == ("choice", 2)


def test_a_retired_part_is_found_by_none_of_its_codes_and_its_label_says_so(world: World) -> None:
    world.done(teach(world, EAN))
    world.gone("part", world.part)
    assert [scan(world, text).kind for text in (EAN, "PT-0", "pt-0")] == ["unknown"] * 3
    label = scan(world, own_code("PT", short(world.part)))
    assert (label.kind, label.problem and label.problem.code) == ("refused", "scan.retired")
    assert label.problem is not None
    assert "Brake pads front" in label.problem.sentence


def test_the_wrong_kind_is_explained_and_kept(world: World) -> None:
    found = scan(world, own_code("BN", short(world.bin)), "part")
    assert (found.kind, found.problem and found.problem.code) == ("row", "scan.wrong_kind")
    assert found.problem is not None
    assert (found.problem.sentence, found.problem.advice) == ("This is a bin.", "Scan a part.")


def test_no_scan_ever_breaks_anything(world: World) -> None:
    for text in ("", " ", "\x00", "FT1:", "FT1:PT:0:0", "%", "'; DROP TABLE part; --", "9" * 5000, "]E04006381333930", "١٢"):
        assert scan(world, text).kind in ("refused", "unknown"), text


# --------------------------------------------------------------------------------------------------- codes and levels


@pytest.mark.parametrize("code", ["AB", "A-1", "KTM_77.5/2", "a" * 50, "12"])
def test_a_part_s_code_is_letters_digits_and_marks_between_them(bare: World, code: str) -> None:
    assert bare.codes(save(bare, code=code)) == []


@pytest.mark.parametrize("code", ["A", "-A", "A B", "Ä1", "A1\n", "a*b"])
def test_other_codes_are_refused(bare: World, code: str) -> None:
    assert bare.codes(save(bare, code=code)) == ["parts.code"]


def test_a_part_has_a_name(bare: World) -> None:
    assert bare.codes(save(bare, name="  ")) == ["parts.name"]


@pytest.mark.parametrize(
    ("least", "reorder", "most", "fits"),
    [
        (None, None, None, True),
        ("1", None, "5", True),
        ("1", "2", "3", True),
        ("0", "0.5", None, True),
        ("2", "2", None, False),
        ("3", None, "1", False),
        ("1", "5", "4", False),
        (None, "5", "5", False),
    ],
)
def test_minimum_reorder_level_and_maximum_rise(bare: World, least: Any, reorder: Any, most: Any, fits: bool) -> None:
    assert bare.codes(save(bare, least=least, reorder=reorder, most=most)) == ([] if fits else ["parts.levels"])


def test_parts_under_their_minimum_are_listed(world: World) -> None:
    world.done(SaveRecord(entity="part", id=world.part, fields={"least": [None, "6"]}))
    world.done(SaveRecord(entity="part", id=world.parts[1], fields={"least": [None, "5"]}))
    assert [row["id"] for row in world.app.ask("stock", world.actor, low=True).rows] == [world.part]
