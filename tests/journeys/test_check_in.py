"""S4 at the counter: a vehicle comes in, and its tag is in hand; by key tag, by plate, by telephone, and somebody new."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from counts import Count
from gates import GLOVE, close, cut_off, faint, nameless, out_of_order, small, tiny, unlabelled
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, code

from app.kernel import drafts
from app.kernel.access import Actor
from app.kernel.scan_log import Outcome
from app.kernel.standard import Attachment
from app.parties.model import Customer, Vehicle
from app.work_orders.check_in import CheckIn
from app.work_orders.model import HealthRecord, WorkOrder
from ui.kit.bench import Shot
from ui.kit.declared import Place
from ui.kit.pad import Pad
from ui.work_orders.check_in import CheckInPage
from world import World, open_app

KNOWN_TOUCHES, NEW_TOUCHES = 6, 11


class Counter(QWidget):
    """An advisor at a terminal who has one finger and a keyboard. A touch is one, and so is a group of keys."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self.terminal = terminal
        self.groups = 0

    @property
    def page(self) -> CheckInPage:
        screen = self.terminal.window.floor.screen
        assert isinstance(screen, CheckInPage)
        return screen

    def begin(self) -> None:
        self.terminal.touch("Check in")
        self.terminal.until(lambda: isinstance(self.terminal.window.floor.screen, CheckInPage) and self.page.ready)
        self.terminal.begin()
        self.groups = 0

    def touches(self, name: str) -> None:
        self.terminal.touch(name)
        self.terminal.until(self.terminal.settled)

    def keys(self, text: str, *, enter: bool = False, tab: bool = False) -> None:
        """A group of keys, wherever they go now, and how it ends."""
        self.terminal.until(self.terminal.window.isActiveWindow)
        there = self.terminal.window.focusWidget()
        assert isinstance(there, QLineEdit | Pad), there
        QTest.keyClicks(there, text)
        if enter or tab:
            QTest.keyClick(there, Qt.Key.Key_Return if enter else Qt.Key.Key_Tab)
        self.terminal.until(self.terminal.settled)
        self.groups += 1

    def types_on_the_glass(self, digits: str) -> None:
        """A number pad is one group of keys."""
        before = self.terminal.touches
        for digit in digits:
            self.terminal.touch(digit)
        self.terminal.touches = before
        self.groups += 1

    def reads(self, words: str) -> None:
        self.terminal.until(lambda: words in self.terminal.words())

    @property
    def counted(self) -> int:
        return self.terminal.touches + self.groups

    def checks_in(self) -> None:
        """The filled button; the rail has a door of the same name."""
        bar = self.terminal.window.bar.findChildren(QAbstractButton)
        button = next(one for one in bar if one.isVisible() and one.accessibleName() == "Check in")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.terminal.until(self.terminal.settled)

    def done(self) -> WorkOrder:
        """Check in, and the job that it made."""
        self.checks_in()
        self.terminal.until(lambda: any("is checked in." in said for _outcome, said in self.terminal.heard))
        self.terminal.until(self.terminal.settled)
        order: WorkOrder = max(self.terminal.world.rows(WorkOrder), key=lambda one: one.id)
        return order


class Printer:
    """A label printer that remembers."""

    def __init__(self) -> None:
        self.printed: list[tuple[str, Mapping[str, str]]] = []

    def print_label(self, template: str, fields: Mapping[str, str]) -> None:
        self.printed.append((template, fields))


class Camera:
    """A camera that takes one photo at a time."""

    def take(self, then: Callable[[Sequence[Shot]], None]) -> None:
        made = BytesIO()
        Image.new("RGB", (64, 48), "#7A5C3E").save(made, "JPEG")
        then([Shot("front.jpg", made.getvalue)])


@pytest.fixture
def ada(world: World) -> World:
    """A customer who was here before, with one vehicle."""
    command = CheckIn(
        site=world.site, what="Oil service", name="Ada Lovelace", phone="0170 123 456", plate="M-AB 12", make="BMW",
        model="R 1250 GS", odometer=12_000,
    )  # fmt: skip
    world.first = world.done(command).row("work_order")  # type: ignore[attr-defined]
    world.bike = world.rows(Vehicle)[0].id  # type: ignore[attr-defined]
    return world


@pytest.fixture
def advisor(world: World) -> Actor:
    return world.person("Avi", "ADV")


@pytest.fixture
def counter(world: World, advisor: Actor, qtbot: QtBot, tmp_path: Path) -> Iterator[Counter]:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.bench.labels = Printer()
        terminal.window.bench.photos = Camera()
        terminal.window.floor.seat(advisor)
        counter = Counter(terminal)
        counter.begin()
        yield counter
        counter.deleteLater()


def printer(counter: Counter) -> Printer:
    found = counter.terminal.window.bench.labels
    assert isinstance(found, Printer)
    return found


# --------------------------------------------------------------------------------------------------------- somebody known


def finishes(counter: Counter, odometer: str) -> WorkOrder:
    """What is wrong, the odometer, a photo, and Check in."""
    counter.touches("Front brake")
    counter.touches("Noise")
    counter.types_on_the_glass(odometer)
    counter.touches("Photo")
    counter.terminal.until(lambda: counter.terminal.find("Photo (1)") is not None)
    return counter.done()


def test_somebody_known_is_checked_in_by_six_touches(ada: World, counter: Counter, count: Count) -> None:
    counter.keys("mab12", enter=True)
    counter.reads("Ada Lovelace · 0170 123 456")
    counter.reads("R 1250 GS M-AB 12")
    counter.reads("12000 km last time")
    order = finishes(counter, "12345")
    assert (order.vehicle_id, order.what, order.odometer, order.state) == (ada.bike, "Front brake, Noise", 12_345, "CHECKIN")  # type: ignore[attr-defined]
    assert [(row.kind, row.odometer) for row in ada.rows(HealthRecord) if row.order_id == order.id] == [("intake", 12_345)]
    counter.terminal.until(lambda: len(printer(counter).printed) == 2)
    tag, ticket = printer(counter).printed
    assert (tag[0], ticket[0]) == ("wo_tag", "drop_off")
    assert tag[1]["scan"] == ticket[1]["scan"] == code("WO", order.id)
    assert ticket[1]["odometer"] == "12345 km"
    counter.terminal.until(lambda: [row.row_id for row in ada.rows(Attachment)] == [order.id])
    count("S4, a known customer by plate", "touches", counter.counted)
    assert counter.counted <= KNOWN_TOUCHES


def test_by_the_key_tag_it_is_one_touch_less(ada: World, counter: Counter, count: Count) -> None:
    assert counter.terminal.scan(code("VE", ada.bike))[0] is Outcome.SUCCESS  # type: ignore[attr-defined]
    order = finishes(counter, "12345")
    assert order.vehicle_id == ada.bike  # type: ignore[attr-defined]
    count("S4, a known customer by key tag", "touches", counter.counted)
    count("S4, a known customer by key tag", "scans", counter.terminal.scans)
    assert counter.counted < KNOWN_TOUCHES


@pytest.mark.parametrize("kind", ["customer card", "tag of the last job", "telephone", "number of the last job"])
def test_whoever_is_known_is_known_by_whatever_they_have(ada: World, counter: Counter, kind: str) -> None:
    first: WorkOrder = ada.get(WorkOrder, ada.first)  # type: ignore[attr-defined]
    if kind in ("telephone", "number of the last job"):
        counter.keys("0170-123456" if kind == "telephone" else first.number.casefold(), enter=True)
    else:
        counter.terminal.scan(code("CU", first.customer_id) if kind == "customer card" else code("WO", first.id))  # type: ignore[arg-type]
    counter.reads("Ada Lovelace · 0170 123 456")
    counter.reads("R 1250 GS M-AB 12")


def test_a_few_letters_of_a_name_are_touched_in_the_list(ada: World, counter: Counter) -> None:
    counter.keys("lovel")
    counter.terminal.touch_row("Ada Lovelace")
    counter.reads("R 1250 GS M-AB 12")


def test_a_vehicle_that_is_still_here_says_so(ada: World, counter: Counter) -> None:
    counter.keys("M-AB 12", enter=True)
    counter.reads(f"still on {ada.get(WorkOrder, ada.first).number}: Oil service")  # type: ignore[attr-defined]


def test_of_several_vehicles_one_is_touched(ada: World, counter: Counter) -> None:
    ada.save("vehicle", customer_id=ada.rows(Customer)[0].id.hex, model="F 800", plate="M-XY 9")
    counter.keys("0170123456", enter=True)
    counter.reads("Which vehicle?")
    counter.touches("F 800 M-XY 9")
    counter.touches("Chain")
    assert counter.done().vehicle_id != ada.bike  # type: ignore[attr-defined]


def test_an_odometer_that_runs_backwards_is_told_before_and_after(ada: World, counter: Counter) -> None:
    counter.keys("mab12", enter=True)
    counter.keys("1100")
    counter.reads("Less than the 12000 km of last time. Read it again.")
    counter.touches("Chain")
    counter.done()
    assert any("The odometer showed 12000 km last time" in said for _outcome, said in counter.terminal.heard)


# ----------------------------------------------------------------------------------------------------------- somebody new


def test_somebody_new_is_checked_in_by_eleven_touches(world: World, counter: Counter, count: Count) -> None:
    counter.keys("m-cd 34", enter=True)
    counter.keys("Grace Hopper", tab=True)
    counter.keys("0151 777", tab=True)
    counter.keys("Monster 821", tab=True)
    counter.keys("Ducati")
    counter.touches("Front brake")
    counter.touches("Noise")
    counter.types_on_the_glass("9000")
    counter.touches("Photo")
    counter.touches("Tomorrow noon")
    order = counter.done()
    (customer,), (vehicle,) = world.rows(Customer), world.rows(Vehicle)
    assert (customer.name, customer.phone) == ("Grace Hopper", "0151 777")
    assert (vehicle.plate, vehicle.model, vehicle.make, vehicle.odometer) == ("M-CD 34", "Monster 821", "Ducati", 9000)
    assert (order.vehicle_id, order.what) == (vehicle.id, "Front brake, Noise")
    assert order.promised is not None
    assert order.promised - order.made_at < timedelta(days=2)
    count("S4, a new customer", "touches", counter.counted)
    assert counter.counted <= NEW_TOUCHES


def test_whoever_is_there_already_is_offered_and_what_was_typed_stays(ada: World, counter: Counter) -> None:
    counter.keys("m-cd 34", enter=True)
    counter.keys("A. Lovelace", tab=True)
    counter.keys("0170/123456", tab=True)
    counter.keys("Monster 821")
    counter.touches("Chain")
    counter.checks_in()
    counter.reads("Phone “0170/123456” is already used by Ada Lovelace.")
    counter.touches("It is Ada Lovelace: take this one")
    order = counter.done()
    assert [row.name for row in ada.rows(Customer)] == ["Ada Lovelace"]
    assert ada.get(Vehicle, order.vehicle_id).plate == "M-CD 34"


def test_what_is_missing_is_said_at_its_field_and_the_keys_are_there(world: World, counter: Counter) -> None:
    counter.keys("m-cd 34", enter=True)
    counter.checks_in()
    counter.reads("It is not said what kind of vehicle it is.")
    assert counter.terminal.window.focusWidget().accessibleName() == "Model"  # type: ignore[union-attr]
    assert world.rows(Customer) == []


def test_another_tag_does_not_wipe_out_what_was_begun(ada: World, counter: Counter) -> None:
    counter.keys("mab12", enter=True)
    counter.touches("Chain")
    outcome, said = counter.terminal.scan(code("WO", ada.order))
    assert outcome is Outcome.ERROR
    assert "R 1250 GS M-AB 12 is being checked in." in said
    counter.touches("Begin anew")
    counter.reads("Who has come?")


def test_the_quick_check_is_folded_away_until_it_is_wanted(ada: World, counter: Counter) -> None:
    counter.keys("mab12", enter=True)
    assert "Battery, V" not in counter.terminal.words()
    counter.touches("Quick check")
    box = next(one for one in counter.terminal.window.findChildren(QLineEdit) if one.accessibleName() == "Battery, V")
    QTest.keyClicks(box, "x")
    counter.touches("Chain")
    counter.checks_in()
    assert counter.terminal.heard[-1][0] is Outcome.ERROR
    box.clear()
    QTest.keyClicks(box, "11.8")
    order = counter.done()
    assert [str(row.battery) for row in ada.rows(HealthRecord) if row.order_id == order.id] == ["11.8"]


def test_a_check_in_is_undone_by_one_touch(ada: World, counter: Counter) -> None:
    counter.keys("mab12", enter=True)
    counter.touches("Chain")
    order = counter.done()
    counter.touches("Undo: R 1250 GS M-AB 12 checked in")
    counter.terminal.until(lambda: ada.get(WorkOrder, order.id).state == "CANCELLED")


# ------------------------------------------------------------------------------------------------------------ a power cut


def test_half_a_check_in_survives_a_power_cut(ada: World, counter: Counter, advisor: Actor, tmp_path: Path) -> None:
    counter.keys("mab12", enter=True)
    counter.touches("Front brake")
    counter.touches("Photo")
    counter.types_on_the_glass("12345")
    kept: Callable[[], dict[str, Any]] = lambda: found(ada, advisor)  # noqa: E731
    counter.terminal.until(lambda: kept().get("odometer") == "12345")
    store: Path = ada.app.store.path  # type: ignore[attr-defined]
    died = tmp_path / "died"
    died.mkdir()
    for file in store.parent.glob(f"{store.name}*"):  # what lay on the disk at that moment
        shutil.copy(file, died)
    again = ada.reopened(open_app(died / store.name, station=ada.app.station))
    assert {name: found(again, advisor)[name] for name in ("wrong", "odometer")} == {
        "wrong": ["Front brake"],
        "odometer": "12345",
    }
    again.close()


def found(world: World, advisor: Actor) -> dict[str, Any]:
    with world.session() as session:
        return drafts.find(session, advisor.id, "check_in:new")


def test_half_a_check_in_is_gone_on_with(ada: World, counter: Counter) -> None:
    counter.keys("mab12", enter=True)
    counter.touches("Front brake")
    counter.touches("Photo")
    counter.types_on_the_glass("12345")
    counter.terminal.window.floor.escape()
    counter.terminal.until(lambda: "What you typed is kept" in counter.terminal.heard[-1][1])
    counter.terminal.until(counter.terminal.settled)
    QTest.keyClick(counter.terminal.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    counter.terminal.touch_row("Go on with: Check in")
    counter.reads("R 1250 GS M-AB 12")
    order = counter.done()
    assert (order.what, order.odometer) == ("Front brake", 12_345)
    counter.terminal.until(lambda: [row.row_id for row in ada.rows(Attachment)] == [order.id])


# ---------------------------------------------------------------------------------------------------------- as it is seen

GATES = (nameless, unlabelled, small, close, cut_off, tiny, faint)


@pytest.mark.parametrize("new", [True, False])
def test_it_fits_a_glove_on_the_smallest_glass(ada: World, advisor: Actor, qtbot: QtBot, tmp_path: Path, new: bool) -> None:
    """The search, and then the sheet with everything unfolded."""
    with at_work(ada, qtbot.waitUntil, tmp_path, density="glove", size=(1024, 600)) as terminal:
        terminal.window.floor.seat(advisor)
        counter = Counter(terminal)
        counter.begin()
        assert [one for gate in GATES for one in gate(terminal.window)] == []
        counter.keys("m-cd 34" if new else "mab12", enter=True)
        counter.touches("Quick check")
        found = {gate.__name__: gate(terminal.window) for gate in GATES}
        found["order"] = out_of_order(terminal.window, terminal.window.floor.stage)
        keys = [one for one in terminal.window.findChildren(QAbstractButton) if one.property("role") == "key" and one.isVisible()]
        assert len(keys) == 11
        assert min(one.height() for one in keys) >= GLOVE
        assert (terminal.window.width(), terminal.window.height()) == (1024, 600)
        assert {name: one for name, one in found.items() if one} == {}
        counter.deleteLater()


def test_a_mechanic_does_not_find_it_at_home(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(world.person("Max", "MEC"))
        terminal.until(terminal.settled)
        assert terminal.find("Check in") is None
        terminal.window.floor.go(Place("home"))
