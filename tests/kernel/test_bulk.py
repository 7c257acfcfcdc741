"""Saving many records at once: what an import, and whoever has a backlog, may rely on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from app.kernel.access import Actor
from app.kernel.bulk import MANY, SaveMany, place_of
from app.kernel.commands import Answer
from app.kernel.ids import new_id
from app.kernel.records import ChangeRow, DeniedRow, EnvelopeRow
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.parts.model import Barcode, Part
from app.places.model import Bin
from app.stock.model import StockLine
from world import World


def parts(*rows: dict[str, Any]) -> SaveMany:
    return SaveMany(entity="part", rows=list(rows))


def said(answer: Answer) -> dict[int | None, str]:
    """The code of each problem by the row it is said of."""
    return {place_of(problem.field)[0]: problem.code for problem in answer.problems}


def codes(world: World) -> set[str]:
    return {row.code for row in world.rows(Part)}


def test_new_records_are_made_and_known_ones_changed_by_their_code(world: World) -> None:
    before = len(world.rows(Part))
    world.done(parts({"code": "PT-0", "name": "Brake pads, front"}, {"code": "NEW-1", "name": "Chain"}))
    assert len(world.rows(Part)) == before + 1
    assert world.get(Part, world.part).name == "Brake pads, front"


def test_all_rows_or_none_and_every_bad_row_is_told_at_once(world: World) -> None:
    answer = world.run(
        parts(
            {"code": "NEW-1", "name": "Chain"},
            {"code": "?", "name": "No code"},
            {"code": "NEW-2", "name": "Chain", "unit": "stone"},
            {"code": "NEW-3"},
            {"code": "NEW-4", "name": "Chain", "colour": "red"},
        )
    )
    assert not answer.done
    assert said(answer) == {1: "parts.code", 2: "record.choice", 3: "record.missing", 4: "record.no_field"}
    assert "NEW-1" not in codes(world)


def test_the_same_code_twice_in_one_command_is_refused(bare: World) -> None:
    answer = bare.run(parts({"code": "NEW-1", "name": "Chain"}, {"code": "NEW-1", "name": "Other chain"}))
    assert said(answer) == {1: "record.twice"}


def test_a_code_that_someone_else_has_is_refused_with_its_owner(world: World) -> None:
    first = world.save("barcode", part_id=world.part.hex, code="400100")
    free = new_id()
    answer = world.run(
        SaveMany(
            entity="barcode",
            rows=[
                {"id": free.hex, "part_id": world.part.hex, "code": "400100"},
                {"part_id": world.part.hex, "code": "400200"},
                {"id": new_id().hex, "part_id": world.part.hex, "code": "400200"},
            ],
        )
    )
    assert said(answer) == {0: "record.taken", 2: "record.taken_twice"}
    assert [row.id for row in world.rows(Barcode)] == [first]


def test_a_record_is_found_by_its_id_before_its_code(world: World) -> None:
    world.done(parts({"id": world.part.hex, "code": "RENAMED", "name": "Brake pads"}))
    assert world.get(Part, world.part).code == "RENAMED"


def test_two_bins_of_one_code_stand_in_two_store_rooms(world: World) -> None:
    other = world.save("warehouse", site_id=world.site.hex, code="W2", name="Second")
    rows = [{"warehouse_id": place.hex, "code": "Z-1"} for place in (world.warehouse, other)]
    world.done(SaveMany(entity="bin", rows=rows))
    world.done(SaveMany(entity="bin", rows=[{**row, "kind": "bulk"} for row in rows]))
    assert [row.kind for row in world.rows(Bin) if row.code == "Z-1"] == ["bulk", "bulk"]


def test_a_record_that_is_the_same_already_is_left_alone(world: World) -> None:
    with world.session() as session:
        stamp = session.get_one(Part, world.part).stamp
        changes = session.query(ChangeRow).count()
    answer = world.done(parts({"code": "PT-0", "name": "Brake pads front", "mpn": "", "cost": 450}))
    assert answer.rows == ()
    with world.session() as session:
        assert session.get_one(Part, world.part).stamp == stamp
        assert session.query(ChangeRow).count() == changes


def test_one_command_is_one_line_of_the_audit_with_every_row_in_it(world: World) -> None:
    answer = world.done(parts(*({"code": f"N-{count:03}", "name": "Screw"} for count in range(300))))
    assert len(answer.rows) == 300
    with world.session() as session:
        assert session.query(ChangeRow).filter(ChangeRow.envelope_id == answer.id).count() == 300
        assert session.query(EnvelopeRow).filter(EnvelopeRow.id == answer.id).count() == 1


def test_the_store_is_asked_about_many_rows_at_once(world: World) -> None:
    statements: list[str] = []
    note = lambda _c, _cursor, statement, *_rest: statements.append(statement)  # noqa: E731
    event.listen(world.app.dispatcher.engine, "before_cursor_execute", note)
    world.done(parts(*({"code": f"N-{count:03}", "name": "Screw", "mpn": f"M{count}"} for count in range(400))))
    event.remove(world.app.dispatcher.engine, "before_cursor_execute", note)
    assert 0 < len(statements) < 40


def test_a_rule_judges_what_a_field_is_when_nobody_filled_it_in(world: World) -> None:
    world.done(SaveMany(entity="barcode", rows=[{"part_id": world.part.hex, "code": "400200"}]))
    assert [row.quantity for row in world.rows(Barcode)] == [Quantity(1)]


def test_a_warning_says_which_row_it_is_about(world: World) -> None:
    rows = [{"part_id": world.part.hex, "code": code} for code in ("4006381333931", "4006381333932")]
    answer = world.done(SaveMany(entity="barcode", rows=rows))
    assert said(answer) == {1: "parts.check_digit"}


def test_too_many_records_are_sent_in_several_commands(world: World) -> None:
    rows = [{"code": f"N-{count:05}", "name": "Screw"} for count in range(MANY + 1)]
    assert world.codes(SaveMany(entity="part", rows=rows)) == ["record.too_many"]


def test_what_is_no_record_is_refused_in_words(world: World) -> None:
    assert world.codes(SaveMany(entity="part", rows=["PT-0"])) == ["record.no_map"]


def test_who_may_not_edit_parts_saves_none(world: World) -> None:
    mechanic: Actor = world.person("Mia", "MEC")
    assert world.codes(SaveMany(entity="part", rows=[{"code": "NEW-1", "name": "x"}]), mechanic) == ["access.denied"]


@pytest.mark.parametrize("by_hand", ["one", "many"])
def test_nobody_writes_a_ledger_line_by_hand(world: World, by_hand: str) -> None:
    line = {"kind": "receipt", "part_id": world.part.hex, "bin_id": world.bin.hex, "quantity": "9"}
    one = SaveRecord(entity="stock_line", fields={name: [None, value] for name, value in line.items()})
    assert world.codes(one if by_hand == "one" else SaveMany(entity="stock_line", rows=[line])) == ["record.ledger"]
    assert "receipt" in {row.kind for row in world.rows(StockLine)}
    assert world.on_hand().thousandths == 5000


@pytest.mark.parametrize("by_hand", ["one", "many"])
def test_a_job_changes_its_state_by_its_own_steps_only(world: World, by_hand: str) -> None:
    one = SaveRecord(entity="work_order", id=world.order, fields={"state": ["DRAFT", "CLOSED"]})
    many = SaveMany(entity="work_order", rows=[{"id": world.order.hex, "state": "CLOSED"}])
    assert world.codes(one if by_hand == "one" else many) == ["record.state"]


def test_the_log_of_refused_tries_stays_small(world: World) -> None:
    rows = [{"code": "?", "name": "Screw"} for _count in range(500)]
    assert not world.run(SaveMany(entity="part", rows=rows)).done
    body = world.rows(DeniedRow)[-1].body
    assert body["count"] == 500
    assert len(body["rows"]) < 50
