"""Joining a hub in a window: what is lacking is said, each step is seen, it can be stopped, and nothing is lost by a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from app.kernel.problems import Problem, Refused, Trouble
from ui.joining.port import Far, Invitation, Joined
from ui.joining.window import JoinWindow

DONE = Joined("Counter", "Moto Keller", "babad-lusab", "tugad-gutih", fresh=True, adopts=False)
PATIENCE = 5000


class Hub:
    """A hub as the window meets it: it lets in, and sends, when it is told to."""

    def __init__(self) -> None:
        self.asked: list[Invitation] = []
        self.joined = DONE
        self.refuses: Exception | None = None
        self.breaks: Exception | None = None
        self.go, self.sent = threading.Event(), threading.Event()
        self.go.set()
        self.sent.set()
        self.fetched = 0

    def read(self, text: str) -> Invitation | None:
        return Invitation("https://hub.example", "7K2M", "tugad-gutih") if text.startswith("fettle:enrol?") else None

    def join(self, invitation: Invitation) -> Joined:
        self.asked.append(invitation)
        assert self.go.wait(PATIENCE)
        if self.refuses is not None:
            raise self.refuses
        return self.joined

    def fetch(self, tell: Callable[[Far], None], stop: Callable[[], bool]) -> None:
        self.fetched += 1
        tell(Far("fetch", 12_300_000, 45_600_000))
        while not self.sent.wait(0.01):
            if stop():
                raise Trouble("snapshot.stopped", "Fetching the store was stopped.", "Start it again.")
        if self.breaks is not None:
            raise self.breaks
        tell(Far("lay", 1_000, 2_000))


class Somebody:
    """A person before the window."""

    def __init__(self, window: JoinWindow, hub: Hub, wait: Callable[..., None]) -> None:
        self.window, self.hub, self._wait = window, hub, wait

    def until(self, so: Callable[[], bool]) -> None:
        self._wait(so, timeout=PATIENCE)

    def types(self, name: str, text: str) -> None:
        box = next(one for one in self.window.findChildren(QLineEdit) if one.accessibleName().startswith(name))
        QTest.keyClicks(box, text)

    def enters(self, name: str) -> None:
        box = next(one for one in self.window.findChildren(QLineEdit) if one.accessibleName().startswith(name))
        QTest.keyClick(box, Qt.Key.Key_Return)

    def find(self, name: str) -> QAbstractButton | None:
        buttons = self.window.findChildren(QAbstractButton)
        return next((one for one in buttons if one.isVisible() and one.accessibleName() == name), None)

    def touches(self, name: str) -> None:
        self.until(lambda: self.find(name) is not None)
        button = self.find(name)
        assert button is not None
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def words(self) -> str:
        return "\n".join(one.text() for one in self.window.findChildren(QLabel) if one.isVisible() and one.text())

    def joins(self) -> None:
        self.types("The hub's address", "https://hub.example")
        self.types("The code", "7K2M")
        self.touches("Join the hub")


@pytest.fixture
def somebody(qtbot: QtBot) -> Iterator[Somebody]:
    hub, bugs = Hub(), list[BaseException]()
    window = JoinWindow(hub, bugs.append, "counter-1", first=True)
    window.show()
    yield Somebody(window, hub, qtbot.waitUntil)
    hub.go.set()
    hub.sent.set()
    window.close()
    window.deleteLater()
    assert bugs == []


def test_an_address_and_a_code_make_it_a_terminal_and_the_words_are_compared(somebody: Somebody) -> None:
    assert "This machine holds no workshop yet." in somebody.words()
    somebody.joins()
    somebody.until(lambda: "This machine is “Counter” now, a terminal of Moto Keller." in somebody.words())
    assert somebody.hub.asked == [Invitation("https://hub.example", "7K2M", "", "counter-1")]
    assert "babad-lusab" in somebody.words()
    assert "tugad-gutih" in somebody.words()
    somebody.touches("Open the terminal")
    assert somebody.window.opens
    assert not somebody.window.isVisible()


def test_the_qr_code_says_all_of_it(somebody: Somebody) -> None:
    somebody.types("The hub's address", "fettle:enrol?hub=x")
    somebody.enters("The hub's address")
    somebody.until(lambda: "a terminal of Moto Keller." in somebody.words())
    assert somebody.hub.asked == [Invitation("https://hub.example", "7K2M", "tugad-gutih", "counter-1")]


def test_what_is_lacking_is_said_before_anything_is_tried(somebody: Somebody) -> None:
    somebody.types("The hub's address", "https://hub.example")
    somebody.touches("Join the hub")
    somebody.until(lambda: "The address and the code are both needed." in somebody.words())
    assert somebody.hub.asked == []


@pytest.mark.parametrize(
    "no",
    [
        Refused(Problem("enrol.code", "This code is not good any more.", hint="Make a new one.")),
        Trouble("hub.away", "The hub does not answer.", "Check the address."),
    ],
)
def test_a_hub_that_says_no_leaves_everything_as_it_was_and_what_was_typed(somebody: Somebody, no: Exception) -> None:
    somebody.hub.refuses = no
    somebody.joins()
    said = (no.problem if isinstance(no, Trouble) else no.problems[0]).sentence  # type: ignore[attr-defined]
    somebody.until(lambda: said in somebody.words())
    assert somebody.hub.fetched == 0
    somebody.hub.refuses = None
    somebody.touches("Join the hub")
    somebody.until(lambda: "a terminal of Moto Keller." in somebody.words())
    assert somebody.hub.asked[0] == somebody.hub.asked[1]


def test_how_far_it_is_is_counted(somebody: Somebody) -> None:
    somebody.hub.sent.clear()
    somebody.joins()
    somebody.until(lambda: "12.3 of 45.6 MB" in somebody.words())
    assert somebody.find("Open the terminal") is None, "it is not over"
    somebody.hub.sent.set()
    somebody.until(lambda: "a terminal of Moto Keller." in somebody.words())


def test_it_can_be_stopped_and_gone_on_with(somebody: Somebody) -> None:
    somebody.hub.sent.clear()
    somebody.joins()
    somebody.until(lambda: "12.3 of 45.6 MB" in somebody.words())
    somebody.touches("Stop")
    somebody.until(lambda: "Fetching the store was stopped." in somebody.words())
    somebody.hub.sent.set()
    somebody.touches("Fetch again")
    somebody.until(lambda: "a terminal of Moto Keller." in somebody.words())
    assert (len(somebody.hub.asked), somebody.hub.fetched) == (1, 2), "the code is used up: it is not brought twice"


def test_stopped_while_the_hub_is_asked_it_is_said_that_it_belongs_there_already(somebody: Somebody) -> None:
    somebody.hub.go.clear()
    somebody.joins()
    somebody.touches("Stop")
    somebody.hub.go.set()
    somebody.until(lambda: "belongs to the hub now" in somebody.words())
    assert somebody.hub.fetched == 0
    somebody.touches("Open the terminal")
    assert somebody.window.opens


def test_a_line_that_breaks_while_fetching_is_said_and_the_terminal_can_be_opened(somebody: Somebody) -> None:
    somebody.hub.breaks = Trouble("hub.away", "The hub does not answer.", "")
    somebody.joins()
    somebody.until(lambda: "The hub does not answer." in somebody.words())
    assert "what it lacks comes by itself" in somebody.words()
    somebody.until(lambda: somebody.find("Fetch again") is not None)


def test_a_shop_that_an_empty_hub_takes_over_fetches_nothing(somebody: Somebody) -> None:
    somebody.hub.joined = Joined("First", "", "a", "b", fresh=False, adopts=True)
    somebody.joins()
    somebody.until(lambda: "it takes over what was set up here" in somebody.words())
    assert somebody.hub.fetched == 0


def test_closing_it_ends_what_is_under_way(somebody: Somebody) -> None:
    somebody.hub.sent.clear()
    somebody.joins()
    somebody.until(lambda: "12.3 of 45.6 MB" in somebody.words())
    somebody.window.close()
    assert not somebody.window.opens
    assert not [one for one in threading.enumerate() if one.name.startswith("joining")]
