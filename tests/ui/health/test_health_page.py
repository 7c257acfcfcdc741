"""The health page: the worst first, with what to do; the same checks as the command line's; reached from the status line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from gates import close, cut_off, faint, nameless, small, tiny, unlabelled
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from app.assemble import Terminal as Machine
from app.assemble import make_terminal
from app.kernel.health import BAD, OK, WARN, Check
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.problems import Problem, Trouble
from app.kernel.room import MEGABYTE
from ui.health.doctor import LABELS, Contact, HouseDoctor, worst_first
from ui.health.screens import HealthPage
from ui.kit.declared import Place
from world import World

NAMES = ["store", "backups", "box", "mishaps", "key", "disk", "saving", "clock", "hub", "printers", "versions"]
MORE = ["writing", "audit", "links"]


class Fixed:
    """A doctor who finds what a test wants."""

    def __init__(self, *found: Check) -> None:
        self.found = list(found)
        self.deep = 0
        self.trouble: Exception | None = None
        self.quickly = threading.Event()
        self.quickly.set()

    def quick(self) -> list[Check]:
        assert self.quickly.wait(30)
        return self.found

    def thorough(self) -> list[Check]:
        self.deep += 1
        if self.trouble is not None:
            raise self.trouble
        return [*self.found, Check("audit", OK, "Every command is there.")]


@pytest.fixture
def free() -> list[int]:
    return [5000]


@pytest.fixture
def machine(tmp_path: Path, free: list[int]) -> Iterator[Machine]:
    keeper = KeyKeeper(KeyFile())
    with closing(make_terminal(tmp_path / "s" / "t.fettle", keeper=keeper, free=lambda _path: free[0] * MEGABYTE)) as made:
        yield made


def states(found: list[Check]) -> dict[str, str]:
    return {one.name: one.state for one in found}


def opened(world: World, qtbot: QtBot, folder: Path, doctor: Fixed, **look: object) -> Iterator[Terminal]:
    keeper = world.person("Mara", "KEE")
    with at_work(world, qtbot.waitUntil, folder, doctor=doctor, **look) as terminal:
        terminal.window.floor.seat(keeper)
        terminal.window.floor.go(Place("health"))
        terminal.until(terminal.settled)
        yield terminal


ODD = (
    Check("clock", OK, "The clock says {now}.", "", {"now": "2026-11-20T14:05:00+00:00"}),
    Check("disk", WARN, "Only 900 MB of the disk are free.", "Make room on the disk."),
    Check("box", BAD, "The black box cannot be written: no room.", "See to the disk."),
)


@pytest.fixture
def doctor() -> Fixed:
    return Fixed(*ODD)


@pytest.fixture
def page(world: World, qtbot: QtBot, tmp_path: Path, doctor: Fixed) -> Iterator[Terminal]:
    yield from opened(world, qtbot, tmp_path, doctor)


def test_what_is_wrong_stands_on_top_with_what_to_do(page: Terminal) -> None:
    words = page.words()
    assert "One thing is wrong." in words
    assert words.index("Black box") < words.index("Disk") < words.index("Clock")
    assert "See to the disk." in words
    assert "2026-11-20T" not in words, "a moment is read as people read it"


def test_where_all_is_well_it_says_so_in_grey(page: Terminal, doctor: Fixed) -> None:
    doctor.found = [ODD[0]]
    page.window.floor.back()
    page.window.floor.go(Place("health"))
    page.until(lambda: "All is well." in page.words())


def test_looking_through_everything_is_asked_for_and_said(page: Terminal, doctor: Fixed) -> None:
    page.touch("Look through everything")
    page.until(lambda: "Every command is there." in page.words())
    assert doctor.deep == 1


def test_what_was_only_glanced_at_is_not_told_as_looked_through(page: Terminal, doctor: Fixed) -> None:
    doctor.found = [ODD[0]]
    doctor.quickly.clear()
    screen = page.window.floor.screen
    assert isinstance(screen, HealthPage)
    screen.arrive()
    page.touch("Look through everything")
    said = []
    screen.altered.connect(lambda: said.append("Everything was looked through." in page.words()))
    doctor.quickly.set()
    page.until(lambda: "Every command is there." in page.words())
    assert said == [True]


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (Trouble("store.disk", "The disk reports a fault.", "Have it checked."), "The disk reports a fault."),
        (ZeroDivisionError(), "Something in the program broke."),
    ],
)
def test_where_not_everything_could_be_looked_through_it_says_why_and_can_be_asked_again(
    page: Terminal, doctor: Fixed, trouble: Exception, why: str
) -> None:
    doctor.trouble = trouble
    page.touch("Look through everything")
    page.until(lambda: f"Not everything could be looked through. {why}" in page.words())
    doctor.trouble = None
    page.window.crash.go_on()
    page.touch("Look through everything")
    page.until(lambda: "Every command is there." in page.words())


@pytest.mark.parametrize("look", [{"density": "desk"}, {"density": "glove"}])
def test_no_line_is_cut_off_and_every_button_fits_a_glove(
    world: World, qtbot: QtBot, tmp_path: Path, doctor: Fixed, look: dict[str, str]
) -> None:
    for terminal in opened(world, qtbot, tmp_path, doctor, size=(1024, 600), **look):
        found = [gate(terminal.window) for gate in (nameless, unlabelled, small, close, cut_off, tiny, faint)]
        assert not any(found), found


def test_it_is_found_by_its_name_and_scrolled_by_keys(page: Terminal) -> None:
    assert any(action.opens == Place("health") for action in page.window.bench.declared.actions)
    QTest.keyClick(page.window.floor.screen, Qt.Key.Key_PageDown)


def test_the_status_line_says_that_the_disk_is_low_and_leads_to_it(page: Terminal) -> None:
    window = page.window
    window.floor.go(Place("home"))
    window.show_room(Problem("room.low", "The disk is filling up: {free} MB are free.", hint="Make room.", values={"free": 900}))
    assert "Disk: 900 MB free" in page.words()
    assert window.toast.sentence.startswith("The disk is filling up: 900 MB")
    QTest.mouseClick(window._pill, Qt.MouseButton.LeftButton)
    page.until(lambda: window.floor.screen is not None and window.floor.screen.place.kind == "health")
    window.show_room(None)
    assert "Disk: 900 MB free" not in page.words()


# ---------------------------------------------------------------------------------------------------- what the doctor sees


def test_every_line_has_its_word(machine: Machine) -> None:
    found = HouseDoctor(machine).quick()
    assert [one.name for one in found] == NAMES
    assert {one.name for one in found} <= LABELS.keys()


def test_the_command_line_asks_the_same_and_looks_deeper(machine: Machine) -> None:
    found = [one.name for one in HouseDoctor(machine).everything()]
    assert [name for name in found if name not in MORE] == [*NAMES, "balances"]
    assert set(MORE) <= set(found)


def test_looking_through_everything_beside_the_work_never_holds_the_writer(machine: Machine) -> None:
    assert "balances" not in states(HouseDoctor(machine).thorough())


@pytest.mark.parametrize(("megabytes", "state"), [(5000, OK), (900, WARN), (200, BAD), (50, BAD)])
def test_the_disk_s_line_follows_the_room_there_is(machine: Machine, free: list[int], megabytes: int, state: str) -> None:
    free[0] = megabytes
    check = next(one for one in HouseDoctor(machine).quick() if one.name == "disk")
    assert (check.state, check.values["free_mb"]) == (state, megabytes)
    assert check.advice


def test_a_black_box_that_cannot_be_written_is_told(machine: Machine) -> None:
    machine.journal.failing = "No space left on device"
    check = next(one for one in HouseDoctor(machine).quick() if one.name == "box")
    assert (check.state, check.sentence) == (BAD, "The black box cannot be written: No space left on device.")


def test_a_slow_disk_is_told_by_what_people_waited_for(machine: Machine) -> None:
    clock = iter(range(0, 1000, 1))
    times = machine.app.dispatcher.commits
    times._tick = lambda: next(clock) * 0.15  # each takes 150 ms
    for _commit in range(100):
        with times.measured():
            pass
    check = next(one for one in HouseDoctor(machine).quick() if one.name == "saving")
    assert (check.state, check.values["p99_ms"]) == (WARN, 150.0)


def test_a_label_printer_is_named(machine: Machine) -> None:
    found = HouseDoctor(machine, Contact, lambda: "tcp://10.0.0.7").quick()
    assert "tcp://10.0.0.7" in next(one for one in found if one.name == "printers").sentence


def test_the_worst_comes_first_and_the_rest_stays_in_its_order() -> None:
    found = [Check("a", OK, ""), Check("b", WARN, ""), Check("c", BAD, ""), Check("d", OK, "")]
    assert [one.name for one in worst_first(found)] == ["c", "b", "a", "d"]
