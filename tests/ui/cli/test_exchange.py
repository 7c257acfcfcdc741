"""`fettle import`, `export`, `fingerprint` and `doctor`: files in and out, and how a store is."""

from __future__ import annotations

import csv
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
CHECKS = {
    "box",
    "saving",
    "store",
    "backups",
    "mishaps",
    "versions",
    "key",
    "disk",
    "writing",
    "clock",
    "audit",
    "balances",
    "links",
    "hub",
    "printers",
    "camera",
}


def written(tmp_path: Path, *lines: str) -> str:
    (tmp_path / "file.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return str(tmp_path / "file.csv")


def test_an_import_tells_each_line_and_then_the_whole(fettle: Callable[..., Any], tmp_path: Path) -> None:
    said = fettle("import", "part", written(tmp_path, "code,name", "N-1,Chain", "?,Disc"))
    finding, summary = said.lines
    assert said.code == 1
    assert (finding["line"], finding["state"], finding["column"], finding["value"]) == (3, "refused", "code", "?")
    assert (summary["made"], summary["refused"], summary["lines"]) == (1, 1, 2)
    assert "2 lines: 1 made" in said.words


def test_a_clean_import_is_done(fettle: Callable[..., Any], tmp_path: Path) -> None:
    assert fettle("import", "part", written(tmp_path, "code,name", "N-1,Chain")).code == 0


def test_findings_may_go_into_a_file(fettle: Callable[..., Any], tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    said = fettle("import", "part", str(DATA / "odoo_products.csv"), "--map", "odoo_products", "--report", str(report))
    assert (said.code, said.line["made"], said.line["skipped"], said.line["refused"]) == (1, 44, 9, 8)
    with report.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len([row for row in rows if row["state"] == "refused"]) == 8
    assert all(row["line"].isdigit() and row["reason"] for row in rows)


def test_a_dry_run_keeps_nothing(fettle: Callable[..., Any]) -> None:
    before = fettle("fingerprint").line
    said = fettle("import", "customer", str(DATA / "odoo_partners.csv"), "--map", "odoo_partners", "--dry-run")
    assert (said.lines[-1]["made"], said.lines[-1]["dry_run"]) == (40, True)
    assert fettle("fingerprint").line == before


def test_a_file_that_does_not_fit_says_why(fettle: Callable[..., Any], tmp_path: Path) -> None:
    said = fettle("import", "part", written(tmp_path, "code,nmae", "N-1,Chain"))
    assert (said.code, said.out) == (1, "")
    assert "There is no field “nmae”. Did you mean name" in said.words
    assert fettle("import", "part", str(tmp_path / "none.csv")).code == 3


def test_who_may_not_is_told(staffed: Any, fettle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_PIN", "407192")
    said = fettle("--as", "kim", "import", "part", written(tmp_path, "code,name", "N-1,Chain"))
    assert (said.code, said.out) == (1, "")
    assert "parts.edit" in said.words


def test_ctrl_c_stops_between_batches_and_tells_what_was_taken(shop: Any, started: Callable[..., Any], tmp_path: Path) -> None:
    path = written(tmp_path, "code,name", *(f"N-{count:06},Bolt" for count in range(200_000)))
    process: subprocess.Popen[str] = started(shop.program("import", "part", path))
    journal = shop.folder / "terminal.fettle-wal"
    while not (journal.exists() and journal.stat().st_size > 2_000_000):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, words = process.communicate(timeout=60)
    assert process.returncode == 130, words
    assert '"cancelled":true' in out
    assert "Import the file again to go on." in words
    assert "Traceback" not in words


@pytest.mark.parametrize("form", ["csv", "xlsx", "ndjson"])
def test_what_was_exported_is_imported_without_a_change(fettle: Callable[..., Any], tmp_path: Path, form: str) -> None:
    path = str(tmp_path / f"out.{form}")
    assert fettle("export", "part", "--to", path).line == {"export": "part", "to": path, "rows": 5}
    said = fettle("import", "part", path)
    assert (said.code, said.line["unchanged"], said.line["made"], said.line["changed"]) == (0, 5, 0, 0)


def test_an_export_wants_a_name_that_says_its_kind(fettle: Callable[..., Any], tmp_path: Path) -> None:
    said = fettle("export", "part", "--to", str(tmp_path / "out.doc"))
    assert said.code == 1
    assert ".csv, .xlsx or .ndjson" in said.words


def test_a_fingerprint_counts_and_hashes_every_entity(fettle: Callable[..., Any]) -> None:
    found = fettle("fingerprint").line
    assert found["part"]["count"] == 5
    assert len(found["part"]["sha256"]) == 64
    fettle("do", "SaveRecord", '{"entity": "part", "fields": {"code": [null, "N-1"], "name": [null, "Chain"]}}')
    assert fettle("fingerprint").line["part"]["sha256"] != found["part"]["sha256"]


def test_the_doctor_says_how_everything_is(fettle: Callable[..., Any]) -> None:
    said = fettle("doctor", "--json")
    assert said.code == 0
    assert {line["check"] for line in said.lines} == CHECKS
    assert all(line.keys() == {"check", "state", "message", "hint", "values"} for line in said.lines)
    assert {line["state"] for line in said.lines} <= {"ok", "warn"}
    assert all(line["hint"] for line in said.lines if line["state"] != "ok")
    assert "The store is whole." in fettle("doctor").out


def test_the_doctor_tells_of_a_store_that_is_not_there(fettle: Callable[..., Any], tmp_path: Path) -> None:
    said = fettle("doctor", "--json", store=tmp_path / "none")
    assert said.code == 1
    assert said.lines[0]["state"] == "bad"


def test_the_doctor_tells_of_a_file_that_is_no_store(fettle: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "terminal.fettle").write_bytes(b"nothing like it" * 100)
    said = fettle("doctor", store=tmp_path)
    assert said.code == 1
    assert "is not a store of Fettle" in said.out
