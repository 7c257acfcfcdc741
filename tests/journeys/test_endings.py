"""Every scan has its answer, whatever became of the screen, the person or the disk meanwhile; and the next one is heard."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from shiboken6 import isValid
from shop_floor import Terminal, badge, code, times

from app.kernel.access import Actor
from app.kernel.meanings import Match
from app.kernel.problems import Trouble
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock
from app.work_orders.commands import PlanPart
from ui.kit.declared import Place
from ui.kit.live import Once
from ui.kit.steps import Propose


class Held:
    """Work that begins and then waits until it is let go, on whichever thread it runs."""

    def __init__(self, works: Callable[..., Any]) -> None:
        self.begun = threading.Event()
        self._gate = threading.Event()
        self._works = works

    def __call__(self, *given: Any, **more: Any) -> Any:
        self.begun.set()
        assert self._gate.wait(10)
        return self._works(*given, **more)

    def let_go(self) -> None:
        self._gate.set()


@contextmanager
def slow(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Iterator[Held]:
    """What `owner` does under this name waits."""
    held = Held(getattr(owner, name))
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, held)
        try:
            yield held
        finally:
            held.let_go()


def leave(terminal: Terminal) -> None:
    """The screen is left, and is gone."""
    screen = terminal.window.floor.screen
    terminal.window.floor.go(Place("home"))
    terminal.until(lambda: not isValid(screen))


def full(*_given: object, **_more: object) -> None:
    raise Trouble("store.full", "The disk is full: nothing of this was saved.", "Make room on the disk, then do it again.")


def busy(*_given: object, **_more: object) -> None:
    raise Trouble("writer.busy", "The store is busy: nothing of this was saved.", "Wait a moment, then do it again.")


def answered(terminal: Terminal, number: int) -> None:
    """So many scans have had their answer, and none waits."""
    terminal.until(lambda: len(terminal.heard) >= number and terminal.window.router.idle)


def test_a_screen_that_is_left_while_its_part_is_booked_does_not_make_the_terminal_deaf(
    at_issue: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = at_issue.world
    with slow(monkeypatch, world.app.dispatcher, "run") as held:
        at_issue.shoot(code("PT", world.part))
        at_issue.until(held.begun.is_set)
        leave(at_issue)
        at_issue.shoot(code("WO", world.order))
        held.let_go()
        answered(at_issue, 2)
    outcome, said = at_issue.heard[0]
    assert outcome is Outcome.SUCCESS
    assert said.startswith("1 × Brake pads front"), "it was booked, and it is said"
    assert world.used()[0] == Quantity(1)
    assert at_issue.log()[-2]["command_id"] is not None
    assert at_issue.scan(code("PT", world.parts[1])) == (Outcome.SUCCESS, "1 × Brake disc 320 mm")


def test_a_screen_that_is_left_while_its_scan_is_looked_up_says_that_nothing_was_booked(
    at_issue: Terminal,
) -> None:
    world, course = at_issue.world, at_issue.course
    bin_of = course.flow.fills[0]
    assert isinstance(bin_of, Propose)
    held = Held(bin_of.candidates)
    course.flow = replace(course.flow, fills=(replace(bin_of, candidates=held), *course.flow.fills[1:]))
    at_issue.shoot(code("PT", world.part))
    at_issue.until(held.begun.is_set)
    leave(at_issue)
    held.let_go()
    answered(at_issue, 1)
    assert at_issue.heard[-1] == (Outcome.ERROR, "Brake pads front: nothing was booked. Scan it again.")
    assert world.used()[0] == Quantity(0)


def test_what_fails_beside_a_scan_is_not_told_as_that_scans_error(at_issue: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    world = at_issue.world
    with slow(monkeypatch, world.app.dispatcher, "run") as held:
        at_issue.shoot(code("PT", world.part))
        at_issue.until(held.begun.is_set)
        at_issue.window.bench.read(at_issue.window, full, lambda _nothing: None)
        at_issue.until(lambda: "The disk is full" in at_issue.window.toast.sentence)
        assert at_issue.heard == []
        held.let_go()
        answered(at_issue, 1)
    assert at_issue.heard == [(Outcome.SUCCESS, "1 × Brake pads front")]


def test_a_bug_beside_a_scan_does_not_end_that_scan(at_issue: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    world = at_issue.world
    with slow(monkeypatch, world.app.dispatcher, "run") as held:
        at_issue.shoot(code("PT", world.part))
        at_issue.until(held.begun.is_set)
        at_issue.window.bench.read(at_issue.window, lambda: 1 / 0, lambda _nothing: None)
        at_issue.until(at_issue.window.crash.isVisible)
        held.let_go()
        answered(at_issue, 1)
    assert at_issue.heard == [(Outcome.SUCCESS, "1 × Brake pads front")]


def test_a_scan_that_cannot_be_looked_up_says_so_and_the_next_one_comes(
    at_issue: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(at_issue.world.app, "meaning", full)
        outcome, said = at_issue.scan(code("PT", at_issue.world.part))
    assert outcome is Outcome.ERROR
    assert "The disk is full" in said
    assert at_issue.scan(code("PT", at_issue.world.part))[0] is Outcome.SUCCESS


def test_a_terminal_that_is_locked_while_a_scan_is_looked_up_books_nothing_and_says_so(
    at_issue: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = at_issue.world
    with slow(monkeypatch, world.app, "meaning") as held:
        at_issue.shoot(code("PT", world.part))
        at_issue.until(held.begun.is_set)
        at_issue.window.floor.lock()
        held.let_go()
        answered(at_issue, 1)
    assert at_issue.heard == [(Outcome.ERROR, "Brake pads front: not booked. Whoever scanned it has signed out.")]
    assert not at_issue.window.crash.isVisible()
    assert at_issue.log()[-1]["actor_id"] is not None
    assert world.used()[0] == Quantity(0)


def test_a_question_that_comes_up_after_its_person_has_gone_waits_for_them(
    at_issue: Terminal, keeper: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = at_issue.world
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(9)))
    at_issue.scan(times(6))
    with slow(monkeypatch, world.app.dispatcher, "run") as held:
        at_issue.shoot(code("PT", world.part))
        at_issue.until(held.begun.is_set)
        at_issue.window.floor.lock()
        held.let_go()
        answered(at_issue, 2)
    assert at_issue.heard[-1][0] is Outcome.ASK
    at_issue.window.floor.seat(keeper)
    assert at_issue.question is not None
    assert at_issue.question.sentence.startswith("Only 5")
    at_issue.window.typist.type("4")
    at_issue.until(lambda: world.used()[0] == Quantity(6))


def test_a_screen_that_could_not_be_read_once_is_read_again(at_issue: Terminal) -> None:
    bench, shown = at_issue.window.floor.bench, list[str]()
    answers = [full, lambda: "six jobs"]
    once = Once(bench, at_issue.window, lambda: answers.pop(0), shown.append)
    once.ask()
    once.ask()  # while the first is under way
    at_issue.until(lambda: shown == ["six jobs"])
    assert "The disk is full" in at_issue.window.toast.sentence, "and what failed is told"


def test_a_form_that_met_a_full_disk_reaches_the_store_with_the_next_touch(
    at_issue: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = at_issue.world
    at_issue.window.floor.go(Place("form", "part", world.part))
    at_issue.until(at_issue.settled)
    with monkeypatch.context() as patch:
        patch.setattr(world.app.dispatcher, "run", busy)
        at_issue.touch("Save part")
        at_issue.until(lambda: bool(at_issue.heard))
    assert at_issue.heard[-1][0] is Outcome.ERROR
    assert "The store is busy" in at_issue.words(), "the form says so as well"
    at_issue.touch("Save part")
    at_issue.until(lambda: len(at_issue.heard) > 1)
    assert "The store is busy" not in at_issue.heard[-1][1]


def test_a_badge_is_in_no_log_also_when_it_cannot_be_looked_up(
    at_issue: Terminal, keeper: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = badge(at_issue.world, keeper)
    with monkeypatch.context() as patch:
        patch.setattr(at_issue.world.app, "meaning", full)
        _outcome, said = at_issue.scan(secret)
    assert said.startswith("Badge: not booked. The disk is full")
    assert at_issue.log()[-1]["text"] == "FT1:US:…"


def test_a_scan_that_met_trouble_stands_on_the_screen_until_the_next(at_issue: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(at_issue.world.app.dispatcher, "run", busy)
        outcome, said = at_issue.scan(code("PT", at_issue.world.part))
    assert outcome is Outcome.ERROR
    assert said.startswith("Brake pads front: not booked. The store is busy")
    assert (at_issue.course.sentence, at_issue.course.tone) == (said, "danger")
    assert at_issue.scan(code("PT", at_issue.world.part))[0] is Outcome.SUCCESS
    assert at_issue.course.tone == ""


def test_a_scan_whose_bin_could_not_be_looked_up_stands_on_the_screen_as_well(at_issue: Terminal) -> None:
    course = at_issue.course
    flow, bin_of = course.flow, course.flow.fills[0]
    assert isinstance(bin_of, Propose)
    course.flow = replace(flow, fills=(replace(bin_of, candidates=full), *flow.fills[1:]))
    outcome, said = at_issue.scan(code("PT", at_issue.world.part))
    assert outcome is Outcome.ERROR
    assert at_issue.window.toast.sentence == said
    course.flow = flow
    assert at_issue.scan(code("PT", at_issue.world.part))[0] is Outcome.SUCCESS
    assert at_issue.window.toast.sentence == ""


def test_a_booking_that_takes_a_while_is_named_with_the_scans_that_wait(
    at_issue: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, last = at_issue.world, at_issue.window.scan_line.last
    with slow(monkeypatch, world.app.dispatcher, "run") as held:
        at_issue.shoot(code("PT", world.part))
        at_issue.until(lambda: last.toolTip() == "Booking: Brake pads front …")
        at_issue.shoot(code("PT", world.parts[1]))
        at_issue.until(lambda: "1 waiting" in last.toolTip())
        assert at_issue.heard == []
        held.let_go()
        answered(at_issue, 2)
    assert last.toolTip().startswith("1 × Brake disc 320 mm")


def test_a_store_that_does_not_answer_does_not_make_the_terminal_deaf(
    at_issue: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = at_issue.world
    at_issue.window.router.patience.setInterval(0)
    with slow(monkeypatch, world.app.dispatcher, "run") as held:
        at_issue.shoot(code("PT", world.part))
        answered(at_issue, 1)
        assert "takes longer than it should" in at_issue.heard[0][1]
        held.let_go()
        at_issue.until(lambda: at_issue.heard[-1][0] is Outcome.SUCCESS)
    assert world.used()[0] == Quantity(1), "the answer that came late corrects it"


def test_under_the_crash_page_nothing_is_booked_that_nobody_sees(at_issue: Terminal) -> None:
    world = at_issue.world
    at_issue.window.bench.read(at_issue.window, lambda: 1 / 0, lambda _nothing: None)
    at_issue.until(at_issue.window.crash.isVisible)
    outcome, said = at_issue.scan(code("PT", world.part))
    assert (outcome, said) == (
        Outcome.ERROR,
        "Not booked: touch “Go on working” or scan the DONE card first, then scan it again.",
    )
    assert world.used()[0] == Quantity(0)
    at_issue.touch("Go on working")
    assert at_issue.scan(code("PT", world.part))[0] is Outcome.SUCCESS


def test_a_scan_log_that_cannot_be_written_is_told_and_counted(at_issue: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    at_issue.log()  # what was scanned before is written
    with monkeypatch.context() as patch:
        patch.setattr("ui.scan.router.keep", full)
        assert at_issue.scan(code("PT", at_issue.world.part))[0] is Outcome.SUCCESS
        at_issue.until(lambda: at_issue.window.toast.sentence.startswith("1 of the last scans"))
    assert "The disk is full" in at_issue.window.toast.sentence


def test_a_window_that_closes_answers_the_scans_that_wait(at_issue: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    world = at_issue.world
    come: list[object] = []
    at_issue.window.wedge.scanned.connect(come.append)
    with slow(monkeypatch, world.app.dispatcher, "run") as held:
        for part in world.parts[:3]:
            at_issue.shoot(code("PT", part))
        at_issue.until(lambda: len(come) == 3 and held.begun.is_set())
        assert not at_issue.window.router.idle
        QTimer.singleShot(0, held.let_go)
        at_issue.window.close()
    assert [world.used(part)[0] for part in world.parts[:3]] == [Quantity(1)] * 3


def test_a_window_that_cannot_wait_logs_what_was_not_booked(at_issue: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    world = at_issue.world
    with slow(monkeypatch, world.app.dispatcher, "run") as held:
        at_issue.shoot(code("PT", world.part))
        at_issue.until(held.begun.is_set)
        at_issue.shoot(code("PT", world.parts[1]))
        at_issue.until(lambda: "1 waiting" in at_issue.window.scan_line.last.toolTip())
        at_issue.window.router.close(patience=0)
    said = [row["said"] for row in at_issue.log()[-2:]]
    assert said == ["The window was closed before the answer: look whether it is there.", "Not booked: the window was closed."]


def test_scans_that_wait_when_the_window_closes_are_in_the_log_as_not_booked(
    at_issue: Terminal,
) -> None:
    world = at_issue.world
    world.done(ReceiveStock(part=world.part, bin=world.other_bin, quantity=Quantity(5)))
    at_issue.scan(code("PT", world.part))
    assert at_issue.scan(code("PT", world.parts[1]))[1].startswith("Kept: Brake disc")
    at_issue.window.floor.lock()
    at_issue.until(at_issue.settled)
    at_issue.window.close()
    last = at_issue.log()[-1]
    assert (last["outcome"], last["said"]) == ("error", "Not booked: the window was closed.")
    assert world.used(world.parts[1])[0] == Quantity(0)


def test_a_record_that_comes_up_after_its_person_has_gone_is_not_opened_and_breaks_nothing(at_issue: Terminal) -> None:
    floor, part = at_issue.window.floor, Match("part", at_issue.world.part, "Brake pads front")
    floor.lock()
    floor.opens_row(part, floor.told)
    assert at_issue.heard[-1] == (Outcome.ERROR, "Brake pads front: not opened. Nobody is signed in any more.")
