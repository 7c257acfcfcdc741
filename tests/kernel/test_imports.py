"""Importing files of records: what is taken, what is refused and why, what a rehearsal keeps (nothing), and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from app.kernel.access import Actor
from app.kernel.exchange.fingerprints import fingerprint
from app.kernel.exchange.imports import TOGETHER
from app.kernel.exchange.report import Finding, ReportFile, Summary
from app.kernel.exchange.running import import_file
from app.kernel.problems import Refused, Trouble
from app.kernel.records import DeniedRow, EnvelopeRow
from app.kernel.roomy import ROOMY
from app.kernel.store import USUAL
from app.parties.model import Customer, Vehicle
from app.parts.model import Part
from app.places.model import Bin
from world import World

Import = Callable[..., tuple[Summary, list[Finding]]]


@pytest.fixture
def take(world: World, tmp_path: Path) -> Import:
    """Imports lines of text; returns the summary and the findings."""

    def run(entity: str, *lines: str, actor: Actor | None = None, name: str = "file.csv", **more: Any) -> Any:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", "utf-8")
        found: list[Finding] = []
        summary = import_file(world.app, actor or world.actor, entity, path, tell=found.append, **more)
        return summary, found

    return run


def told(findings: list[Finding]) -> dict[int, str]:
    """What is said of each line."""
    return {finding.line: finding.reason for finding in findings}


def parts(world: World) -> dict[str, Part]:
    return {row.code: row for row in world.rows(Part)}


def everything(world: World) -> Any:
    with world.session() as session:
        return fingerprint(session, world.app.registry)


def refused(run: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as told:
        run()
    return [problem.code for problem in told.value.problems]


# ------------------------------------------------------------------------------------------------------------- what is taken


def test_columns_may_bear_names_or_labels_in_any_case(world: World, take: Import) -> None:
    summary, found = take("part", "CODE;Name;Sale price;unit;Old part comes back", "N-1;Chain;12.50;Pieces;yes", "N-2;Oil;8;l;")
    assert (summary.made, summary.refused, found) == (2, 0, [])
    chain = parts(world)["N-1"]
    assert (chain.name, chain.price.minor, chain.unit, chain.core) == ("Chain", 1250, "pcs", True)


def test_long_descriptions_go_in_as_many_commands_as_it_takes(
    world: World, take: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.kernel.refusals.LARGEST", 20_000)
    before = len(world.outbox())
    summary, found = take("part", "code,name,description", *(f"N-{place},Bolt,{'long ' * 200}" for place in range(50)))
    assert (summary.made, summary.refused, found) == (50, 0, [])
    assert len(world.outbox()) - before == 4


def test_known_records_are_changed_and_the_same_file_again_changes_nothing(world: World, take: Import) -> None:
    lines = ["code,name,category", "PT-0,Brake pads,Brakes", "N-1,Chain,Drive"]
    first, _found = take("part", *lines)
    before = everything(world)
    again, found = take("part", *lines)
    assert (first.made, first.changed, first.unchanged) == (1, 1, 0)
    assert (again.made, again.changed, again.unchanged, found) == (0, 0, 2, [])
    assert everything(world) == before


def test_a_column_that_is_not_there_leaves_its_field_alone_and_an_empty_cell_empties_it(world: World, take: Import) -> None:
    take("part", "code,name,mpn", "PT-0,Pads,M-1")
    take("part", "code,category", "PT-0,Brakes")
    assert (parts(world)["PT-0"].mpn, parts(world)["PT-0"].category) == ("M-1", "Brakes")
    take("part", "code,mpn", "PT-0,")
    assert not parts(world)["PT-0"].mpn


def test_links_are_written_by_the_code_of_what_they_mean(world: World, take: Import) -> None:
    take("customer", "reference,name,phone", "K-1,Nora,111", "K-2,Ole,222", ",Kim,333")
    summary, found = take(
        "vehicle", "customer,model,plate", "K-1,CB 500,M-A 1", "Kim,XT 600,M-A 2", "K-9,R 80,M-A 3", ",R 90,M-A 4"
    )
    assert summary.made == 2
    assert told(found) == {4: "There is no Customer “K-9”.", 5: "Customer is not filled in."}
    owners = {row.id: row.name for row in world.rows(Customer)}
    assert {row.plate: owners[row.customer_id] for row in world.rows(Vehicle)} == {"M-A 1": "Nora", "M-A 2": "Kim"}


def test_a_bin_is_written_with_its_store_room(world: World, take: Import) -> None:
    summary, found = take("part_bin", "part,bin", "PT-0,WH/A-02", "PT-1,A-02", "PT-2,WH/none")
    assert summary.made == 2  # A-02 alone means one bin only
    assert told(found) == {4: "There is no Bin “WH/none”."}


def test_what_several_records_are_called_is_not_guessed(world: World, take: Import) -> None:
    take("customer", "reference,name", "K-1,Kim", "K-2,Kim")
    _summary, found = take("vehicle", "customer,model", "Kim,CB 500")
    assert told(found) == {2: "Several Customers are called “Kim”."}


# ------------------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        ("1e9", "1e9 is a short form that is easily misread."),
        ("١٢", "١٢ is not written in the digits 0 to 9."),
        ("99999999", "99999999 is more than can be booked at once."),
        ("1,500", "1,500 can mean two things."),
        ("some", "“some” is not a quantity."),
        ("-3", "-3 cannot be kept in stock."),
    ],
)
def test_a_quantity_that_cannot_be_meant_surely_is_refused_in_its_sentence(take: Import, quantity: str, reason: str) -> None:
    summary, [finding] = take("part", "code;name;minimum", "N-1;Chain;1", f"N-2;Chain;{quantity}")
    assert (summary.made, summary.refused) == (1, 1)
    assert (finding.line, finding.column, finding.value, finding.reason) == (3, "minimum", quantity, reason)
    assert finding.advice


def test_every_wrong_cell_of_a_line_is_told_at_once(take: Import) -> None:
    _summary, found = take("part", "code,name,unit,cost,old part comes back", "N-1,,stone,a lot,maybe")
    assert [finding.column for finding in found] == ["name", "cost", "old part comes back"]
    assert {finding.line for finding in found} == {2}


def test_only_the_bad_lines_of_a_batch_are_refused(world: World, take: Import) -> None:
    lines = [f"N-{count:04},Bolt,pcs" for count in range(500)]
    lines[7], lines[300] = "?,Bolt,pcs", "N-0300,Bolt,stone"
    summary, found = take("part", "code,name,unit", *lines)
    assert (summary.lines, summary.made, summary.refused) == (500, 498, 2)
    assert {finding.line: finding.column for finding in found} == {9: "code", 302: "unit"}
    assert "N-0499" in parts(world)


def test_two_lines_alike_are_told_with_both_numbers(take: Import) -> None:
    summary, found = take("part", "code,name", "N-1,Chain", "N-2,Disc", "N-1,Other chain")
    assert told(found) == {4: "Lines 2 and 4 stand for the same record; the first one counts."}
    assert (summary.made, summary.refused) == (2, 1)


def test_two_lines_alike_are_found_however_far_apart(take: Import) -> None:
    lines = [f"N-{count:05},Bolt" for count in range(TOGETHER + 10)]
    summary, found = take("part", "code,name", *lines, "N-00000,Bolt")
    assert told(found) == {TOGETHER + 12: f"Lines 2 and {TOGETHER + 12} stand for the same record; the first one counts."}
    assert summary.made == TOGETHER + 10


def test_a_rule_of_a_record_holds_for_a_line_too(take: Import) -> None:
    _summary, found = take("part", "code,name,minimum,maximum", "N-1,Chain,5,1")
    assert told(found) == {2: "Minimum, reorder level and maximum must rise."}


def test_people_without_a_number_are_not_made_twice(world: World, take: Import) -> None:
    lines = ["name,city,phone", "Nora,Kiel,111", "Ole,Kiel,", "Ole,Bonn,"]
    first, _found = take("customer", *lines)
    again, found = take("customer", *lines)
    assert (first.made, again.made, again.unchanged, found) == (3, 0, 3, [])
    assert len(world.rows(Customer)) == 3


def test_two_lines_that_say_the_same_are_one(world: World, take: Import) -> None:
    _summary, found = take("customer", "name,city", "Ole,Kiel", "Ole,Bonn", "Ole,Kiel")
    assert list(told(found)) == [4]
    assert len(world.rows(Customer)) == 2


def test_a_phone_number_that_somebody_has_is_told_with_its_owner(take: Import) -> None:
    take("customer", "reference,name,phone", "K-1,Nora,111")
    _summary, found = take("customer", "reference,name,phone", "K-2,Ole,111")
    assert told(found) == {2: "Phone “111” is already used by Nora."}


@pytest.mark.parametrize(
    ("head", "codes"),
    [
        ("code,nome", ["import.unknown_column", "import.no_column"]),
        ("name", ["import.no_column"]),
        ("code,name,colour", ["import.unknown_column"]),
        ("code,name,Code", ["import.unknown_column"]),
    ],
)
def test_wrong_columns_stop_the_file_before_anything_is_read(take: Import, head: str, codes: list[str]) -> None:
    assert refused(lambda: take("part", head, "N-1,Chain")) == codes


def test_a_wrong_column_is_told_with_the_nearest_name(take: Import) -> None:
    with pytest.raises(Refused, match="There is no field “nmae”") as told:
        take("part", "code,nmae", "N-1,Chain")
    assert told.value.problems[0].advice == "Did you mean name, names?"


def test_an_unknown_kind_of_record_is_told_with_the_nearest(take: Import) -> None:
    assert refused(lambda: take("prat", "code,name")) == ["unknown.name"]


def test_a_line_of_json_with_a_field_of_its_own_is_refused(take: Import) -> None:
    summary, found = take(
        "part", '{"code": "N-1", "name": "Chain"}', '{"code": "N-2", "name": "Disc", "colour": "red"}', name="f.ndjson"
    )
    assert (summary.made, told(found)) == (1, {2: "There is no field “colour”."})


def test_a_job_cannot_be_imported_into_a_state(world: World, take: Import) -> None:
    _summary, [finding] = take("work_order", "id,state", f"{world.order},CLOSED")
    assert (finding.line, finding.column) == (2, "state")
    assert finding.reason.endswith("changes by its own steps only.")


def test_what_only_a_new_record_needs_is_missed_on_its_own_line(world: World, take: Import) -> None:
    summary, found = take("part", "code,category", "PT-0,Brakes", "N-1,Brakes")
    assert (summary.changed, told(found)) == (1, {3: "Name is not filled in."})


# --------------------------------------------------------------------------------------------------------------- who and how


def test_an_import_is_commands_of_whoever_does_it(world: World, take: Import) -> None:
    nora = world.person("Nora", "MGR")
    take("part", "code,name", "N-1,Chain", actor=nora)
    with world.session() as session:
        last = session.query(EnvelopeRow).order_by(EnvelopeRow.seq.desc()).first()
    assert (last.command, last.actor_id) == ("SaveMany", nora.id)


def test_who_may_not_change_parts_imports_none_and_is_told_once(world: World, take: Import) -> None:
    before = len(world.rows(DeniedRow))
    mechanic = world.person("Mia", "MEC")
    assert refused(lambda: take("part", "code,name", "N-1,Chain", actor=mechanic)) == ["import.denied"]
    assert len(world.rows(DeniedRow)) == before


def test_a_rehearsal_tells_the_same_and_keeps_nothing(world: World, take: Import) -> None:
    lines = ["code,name,minimum", "N-1,Chain,1", "?,Disc,", "PT-0,Pads,1", "N-2,Bolt,1e9", "N-1,Chain,2"]
    before, waiting = everything(world), world.outbox()
    rehearsed, foretold = take("part", *lines, dry_run=True)
    assert (everything(world), world.outbox()) == (before, waiting)
    done, found = take("part", *lines)
    assert found == foretold
    assert {**rehearsed.as_json(), "dry_run": False} == done.as_json()
    assert everything(world) != before


def test_a_rehearsal_sees_in_its_second_batch_what_it_did_in_the_first(world: World, take: Import) -> None:
    lines = [f"{count:05},Kim {count},777{count}" for count in range(TOGETHER)]
    summary, found = take("customer", "reference,name,phone", *lines, "99999,Late,7770", dry_run=True)
    assert (summary.made, told(found)) == (TOGETHER, {TOGETHER + 2: "Phone “7770” is already used by Kim 0."})


def test_a_store_works_on_after_a_rehearsal(world: World, take: Import) -> None:
    before, waiting = len(world.rows(Part)), world.outbox()
    take("part", "code,name", "N-1,Rehearsed", dry_run=True)
    world.save("part", code="N-1", name="Chain")
    assert parts(world)["N-1"].name == "Chain"
    assert (len(world.rows(Part)), world.outbox()) == (before + 1, [*waiting, "SaveRecord"])


def test_stopping_keeps_whole_batches_and_says_how_far_it_came(world: World, take: Import) -> None:
    lines = [f"N-{count:05},Bolt" for count in range(3 * TOGETHER)]
    seen: list[int] = []
    summary, _found = take(
        "part", "code,name", *lines, progress=lambda so_far: seen.append(so_far.lines), cancelled=lambda: len(seen) == 2
    )
    assert summary.cancelled
    assert seen == [TOGETHER, 2 * TOGETHER]
    assert (summary.made, len(world.rows(Part))) == (2 * TOGETHER, 2 * TOGETHER + 5)
    rest, _found = take("part", "code,name", *lines)
    assert (rest.unchanged, rest.made) == (2 * TOGETHER, TOGETHER)


def test_what_holds_a_secret_is_not_made_from_a_file(world: World, take: Import) -> None:
    kim = world.person("Kim", "KEE")
    with pytest.raises(Refused) as refused:
        take("badge", "person_id,kind", f"{kim.id},own")
    assert [problem.code for problem in refused.value.problems] == ["import.secret"]


def test_a_failing_disk_ends_it_with_what_was_taken(world: World, take: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    run, calls = world.app.run, []

    def failing(*given: Any, **more: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise Trouble("store.full", "The disk is full.")
        return run(*given, **more)

    monkeypatch.setattr(world.app, "run", failing)
    lines = [f"N-{count:05},Bolt" for count in range(TOGETHER + 5)]
    summary, _found = take("part", "code,name", *lines)
    assert summary.trouble is not None
    assert (summary.trouble.code, summary.made, summary.clean) == ("store.full", TOGETHER, False)


def test_a_spreadsheet_that_is_damaged_further_on_ends_it_with_what_was_taken(world: World, tmp_path: Path) -> None:
    book = Workbook()
    for row in (["code", "name"], *([f"N-{count:05}", "Bolt"] for count in range(TOGETHER + 500))):
        book.active.append(row)
    book.save(tmp_path / "whole.xlsx")
    with ZipFile(tmp_path / "whole.xlsx") as whole, ZipFile(tmp_path / "cut.xlsx", "w") as cut:
        for name in whole.namelist():
            content = whole.read(name)
            cut.writestr(name, content[: len(content) - 5000] if "sheet1" in name else content)
    summary = import_file(world.app, world.actor, "part", tmp_path / "cut.xlsx")
    assert summary.trouble is not None
    assert (summary.trouble.code, summary.made) == ("import.no_book", TOGETHER)


def test_findings_come_in_the_order_of_their_lines(take: Import) -> None:
    _summary, found = take("part", "code,name", "N-1", "?,x", "N-1,Chain", 'N-2,"x', "N-1,Chain", "??,x")
    assert [finding.line for finding in found] == [2, 3, 5, 6, 7]


@pytest.mark.parametrize("name", ["report.csv", "report.ndjson"])
def test_a_report_is_a_file_that_no_spreadsheet_runs(tmp_path: Path, name: str) -> None:
    report = ReportFile(tmp_path / name)
    report.add(Finding(2, "refused", "Code is not filled in.", column="code", value="=1+1"))
    report.close()
    content = (tmp_path / name).read_text("utf-8")
    assert ('"=1+1"' if name.endswith("json") else ",'=1+1,") in content


def test_a_report_that_finds_nothing_makes_no_file(tmp_path: Path) -> None:
    report = ReportFile(tmp_path / "report.csv")
    report.close()
    assert not (tmp_path / "report.csv").exists()


def test_bins_of_many_store_rooms_are_found_at_once(world: World, take: Import) -> None:
    take("warehouse", "site,code,name", "M,W2,Second", "M,W3,Third")
    summary, found = take("bin", "warehouse,code", *(f"{room},Z-{count}" for room in ("W2", "W3") for count in range(50)))
    assert (summary.made, found) == (100, [])
    assert len([row for row in world.rows(Bin) if row.code == "Z-7"]) == 2


def test_the_store_keeps_more_in_memory_for_as_long_as_a_file_is_taken_in(world: World, take: Import) -> None:
    def kept() -> tuple[int, int]:
        def read() -> tuple[int, int]:
            with world.app.dispatcher.engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                (cache,), (journal,) = (driver.execute(f"PRAGMA {name}").fetchone() for name in ROOMY)
                return int(cache), int(journal)

        return world.app.writer.run(read)

    meanwhile: list[tuple[int, int]] = []
    take("part", "code,name", "A-1,Lever", progress=lambda _summary: meanwhile.append(kept()))
    assert set(meanwhile) == {tuple(ROOMY.values())}
    assert kept() == tuple(USUAL.values())

    def stop(_summary: Summary) -> None:
        raise RuntimeError("the window was closed")

    with pytest.raises(RuntimeError):
        take("part", "code,name", "A-2,Lever", progress=stop)
    assert kept() == tuple(USUAL.values())
