"""`fettle demo`: built once, opened again, never in the place of a real store; its tour keeps to its budgets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import app.demo
from app.kernel.files import FileLock


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days instead of thirty."""
    whole = app.demo.build
    monkeypatch.setattr("app.demo.build", lambda terminal, calendar, progress: whole(terminal, calendar, progress, days=2))


def test_the_tour_keeps_to_its_budgets_and_saves_its_pictures(quick: None, fettle: Callable[..., Any], tmp_path: Path) -> None:
    shots, store = tmp_path / "shots", tmp_path / "demo"
    said = fettle("demo", "--shots", str(shots), store=store)
    assert said.code == 0
    chapters = {line["chapter"]: line for line in said.lines}
    s1, s2, undo = chapters["S1"], chapters["S2"], chapters["UNDO"]
    assert (s1["scans"], s1["touches"], s1["ok_sounds"], s1["commits"]) == (7, 0, 6, 6)
    assert (s2["scans"], s2["touches"], s2["ok_sounds"], s2["commits"]) == (5, 0, 4, 4)
    assert (undo["scans"], undo["ok_sounds"], undo["commits"]) == (1, 1, 1)
    cards = chapters["CARDS"]
    assert (cards["scans"], cards["touches"], cards["commits"]) == (3, 0, 1)
    s4, s5, s6 = chapters["S4"], chapters["S5"], chapters["S6"]
    assert (s4["scans"], s4["touches"], s4["ok_sounds"], s4["commits"]) == (2, 6, 2, 2)
    assert (s5["scans"], s5["touches"], s5["ok_sounds"], s5["commits"]) == (5, 24, 11, 11)
    assert (s6["scans"], s6["touches"], s6["ok_sounds"], s6["commits"]) == (5, 0, 5, 5)
    assert all(chapter["met"] for chapter in said.lines)
    pictures = sorted(path.name for path in shots.glob("*.png"))
    assert len(pictures) == 67
    assert {name for chapter in said.lines for name in chapter["pictures"]} < set(pictures)
    assert str(shots) in said.words
    assert fettle("ask", "scans", "--limit", "1", store=store).line, "every scan is in the log"


def test_a_real_store_is_never_taken_for_a_demo(shop: Any, fettle: Callable[..., Any]) -> None:
    for fresh in ((), ("--fresh",)):
        before = shop.store.stat().st_size
        said = fettle("demo", *fresh)
        assert (said.code, said.out) == (3, "")
        assert "is not a demo: it was left as it is." in said.words
        assert shop.store.stat().st_size == before
    assert len(fettle("ask", "stock").lines) == 5


def test_in_a_demo_nobody_needs_a_pin_and_grants_still_hold(
    quick: None, fettle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.cli.demo._tour", lambda *_: 0)
    store = tmp_path / "demo"
    assert fettle("demo", "--shots", "none", store=store).code == 0
    assert len(fettle("ask", "people", store=store).lines) == 15
    assert fettle("ask", "people", "--as", "vera", store=store).code == 1
    badge = tmp_path / "badge.png"
    assert fettle("label", "badge", "kim", "--to", str(badge), store=store).code == 0
    assert fettle("backup", "--now", store=store).code == 0
    fresh = fettle("demo", "--fresh", "--shots", "none", store=store)
    assert fresh.code == 0
    assert "Building" in fresh.words


def test_a_demo_that_is_open_is_not_built_anew_beneath_its_user(
    quick: None, fettle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.cli.demo._tour", lambda *_: 0)
    monkeypatch.setattr("ui.cli.demo.data_folder", lambda: tmp_path)
    assert fettle("demo", "--shots", "none", store=None).code == 0
    lock = FileLock(tmp_path / "demo" / "terminal.fettle.lock")
    try:
        said = fettle("demo", "--fresh", "--shots", "none", store=None)
    finally:
        lock.release()
    assert said.code == 3
    assert "open in another program" in said.words
    (tmp_path / "demo" / "terminal.fettle").write_bytes(b"ruined")
    assert fettle("demo", "--shots", "none", store=None).code == 3
    assert fettle("demo", "--fresh", "--shots", "none", store=None).code == 0


def test_a_tour_that_goes_wrong_says_where(
    quick: None, fettle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ui.tour as tour

    early = tour.Chapter("S0", "A card before a badge", (tour.Step("card", "FT1:CM:UNDO:X"),), 1, lambda: True)
    monkeypatch.setattr(tour, "chapters", lambda *_: (early,))
    said = fettle("demo", "--shots", str(tmp_path / "shots"), store=tmp_path / "demo")
    assert (said.code, said.out) == (3, "")
    assert "The tour stops at “card”: Nobody is signed in. Scan your badge first." in said.words
    monkeypatch.setattr(tour, "PATIENCE", 200)
    monkeypatch.setattr("ui.scan.typist.Typist.scan", lambda *_: None)
    said = fettle("demo", "--shots", str(tmp_path / "shots"), store=tmp_path / "demo")
    assert (said.code, said.out) == (3, "")
    assert "for nothing. The machine may be very busy: try again." in said.words
