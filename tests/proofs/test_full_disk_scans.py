"""The same disk under the window: whichever write of a scan it refuses, no OK is heard before the part is booked, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from counts import Count
from faulty_disk import FaultyDisk, faulty_disk
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, code
from sqlalchemy import func, select

from app.kernel.records import EnvelopeRow
from app.kernel.types import Quantity
from app.work_orders.commands import PlanPart
from ui.kit.sound import Outcome as Tone
from world import World, open_app


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    with faulty_disk() as disk:
        yield disk


def booked(world: World) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(EnvelopeRow).where(EnvelopeRow.command == "IssuePart")) or 0


def scanned(terminal: Terminal, disk: FaultyDisk, text: str) -> int:
    """One scan, of which first one write goes through, then two, until it is booked; how often it was refused."""
    world, window = terminal.world, terminal.window
    before = booked(world)
    for after in range(10_000):
        heard = terminal.sounds().count(Tone.OK)
        disk.fail(after)
        if after:
            QTest.keyClick(window.focusWidget(), Qt.Key.Key_F5)
        else:
            terminal.shoot(text)
        terminal.until(lambda heard=heard: window.unsaved_page.isVisible() or terminal.sounds().count(Tone.OK) > heard)
        terminal.until(lambda: terminal.settled() and not window.unsaved._busy)
        disk.recover()
        done, now = booked(world) - before, terminal.sounds().count(Tone.OK) - heard
        assert (done, now) in ((0, 0), (1, 1)), (after, done, now)
        if done:
            return after
        assert window.unsaved_page.isVisible()
    raise AssertionError("it never went through")


def scan_proof(world: World, disk: FaultyDisk, scans: int, qtbot: QtBot, folder: Path, count: Count) -> None:
    keeper = world.person("Mara", "KEE")
    for part in world.parts:  # more than is planned would ask why
        world.done(PlanPart(order=world.order, part=part, quantity=Quantity(scans)))
    path, station = world.app.store.path, world.app.station  # type: ignore[attr-defined]
    world.close()
    world.app = open_app(path, station=station)  # its files are opened on this disk
    refused = 0
    with at_work(world, qtbot.waitUntil, folder) as terminal:
        terminal.window.floor.seat(keeper)
        terminal.scan(code("WO", world.order))
        terminal.begin()
        for number in range(scans):
            terminal.heard.clear()
            refused += scanned(terminal, disk, code("PT", world.parts[number % len(world.parts)]))
            terminal.until(terminal.settled)
        tones = terminal.sounds().count(Tone.OK)
    assert tones == booked(world) == scans
    count("full disk at the window", "scans", scans)
    count("full disk at the window", "writes refused", refused)
    count("full disk at the window", "OK sounds without a commit", tones - scans)


def test_whichever_write_of_a_scan_the_disk_refuses_no_ok_is_heard_before_it_is_booked(
    world: World, disk: FaultyDisk, qtbot: QtBot, tmp_path: Path, count: Count
) -> None:
    scan_proof(world, disk, 2, qtbot, tmp_path, count)


@pytest.mark.prove
def test_of_many_scans_no_ok_is_heard_before_its_part_is_booked_whichever_write_the_disk_refuses(
    world: World, disk: FaultyDisk, qtbot: QtBot, tmp_path: Path, count: Count
) -> None:
    scan_proof(world, disk, 25, qtbot, tmp_path, count)
