"""The palette: whatever somebody may open or do is a few letters away, and what they may not is not shown at all."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, code

from ui.kit.declared import Place
from ui.kit.ranking import fit
from world import World


def rows(terminal: Terminal) -> list[str]:
    model = terminal.window.palette_of.list.model()
    return [str(model.index(line, 0).data()) for line in range(model.rowCount())]


def type_in(terminal: Terminal, text: str) -> None:
    """Opens the palette and types, as hands on a keyboard do."""
    palette = terminal.window.palette_of
    if not palette.isVisible():
        palette.open()
    QTest.keyClicks(palette.box, text)
    terminal.until(lambda: terminal.settled() and not palette._pause.isActive())
    terminal.until(terminal.settled)


def press(terminal: Terminal, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(terminal.window.palette_of.box, key)


def test_a_screen_opens_by_a_few_letters_and_enter(terminal: Terminal) -> None:
    type_in(terminal, "retu")
    assert rows(terminal)[0].startswith("Return parts")
    press(terminal, Qt.Key.Key_Return)
    assert terminal.window.floor.context == "flow:parts_issue.return"
    assert not terminal.window.palette_of.isVisible()


def test_a_part_is_found_by_its_name_and_opened_by_a_touch(terminal: Terminal) -> None:
    type_in(terminal, "copper wash")
    terminal.touch_row("Copper washer")
    screen = terminal.window.floor.screen
    assert screen is not None
    assert (screen.place.kind, screen.place.name) == ("page", "part")


def test_the_palette_opens_by_touch(terminal: Terminal) -> None:
    terminal.touch("All")
    assert terminal.window.palette_of.isVisible()
    terminal.touch("Close")
    assert not terminal.window.palette_of.isVisible()


def test_what_was_open_last_stands_first(terminal: Terminal) -> None:
    terminal.window.floor.go(Place("list", "bin"))
    terminal.window.floor.go(Place("page", "part", terminal.world.parts[2]))
    terminal.window.floor.go(Place("home"))
    terminal.window.palette_of.open()
    terminal.until(lambda: " ·   Part" in rows(terminal)[0])
    assert rows(terminal)[1].startswith("Bins")
    assert not [one for one in rows(terminal) if one.startswith("Home")], "that is where somebody is"


def test_it_remembers_over_a_change_of_person(terminal: Terminal) -> None:
    other = terminal.world.person("Ben", "KEE")
    mara = terminal.window.floor.who
    assert mara is not None
    terminal.window.floor.go(Place("list", "bin"))
    terminal.window.floor.seat(other)
    terminal.window.palette_of.open()
    terminal.until(terminal.settled)
    assert not rows(terminal)[1].startswith("Bins"), "what Mara did is hers"
    terminal.window.floor.seat(mara)
    terminal.until(terminal.settled)
    terminal.window.palette_of.open()
    terminal.until(lambda: rows(terminal)[0].startswith("Home"))


def test_what_somebody_may_not_do_is_absent(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    viewer = world.person("Vera", "VIE")
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(viewer)
        terminal.window.palette_of.open()
        terminal.until(terminal.settled)
        told = rows(terminal)
    assert any(one.startswith("Parts") for one in told)
    assert not [one for one in told if one.startswith(("Issue", "Add ", "Change ", "People", "Plan a part", "Begin work"))]


def test_a_task_on_a_record_asks_which_one_and_a_scan_answers(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(world.person("Stefan", "MGR"))
        type_in(terminal, "plan a part")
        press(terminal, Qt.Key.Key_Return)
        assert terminal.question is not None
        terminal.scan(code("WO", world.order))
        terminal.until(lambda: terminal.window.floor.context == "form:part_line")


def test_what_the_screen_in_front_can_do_is_offered_with_its_words(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(world.person("Stefan", "MGR"))
        terminal.window.floor.go(Place("page", "work_order", world.order))
        terminal.until(terminal.settled)
        type_in(terminal, "add a serv")
        press(terminal, Qt.Key.Key_Return)
        terminal.until(lambda: terminal.window.floor.context == "form:service_line")
        assert terminal.question is None, "the job in front is the one that is meant"


def test_undo_and_signing_out_are_in_it_too(terminal: Terminal) -> None:
    terminal.scan(code("WO", terminal.world.order))
    terminal.scan(code("PT", terminal.world.part))
    type_in(terminal, "undo")
    assert rows(terminal)[0].startswith("Undo: 1 × Brake pads front")
    press(terminal, Qt.Key.Key_Return)
    terminal.until(lambda: not terminal.window.floor.bench.acts)
    type_in(terminal, "sign ou")
    press(terminal, Qt.Key.Key_Return)
    assert terminal.window.floor.who is None


def test_escape_closes_it_and_nothing_was_done(terminal: Terminal) -> None:
    before = terminal.window.floor.context
    type_in(terminal, "stock")
    press(terminal, Qt.Key.Key_Escape)
    assert not terminal.window.palette_of.isVisible()
    assert terminal.window.floor.context == before


def test_a_scan_goes_to_the_task_and_not_into_the_palette(terminal: Terminal) -> None:
    terminal.window.palette_of.open()
    terminal.scan(code("WO", terminal.world.order))
    assert not terminal.window.palette_of.isVisible()
    assert terminal.window.floor.context == "flow:parts_issue.issue"


def test_the_words_that_fit_best_come_first() -> None:
    assert fit("stock", "Stock") == 0
    assert fit("sto", "Stock") == 1
    assert fit("st lo", "Low stock") == 2
    assert fit("job", "Plan a part", "Job") == 3
    assert fit("pap", "Plan a part") == 4
    assert fit("stcok", "Stock") == 5
    assert fit("stonk", "Stock") == 5
    assert fit("retrn", "Return parts") == 5
    assert fit("zebra", "Stock") is None
    assert fit("xyz", "Stock") is None
