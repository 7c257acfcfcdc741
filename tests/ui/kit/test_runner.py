"""The runner: the screen never waits, results come home in order, and the dead are not called."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel

from app.kernel.problems import Problem, Refused, Trouble
from ui.kit.errand import broke
from ui.kit.runner import Lane, Runner


class Label(QLabel):
    heard: list[object]

    def hear(self, result: object) -> None:
        self.heard.append(result)


@pytest.fixture
def writer():
    pool = ThreadPoolExecutor(1, "writer")
    yield pool
    pool.shutdown()


@pytest.fixture
def told():
    return {"complaints": [], "crashes": []}


@pytest.fixture
def runner(qapp, writer, told):
    made = Runner(writer, complain=told["complaints"].append, crash=told["crashes"].append)
    yield made
    made.close()


def settle(writer: ThreadPoolExecutor, runner: Runner) -> None:
    """Everything that was asked for is done and has come home."""
    writer.submit(int).result(10)
    for pending in [runner._lanes[Lane.LOOKS].submit(int) for _reader in range(8)]:
        pending.result(10)
    QCoreApplication.processEvents()


def test_work_is_done_elsewhere_and_the_result_comes_home(runner, writer):
    came = []
    runner.submit(lambda: threading.current_thread().name, lambda name: came.append((name, threading.current_thread())))
    assert came == []  # not before the screen has time for it
    settle(writer, runner)
    assert came[0][0].startswith("writer")
    assert came[0][1] is threading.main_thread()


def test_reading_does_not_wait_for_writing(runner, writer, qtbot):
    gate, came = threading.Event(), []
    runner.submit(gate.wait)
    runner.read(lambda: threading.current_thread().name, came.append)
    qtbot.waitUntil(lambda: bool(came))
    gate.set()
    assert came[0].startswith("reader")


def test_two_hundred_writes_come_home_in_their_order(runner, writer):
    came: list[int] = []
    for number in range(200):
        runner.submit(lambda number=number: number, came.append)
    settle(writer, runner)
    assert came == list(range(200))


def refuse() -> None:
    raise Refused(Problem("stock.short", "Only {left} left.", values={"left": 2}))


def fail() -> None:
    raise Trouble("store.locked", "The store is busy.")


def stumble() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(("work", "kind"), [(refuse, Refused), (fail, Trouble)])
def test_what_is_refused_goes_to_whoever_asked_or_is_complained_of(runner, writer, told, work, kind):
    own: list[Exception] = []
    runner.submit(work, failed=own.append)
    runner.read(work, print)
    settle(writer, runner)
    assert [type(error) for error in (*own, *told["complaints"])] == [kind, kind]
    assert told["crashes"] == []


def test_a_bug_goes_to_the_one_crash_hook_and_the_next_work_runs(runner, writer, told):
    came: list[object] = []
    runner.submit(stumble, failed=came.append)
    runner.submit(lambda: 1, lambda one: one / 0)
    runner.submit(lambda: 2, came.append)
    settle(writer, runner)
    assert [type(bug) for bug in told["crashes"]] == [ZeroDivisionError, ZeroDivisionError]
    assert [getattr(one, "problem", one) for one in came] == [broke().problem, 2], "who waits hears that it broke"


def test_a_widget_that_died_meanwhile_is_not_called(runner, writer, told):
    label = Label()
    label.heard = heard = []
    gate = threading.Event()
    runner.submit(gate.wait, label.hear)
    runner.submit(lambda: 2, heard.append, owner=label)
    shiboken6.delete(label)
    gate.set()
    settle(writer, runner)
    assert heard == []
    assert told == {"complaints": [], "crashes": []}


def test_a_callback_does_not_keep_its_widget_alive(runner, writer):
    label = Label()
    label.heard = heard = []
    gate = threading.Event()
    runner.submit(gate.wait, label.hear)
    del label
    gc.collect()
    gate.set()
    settle(writer, runner)
    assert heard == []


def test_a_living_widget_is_called(runner, writer, qtbot):
    label = Label()
    qtbot.addWidget(label)
    label.heard = []
    runner.submit(lambda: 1, label.hear)
    runner.read(lambda: 2, label.heard.append, owner=label)
    settle(writer, runner)
    assert sorted(label.heard) == [1, 2]


class ClosedWriter:
    def submit(self, function) -> Future[None]:
        raise Trouble("writer.closed", "The program is closing.")


def test_a_writer_that_takes_no_more_is_a_trouble_like_any_other(qapp, told, qtbot):
    runner = Runner(ClosedWriter(), complain=told["complaints"].append, crash=told["crashes"].append)
    runner.submit(int)
    qtbot.waitUntil(lambda: bool(told["complaints"]))
    assert told["complaints"][0].problem.code == "writer.closed"
    runner.close()


def test_after_closing_nothing_comes_home_and_no_reader_is_left(qapp, writer, told):
    before = set(threading.enumerate())
    runner = Runner(writer, complain=told["complaints"].append, crash=told["crashes"].append)
    came: list[int] = []
    runner.read(lambda: 1, came.append)
    runner.submit(lambda: 2, came.append)
    runner.close()
    runner.read(lambda: 3, came.append)
    writer.submit(int).result(10)
    QCoreApplication.processEvents()
    assert came == []
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("reader")]


def test_a_runner_may_die_before_its_work_is_done(qapp, writer, told):
    gate = threading.Event()
    runner = Runner(writer, complain=told["complaints"].append, crash=told["crashes"].append)
    runner.submit(gate.wait, told["crashes"].append)
    runner.close()
    shiboken6.delete(runner)
    gate.set()
    writer.submit(int).result(10)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall)
    assert told == {"complaints": [], "crashes": []}
