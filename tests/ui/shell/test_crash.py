"""A bug in the program: the page says so, the work is still there, and a report is written that can be sent."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shop_floor import Terminal, card, code

from app.kernel.scan_log import Outcome
from ui.kit.declared import Place
from ui.main import settle
from ui.report import FAULT, KEPT, Reports, catch_faults, write_report


def break_it(terminal: Terminal, times: int = 1) -> None:
    """A bug in what a screen reads."""

    def bug() -> None:
        raise KeyError("whatever")

    for _again in range(times):
        terminal.window.bench.read(terminal.window, bug, lambda _nothing: None)
    terminal.until(terminal.window.crash.isVisible)
    terminal.until(terminal.settled)


def reports(folder: Path) -> list[Path]:
    return sorted(folder.glob("report-*.txt"))


def test_what_was_typed_is_still_there_when_one_goes_on(terminal: Terminal) -> None:
    terminal.window.floor.go(Place("flow", "parts_issue.issue"))
    terminal.window.scan_line.box.setFocus()
    QTest.keyClicks(terminal.window.scan_line.box, "brake pa")
    break_it(terminal)
    terminal.touch("Go on working")
    assert terminal.window.scan_line.box.text() == "brake pa"
    assert terminal.window.focusWidget() is terminal.window.scan_line.box, "and the cursor is where it was"


def test_the_keyboard_goes_on_and_reaches_nothing_underneath(terminal: Terminal) -> None:
    break_it(terminal)
    before = terminal.window.scan_line.box.text()
    button = terminal.window.focusWidget()
    assert button is not None
    assert button.accessibleName() == "Go on working"
    QTest.keyClick(button, Qt.Key.Key_Tab)
    assert terminal.window.focusWidget() is button
    QTest.keyClicks(button, "x")
    assert terminal.window.scan_line.box.text() == before
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert not terminal.window.crash.isVisible()
    assert terminal.scan(code("WO", terminal.world.order))[0] is Outcome.SUCCESS


def test_who_has_only_a_scanner_goes_on_with_the_done_card(terminal: Terminal) -> None:
    break_it(terminal)
    job = code("WO", terminal.world.order)
    assert "DONE card" in terminal.scan(job)[1]
    assert terminal.window.crash.isVisible()
    assert terminal.scan(card("DONE"))[0] is Outcome.SUCCESS
    assert not terminal.window.crash.isVisible()
    assert terminal.scan(job)[0] is Outcome.SUCCESS


def test_a_bug_that_comes_again_and_again_is_written_once(terminal: Terminal, tmp_path: Path) -> None:
    break_it(terminal, times=5)
    assert len(reports(tmp_path)) == 1


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `settle` lays hold of is given back."""
    monkeypatch.setattr("sys.excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", threading.__excepthook__)
    monkeypatch.setattr("gc.freeze", lambda: None)


@pytest.mark.usefixtures("hooks")
def test_a_bug_on_another_thread_is_told_on_the_screen(terminal: Terminal, tmp_path: Path) -> None:
    settle(terminal.window, terminal.world.org)
    thread = threading.Thread(target="".index, args=("x",))
    thread.start()
    thread.join()
    terminal.until(terminal.window.crash.isVisible)
    assert "ValueError" in reports(tmp_path)[0].read_text("utf-8")


def test_reports_do_not_fill_the_disk(tmp_path: Path) -> None:
    for number in range(KEPT + 5):
        (tmp_path / f"report-2026{number:04d}.txt").write_text("old")
    new = write_report(tmp_path, ValueError())
    assert len(reports(tmp_path)) == KEPT
    assert new in reports(tmp_path)


def test_two_bugs_have_two_reports(tmp_path: Path) -> None:
    own = Reports(tmp_path)
    assert own.of(ValueError()) == own.of(ValueError())
    assert own.of(KeyError()) != own.of(ValueError())


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Python's own fault handler stays as the tests have it."""
    files: list[object] = []
    monkeypatch.setattr("faulthandler.enable", files.append)
    monkeypatch.setattr("atexit.register", lambda *_given: None)
    yield files
    for file in files:
        file.close()  # type: ignore[attr-defined]


def test_what_killed_the_program_itself_is_found_at_the_next_start(tmp_path: Path, faults: list[object]) -> None:
    (tmp_path / FAULT).write_text("Fatal Python error: Segmentation fault")
    catch_faults(tmp_path)
    assert [one.read_text() for one in reports(tmp_path)] == ["Fatal Python error: Segmentation fault"]
    assert len(faults) == 1
    assert (tmp_path / FAULT).read_text() == ""
