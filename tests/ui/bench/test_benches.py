"""Benches measure the program itself, beside the machine's limit, and say plainly whether a target was met."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from ui.bench import Result, spread
from ui.bench.behind_import import gaps_of_import
from ui.cli import main

SMALL = 60  # parts on the shelf


@pytest.fixture(autouse=True)
def shelf_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("commit", "paint"):
        monkeypatch.setattr(f"ui.bench.{name}.PARTS", SMALL)
    monkeypatch.setattr("ui.bench.start.STARTS", 1)
    monkeypatch.setattr("ui.bench.behind_import.SHELF", SMALL)


def benched(capsys: pytest.CaptureFixture[str], name: str, n: int) -> dict[str, Any]:
    """The one JSON line of a bench, held to the shape that other programs rely on."""
    code = main(["bench", name, "--json", "--n", str(n)])
    [line] = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads(line)
    assert set(found) == {"bench", "n", "metrics", "limits", "ratios", "targets", "met"}
    assert (found["bench"], found["n"]) == (name, n)
    assert code == (0 if found["met"] else 1)
    assert found["limits"]
    assert set(found["targets"]) <= set(found["metrics"]) | set(found["ratios"])
    return found


def test_a_scan_is_timed_to_its_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    assert benched(capsys, "scan", SMALL)["metrics"]["p50_ms"] > 0


def test_an_issue_is_timed_beside_the_same_rows_inserted_bare(capsys: pytest.CaptureFixture[str]) -> None:
    assert benched(capsys, "commit", 5)["ratios"]["p50_times_bare"] > 0


def test_a_scan_is_timed_from_its_last_key_to_the_painted_line(capsys: pytest.CaptureFixture[str], qapp: QApplication) -> None:
    found = benched(capsys, "paint", 3)
    assert found["metrics"]["p50_ms"] > found["limits"]["commit_p50_ms"]


@pytest.mark.skipif(os.name != "posix", reason="a window is asked to end by a signal")
def test_a_start_is_timed_until_a_scan_would_be_taken(capsys: pytest.CaptureFixture[str]) -> None:
    found = benched(capsys, "start", SMALL)
    assert found["metrics"]["p50_ms"] > found["limits"]["empty_window_p50_ms"]
    assert found["metrics"]["rss_mb"] > 0


def test_a_search_is_timed_beside_the_statements_that_it_comes_to(capsys: pytest.CaptureFixture[str]) -> None:
    found = benched(capsys, "search", 300)
    assert found["metrics"]["p50_ms"] > found["limits"]["p50_ms"]
    assert found["targets"]["p99_ms"] == ["<=", 20.0]


def test_an_import_is_timed_beside_the_same_rows_put_there_bare(capsys: pytest.CaptureFixture[str]) -> None:
    found = benched(capsys, "import", SMALL)
    assert found["metrics"]["rows_per_s"] > 0
    assert found["ratios"]["times_naive"] > 1
    assert found["targets"]["rss_mb"] == ["<=", 400.0]


def test_a_window_is_watched_while_a_file_is_imported_behind_it(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.bench.behind_import.QUIET", 0.5)
    alone, behind, took = gaps_of_import(SMALL)
    assert alone
    assert behind
    assert took > 0


def test_a_bench_that_does_not_exist_is_answered_with_those_that_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "scann"]) == 2
    assert "scan, commit, paint, start" in capsys.readouterr().err


def test_a_missed_target_is_called_so() -> None:
    slow = Result("scan", 1, spread([3.0, 1.0, 2.0]), targets={"p99_ms": ("<=", 2.0), "p50_ms": ("<=", 2.0)})
    assert slow.metrics == {"p50_ms": 2.0, "p99_ms": 3.0, "max_ms": 3.0}
    assert (slow.meets("p50_ms"), slow.meets("p99_ms"), slow.met) == (True, False, False)


def test_a_list_is_timed_until_its_rows_are_painted_wherever_one_goes(
    capsys: pytest.CaptureFixture[str], qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.bench.lists.JUMPS", 5)
    monkeypatch.setattr("ui.bench.lists.OPENS", 2)
    found = benched(capsys, "list", 4 * SMALL)
    assert found["metrics"]["jump_p99_ms"] > 0
    assert found["metrics"]["open_max_ms"] > found["limits"]["open_p50_ms"]
