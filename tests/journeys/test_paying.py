"""From the finished job to the closed one: the checklist in three touches, the payment in two, and what stands in the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
import zxingcpp
from paying import given_out, job
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, badge, code

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.kernel.access import Actor
from app.kernel.attached import Attachment
from app.kernel.money import Money
from app.kernel.standard import Transition
from app.kernel.upkeep import SetSetting
from app.parts_issue.commands import IssuePart, ReturnPart
from app.payments.commands import TakePayment
from app.payments.drawers import OpenDrawer
from app.payments.hearing import HearProvider
from app.payments.model import Drawer, Payment
from app.payments.provider import Sandbox, signed
from app.work_orders.model import Delivery, WorkOrder
from ui.kit.declared import Place
from ui.kit.fields import FieldBox
from ui.kit.tiles import BigTile
from world import World


@pytest.fixture
def seated(world: World, qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[str], Terminal]]:
    """A terminal at which somebody of a role is signed in."""
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:

        def sit(role: str) -> Terminal:
            terminal.window.floor.seat(world.person(f"Kim{role}", role))
            terminal.until(terminal.settled)
            return terminal

        yield sit


def opened(terminal: Terminal, order: UUID) -> None:
    """The job's tag was scanned; from here on touches count."""
    terminal.scan(code("WO", order))
    terminal.until(terminal.settled)
    terminal.begin()


def tile(terminal: Terminal, name: str) -> None:
    """Touches the tile of exactly this name; the rail has others that begin like it."""
    tiles = terminal.window.findChildren(BigTile)
    found = next(one for one in tiles if one.isVisible() and one.accessibleName() == name)
    QTest.mouseClick(found, Qt.MouseButton.LeftButton, pos=found.rect().center())


def state(world: World, order: UUID) -> str:
    return str(world.get(WorkOrder, order).state)


def paid(world: World, order: UUID) -> list[tuple[str, int, str]]:
    return [(one.channel, one.amount.minor, one.state) for one in world.rows(Payment) if one.order_id == order]


def test_a_job_is_handed_over_in_three_touches_and_paid_in_two(seated: Callable[[str], Terminal], world: World) -> None:
    order, terminal = job(world), seated("MGR")
    opened(terminal, order)
    terminal.touch("Check the delivery")
    terminal.until(lambda: "119.00 EUR to pay" in terminal.words())
    terminal.touch("The work was explained")
    terminal.touch("Hand over")
    terminal.until(lambda: state(world, order) == "DELIVERED")
    assert terminal.touches == 3
    (told,) = world.rows(Delivery)
    assert (told.explained, told.method, told.amount) == (True, "cash", Money(11_900))
    terminal.begin()
    terminal.until(lambda: terminal.find("Take 119.00 EUR") is not None)
    tile(terminal, "Card")
    terminal.touch("Take 119.00 EUR: Card")
    terminal.until(lambda: state(world, order) == "CLOSED")
    assert (terminal.touches, paid(world, order)) == (2, [("card", 11_900, "success")])
    terminal.until(lambda: "Closed" in terminal.words())
    terminal.until(lambda: bool(world.rows(Attachment)))
    [receipt], [payment] = world.rows(Attachment), world.rows(Payment)
    assert (receipt.row_id, receipt.name) == (payment.id, f"Receipt {payment.number}.pdf"), "kept without another touch"
    assert terminal.find("Change work order") is None, "nothing on it changes any more"


def test_nobody_hands_over_without_explaining(seated: Callable[[str], Terminal], world: World) -> None:
    order, terminal = job(world), seated("ADV")
    opened(terminal, order)
    terminal.touch("Check the delivery")
    terminal.until(lambda: "119.00 EUR to pay" in terminal.words())
    button = terminal.find("Hand over")
    assert button is not None
    assert not button.isEnabled()


def test_the_cashier_finds_who_is_to_pay_and_gives_change(seated: Callable[[str], Terminal], world: World) -> None:
    order, terminal = given_out(world), seated("CAS")
    number = world.get(WorkOrder, order).number
    terminal.touch("To pay")
    terminal.touch_row(number)
    terminal.until(lambda: terminal.find("Take 119.00 EUR: Cash") is not None)
    terminal.touch("Another amount")
    terminal.until(lambda: terminal.question is not None)
    for key in ("1", "5", "0"):
        terminal.touch(key)
    terminal.touch("Take this number")
    terminal.until(lambda: "Given 150.00 EUR: change 31.00 EUR" in terminal.words())
    terminal.touch("Take 119.00 EUR: Cash")
    terminal.until(lambda: state(world, order) == "CLOSED")
    assert paid(world, order) == [("cash", 11_900, "success")]
    terminal.until(lambda: bool(terminal.heard))
    assert "Give back 31.00 EUR." in terminal.heard[-1][1]


def test_a_part_is_paid_and_the_rest_stays_to_pay(seated: Callable[[str], Terminal], world: World) -> None:
    order, terminal = given_out(world), seated("CAS")
    terminal.window.floor.go(Place("pay", id=order))
    terminal.touch("Another amount")
    terminal.until(lambda: terminal.question is not None)
    for key in ("1", "9"):
        terminal.touch(key)
    terminal.touch("Take this number")
    terminal.touch("Take 19.00 EUR: Cash")
    terminal.until(lambda: "100.00 EUR to pay" in terminal.words())
    assert (state(world, order), len(paid(world, order))) == ("DELIVERED", 1)


def test_keys_alone_take_a_payment(seated: Callable[[str], Terminal], world: World) -> None:
    order, terminal = given_out(world), seated("CAS")
    terminal.window.floor.go(Place("pay", id=order))
    terminal.until(lambda: terminal.find("Take 119.00 EUR: Cash") is not None)
    screen = terminal.window.floor.screen
    assert screen is not None
    for key in (Qt.Key.Key_3, Qt.Key.Key_Return):
        QTest.keyClick(screen, key)
    terminal.until(lambda: state(world, order) == "CLOSED")
    assert paid(world, order) == [("transfer", 11_900, "success")]


def test_a_manager_s_badge_closes_before_the_provider_has_answered(seated: Callable[[str], Terminal], world: World) -> None:
    order, terminal = given_out(world), seated("CAS")
    manager = world.person("Mel", "SUP"), world.person("Mo", "MGR")
    world.done(TakePayment(order=order, channel="online", amount=Money(11_900)))
    terminal.window.floor.go(Place("pay", id=order))
    terminal.touch("Close before it is confirmed")
    terminal.until(lambda: terminal.question is not None and bool(terminal.question.badges))
    vouch(terminal, manager[1])
    terminal.until(lambda: state(world, order) == "CLOSED")


def test_what_never_came_to_a_closed_job_is_taken_from_the_page_of_the_payment(
    seated: Callable[[str], Terminal], world: World
) -> None:
    order, terminal = given_out(world), seated("CAS")
    payment = world.done(TakePayment(order=order, channel="online", amount=Money(11_900))).row("payment")
    world.done(Transition(entity="work_order", id=order, move="close"))
    world.done(Transition(entity="payment", id=payment, move="fail", reason="Gone"))
    terminal.window.floor.go(Place("page", "payment", payment))
    terminal.until(terminal.settled)
    terminal.touch("Take the payment")
    terminal.touch("Take 119.00 EUR: Cash")
    terminal.until(lambda: ("cash", 11_900, "success") in paid(world, order))
    assert state(world, order) == "CLOSED"


def test_an_adviser_asks_for_the_money_online_from_the_job_s_page(seated: Callable[[str], Terminal], world: World) -> None:
    order, terminal = given_out(world), seated("ADV")
    opened(terminal, order)
    terminal.touch("Take the payment")
    terminal.touch("Take 119.00 EUR: Online")
    terminal.until(lambda: paid(world, order) == [("online", 11_900, "pending")])
    assert (terminal.touches, state(world, order)) == (2, "DELIVERED")


def provider(world: World, order: UUID) -> str:
    """The workshop has chosen a provider; the address at which the job is to be paid."""
    world.done(SetSetting(key="payments.provider", value="sandbox"))
    return f"https://sandbox.invalid/pay/{number(world, order)}?amount=11900"


def number(world: World, order: UUID) -> str:
    return next((one.number for one in world.rows(Payment) if one.order_id == order), "")


def seen_code(terminal: Terminal) -> str:
    """What a telephone reads from the glass."""
    picture = terminal.window.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    plain = Image.frombuffer("L", (picture.width(), picture.height()), bytes(picture.constBits()), "raw", "L",
                             picture.bytesPerLine(), 1)  # fmt: skip
    found = zxingcpp.read_barcode(plain)
    return found.text if found is not None else ""


def test_the_customer_scans_from_the_glass_where_to_pay_and_the_job_closes_when_they_have(
    seated: Callable[[str], Terminal], world: World
) -> None:
    order, terminal = given_out(world), seated("CAS")
    provider(world, order)
    opened(terminal, order)
    terminal.touch("Take the payment")
    tile(terminal, "Online")
    terminal.touch("Take 119.00 EUR: Online")
    terminal.until(lambda: "sandbox.invalid" in terminal.words())
    address = provider(world, order)
    assert address in terminal.words()
    assert "Sandbox: no money moves" in terminal.words()
    terminal.until(lambda: seen_code(terminal) == address)
    body = json.dumps({"payment": number(world, order), "reference": "TX-1", "amount": 11_900, "status": "paid"})
    signature = signed(b"sandbox", body, world.app.clock.now())
    world.done(HearProvider(provider="sandbox", body=body, signature=signature))
    terminal.until(lambda: "It is paid." in terminal.words())
    assert (state(world, order), seen_code(terminal)) == ("CLOSED", "")


def test_where_to_pay_is_shown_again_from_the_job_and_from_the_payment(seated: Callable[[str], Terminal], world: World) -> None:
    order = given_out(world)
    payment = world.done(TakePayment(order=order, channel="online", amount=Money(11_900))).row("payment")
    address, terminal = provider(world, order), seated("CAS")
    opened(terminal, order)
    terminal.touch("Take the payment")
    terminal.reach("Show where to pay")
    terminal.touch("Show where to pay")
    terminal.until(lambda: address in terminal.words())
    terminal.touch("Go on")
    terminal.until(lambda: terminal.window.floor.screen is not None and terminal.window.floor.screen.place.id == order)
    terminal.window.floor.go(Place("page", "payment", payment))
    terminal.reach("Show where to pay")
    terminal.touch("Show where to pay")
    terminal.until(lambda: address in terminal.words())


def test_an_address_that_nobody_types_is_scanned(
    seated: Callable[[str], Terminal], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = given_out(world)
    payment = world.done(TakePayment(order=order, channel="online", amount=Money(11_900))).row("payment")
    provider(world, order)
    long = "https://pay.example/" + "a1B2" * 70
    monkeypatch.setattr(Sandbox, "page", lambda _self, _number, _amount: long)
    terminal = seated("CAS")
    terminal.window.resize(1024, 600)
    terminal.window.floor.go(Place("online", id=payment))
    terminal.until(lambda: seen_code(terminal) == long)
    assert "a1B2" not in terminal.words()
    assert terminal.window.width() == 1024


def test_without_a_provider_nobody_is_led_to_an_address(seated: Callable[[str], Terminal], world: World) -> None:
    order, terminal = given_out(world), seated("CAS")
    opened(terminal, order)
    terminal.touch("Take the payment")
    tile(terminal, "Online")
    terminal.touch("Take 119.00 EUR: Online")
    terminal.until(lambda: paid(world, order) == [("online", 11_900, "pending")])
    terminal.until(terminal.settled)
    assert "Pay online" not in terminal.words()
    terminal.window.floor.go(Place("online", id=next(one.id for one in world.rows(Payment))))
    terminal.until(lambda: "No payment provider is chosen." in terminal.words())


def test_an_adviser_who_hands_over_is_led_on_where_the_customer_pays_online(
    seated: Callable[[str], Terminal], world: World
) -> None:
    order, terminal = job(world), seated("ADV")
    opened(terminal, order)
    terminal.touch("Check the delivery")
    terminal.until(lambda: "119.00 EUR to pay" in terminal.words())
    terminal.touch("The work was explained")
    tile(terminal, "Online")
    terminal.touch("Hand over")
    terminal.until(lambda: terminal.find("Take 119.00 EUR: Online") is not None)
    assert state(world, order) == "DELIVERED"


def vouch(terminal: Terminal, who: Actor) -> None:
    """A colleague's badge, and their PIN where they need one."""
    terminal.world.done(SetPin(person=who.id, verifier=pin_verifier("480213")))
    terminal.shoot(badge(terminal.world, who))
    terminal.until(lambda: terminal.question is not None and terminal.question.kind == "pin")
    terminal.window.typist.type("480213\r")


def test_a_cashier_gives_money_back_with_a_manager_s_badge(seated: Callable[[str], Terminal], world: World) -> None:
    order = given_out(world)
    payment = world.done(TakePayment(order=order, channel="card", amount=Money(11_900))).row("payment")
    terminal, manager = seated("CAS"), world.person("Mo", "MGR")
    opened(terminal, order)
    terminal.touch("Look at its payments")
    terminal.touch("Give it back")
    terminal.touch("All of it: 119.00 EUR")
    terminal.touch("The customer complained")
    terminal.until(lambda: terminal.question is not None and bool(terminal.question.badges))
    vouch(terminal, manager)
    terminal.until(lambda: len(paid(world, order)) == 2)
    refund = next(one for one in world.rows(Payment) if one.refund_of_id == payment)
    assert (refund.amount, refund.reason) == (Money(-11_900), "The customer complained")


def test_a_drawer_is_opened_and_counted_blind_at_the_counter(seated: Callable[[str], Terminal], world: World) -> None:
    terminal = seated("CAS")
    drawer = world.done(OpenDrawer(site=world.site, began_with=Money(10_000))).row("drawer")
    terminal.touch("Cash drawer")
    terminal.touch_row(world.get(Drawer, drawer).number)
    terminal.touch("Count the drawer")
    terminal.until(lambda: terminal.find("Save") is not None)
    assert "Should hold" not in terminal.words()
    box = next(one for one in terminal.window.findChildren(FieldBox) if one.isVisible() and one.field.name == "counted")
    QTest.keyClicks(box.focusProxy(), "100.00")
    terminal.touch("Save")
    terminal.until(lambda: world.get(Drawer, drawer).state == "counted")


def test_a_manager_cancels_a_job_that_had_parts_with_a_badge(seated: Callable[[str], Terminal], world: World) -> None:
    terminal, manager = seated("ADV"), world.person("Mo", "MGR")
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin))
    world.done(ReturnPart(order=world.order, part=world.part, bin=world.bin))
    opened(terminal, world.order)
    floor = terminal.window.floor
    screen = floor.screen
    assert screen is not None
    next(one for one in screen.others if one.label == "Cancel job").run()
    terminal.until(lambda: terminal.question is not None and terminal.question.kind == "text")
    terminal.window.typist.type("Sold\r")
    terminal.until(lambda: terminal.question is not None and bool(terminal.question.badges))
    vouch(terminal, manager)
    terminal.until(lambda: state(world, world.order) == "CANCELLED")


def test_a_step_that_cannot_be_taken_leads_to_where_it_is_settled(seated: Callable[[str], Terminal], world: World) -> None:
    order, terminal = job(world), seated("MGR")
    world.done(TakePayment(order=order, channel="card", amount=Money(5_000)))
    opened(terminal, order)
    screen = terminal.window.floor.screen
    assert screen is not None
    next(one for one in screen.others if one.label == "Cancel job").run()
    terminal.until(lambda: terminal.question is not None)
    assert "50.00 was paid" in terminal.words()
    terminal.touch("Look at its payments")
    terminal.until(lambda: terminal.find("Give it back") is not None)
