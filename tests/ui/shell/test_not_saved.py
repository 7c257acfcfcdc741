"""A disk that takes nothing: NOT SAVED stands over everything until it is saved, and no OK is heard before that."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from shop_floor import Terminal, card, code

from app.kernel.problems import Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.scan_log import Outcome
from app.kernel.store_troubles import faulty_disk, full_disk
from app.kernel.types import Quantity
from ui.kit.sound import Outcome as Tone
from ui.shell.keeping import Keeping


class Disk:
    """What the store's commits meet; a test fills it, makes room, or holds a commit back."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.tries = 0
        self.gate: threading.Event | None = None
        self.held = threading.Event()

    def meet(self) -> None:
        self.tries += 1
        if self.gate is not None:
            self.held.set()
            assert self.gate.wait(30)
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
def disk(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Every command's commit goes over it."""
    made, dispatcher = Disk(), terminal.world.app.dispatcher
    seal = dispatcher._seal

    def sealed(*given: object) -> None:
        seal(*given)  # type: ignore[arg-type]
        made.meet()

    monkeypatch.setattr(dispatcher, "_seal", sealed)
    yield made
    if made.gate is not None:
        made.gate.set()


@pytest.fixture
def full(terminal: Terminal, disk: Disk) -> Disk:
    """A job is on, and from now on the disk is full."""
    terminal.scan(code("WO", terminal.world.order))
    terminal.begin()
    disk.trouble = full_disk(terminal.world.app.store.path)  # type: ignore[attr-defined]
    return disk


def keeping(terminal: Terminal) -> Keeping:
    return terminal.window.unsaved


def page(terminal: Terminal) -> bool:
    return terminal.window.unsaved_page.isVisible()


def test_a_part_that_is_not_saved_stands_on_the_screen_with_the_error_tone(terminal: Terminal, full: Disk) -> None:
    assert terminal.scan(code("PT", terminal.world.part))[0] is Outcome.ERROR
    assert page(terminal)
    assert terminal.window.unsaved_page.width() == terminal.window.centralWidget().width()
    words = terminal.words()
    assert "NOT SAVED" in words
    assert "1 × Brake pads front" in words
    assert "The disk of this machine is full." in words
    assert terminal.sounds() == [Tone.ERROR]
    assert terminal.world.on_hand() == Quantity(5)


@pytest.mark.parametrize("how", ["F5", "Enter", "touch", "DONE", "by itself"])
def test_once_there_is_room_it_is_saved_and_only_then_is_ok_heard(terminal: Terminal, full: Disk, how: str) -> None:
    terminal.scan(code("PT", terminal.world.part))
    full.trouble = None
    match how:
        case "F5" | "Enter":
            QTest.keyClick(terminal.window.focusWidget(), Qt.Key.Key_F5 if how == "F5" else Qt.Key.Key_Return)
        case "touch":
            terminal.touch("Try again")
        case "DONE":
            terminal.shoot(card("DONE"))
        case _:
            keeping(terminal)._again.timeout.emit()
    terminal.until(lambda: not page(terminal) and terminal.settled())
    assert terminal.world.on_hand() == Quantity(4)
    assert terminal.sounds()[0] is Tone.ERROR
    assert terminal.sounds().count(Tone.OK) == 1
    assert terminal.heard[-1][0] is Outcome.SUCCESS
    assert "1 × Brake pads front" in terminal.heard[-1][1]


def test_tried_again_in_vain_it_says_so_and_stays(terminal: Terminal, full: Disk) -> None:
    terminal.scan(code("PT", terminal.world.part))
    for _time in range(3):
        tries = full.tries
        QTest.keyClick(terminal.window.focusWidget(), Qt.Key.Key_F5)
        terminal.until(lambda tries=tries: full.tries > tries and terminal.settled())
    assert page(terminal)
    assert "not saved yet" in terminal.words()
    assert set(terminal.sounds()) == {Tone.ERROR}


def test_what_it_tries_by_itself_makes_no_noise(terminal: Terminal, full: Disk) -> None:
    terminal.scan(code("PT", terminal.world.part))
    assert terminal.sounds() == [Tone.ERROR]
    keeping(terminal)._again.timeout.emit()
    terminal.until(lambda: "not saved yet" in terminal.words() and terminal.settled())
    assert terminal.sounds() == [Tone.ERROR]


def test_no_scan_is_booked_behind_what_is_not_saved_and_each_says_so(terminal: Terminal, full: Disk) -> None:
    terminal.scan(code("PT", terminal.world.part))
    outcome, said = terminal.scan(code("PT", terminal.world.parts[1]))
    assert (outcome, said.partition(":")[0]) == (Outcome.ERROR, "Not booked")
    assert Tone.OK not in terminal.sounds()
    full.trouble = None
    terminal.touch("Try again")
    terminal.until(lambda: not page(terminal) and terminal.settled())
    assert terminal.world.on_hand(terminal.world.parts[1]) == Quantity(5)
    assert terminal.scan(code("PT", terminal.world.parts[1]))[0] is Outcome.SUCCESS


def test_what_was_given_up_is_told_as_not_booked(terminal: Terminal, full: Disk) -> None:
    terminal.scan(code("PT", terminal.world.part))
    keeping(terminal).give_up()
    terminal.until(lambda: not page(terminal) and terminal.settled())
    assert terminal.heard[-1][0] is Outcome.ERROR
    full.trouble = None
    keeping(terminal)._again.timeout.emit()
    terminal.until(terminal.settled)
    assert terminal.world.on_hand() == Quantity(5)


def being_tried(terminal: Terminal, disk: Disk) -> threading.Event:
    """There is room again, and somebody tries it; what lets that commit through."""
    disk.trouble, disk.gate = None, threading.Event()
    disk.held.clear()
    terminal.touch("Try again")
    terminal.until(disk.held.is_set)
    return disk.gate


def test_given_up_while_it_is_being_saved_it_is_told_as_saved(terminal: Terminal, full: Disk) -> None:
    terminal.scan(code("PT", terminal.world.part))
    goes = being_tried(terminal, full)
    keeping(terminal).give_up()
    assert page(terminal), "nobody knows yet what came of it"
    assert "not saved after all" in terminal.words()
    goes.set()
    terminal.until(lambda: not page(terminal) and terminal.settled())
    assert terminal.world.on_hand() == Quantity(4)
    assert terminal.heard[-1][0] is Outcome.SUCCESS
    assert terminal.log()[-1]["outcome"] == "success"


def test_given_up_while_it_is_tried_in_vain_it_is_given_up_then(terminal: Terminal, full: Disk) -> None:
    terminal.scan(code("PT", terminal.world.part))
    trouble = full.trouble
    goes = being_tried(terminal, full)
    full.trouble = trouble
    keeping(terminal).give_up()
    goes.set()
    terminal.until(lambda: not page(terminal) and terminal.settled())
    assert terminal.heard[-1][0] is Outcome.ERROR
    assert terminal.world.on_hand() == Quantity(5)


def test_what_was_saved_though_the_disk_said_otherwise_is_not_given_up(
    terminal: Terminal, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.scan(code("WO", terminal.world.order))
    trouble = full_disk(terminal.world.app.store.path)  # type: ignore[attr-defined]

    def after_the_commit(_content: str) -> None:
        raise trouble

    monkeypatch.setattr(terminal.world.app.dispatcher, "journal", after_the_commit)
    terminal.scan(code("PT", terminal.world.part))
    assert page(terminal)
    keeping(terminal).give_up()
    terminal.until(lambda: not page(terminal) and terminal.settled())
    assert terminal.heard[-1][0] is Outcome.SUCCESS
    assert terminal.world.on_hand() == Quantity(4)


def test_where_nobody_can_say_whether_it_was_saved_that_is_told(
    terminal: Terminal, full: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.scan(code("PT", terminal.world.part))
    trouble = faulty_disk(terminal.world.app.store.path)  # type: ignore[attr-defined]

    def unreadable(*_given: object) -> None:
        raise trouble

    monkeypatch.setattr(terminal.world.app.dispatcher, "answered", unreadable)
    keeping(terminal).give_up()
    terminal.until(lambda: not page(terminal) and terminal.settled())
    assert "could not be seen whether this was saved" in terminal.heard[-1][1]


def test_a_bug_while_it_is_tried_again_is_told_as_one(terminal: Terminal, full: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.scan(code("PT", terminal.world.part))

    def broken(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(terminal.world.app.dispatcher, "_seal", broken)
    terminal.touch("Try again")
    terminal.until(lambda: not keeping(terminal).items and terminal.settled())
    assert "The disk" not in terminal.heard[-1][1]
    assert "Look whether it is there" in terminal.heard[-1][1]


def test_a_disk_that_fails_is_told_the_same_way(terminal: Terminal, full: Disk) -> None:
    full.trouble = faulty_disk(terminal.world.app.store.path)  # type: ignore[attr-defined]
    terminal.scan(code("PT", terminal.world.part))
    assert "reports a fault" in terminal.words()
    assert page(terminal)


def test_what_was_saved_though_the_program_was_told_otherwise_is_not_saved_twice(
    terminal: Terminal, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.scan(code("WO", terminal.world.order))
    app = terminal.world.app
    journal, trouble = app.dispatcher.journal, full_disk(app.store.path)  # type: ignore[attr-defined]

    def after_the_commit(_content: str) -> None:
        raise trouble

    monkeypatch.setattr(app.dispatcher, "journal", after_the_commit)
    terminal.scan(code("PT", terminal.world.part))
    assert page(terminal)
    monkeypatch.setattr(app.dispatcher, "journal", journal)
    terminal.touch("Try again")
    terminal.until(lambda: not page(terminal) and terminal.settled())
    assert terminal.world.on_hand() == Quantity(4)


def test_another_look_keeps_what_is_not_saved_on_the_screen(terminal: Terminal, full: Disk) -> None:
    terminal.scan(code("PT", terminal.world.part))
    terminal.window.dress()
    terminal.until(lambda: page(terminal))
    full.trouble = None
    terminal.touch("Try again")
    terminal.until(lambda: not page(terminal) and terminal.settled())
    assert terminal.world.on_hand() == Quantity(4)


def test_a_slow_commit_is_seen_and_the_screen_never_waits_for_it(terminal: Terminal, disk: Disk) -> None:
    terminal.scan(code("WO", terminal.world.order))
    terminal.begin()
    disk.gate = threading.Event()
    terminal.shoot(code("PT", terminal.world.part))
    terminal.until(disk.held.is_set)
    terminal.window.router._prompt.timeout.emit()
    assert terminal.window.scan_line.last.toolTip().startswith("Booking: Brake pads front")
    QTest.keyClicks(terminal.window.scan_line.box, "brake")
    assert terminal.window.scan_line.box.text() == "brake", "the screen goes on"
    assert terminal.sounds() == [], "nothing is said to be saved that is not"
    disk.gate.set()
    terminal.until(lambda: bool(terminal.heard) and terminal.settled())
    assert terminal.sounds() == [Tone.OK]


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier),
    ],
)
def test_no_key_does_anything_underneath(terminal: Terminal, full: Disk, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    terminal.scan(code("PT", terminal.world.part))
    screen, heard = terminal.window.floor.screen, len(terminal.heard)
    QTest.keyClick(terminal.window.focusWidget(), key, modifier)
    terminal.until(terminal.settled)
    assert terminal.window.floor.screen is screen
    assert terminal.heard[heard:] == []
    assert terminal.window.unsaved_page.isAncestorOf(terminal.window.focusWidget())
    assert not terminal.window.palette_of.isVisible()
    assert not terminal.window.help.isVisible()


def test_signed_out_by_itself_it_still_has_the_keys_and_is_saved_in_the_name_of_who_scanned(
    terminal: Terminal, full: Disk
) -> None:
    who = terminal.window.floor.who
    assert who is not None
    terminal.scan(code("PT", terminal.world.part))
    terminal.window.idle.alone.emit()
    assert terminal.window.unsaved_page.isAncestorOf(terminal.window.focusWidget())
    full.trouble = None
    QTest.keyClick(terminal.window.focusWidget(), Qt.Key.Key_F5)
    terminal.until(lambda: not page(terminal) and terminal.settled())
    assert terminal.world.on_hand() == Quantity(4)
    last = max(terminal.world.rows(EnvelopeRow), key=lambda row: row.stamp)
    assert last.actor_id == who.id
    door = terminal.window.floor.door
    assert terminal.window.focusWidget() in (door, *door.findChildren(QWidget)), "who comes next has the keys"


def test_a_window_that_closes_tries_no_more(terminal: Terminal, full: Disk) -> None:
    terminal.scan(code("PT", terminal.world.part))
    terminal.window.close()
    assert not keeping(terminal)._again.isActive()


def test_a_window_that_closes_waits_for_what_is_being_saved_and_the_log_says_so(terminal: Terminal, full: Disk) -> None:
    terminal.scan(code("PT", terminal.world.part))
    goes = being_tried(terminal, full)
    QTimer.singleShot(0, goes.set)
    terminal.window.close()
    assert terminal.world.on_hand() == Quantity(4)
    assert terminal.log()[-1]["outcome"] == "success"


def test_a_window_that_closes_before_the_disk_answers_does_not_say_that_it_was_not_saved(terminal: Terminal, full: Disk) -> None:
    terminal.scan(code("PT", terminal.world.part))
    goes = being_tried(terminal, full)
    keeping(terminal).close(patience=1)
    goes.set()
    said = str(terminal.log()[-1]["said"])
    assert said == "The window was closed before the answer: look whether it is there."
