"""The window around every screen: what stands where, what it says when things break, and how calm it is when they do not."""

from __future__ import annotations

import errno
import gc
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, card, code

from app.access.sign_in import Tile as Person
from app.kernel.link import LinkDetails, LinkState
from app.kernel.scan_log import Outcome
from app.kernel.upkeep import SetSetting
from ui.kit.declared import Place
from ui.kit.question import Question, Tile
from ui.main import Setup, open_window
from ui.settings.look import Look
from ui.shell.pill import Pill
from ui.theme import worn
from world import World

STATES = (
    (LinkState("online", fresh="13:58"), "Online. as of 13:58"),
    (LinkState("slow", waiting=3), "Slow. 3 waiting"),
    (LinkState("offline", since="14:02", waiting=12), "Offline since 14:02. 12 waiting"),
    (LinkState("sending", waiting=12), "Sending 12. 12 waiting"),
    (LinkState("needs_you", asked=2), "Needs you: 2"),
    (LinkState(), "Not enrolled"),
)


class Told:
    """A link that stands as it is told."""

    def __init__(self, state: LinkState) -> None:
        self._state = state

    def state(self) -> LinkState:
        return self._state

    def listen(self, changed: object) -> None:
        """It never changes."""

    def details(self) -> LinkDetails:
        return LinkDetails()

    def try_now(self) -> None:
        """Nobody is tried."""


@pytest.mark.parametrize(("state", "words"), STATES)
def test_the_pill_says_each_state_in_words(qtbot: QtBot, state: LinkState, words: str) -> None:
    pill = Pill(Told(state))
    qtbot.addWidget(pill)
    assert pill.accessibleName() == words


def test_the_rail_has_the_roles_own_order_and_never_more_than_eight(terminal: Terminal) -> None:
    assert terminal.window.rail.words() == ["Home", "Issue", "Return", "Jobs", "Low", "Stock", "Old parts", "Parts"]


def test_a_function_key_opens_its_door(terminal: Terminal) -> None:
    """Off-screen no window is ever the active one, so the key itself cannot be pressed."""
    shortcuts = {one.key().toString(): one for one in terminal.window.findChildren(QShortcut)}
    shortcuts["F4"].activated.emit()
    assert terminal.window.floor.context == "flow:parts_issue.issue"
    shortcuts["Ctrl+K"].activated.emit()
    assert terminal.window.focusWidget() is terminal.window.palette_of.box


def test_a_screen_where_all_is_well_is_grey(terminal: Terminal) -> None:
    """At most two pixels in a hundred are of a colour (ISA-101: colour is for what is asked or wrong)."""
    terminal.until(terminal.settled)
    picture = terminal.window.grab().toImage()
    every = [QColor(picture.pixel(x, y)) for x in range(0, picture.width(), 4) for y in range(0, picture.height(), 4)]
    coloured = sum(color.saturation() > 80 for color in every)
    assert coloured <= len(every) * 0.02


def test_a_bug_shows_the_crash_page_keeps_the_work_and_goes_on(terminal: Terminal, tmp_path: Path) -> None:
    typed = "-".join(["secret", "words", "of", "a", "customer"])

    def bug() -> None:
        raise KeyError(typed)

    terminal.window.bench.read(terminal.window, bug, lambda _nothing: None)
    terminal.until(terminal.window.crash.isVisible)
    report = next(tmp_path.glob("report-*.txt")).read_text(encoding="utf-8")
    assert "KeyError" in report
    assert typed not in report, "a report never carries what somebody typed"
    terminal.touch("Go on working")
    assert terminal.scan(code("BN", terminal.world.bin))[0] is Outcome.SUCCESS


def test_another_look_is_worn_at_once_kept_and_the_same_person_stays(terminal: Terminal, tmp_path: Path) -> None:
    terminal.window.floor.go(Place("look"))
    terminal.touch("With gloves")
    terminal.until(lambda: worn().density_name == "glove")
    assert terminal.window.isVisible()
    assert terminal.window.floor.who is not None
    assert terminal.window.floor.who.name == "Mara"
    kept = Look.read(tmp_path / "look.json")
    assert (kept.theme, kept.density) == ("light", "glove")
    terminal.touch("At a desk")
    terminal.until(lambda: worn().density_name == "desk")


def test_another_look_keeps_everybodys_work_and_undo_and_leaves_no_window_behind(terminal: Terminal) -> None:
    world, floor = terminal.world, terminal.window.floor
    mara, sue = floor.who, world.person("Sue", "KEE")
    assert mara is not None
    terminal.scan(code("WO", world.order))
    terminal.scan(code("PT", world.part))
    floor.seat(sue)
    windows = len(QApplication.topLevelWidgets())
    floor.go(Place("look"))
    for name, theme in (("Dark", "dark"), ("Light", "light"), ("Dark", "dark"), ("Light", "light")):
        terminal.touch(name)
        terminal.until(lambda theme=theme: worn().name == theme)
        terminal.until(terminal.settled)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(QApplication.topLevelWidgets()) == windows
    floor.seat(mara)
    assert terminal.course.context is not None, "Mara is still at her job"
    assert [act.words.split(", ")[0] for act in floor.bench.acts] == ["1 × Brake pads front"]
    assert terminal.scan(card("UNDO"))[1].startswith("Taken back: 1 × Brake pads front")
    assert terminal.scan(code("PT", world.part))[0] is Outcome.SUCCESS, "and scans as before"


def test_another_look_with_a_question_open_keeps_the_question_and_the_scans_behind_it(terminal: Terminal) -> None:
    world, floor = terminal.world, terminal.window.floor
    floor.ask(Question("Is the lift free?", lambda _answer, _by: None, tiles=(Tile("Yes", True),)))
    assert terminal.scan(code("WO", world.order))[0] is Outcome.ASK
    floor.wear("dark", "desk")
    terminal.until(lambda: worn().name == "dark")
    assert terminal.question is not None
    assert len(floor.kept) == 1
    floor.wear("light", "desk")
    terminal.until(lambda: worn().name == "light")


def test_a_look_that_the_disk_does_not_take_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "look.json"
    Look("dark", "glove", "de").keep(file)

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    Look("light", "desk").keep(file)
    assert Look.read(file) == Look("dark", "glove", "de")


def test_the_language_of_the_door_is_kept_for_what_stands_before_there_is_a_store(terminal: Terminal, tmp_path: Path) -> None:
    world = terminal.world
    world.done(SetSetting(key="terminals.speaks", value="de", place=world.app.station.id))
    terminal.until(lambda: Look.read(tmp_path / "look.json").language == "de")
    world.done(SetSetting(key="terminals.speaks", value="en", place=world.app.station.id))
    terminal.until(lambda: Look.read(tmp_path / "look.json").language == "en")


def test_a_look_that_cannot_be_read_is_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "look.json").write_text("{", encoding="utf-8")
    assert Look.read(tmp_path / "look.json") == Look()


def test_two_windows_may_open_one_after_the_other_on_one_app(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    for _again in range(2):
        window = open_window(world.app, world.org, Setup(reports=tmp_path))
        window.end()


def test_a_window_that_was_closed_stays_in_memory_with_nothing(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(world.system)
        terminal.until(terminal.settled)
        parts = [weakref.ref(one) for one in (terminal.window, terminal.window.floor, terminal.window.bench)]
    del terminal
    gc.collect()
    assert [part() for part in parts] == [None, None, None]


def test_a_touch_anywhere_keeps_the_terminal_awake(terminal: Terminal) -> None:
    terminal.window.idle.rest()
    assert terminal.window.idle.left < 0
    QTest.mouseClick(terminal.window.windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(600, 300))
    assert terminal.window.idle.left > 0


def test_a_pin_that_nobody_types_makes_room_for_the_next_badge(terminal: Terminal) -> None:
    terminal.window.floor.lock()
    who = terminal.world.app.current(terminal.world.person("Petra", "SUP"))
    terminal.window.floor.door.ask_pin(Person(who.id, who.name))
    assert "Petra, type your PIN" in terminal.words()
    terminal.window.idle.alone.emit()
    assert "Scan your badge" in terminal.words()
