"""The hub's benches measure real pushes: what they tell is what was applied, beside the very same rows written bare."""

from __future__ import annotations

import pytest

from app.kernel.measuring import Result
from sync.bench import pair, push, records

SMALL = 500  # parts beside the measured ones


@pytest.fixture(autouse=True)
def small_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (push, records):
        monkeypatch.setattr(module, "PARTS", SMALL)


def figures(result: Result) -> None:
    assert result.limits.keys() <= result.metrics.keys()
    assert set(result.targets) <= set(result.metrics) | set(result.ratios)
    assert all(value > 0 for value in result.limits.values())


def test_a_backlog_of_issues_is_measured_beside_its_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair, "measured", lambda _parts, _count: {"growth_percent": 0.0, "lock_wait_percent": 0.0})
    found = push.bench(60)
    figures(found)
    assert found.metrics["commands_per_s"] > 0


def test_imported_parts_are_measured_beside_their_own_rows() -> None:
    found = records.bench(300)
    figures(found)
    assert found.metrics["rows_per_s"] > 0


def test_two_processes_are_measured_beside_one() -> None:
    found = pair.measured(SMALL, 40)
    assert set(found) == {"cpu_ms_per_command_1", "cpu_ms_per_command_2", "growth_percent", "lock_wait_percent"}
    assert found["cpu_ms_per_command_2"] > 0
