"""Exporting lists: what the screen would show, safe in a spreadsheet, told in the audit, and taken in again without a change."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select

from app.kernel.exchange.exports import export_file
from app.kernel.exchange.fingerprints import fingerprint
from app.kernel.exchange.report import Finding
from app.kernel.exchange.running import import_file
from app.kernel.problems import Refused, Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.standard import SaveMany
from app.parts.model import Part
from world import World

FORMS = ["csv", "xlsx", "ndjson"]
ARMED = "=+-@\t\r"


def everything(world: World) -> Any:
    with world.session() as session:
        return fingerprint(session, world.app.registry)


def sheet(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def again(world: World, name: str, path: Path) -> list[Finding]:
    """Takes an export in again; the findings. Nothing may have changed."""
    found: list[Finding] = []
    before = everything(world)
    summary = import_file(world.app, world.actor, name, path, tell=found.append)
    assert (summary.made, summary.changed) == (0, 0)
    assert everything(world) == before
    return found


# --------------------------------------------------------------------------------------------------------- there and back


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("entity", ["part", "customer", "vehicle", "warehouse", "bin", "work_order", "barcode", "role", "site"])
def test_what_went_out_comes_in_without_a_change(world: World, tmp_path: Path, form: str, entity: str) -> None:
    world.person("Nora", "MGR")
    customer = world.save("customer", name="Ole", phone="+49 30 1", company=True)
    world.save("vehicle", customer_id=customer.hex, model="CB 500", plate="M-A 1", year=1999)
    world.save("barcode", part_id=world.part.hex, code="4006381333931", quantity="2.5")
    path = tmp_path / f"out.{form}"
    assert export_file(world.app, world.actor, entity, path) > 0
    assert again(world, entity, path) == []


text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=40)
AWKWARD = (
    "=1+1",
    "'=1",
    "''",
    '"',
    '","',
    "a\nb",
    "a\r\nb",
    "\r",
    "🏍️",
    " x ",
    "_x000D_",
    "007",
    "1e9",
    "true",
    "-",
    "\ufffd",
    "\ufeff",
)
awkward = st.sampled_from(AWKWARD)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(text | awkward | st.tuples(awkward, text).map("".join), min_size=1, max_size=8))
@pytest.mark.parametrize("form", FORMS)
def test_any_text_goes_out_and_comes_in_without_a_change(world: World, tmp_path: Path, form: str, names: list[str]) -> None:
    rows = [{"code": f"N-{count}", "name": f"x{name}", "mpn": name, "category": name} for count, name in enumerate(names)]
    world.done(SaveMany(entity="part", rows=rows))
    path = tmp_path / f"out.{form}"
    export_file(world.app, world.actor, "part", path)
    assert again(world, "part", path) == []


def test_an_export_makes_the_records_in_an_empty_store(world: World, tmp_path: Path) -> None:
    export_file(world.app, world.actor, "part", tmp_path / "out.csv")
    rows = sheet(tmp_path / "out.csv")
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [name for name in rows[0] if name != "id"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**row, "code": f"X-{row['code']}"} for row in rows)
    summary = import_file(world.app, world.actor, "part", tmp_path / "in.csv")
    assert (summary.made, summary.refused) == (len(rows), 0)


# ----------------------------------------------------------------------------------------------------------- what is in it


@pytest.mark.parametrize("name", ["=1+1", "+49 30", "@SUM(A1:A9)", "-2 x", "\tx", "=cmd|' /C calc'!A0"])
def test_no_spreadsheet_runs_what_somebody_typed(world: World, tmp_path: Path, name: str) -> None:
    world.done(SaveMany(entity="part", rows=[{"code": "N-1", "name": name}]))
    for form in ("csv", "xlsx"):
        export_file(world.app, world.actor, "part", tmp_path / f"out.{form}")
    assert "'" + name in [row["name"] for row in sheet(tmp_path / "out.csv")]
    cells = [cell for row in load_workbook(tmp_path / "out.xlsx").active.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert not [cell.value for cell in cells if isinstance(cell.value, str) and cell.value[:1] in ARMED and cell.value]


def test_amounts_are_numbers_in_a_spreadsheet_and_plain_elsewhere(world: World, tmp_path: Path) -> None:
    for form in FORMS:
        export_file(world.app, world.actor, "stock", tmp_path / f"stock.{form}")
        export_file(world.app, world.actor, "part", tmp_path / f"part.{form}")
    assert {row["on_hand"] for row in sheet(tmp_path / "stock.csv")} == {"5"}
    assert {row["price"] for row in sheet(tmp_path / "part.csv")} == {"9.00"}
    head, first, *_rest = load_workbook(tmp_path / "part.xlsx").active.iter_rows(values_only=True)
    assert (first[head.index("price")], first[head.index("core")]) == (9, False)
    line = json.loads((tmp_path / "part.ndjson").read_text("utf-8").splitlines()[0])
    assert (line["price"], line["core"], line["mpn"]) == ("9.00", False, None)


def test_a_negative_balance_stays_a_number(world: World, tmp_path: Path) -> None:
    from app.kernel.types import Quantity
    from app.stock.commands import AdjustStock

    world.done(AdjustStock(part=world.part, bin=world.bin, change=Quantity(-7), reason="Lost"))
    export_file(world.app, world.actor, "stock", tmp_path / "out.csv")
    assert "-2" in {row["on_hand"] for row in sheet(tmp_path / "out.csv")}


def test_retired_records_and_secrets_stay_inside(world: World, tmp_path: Path) -> None:

    world.person("Nora", "MGR")
    world.gone("part", world.part)
    export_file(world.app, world.actor, "part", tmp_path / "part.csv")
    export_file(world.app, world.actor, "person", tmp_path / "person.csv")
    assert "PT-0" not in {row["code"] for row in sheet(tmp_path / "part.csv")}
    assert not [name for name in sheet(tmp_path / "person.csv")[0] if "verifier" in name or "pin" in name.split("_")]


# ------------------------------------------------------------------------------------------------------------- who and how


def test_who_may_not_read_it_gets_no_file(world: World, tmp_path: Path) -> None:
    viewer = world.person("Vi", "CAS")
    with pytest.raises(Refused) as told:
        export_file(world.app, viewer, "person", tmp_path / "out.csv")
    assert told.value.problems[0].code == "access.denied"
    assert not list(tmp_path.glob("out*"))


def test_who_works_in_one_store_room_takes_out_its_bins_only(world: World, tmp_path: Path) -> None:
    other = world.save("warehouse", site_id=world.site.hex, code="W2", name="Second")
    world.save("bin", warehouse_id=other.hex, code="Z-1")
    keeper = world.person("Kim", "KEE", place=other)
    export_file(world.app, keeper, "bin", tmp_path / "out.csv")
    assert [row["code"] for row in sheet(tmp_path / "out.csv")] == ["Z-1"]


def test_every_export_stands_in_the_audit(world: World, tmp_path: Path) -> None:
    nora = world.person("Nora", "MGR")
    export_file(world.app, nora, "part", tmp_path / "out.csv")
    with world.session() as session:
        last = session.scalars(select(EnvelopeRow).order_by(EnvelopeRow.seq.desc())).first()
    assert last is not None
    assert (last.command, last.actor_id) == ("ExportRows", nora.id)
    assert json.loads(last.content)["body"] == {"what": "part", "form": "csv", "count": 5}


def test_an_export_that_is_stopped_leaves_nothing(world: World, tmp_path: Path) -> None:
    rows = [{"code": f"N-{count:04}", "name": "Bolt"} for count in range(1500)]
    world.done(SaveMany(entity="part", rows=rows))
    with pytest.raises(Refused) as told:
        export_file(world.app, world.actor, "part", tmp_path / "out.csv", cancelled=lambda: True)
    assert told.value.problems[0].code == "export.cancelled"
    assert not list(tmp_path.glob("out*"))


def test_a_file_stays_as_it_was_until_the_new_one_is_whole(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out.csv").write_text("yesterday's")
    monkeypatch.setattr("app.kernel.exchange.exports._cell", lambda *_given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_file(world.app, world.actor, "part", tmp_path / "out.csv")
    assert [path.read_text() for path in tmp_path.glob("out*")] == ["yesterday's"]


def test_the_name_must_say_what_kind_of_file(world: World, tmp_path: Path) -> None:
    with pytest.raises(Refused) as told:
        export_file(world.app, world.actor, "part", tmp_path / "out.pdf")
    assert told.value.problems[0].code == "export.form"


def test_a_folder_that_is_not_there_is_told(world: World, tmp_path: Path) -> None:
    with pytest.raises(Trouble) as told:
        export_file(world.app, world.actor, "part", tmp_path / "none" / "out.csv")
    assert told.value.problem.code == "export.unwritable"


def test_an_unknown_list_is_told_with_the_nearest(world: World, tmp_path: Path) -> None:
    with pytest.raises(Refused) as told:
        export_file(world.app, world.actor, "stok", tmp_path / "out.csv")
    assert "stock" in told.value.problems[0].advice


def test_a_price_follows_the_currency(world: World, tmp_path: Path) -> None:
    from app.organisations.model import Organisation

    world.run(SaveMany(entity="organisation", rows=[{"id": world.org.hex, "currency": "JPY"}]))
    assert world.get(Organisation, world.org).currency == "JPY"
    export_file(world.app, world.actor, "part", tmp_path / "out.csv")
    assert {row["price"] for row in sheet(tmp_path / "out.csv")} == {"900"}
    assert again(world, "part", tmp_path / "out.csv") == []
    assert {row.price.minor for row in world.rows(Part)} == {900}


def test_a_spreadsheet_that_is_stopped_leaves_nothing_anywhere(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(passing))
    monkeypatch.setattr("app.kernel.queries.MOST", 1)
    with pytest.raises(Refused):
        export_file(world.app, world.actor, "part", tmp_path / "out.xlsx", cancelled=lambda: True)
    assert list(passing.iterdir()) == []
