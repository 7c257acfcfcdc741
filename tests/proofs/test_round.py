"""The round bench runs whole: a real hub, an enrolled terminal, a slow line; and its messages stay small."""

from __future__ import annotations

import pytest

from sync.bench import round

pytestmark = pytest.mark.prove


def test_a_round_through_a_real_hub_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round, "PARTS", 300)
    found = round.bench(3)
    assert found.meets("idle_bytes")
    assert found.meets("down_bytes")
    assert {"ping_p50_ms", "insert_p50_ms", "far_ping_p50_ms"} <= set(found.limits)
    assert found.metrics["far_up_p50_ms"] > found.metrics["idle_p50_ms"]
