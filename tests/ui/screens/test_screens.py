"""Lists, pages and forms as people use them: find, open, change, and see at once what somebody else did."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, code

from app.kernel.access import Actor
from app.kernel.drafts import DraftRow
from app.kernel.saving import SaveRecord
from app.kernel.scan_log import Outcome
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.parts.model import Part
from app.stock.commands import ReceiveStock
from app.work_orders.model import WorkOrder
from ui.kit.declared import Place
from ui.kit.fields import FieldBox
from ui.kit.form import FormPage
from ui.kit.list import ListPage
from world import World


def box(terminal: Terminal, name: str) -> FieldBox:
    boxes = terminal.window.floor.stage.findChildren(FieldBox)
    return next(one for one in boxes if one.isVisible() and one.field.name == name)


def go(terminal: Terminal, place: Place) -> None:
    terminal.window.floor.go(place)
    terminal.until(terminal.settled)


def the_list(terminal: Terminal) -> ListPage:
    screen = terminal.window.floor.screen
    assert isinstance(screen, ListPage)
    return screen


def chip(terminal: Terminal, name: str) -> QAbstractButton:
    return next(one for one in the_list(terminal).findChildren(QAbstractButton) if one.accessibleName() == name)


def test_a_list_tells_the_true_number_and_holds_only_what_is_seen(terminal: Terminal, full: World) -> None:
    go(terminal, Place("list", "part"))
    assert "236" in terminal.words()
    rows = the_list(terminal).table.rows
    assert rows.rowCount() == 236, "any line can be gone to"
    assert rows.row(150) is None
    the_list(terminal).table.scrollToBottom()
    terminal.until(lambda: rows.row(235) is not None)


def test_a_header_sorts_in_the_store(terminal: Terminal, full: World) -> None:
    go(terminal, Place("list", "part"))
    rows = the_list(terminal).table.rows
    the_list(terminal).table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    terminal.until(terminal.settled)
    assert rows.data(rows.index(0, 0)) == "PT-4"


def test_a_chip_narrows_and_lets_go(terminal: Terminal, world: World) -> None:
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="sold"))
    go(terminal, Place("list", "work_order"))
    terminal.touch("Open")
    terminal.until(terminal.settled)
    assert the_list(terminal).table.rows.total == 0
    terminal.touch("Open")
    terminal.until(terminal.settled)
    assert the_list(terminal).table.rows.total == 1


def test_a_filter_that_lets_nothing_through_says_what_it_hides_and_one_touch_clears_it(terminal: Terminal, world: World) -> None:
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="sold"))
    go(terminal, Place("list", "work_order"))
    terminal.touch("Open")
    terminal.until(lambda: "Nothing here is “Open”. The filter hides 1." in terminal.words())
    terminal.touch("Show all")
    terminal.until(lambda: the_list(terminal).table.rows.total == 1)
    assert not chip(terminal, "Open").isChecked()


def test_a_filter_that_hides_nothing_is_not_blamed(terminal: Terminal, world: World) -> None:
    go(terminal, Place("list", "customer"))
    go(terminal, Place("list", "lot"))
    assert "No lot or serial number is here yet." in terminal.words()
    assert terminal.find("Show all") is None


def test_a_door_to_a_filtered_list_shows_its_filter_pressed(terminal: Terminal, world: World) -> None:
    go(terminal, Place("list", "stock", given={"low": True}))
    assert chip(terminal, "Low").isChecked()
    assert the_list(terminal).table.rows.total == 0
    terminal.until(lambda: "Nothing here is “Low”. The filter hides 5." in terminal.words())
    terminal.touch("Show all")
    terminal.until(lambda: the_list(terminal).table.rows.total == 5)
    assert not chip(terminal, "Low").isChecked()


def test_a_list_that_is_seen_follows_what_others_do_and_a_hidden_one_catches_up(terminal: Terminal, world: World) -> None:
    go(terminal, Place("list", "stock"))
    rows = the_list(terminal).table.rows
    world.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(2)))
    terminal.until(lambda: rows.data(rows.index(0, rows.names.index("on_hand"))) == "7")
    go(terminal, Place("page", "part", world.part))
    asked = rows.asked
    world.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(1)))
    terminal.until(terminal.settled)
    assert rows.asked == asked, "nobody looks: nothing is asked"
    terminal.window.floor.back()
    terminal.until(lambda: rows.data(rows.index(0, rows.names.index("on_hand"))) == "8")


def test_a_touch_opens_a_record_and_back_returns(terminal: Terminal, world: World) -> None:
    go(terminal, Place("list", "work_order"))
    terminal.touch_row("Front brake")
    terminal.until(terminal.settled)
    assert terminal.window.floor.screen is not None
    assert terminal.window.floor.screen.place == Place("page", "work_order", world.order)
    terminal.touch("Back")
    assert isinstance(terminal.window.floor.screen, ListPage)


def test_a_scan_opens_the_page_of_what_was_scanned(terminal: Terminal, world: World) -> None:
    assert terminal.scan(code("BN", world.bin)) == (Outcome.SUCCESS, "A-01")
    assert terminal.window.floor.screen is not None
    assert terminal.window.floor.screen.place == Place("page", "bin", world.bin)


def test_typing_anywhere_finds(terminal: Terminal, world: World) -> None:
    terminal.window.typist.type("disc")
    terminal.touch_row("Brake disc 320 mm")
    terminal.until(lambda: terminal.window.floor.screen is not None and terminal.window.floor.screen.title == "Brake disc 320 mm")


def test_a_part_code_and_enter_is_as_good_as_a_scan(terminal: Terminal, world: World) -> None:
    terminal.window.typist.type("pt-1\r")
    terminal.until(lambda: terminal.window.floor.screen is not None and terminal.window.floor.screen.title == "Brake disc 320 mm")
    assert terminal.log()[-1]["source"] == "typed"


def test_the_state_stands_on_the_page_with_what_is_still_unmet_and_where_to_settle_it(terminal: Terminal, world: World) -> None:
    go(terminal, Place("page", "work_order", world.order))
    assert "Checked in" in terminal.words()
    world.done(Transition(entity="work_order", id=world.order, move="diagnose"))
    terminal.until(lambda: "Diagnosing" in terminal.words())
    terminal.until(lambda: "has no service yet. Add at least one service to quote." in terminal.words())
    screen = terminal.window.floor.screen
    assert screen is not None
    assert screen.primary is not None
    assert screen.primary.label == "Add a service", "the filled button leads to what is to be settled first"
    terminal.touch("Add a service")
    terminal.until(lambda: isinstance(terminal.window.floor.screen, FormPage))
    terminal.until(terminal.settled)
    QTest.keyClicks(box(terminal, "what").focusProxy(), "Replace pads")
    QTest.keyClicks(box(terminal, "hours").focusProxy(), "1.5")
    terminal.touch("Save service")
    terminal.until(lambda: "has no service yet" not in terminal.words())
    terminal.until(lambda: (screen.primary is not None) and screen.primary.live and screen.primary.label != "Add a service")


def test_a_form_shows_what_is_wrong_at_its_field_and_keeps_what_was_typed(terminal: Terminal, world: World) -> None:
    go(terminal, Place("form", "part"))
    QTest.keyClicks(box(terminal, "name").focusProxy(), "Chain lube")
    QTest.keyClicks(box(terminal, "price").focusProxy(), "1,234")
    terminal.touch("Save part")
    terminal.until(lambda: "1,234 can mean two things." in terminal.words())
    price = box(terminal, "price").focusProxy()
    assert isinstance(price, QLineEdit)
    price.setText("12.50")
    terminal.touch("Save part")
    terminal.until(lambda: terminal.heard[-1][1].startswith("Code is not filled in."))
    assert box(terminal, "name").value() == "Chain lube"
    QTest.keyClicks(box(terminal, "code").focusProxy(), "LUBE-1")
    terminal.touch("Save part")
    terminal.until(lambda: terminal.window.floor.screen is not None and terminal.window.floor.screen.title == "Chain lube")
    part = next(row for row in world.rows(Part) if row.code == "LUBE-1")
    assert part.price.minor == 1250


def test_only_what_was_changed_is_saved(terminal: Terminal, world: World) -> None:
    go(terminal, Place("form", "part", world.part))
    name = box(terminal, "name").focusProxy()
    assert isinstance(name, QLineEdit)
    name.setText("Brake pads front, sintered")
    world.done(SaveRecord(entity="part", id=world.part, fields={"category": [None, "Brakes"]}))
    terminal.touch("Save part")
    terminal.until(lambda: world.get(Part, world.part).name == "Brake pads front, sintered")
    assert world.get(Part, world.part).category == "Brakes"


def test_a_job_is_given_to_somebody_on_a_form_of_its_own(terminal: Terminal, world: World) -> None:
    ben = world.person("Ben", "MEC")
    go(terminal, Place("form", "work_order", world.order))
    fields = {one.field.name for one in terminal.window.floor.stage.findChildren(FieldBox) if one.isVisible()}
    assert "assignee_id" not in fields, "a field that only a command sets would be refused there"
    go(terminal, Place("form", "work_order.assign", given={"order": world.order}))
    box(terminal, "assignee_id").set_value(ben.id.hex)
    box(terminal, "bay").set_value("2")
    terminal.touch("Save it")
    terminal.until(terminal.settled)
    order = world.get(WorkOrder, world.order)
    assert (order.assignee_id, order.bay) == (ben.id, "2")


def test_a_scan_fills_the_link_of_a_form_and_loses_nothing(terminal: Terminal, full: World) -> None:
    go(terminal, Place("form", "work_order"))
    QTest.keyClicks(box(terminal, "what").focusProxy(), "Chain is loose")
    outcome, said = terminal.scan("AC-DU 996")
    assert (outcome, said) == (Outcome.SUCCESS, "996 Biposto AC-DU 996")
    outcome, said = terminal.scan(code("PT", full.part))
    assert outcome is Outcome.ERROR
    assert said == "This form has no place for Brake pads front. Save it or go back first."
    terminal.touch("Save work order")
    terminal.until(lambda: len(full.rows(WorkOrder)) == 2)
    made = next(row for row in full.rows(WorkOrder) if row.id != full.order)
    assert made.what == "Chain is loose"
    assert made.vehicle_id is not None
    assert made.customer_id is not None


def test_notes_and_history_tell_who_did_what(terminal: Terminal, world: World) -> None:
    go(terminal, Place("page", "work_order", world.order))
    terminal.touch("Diagnose")
    terminal.touch("None of these")
    terminal.until(lambda: "Diagnosing" in terminal.words())
    terminal.open_tab("History")
    line = next(one for one in terminal.window.findChildren(QLineEdit) if one.isVisible() and one.accessibleName() == "Note")
    QTest.keyClicks(line, "Discs are worn too")
    terminal.touch("Add note")
    terminal.until(lambda: "Discs are worn too" in terminal.words())
    terminal.until(lambda: "State: Checked in → Diagnosing" in terminal.words())
    assert "Stefan" in terminal.words()


def test_the_enter_key_opens_the_line_one_is_on(terminal: Terminal, world: World) -> None:
    go(terminal, Place("list", "part"))
    view: QAbstractItemView = the_list(terminal).table
    view.setCurrentIndex(view.model().index(1, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    terminal.until(lambda: terminal.window.floor.screen is not None and terminal.window.floor.screen.title == "Brake disc 320 mm")


def test_a_list_that_was_empty_fills_while_it_is_seen(terminal: Terminal, world: World) -> None:
    go(terminal, Place("list", "customer"))
    assert "There is nothing here yet." in terminal.words()
    world.save("customer", name="Anna Schubert")
    terminal.until(lambda: terminal.row("Anna Schubert") is not None)
    assert "There is nothing here yet." not in terminal.words()


def test_a_number_is_typed_on_the_glass(terminal: Terminal, world: World) -> None:
    go(terminal, Place("form", "part", world.part))
    terminal.touch("Type Minimum on the glass")
    for key in ("2", ".", "5"):
        terminal.touch(key)
    terminal.touch("Take this number")
    assert box(terminal, "least").value() == "2.5"
    terminal.touch("Save part")
    terminal.until(lambda: world.get(Part, world.part).least == Quantity.parse("2.5"))


def drafts(world: World) -> list[DraftRow]:
    """What was half filled in; the same table also keeps where somebody was last."""
    return [row for row in world.rows(DraftRow) if not row.form.startswith("…")]


def test_a_half_filled_form_outlives_the_window(world: World, manager: Actor, qtbot: QtBot, tmp_path: Path) -> None:
    place = Place("form", "work_order")
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(manager)
        go(terminal, place)
        QTest.keyClicks(box(terminal, "what").focusProxy(), "Chain is loose")
        terminal.until(lambda: len(drafts(world)) == 1)
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(manager)
        go(terminal, place)
        assert box(terminal, "what").value() == "Chain is loose"
        assert "This is what you had typed and not saved." in terminal.words()
        terminal.touch("Save work order")
        terminal.until(lambda: not drafts(world))
    assert [row.what for row in world.rows(WorkOrder) if row.id != world.order] == ["Chain is loose"]


def test_what_was_left_in_a_form_can_be_thrown_away_and_is_nobody_elses(terminal: Terminal, world: World, manager: Actor) -> None:
    go(terminal, Place("form", "part"))
    QTest.keyClicks(box(terminal, "name").focusProxy(), "Chain lube")
    terminal.until(lambda: len(drafts(world)) == 1)
    terminal.window.floor.back()
    terminal.window.floor.seat(world.person("Tina", "MGR"))
    go(terminal, Place("form", "part"))
    assert box(terminal, "name").value() == ""
    terminal.window.floor.seat(manager)
    go(terminal, Place("form", "part"))
    terminal.touch("Begin anew")
    assert box(terminal, "name").value() == ""
    terminal.until(lambda: not drafts(world))
