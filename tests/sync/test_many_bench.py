"""The bench of many terminals sends real commands to a real hub process, and counts at the end what came of each."""

from __future__ import annotations

import pytest

from sync.bench import many

SMALL = {"PARTS": 500, "SCANS": 2, "BACKLOG": 12, "MOST_BESIDE": 40, "ROUND": 1, "PINGS": 1}


def test_all_that_terminals_send_is_at_the_hub_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SMALL.items():
        monkeypatch.setattr(many, name, value)
    found = many.bench(2)
    assert (found.metrics["lost"], found.metrics["double"]) == (0, 0)
    assert found.metrics["commands"] >= 2 * (SMALL["SCANS"] + SMALL["BACKLOG"])
    assert set(found.targets) <= set(found.metrics)
    assert all(value > 0 for value in found.limits.values())
