"""What else a job costs, by a person's steps: a fee or a discount in three touches, and a badge for what nobody agreed to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, badge, card, code

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.kernel.access import Actor
from app.kernel.money import Money
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.quotes.commands import ConfirmQuote, PublishQuote
from app.work_orders.charges import AddCharge
from app.work_orders.commands import AddService
from app.work_orders.health import RecordHealth
from app.work_orders.model import ChargeLine, WorkOrder
from world import World

PIN = "480213"


@pytest.fixture
def counter(world: World, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """A service adviser at the page of a job."""
    world.done(AddService(order=world.order, what="Replace pads", hours=Quantity(1), rate=Money(8_000)))
    adviser = world.person("Ada", "ADV")
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(adviser)
        terminal.scan(code("WO", world.order))
        terminal.until(terminal.settled)
        terminal.begin()
        yield terminal


@pytest.fixture
def chief(world: World) -> Actor:
    found = world.person("Mia", "MGR")
    world.done(SetPin(person=found.id, verifier=pin_verifier(PIN)))
    return found


def begin(terminal: Terminal) -> None:
    terminal.reach("Charge or discount")
    terminal.begin()
    terminal.touch("Charge or discount")
    terminal.until(lambda: terminal.question is not None)


def charges(terminal: Terminal) -> list[tuple[str, int]]:
    return [(row.what, row.amount.minor) for row in terminal.world.rows(ChargeLine) if not row.retired]


def vouches(terminal: Terminal, chief: Actor) -> None:
    terminal.shoot(badge(terminal.world, chief))
    terminal.until(lambda: terminal.question is not None and terminal.question.kind == "pin")
    terminal.window.typist.type(PIN + "\r")


def signed(world: World) -> None:
    quote = world.done(PublishQuote(order=world.order)).row("quote")
    world.done(ConfirmQuote(quote=quote, signer="Anna Schubert"))


def test_a_fee_is_on_the_bill_by_touch_alone_and_off_again_by_the_undo_card(counter: Terminal) -> None:
    begin(counter)
    counter.touch("Towing")
    for key in ("4", "5", "Take this number"):
        counter.touch(key, whole=True)
    counter.until(lambda: charges(counter) == [("Towing", 4_500)])
    counter.until(counter.settled)
    counter.scan(card("UNDO"))
    counter.until(lambda: charges(counter) == [])


def test_something_else_is_taken_off_by_keys_alone(counter: Terminal) -> None:
    begin(counter)
    QTest.keyClick(counter.window.floor.stage.focusWidget(), Qt.Key.Key_8)
    counter.until(lambda: counter.question is not None and counter.question.kind == "text")
    line = next(one for one in counter.window.floor.stage.findChildren(QLineEdit) if one.isVisible())
    QTest.keyClicks(line, "For the long wait")
    QTest.keyClick(line, Qt.Key.Key_Return)
    counter.until(lambda: counter.question is not None and counter.question.kind == "number")
    counter.window.typist.type("12.50\r")
    counter.until(lambda: charges(counter) == [("For the long wait", -1_250)])


def test_after_the_yes_a_discount_takes_a_manager_s_badge_and_left_unsigned_there_is_none(
    counter: Terminal, chief: Actor
) -> None:
    signed(counter.world)
    for leaves in (True, False):
        begin(counter)
        counter.touch("Discount")
        counter.until(lambda: counter.question is not None and counter.question.kind == "number")
        counter.window.typist.type("10\r")
        counter.until(lambda: counter.question is not None and "agreed to the prices" in counter.question.sentence)
        if leaves:
            counter.scan(card("CANCEL"))
            assert counter.heard[-1][1] == "“Discount” is not on the bill."
            assert charges(counter) == []
    vouches(counter, chief)
    counter.until(lambda: charges(counter) == [("Discount", -1_000)])


def test_what_was_never_quoted_is_handed_over_by_a_manager_s_badge(counter: Terminal, chief: Actor) -> None:
    world = counter.world
    signed(world)
    world.done(Transition(entity="work_order", id=world.order, move="begin"))
    world.done(AddCharge(order=world.order, what="Towing", amount=Money(9_000)))
    world.done(RecordHealth(order=world.order, battery=Quantity(12)))
    world.done(Transition(entity="work_order", id=world.order, move="finish"))
    counter.until(lambda: "more than" in counter.words())
    counter.touch("Check the delivery")
    counter.touch("The work was explained")
    counter.touch("Hand over")
    counter.until(lambda: counter.question is not None and "to which the customer said yes" in counter.question.sentence)
    vouches(counter, chief)
    counter.until(lambda: world.get(WorkOrder, world.order).state == "DELIVERED")
