"""A quote by a person's steps: published in one touch, signed by the customer's own hand, rejected, and a price signed off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, badge, card, code

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.kernel import blobs
from app.kernel.attached import Attachment
from app.kernel.money import Money
from app.kernel.scan_log import Outcome
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.quotes.commands import ConfirmQuote, PublishQuote
from app.quotes.model import Quote
from app.work_orders.commands import AddService, CreateOrder
from app.work_orders.model import ServiceLine, WorkOrder
from ui.kit.declared import Place
from ui.kit.photos import photos_of
from ui.quotes.sign import SignPage
from world import World

PIN = "480213"


@pytest.fixture
def counter(world: World, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """A service adviser at the page of a job that has a customer and a service."""
    customer = world.save("customer", name="Anna Schubert", phone="+49 171 5550199")
    world.order = world.done(CreateOrder(site=world.site, what="Front brake", customer=customer)).row("work_order")
    world.done(AddService(order=world.order, what="Replace pads", hours=Quantity(1), rate=Money(8000)))
    world.done(Transition(entity="work_order", id=world.order, move="diagnose"))
    adviser = world.person("Ada", "ADV")
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(adviser)
        terminal.scan(code("WO", world.order))
        terminal.until(terminal.settled)
        terminal.begin()
        yield terminal


def quotes(terminal: Terminal) -> list[Quote]:
    return sorted(terminal.world.rows(Quote), key=lambda one: one.version)


def touch(terminal: Terminal, name: str) -> None:
    """Touches a button, in the bar or behind “More”, by all of its name: “Quote” is not “Quotes”."""
    terminal.reach(name, whole=True)
    terminal.touch(name, whole=True)
    terminal.until(terminal.settled)


def scribble(terminal: Terminal) -> None:
    """The customer signs, as with a mouse."""
    page = terminal.window.floor.screen
    assert isinstance(page, SignPage)
    terminal.until(lambda: page._field.isEnabled() and page.first.isVisible())
    room = page._field.room
    for x in (0.2, 0.5):
        at = QPointF(room.x() + x * room.width(), room.y() + room.height() / 2).toPoint()
        QTest.mouseClick(page._field, Qt.MouseButton.LeftButton, pos=at)


def page_of(terminal: Terminal) -> Place:
    screen = terminal.window.floor.screen
    assert screen is not None
    return screen.place


def test_whoever_has_signed_is_on_that_job_again_whatever_was_looked_at_before(counter: Terminal) -> None:
    job = page_of(counter)
    other = counter.world.done(CreateOrder(site=counter.world.site, what="Chain")).row("work_order")
    sitting = counter.window.floor.sitting
    assert sitting is not None
    for place in (Place("home"), Place("page", "work_order", other), job):
        sitting.go(place)
    for name in ("Quote", "Customer signs"):
        counter.until(counter.settled)
        touch(counter, name)
    scribble(counter)
    touch(counter, "Keep signature")
    counter.until(lambda: quotes(counter)[0].state == "confirmed")
    counter.until(lambda: page_of(counter) == job)


def test_a_quote_is_published_by_one_touch_and_signed_by_one_more_and_the_signature(counter: Terminal) -> None:
    touch(counter, "Quote")
    counter.until(lambda: bool(quotes(counter)))
    [quote] = quotes(counter)
    counter.until(lambda: page_of(counter) == Place("page", "quote", quote.id))
    assert counter.touches == 1
    counter.begin()
    touch(counter, "Customer signs")
    assert counter.touches == 1
    scribble(counter)
    counter.begin()
    touch(counter, "Keep signature")
    assert counter.touches == 1
    counter.until(lambda: quotes(counter)[0].state == "confirmed")
    [quote] = quotes(counter)
    assert quote.signer == "Anna Schubert", "who the customer is need not be typed"
    assert len(quote.strokes) == 2
    [file] = counter.world.rows(Attachment)
    assert (file.sha256, file.row_id) == (quote.picture, quote.id)
    with counter.world.session() as session:
        content = blobs.content_of(session, counter.world.org, quote.picture)
    assert content is not None
    assert content.startswith(b"\x89PNG")
    counter.until(lambda: page_of(counter) == Place("page", "work_order", counter.world.order))
    assert counter.world.get(WorkOrder, counter.world.order).agreed_at is not None
    bench = counter.window.floor.bench
    assert photos_of(bench, "quote", quote.id) == [], "a signature is no photo, and has its own place on the page"


def test_undo_says_once_that_a_signature_stays_and_then_goes_on_to_what_was_before(counter: Terminal) -> None:
    touch(counter, "Quote")
    counter.until(lambda: bool(quotes(counter)))
    touch(counter, "Customer signs")
    scribble(counter)
    touch(counter, "Keep signature")
    counter.until(lambda: quotes(counter)[0].state == "confirmed")
    counter.until(lambda: len(counter.window.floor.bench.acts) == 2)
    outcome, said = counter.scan(card("UNDO"))
    assert outcome is Outcome.ERROR
    assert said == "A signature is not taken back. Change the job and publish its quote again: the new version takes its place."
    outcome, said = counter.scan(card("UNDO"))
    assert said.startswith("What the customer was told is not taken back.")
    assert quotes(counter)[0].state == "confirmed"
    outcome, said = counter.scan(card("UNDO"))
    assert said == "There is nothing to take back."


def test_by_keys_alone_the_name_is_typed_and_the_quote_is_signed_on_paper(counter: Terminal) -> None:
    touch(counter, "Quote")
    counter.until(lambda: bool(quotes(counter)))
    touch(counter, "Customer signs")
    page = counter.window.floor.screen
    assert isinstance(page, SignPage)
    page._name.setFocus()
    page._name.selectAll()
    QTest.keyClicks(page._name, "Otto Schubert")
    counter.touch("Signed on paper")
    counter.until(lambda: quotes(counter)[0].state == "confirmed")
    assert (quotes(counter)[0].signer, quotes(counter)[0].strokes) == ("Otto Schubert", [])


def test_an_empty_field_is_not_kept_and_says_why(counter: Terminal) -> None:
    touch(counter, "Quote")
    counter.until(lambda: bool(quotes(counter)))
    touch(counter, "Customer signs")
    outcome, said = counter.scan(card("DONE"))
    assert outcome is Outcome.ERROR
    assert said == "The customer signs in the field first, or on paper."
    scribble(counter)
    counter.touch("Clear it")
    assert quotes(counter)[0].state == "published"


def test_the_code_of_a_quote_opens_it(counter: Terminal) -> None:
    world = counter.world
    quote = world.done(PublishQuote(order=world.order)).row("quote")
    counter.scan(code("QU", quote))
    counter.until(lambda: page_of(counter) == Place("page", "quote", quote))
    counter.until(lambda: "Replace pads" in seen(counter))
    assert {"Net", "To pay"} <= set(seen(counter))


def seen(terminal: Terminal) -> list[str]:
    """The words in the lines of lists that can be seen."""
    found = []
    for view in terminal.window.findChildren(QAbstractItemView):
        model = view.model()
        if view.isVisible() and model is not None:
            found += [str(model.index(line, 0).data() or "") for line in range(model.rowCount())]
    return found


def test_from_the_job_s_page_the_customer_signs_what_waits(counter: Terminal) -> None:
    touch(counter, "Customer signs")
    counter.until(lambda: counter.heard[-1][1].endswith("Publish the quote first."))
    quote = counter.world.done(PublishQuote(order=counter.world.order)).row("quote")
    touch(counter, "Customer signs")
    counter.until(lambda: page_of(counter) == Place("sign", id=quote))


def test_what_lacks_before_the_work_stands_on_the_page_with_the_way_there(counter: Terminal) -> None:
    world = counter.world
    world.done(Transition(entity="work_order", id=world.order, move="quote"))
    counter.until(lambda: "has no published quote, and the customer has not agreed otherwise." in counter.words())
    counter.begin()
    touch(counter, "Publish the quote")
    assert counter.touches == 1
    counter.until(lambda: bool(quotes(counter)))
    counter.scan(code("WO", world.order))
    touch(counter, "Begin work")
    counter.until(lambda: world.get(WorkOrder, world.order).state == "IN_PROGRESS")


def test_a_no_is_two_touches_and_a_hold(counter: Terminal) -> None:
    touch(counter, "Quote")
    counter.until(lambda: bool(quotes(counter)))
    counter.reach("Reject quote")
    counter.until(lambda: counter.find("Reject quote") is not None)
    held = counter.find("Reject quote")
    assert held is not None
    QTest.mousePress(held, Qt.MouseButton.LeftButton)
    counter.until(lambda: counter.question is not None and bool(counter.question.tiles) and not counter.question.tiles[0].grave)
    counter.touch("Too expensive")
    counter.until(lambda: quotes(counter)[0].state == "rejected")
    assert quotes(counter)[0].reason == "Too expensive"


def test_after_the_yes_a_price_is_signed_off_by_a_manager_s_badge(counter: Terminal) -> None:
    world = counter.world
    quote = world.done(PublishQuote(order=world.order)).row("quote")
    world.done(ConfirmQuote(quote=quote, signer="Anna Schubert"))
    chief = world.person("Mia", "MGR")
    world.done(SetPin(person=chief.id, verifier=pin_verifier(PIN)))
    touch(counter, "Change a price")
    counter.touch("Replace pads")
    counter.until(lambda: counter.question is not None and counter.question.kind == "number")
    counter.window.typist.type("95\r")
    counter.until(lambda: counter.question is not None and "agreed to the prices" in counter.question.sentence)
    counter.shoot(badge(world, chief))
    counter.until(lambda: counter.question is not None and counter.question.kind == "pin")
    counter.window.typist.type(PIN + "\r")
    counter.touch("Agreed with the customer")
    counter.until(lambda: world.rows(ServiceLine)[0].price == Money(9500))
    counter.scan(card("UNDO"))
    counter.until(lambda: world.rows(ServiceLine)[0].price is None)
