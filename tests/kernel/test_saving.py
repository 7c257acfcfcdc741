"""Saving a record by its form: two people's edits meet field by field, and what does not fit is said at its field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from replays import late

from app.kernel.clock import stamp_ms
from app.kernel.ids import new_id
from app.kernel.records import DeniedRow, Discrepancy
from app.kernel.standard import AddNote, AttachFile, BlobRow, Note, Retire, SaveMany, SaveRecord
from app.kernel.types import Quantity
from app.parts.model import Part
from app.stock.model import StockLine
from world import World


def edit(world: World, **fields: tuple[Any, Any]) -> SaveRecord:
    return SaveRecord(entity="part", id=world.part, fields={name: [old, new] for name, (old, new) in fields.items()})


def part(world: World) -> Part:
    return world.get(Part, world.part)


# ----------------------------------------------------------------------------------------------------- two people's edits


def test_two_people_who_edit_different_fields_do_not_meet(world: World) -> None:
    world.done(edit(world, name=("Brake pads front", "Pads")))
    world.done(edit(world, mpn=(None, "BP-1")))  # from a form that was opened before
    assert (part(world).name, part(world).mpn) == ("Pads", "BP-1")
    assert world.discrepancies() == []


def test_on_one_field_the_later_one_wins_and_the_other_is_kept_for_someone_to_see(world: World) -> None:
    world.done(edit(world, name=("Brake pads front", "Pads")))
    world.done(edit(world, name=("Brake pads front", "Front pads")))
    assert part(world).name == "Front pads"
    (found,) = world.rows(Discrepancy)
    assert (found.code, found.state) == ("record.conflict", "open")
    assert found.detail == {"label": "Name", "row": "Front pads", "kept": "Front pads", "lost": "Pads"}


def test_an_edit_that_was_made_earlier_and_arrives_later_loses(world: World) -> None:
    made = stamp_ms(part(world).stamp)
    world.done(edit(world, name=("Brake pads front", "Pads")))
    late(world, edit(world, name=("Brake pads front", "Old pads"), mpn=(None, "BP-1")), made + 1)
    assert (part(world).name, part(world).mpn) == ("Pads", "BP-1"), "its other field goes through"
    assert [row.detail["lost"] for row in world.rows(Discrepancy)] == ["Old pads"]


def test_two_people_who_say_the_same_agree(world: World) -> None:
    world.done(edit(world, name=("Brake pads front", "Pads")))
    world.done(edit(world, name=("Brake pads front", "Pads")))
    assert world.discrepancies() == []


def test_nothing_and_empty_text_are_no_difference(world: World) -> None:
    world.done(edit(world, mpn=("", "BP-1")))
    world.done(edit(world, mpn=("BP-1", "")))
    world.done(edit(world, mpn=(None, "BP-2")))
    assert part(world).mpn == "BP-2"
    assert world.discrepancies() == []


# ------------------------------------------------------------------------------------------------------ what does not fit


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"colour": [None, "red"]}, "record.no_field", "colour"),
        ({"name": ["Brake pads front", None]}, "record.missing", "name"),
        ({"name": "Pads"}, "record.pair", "name"),
        ({"name": ["Brake pads front", "x" * 256]}, "record.too_long", "name"),
        ({"unit": ["pcs", "acre"]}, "record.choice", "unit"),
        ({"price": [900, "much"]}, "command.unreadable", "price"),
        ({"least": [None, "1e9"]}, "quantity.exponent", "least"),
        ({"core": [False, "yes"]}, "command.unreadable", "core"),
        ({"code": ["PT-0", "PT-1"]}, "record.taken", "code"),
        ({"code": ["PT-0", "white space"]}, "parts.code", "code"),
        ({"name": ["Brake pads front", "a\x00b"]}, "command.unkeepable", ""),
        ({"name": ["Brake pads front", "half \ud83d"]}, "command.unkeepable", ""),
        ({"names": [{}, {"de": 1e16}]}, "command.unkeepable", ""),
        ({"names": [{}, {"de": [-0.0]}]}, "command.unkeepable", ""),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_of_it_is_kept(
    world: World, fields: dict[str, Any], code: str, field: str
) -> None:
    answer = world.run(SaveRecord(entity="part", id=world.part, fields={**fields, "mpn": [None, "BP-1"]}))
    assert [(problem.code, problem.field) for problem in answer.problems] == [(code, field)]
    assert answer.problems[0].sentence
    assert answer.problems[0].advice
    assert not part(world).mpn


def test_a_code_is_unique_within_its_organisation_only_and_free_again_when_retired(world: World) -> None:
    other = World(world.app).furnish()
    assert other.get(Part, other.part).code == part(world).code
    world.gone("part", world.part)
    assert world.save("part", code="PT-0", name="Another")


def test_empty_codes_are_nobody_s(bare: World) -> None:
    for name in ("Ada", "Bob", "Cem"):
        bare.save("customer", name=name, phone="")
    bare.save("customer", name="Dora", phone=None)
    bare.save("customer", name="Eve", phone="0170")
    taken = SaveRecord(entity="customer", fields={"name": [None, "Fay"], "phone": [None, "0170"]})
    assert bare.codes(taken) == ["record.taken"]


# -------------------------------------------------------------------------------------------------------- where links lead


def test_a_link_leads_to_a_record_that_is_there_is_ours_and_is_in_use(anywhere: World) -> None:
    world = anywhere.furnish()
    other = World(anywhere.app).furnish()
    gone = world.save("part", code="GONE", name="Gone")
    world.done(Retire(entity="part", id=gone))
    said = {}
    for ident in (new_id(), other.part, gone):
        barcode = {"part_id": ident.hex, "code": ident.hex}
        one = world.run(SaveRecord(entity="barcode", fields={name: [None, value] for name, value in barcode.items()}))
        many = world.run(SaveMany(entity="barcode", rows=[barcode]))
        assert [problem.code for problem in (*one.problems, *many.problems)] == ["record.link"] * 2
        assert (one.problems[0].field, many.problems[0].field) == ("part_id", "rows[0].part_id")
        said[ident] = one.problems[0].sentence
    assert said[gone] == "This Part has been taken out of use."
    assert said[other.part] == whose(world)


def whose(world: World) -> str:
    """What is said of another organisation's part: at the hub nobody even learns that there is one."""
    return "This Part is not known here." if world.app.station.hub else "This Part belongs to another organisation."


def test_a_record_whose_link_led_somewhere_once_can_still_be_edited(world: World) -> None:
    barcode = world.save("barcode", part_id=world.part.hex, code="B-1")
    world.gone("part", world.part)
    world.done(SaveRecord(entity="barcode", id=barcode, fields={"code": ["B-1", "B-2"]}))


def test_a_parent_may_come_after_its_child(world: World) -> None:
    barcode = {"part_id": [None, new_id().hex], "code": [None, "B-1"]}
    done = late(world, SaveRecord(entity="barcode", fields=barcode), stamp_ms(part(world).stamp) + 1)
    assert (done.verdict, done.findings) == ("applied", [])


def test_however_the_old_value_was_written_it_is_the_same(world: World) -> None:
    world.done(edit(world, least=(None, "2.5"), price=(900, 1000)))
    world.done(edit(world, least=("2.500", "3"), price=(1000, 1100)))
    world.done(edit(world, least=(3, "4")))
    assert part(world).least == Quantity(4)
    assert world.discrepancies() == []


# ---------------------------------------------------------------------------------------------------- retired, and notes


def test_what_was_retired_is_not_edited_but_may_be_noted_on(world: World) -> None:
    world.gone("part", world.part)
    assert world.codes(edit(world, name=("Brake pads front", "Pads"))) == ["row.retired"]
    world.gone("part", world.part)
    world.done(AddNote(entity="part", id=world.part, text="  Replaced by PT-1  "))
    assert [note.text for note in world.rows(Note)] == ["Replaced by PT-1"]


def test_an_empty_note_is_none(world: World) -> None:
    assert world.codes(AddNote(entity="part", id=world.part, text=" \n")) == ["note.empty"]
    assert world.codes(AddNote(entity="part", id=new_id(), text="Hello")) == ["row.missing"]


WRONG_FILES: list[dict[str, Any]] = [{"name": " "}, {"name": "x" * 256}, {"sha256": "abc"}, {"sha256": "G" * 64}, {"size": -1}]


@pytest.mark.parametrize("unseen", ["\u200b", "\n\t \u200b", "\u2800", "\u3164", "\u00a0\u2060"])
def test_a_name_that_nobody_can_see_is_no_name(world: World, unseen: str) -> None:
    for entity, code in (("part", "parts.name"), ("customer", "parties.name")):
        fields = {"name": [None, unseen]} | ({"code": [None, "Z-1"]} if entity == "part" else {})
        assert world.codes(SaveRecord(entity=entity, fields=fields)) == [code]


@pytest.mark.parametrize("value", [{"de": "x" * 70_000}, [[[[[[[[["deep"]]]]]]]]]])
def test_plain_data_has_an_end(world: World, value: Any) -> None:
    assert world.codes(SaveRecord(entity="part", id=world.part, fields={"names": [None, value]})) == ["record.too_large"]
    assert len(str(world.rows(DeniedRow)[-1].body)) < 3000, "nor does the log of refused tries keep it"


def test_a_file_has_a_name_a_hash_and_a_size(world: World) -> None:
    file: dict[str, Any] = {"entity": "part", "id": world.part, "name": "bild.jpg", "sha256": "0" * 64, "size": 12}
    for wrong in WRONG_FILES:
        assert world.codes(AttachFile(**file | wrong)) in (["file.unknown"], ["record.too_long"])
    assert world.codes(AttachFile(**file)) == ["file.unknown"], "its bytes are not here"
    with world.app.writer.sessions.begin() as session:
        session.add(BlobRow(org_id=world.org, sha256=file["sha256"], content=b"x" * 12))
    world.done(AttachFile(**file))


def test_a_ledger_line_is_neither_edited_nor_retired(world: World) -> None:
    line = world.rows(StockLine)[0]
    assert world.codes(Retire(entity="stock_line", id=line.id)) == ["record.ledger"]
    assert world.codes(SaveRecord(entity="stock_line", id=line.id, fields={"reason": [None, "x"]})) == ["record.ledger"]


def test_a_command_is_not_changed_by_being_run(world: World) -> None:
    many = SaveMany(entity="part", rows=[{"id": new_id().hex, "code": "X-1", "name": "X"}])
    before = replace(many, rows=[dict(row) for row in many.rows])
    world.done(many)
    assert many == before
