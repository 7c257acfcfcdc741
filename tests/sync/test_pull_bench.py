"""`fettle bench pull` measures real pages: what it tells was fetched from a hub's process, and lies in the terminal's store."""

from __future__ import annotations

import pytest

from sync.bench import pull, queueing


def test_changed_parts_are_measured_beside_the_barest_feed_and_a_person_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "SCANS", 3)
    monkeypatch.setattr(queueing, "SCANS", 3)
    monkeypatch.setattr(pull, "BREATH", 0.001)
    found = pull.bench(300)
    assert set(found.targets) <= set(found.metrics) | set(found.ratios)
    assert all(value > 0 for name, value in {**found.metrics, **found.limits, **found.ratios}.items() if "max" not in name)
