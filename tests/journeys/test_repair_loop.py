"""S5 and S6: a repair from the key tag to the payment, and a mechanic's day on the clock, by one pair of counted hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from counts import Count
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from repair_loop import GROSS, Loop, agrees, set_up
from shop_floor import Terminal, at_work, badge, card, code

from app.access.commands import SetPin
from app.access.model import Role
from app.access.pins import pin_verifier
from app.kernel.access import Actor
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.labor.model import Stint
from app.quotes.model import Quote
from app.stock.commands import ReceiveStock
from app.work_orders.commands import CreateOrder, PlanPart
from app.work_orders.model import WorkOrder
from ui.kit.bench import Shot
from ui.kit.fields import FieldBox
from ui.quotes.sign import SignPage
from ui.work_orders.check_in import CheckInPage
from world import World

TOUCHES, SCANS, DEEP = 25, 9, 2
PIN = "480213"
READ = {"battery": "12.6", "rpm": "1150", "front_tyre": "2.5", "rear_tyre": "2.9", "coolant": "80", "oil": "75"}


class Printer:
    """A label printer that remembers."""

    def __init__(self) -> None:
        self.printed: list[str] = []

    def print_label(self, template: str, fields: Mapping[str, str]) -> None:
        self.printed.append(template)


class Camera:
    """A camera that takes one photo at a time."""

    def take(self, then: Callable[[Sequence[Shot]], None]) -> None:
        made = BytesIO()
        Image.new("RGB", (64, 48), "#7A5C3E").save(made, "JPEG")
        then([Shot("front.jpg", made.getvalue)])


class Hands:
    """One person at one terminal. A touch is one, and so is a group of keys; what the customer writes is none of theirs. How many
    screens lie on top of home, or of what is a touch away on the rail, at the most is kept in mind."""

    def __init__(self, terminal: Terminal, loop: Loop) -> None:
        self.terminal, self.loop = terminal, loop
        self.groups = self.deepest = 0

    @property
    def world(self) -> World:
        return self.terminal.world

    @property
    def touched(self) -> int:
        return self.terminal.touches + self.groups

    def scan(self, text: str) -> None:
        outcome, said = self.terminal.scan(text)
        assert outcome is Outcome.SUCCESS, said
        self._settle()

    def touch(self, name: str) -> None:
        """Touches what is called exactly so: in the bar, else on the screen, and else on the rail."""
        self.terminal.until(lambda: self._called(name) is not None)
        button = self._called(name)
        assert button is not None
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())
        self._settle()

    def _called(self, name: str) -> QAbstractButton | None:
        window = self.terminal.window
        places = (window.bar, window.floor.stage, window)
        buttons = (one for place in places for one in place.findChildren(QAbstractButton))
        live = [one for one in buttons if one.isVisible() and one.isEnabled()]
        named = [one for one in live if one.accessibleName() == name]
        return next(iter(named), None) or next((one for one in live if one.accessibleName().startswith(name)), None)

    def types(self, text: str, name: str) -> None:
        """A group of keys, into the field of this name."""
        boxes = self.terminal.window.findChildren(FieldBox)
        there = next(one.focusProxy() for one in boxes if one.isVisible() and one.field.name == name)
        assert there is not None
        QTest.keyClicks(there, text)
        self.groups += 1

    def types_on_the_glass(self, digits: str) -> None:
        """A group of keys on the number pad that stands there."""
        before = self.terminal.touches
        for digit in digits:
            self.touch(digit)
        self.terminal.touches = before
        self.groups += 1

    def signs(self) -> None:
        """The customer's own hand, which is not counted."""
        page = self.terminal.window.floor.screen
        assert isinstance(page, SignPage)
        self.terminal.until(page.first.isEnabled)
        room = page._field.room
        at = QPointF(room.x() + room.width() / 2, room.y() + room.height() / 2).toPoint()
        before = self.terminal.touches
        QTest.mouseClick(page._field, Qt.MouseButton.LeftButton, pos=at)
        self.terminal.touches = before
        self._settle()

    def _settle(self) -> None:
        self.terminal.until(self.terminal.settled)
        sitting = self.terminal.window.floor.sitting
        if sitting is not None:
            self.deepest = max(self.deepest, sitting.level)

    def begin(self) -> None:
        self.terminal.begin()
        self.groups = self.deepest = 0


@pytest.fixture
def loop(world: World) -> Loop:
    return set_up(world)


@pytest.fixture
def alone(world: World) -> Actor:
    """Somebody who runs the workshop alone: advises, works on jobs, hands parts out and takes the money."""
    actor = world.person("Kim", "ADV")
    world.done(SetSetting(key="labor.job_scan", value="everybody"))
    roles = {row.code: row.id for row in world.rows(Role) if row.org_id == world.org}
    for role in ("MEC", "KEE", "CAS"):
        world.save("appointment", person_id=actor.id.hex, role_id=roles[role].hex)
    world.done(SetPin(person=actor.id, verifier=pin_verifier(PIN)))
    return world.app.current(actor)


@pytest.fixture
def hands(loop: Loop, alone: Actor, qtbot: QtBot, tmp_path: Path) -> Iterator[Hands]:
    with at_work(loop.world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.bench.labels = Printer()
        terminal.window.bench.photos = Camera()
        yield Hands(terminal, loop)


def signs_in(hands: Hands, who: Actor) -> None:
    """A badge, and the PIN of whoever may take money."""
    own = badge(hands.world, who)
    hands.begin()
    hands.terminal.scan(own)
    hands.terminal.window.typist.type(f"{PIN}\r")
    hands.terminal.until(lambda: hands.terminal.window.floor.who is not None)
    hands._settle()


def checks_in(hands: Hands) -> UUID:
    """S4: the key tag, what is wrong, the odometer, a photo, and there is the job's page."""
    hands.touch("Check in")
    hands.terminal.until(lambda: isinstance(hands.terminal.window.floor.screen, CheckInPage))
    hands.scan(code("VE", hands.loop.vehicle))
    hands.touch("Front brake")
    hands.touch("Noise")
    hands.types_on_the_glass("12345")
    hands.touch("Photo")
    hands.touch("Check in")
    hands.terminal.until(lambda: any("is checked in." in said for _outcome, said in hands.terminal.heard))
    order: WorkOrder = max(hands.world.rows(WorkOrder), key=lambda one: one.id)
    return order.id


def agrees_on_it(hands: Hands) -> None:
    """What is to be done, what it costs, and the customer's signature."""
    hands.touch("Diagnose")
    hands.touch("Overhaul the front brake")
    hands.touch("Quote")
    hands.touch("Customer signs")
    hands.signs()
    hands.touch("Keep signature")
    hands.terminal.until(lambda: [one.state for one in hands.world.rows(Quote)] == ["confirmed"])


def works_on_it(hands: Hands, order: UUID) -> None:
    """The clock runs, the parts go to the job, and what is read on the vehicle is written down."""
    hands.scan(code("WO", order))
    hands.terminal.until(lambda: state(hands.world, order) == "IN_PROGRESS")
    hands.touch("Issue parts")
    for part in hands.world.parts:
        hands.scan(code("PT", part))
    hands.scan(card("DONE"))
    hands.touch("Health check")
    for name, value in READ.items():
        hands.types(value, name)
    hands.touch("Save health check")
    hands.touch("Finish job")
    hands.terminal.until(lambda: state(hands.world, order) == "READY")


def gives_it_back(hands: Hands, order: UUID) -> None:
    """The checklist in three touches, and the cash."""
    hands.touch("Check the delivery")
    hands.touch("The work was explained")
    hands.touch("Hand over")
    hands.touch(f"Take {GROSS / 100:.2f} EUR: Cash")
    hands.terminal.until(lambda: state(hands.world, order) == "CLOSED")


def state(world: World, order: UUID) -> str:
    return str(world.get(WorkOrder, order).state)


def test_a_whole_repair_keeps_to_its_budget_and_agrees_to_the_cent(hands: Hands, alone: Actor, count: Count) -> None:
    signs_in(hands, alone)
    order = checks_in(hands)
    agrees_on_it(hands)
    works_on_it(hands, order)
    gives_it_back(hands, order)
    agrees(hands.loop, order, Quantity(5))
    count("S5, a whole repair", "touches", hands.touched)
    count("S5, a whole repair", "scans", hands.terminal.scans)
    count("S5, a whole repair", "screens deep", hands.deepest)
    assert hands.terminal.scans <= SCANS
    assert hands.touched <= TOUCHES
    assert hands.deepest <= DEEP


def test_a_mechanic_s_day_is_scanned_and_never_touched(hands: Hands, count: Count) -> None:
    world = hands.world
    lee = world.person("Lee", "MEC")
    other = world.done(CreateOrder(site=world.site, what="Chain")).row("work_order")
    own = badge(world, lee)
    hands.begin()
    hands.scan(own)
    hands.scan(code("WO", world.order))
    assert (hands.terminal.scans, clock(world, lee)) == (2, ("job", world.order))
    hands.scan(code("WO", other))
    assert (hands.terminal.scans, clock(world, lee)) == (3, ("job", other))
    hands.scan(card("BREAK"))
    assert (hands.terminal.scans, clock(world, lee)) == (4, ("break", None))
    hands.scan(card("SIGNOUT"))
    before = hands.terminal.scans
    hands.scan(own)
    hands.scan(card("OUT"))
    assert (hands.terminal.scans - before, clock(world, lee)) == (2, ("out", None))
    count("S6, a mechanic's day", "scans", hands.terminal.scans)
    count("S6, a mechanic's day", "touches", hands.touched)
    assert hands.touched == 0


def clock(world: World, who: Actor) -> tuple[str, UUID | None]:
    """What somebody's clock runs on now."""
    stints = [row for row in world.rows(Stint) if row.person_id == who.id and row.ended is None and not row.retired]
    return (stints[0].kind, stints[0].order_id) if stints else ("out", None)


def test_the_last_twenty_acts_are_taken_back_one_by_one(hands: Hands, keeper: Actor) -> None:
    """Twenty issues, and twenty UNDO cards: the shelf is as it was."""
    world = hands.world
    world.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(20)))
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(20)))
    hands.scan(badge(world, keeper))
    hands.scan(code("WO", world.order))
    for left in range(24, 4, -1):
        hands.scan(code("PT", world.part))
        assert world.on_hand() == Quantity(left)
    for back in range(6, 26):
        hands.scan(card("UNDO"))
        assert world.on_hand() == Quantity(back)
