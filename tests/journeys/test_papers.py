"""Papers by a person's steps: two touches from the page of a job to its job card, kept with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, code

from app.kernel.attached import Attachment
from app.work_orders.commands import CreateOrder
from world import World


@pytest.fixture
def taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FETTLE_FILES", str(tmp_path / "taken"))
    return tmp_path / "taken"


@pytest.fixture
def bench(world: World, qtbot: QtBot, tmp_path: Path, taken: Path) -> Iterator[Terminal]:
    """A mechanic at the page of a job."""
    world.order = world.done(CreateOrder(site=world.site, what="Front brake")).row("work_order")
    mechanic = world.person("Mick", "ADV")
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(mechanic)
        terminal.scan(code("WO", world.order))
        terminal.until(terminal.settled)
        terminal.begin()
        yield terminal


def test_the_job_card_is_kept_with_its_job_and_lies_where_files_are_taken_from(bench: Terminal, taken: Path) -> None:
    bench.reach("Papers")
    bench.touch("Papers")
    bench.touch("Job card")
    bench.until(lambda: bool(bench.world.rows(Attachment)) and bool(list(taken.glob("*.pdf"))))
    [kept] = bench.world.rows(Attachment)
    assert kept.row_id == bench.world.order
    assert (taken / kept.name).read_bytes().startswith(b"%PDF-")
    assert bench.touches <= 3, "More, Papers, Job card"
