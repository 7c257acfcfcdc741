"""DONE finishes what is open, CANCEL and Escape put it by, and a door that is closed says so before the first scan."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from shop_floor import Terminal, badge, card, code, times

from app.kernel.access import Actor
from app.kernel.scan_log import Outcome
from app.places.model import Bin
from ui.kit.declared import Place
from ui.kit.fields import FieldBox
from ui.kit.sound import Outcome as Tone


@pytest.fixture
def new_bin(terminal: Terminal, keeper: Actor) -> Terminal:
    """The storekeeper writes a new bin."""
    terminal.scan(badge(terminal.world, keeper))
    terminal.window.floor.go(Place("form", "bin"))
    terminal.until(terminal.settled)
    terminal.begin()
    return terminal


def write(terminal: Terminal, name: str, text: str) -> None:
    box = next(one for one in terminal.window.findChildren(FieldBox) if one.field.name == name and one.isVisible())
    box.setFocus()
    terminal.window.typist.type(text)
    terminal.until(lambda: box.value() == text)


def test_the_done_card_saves_a_form_and_only_then_sounds(new_bin: Terminal) -> None:
    write(new_bin, "code", "B-07")
    outcome, said = new_bin.scan(card("DONE"))
    assert (outcome, said) == (Outcome.SUCCESS, "B-07 is saved.")
    assert "B-07" in [row.code for row in new_bin.world.rows(Bin)]
    assert new_bin.sounds() == [Tone.OK]
    row = new_bin.log()[-1]
    assert row["command_id"] is not None, "the card's entry in the log names what it saved"


def test_the_done_card_on_a_form_that_lacks_something_says_what(new_bin: Terminal) -> None:
    outcome, _said = new_bin.scan(card("DONE"))
    assert outcome is Outcome.ERROR
    assert new_bin.window.floor.context == "form:bin", "nothing was saved, so nothing is left"


def test_the_cancel_card_leaves_a_form_and_keeps_what_was_typed_to_the_last_key(new_bin: Terminal) -> None:
    write(new_bin, "code", "B-08")
    _outcome, said = new_bin.scan(card("CANCEL"))
    assert said == "Not saved. What you typed is kept, and is there when you come back."
    new_bin.until(new_bin.settled)
    new_bin.window.floor.go(Place("form", "bin"))
    new_bin.until(lambda: "This is what you had typed and not saved." in new_bin.words())
    assert "B-08" not in [row.code for row in new_bin.world.rows(Bin)]


def test_the_done_card_where_nothing_waits_says_so(terminal: Terminal, keeper: Actor) -> None:
    terminal.scan(badge(terminal.world, keeper))
    assert terminal.scan(card("DONE")) == (Outcome.ERROR, "There is nothing here to finish by a card.")


def test_every_card_that_books_nothing_is_heard_and_seen_in_its_own_way(at_issue: Terminal) -> None:
    world = at_issue.world
    for text in (times(3), card("CANCEL"), card("RETURN"), card("DONE"), code("WO", world.order), card("SIGNOUT")):
        assert at_issue.scan(text)[0] is Outcome.SUCCESS
        assert at_issue.window.strip.accessibleName().startswith("Heard: "), "who cannot hear it sees it"
    assert at_issue.sounds() == [Tone.HEARD] * 6


def test_the_cancel_card_is_heard_out_of_an_unknown_code(at_issue: Terminal) -> None:
    at_issue.scan("4006381333931")
    outcome, said = at_issue.scan(card("CANCEL"))
    assert outcome is Outcome.SUCCESS
    assert said.startswith("Left. Nobody knows the code 4006381333931 yet.")
    assert at_issue.question is None
    assert at_issue.sounds() == [Tone.ERROR, Tone.HEARD]


def test_escape_does_what_the_cancel_card_does_and_drops_no_job(at_issue: Terminal) -> None:
    at_issue.scan(times(3))
    QTest.keyClick(at_issue.window, Qt.Key.Key_Escape)
    assert at_issue.course.context is not None, "the job is still on"
    assert at_issue.heard[-1] == (Outcome.SUCCESS, "Scan the part.")
    assert "× 3" not in at_issue.words().split("\n")
    at_issue.scan(code("PT", at_issue.world.part))
    at_issue.scan(card("DONE"))
    QTest.keyClick(at_issue.window, Qt.Key.Key_Escape)
    assert at_issue.window.floor.context == "home"


def test_a_mechanic_is_not_led_into_a_flow_that_is_not_theirs(terminal: Terminal) -> None:
    mechanic = terminal.world.person("Max", "MEC")
    terminal.scan(badge(terminal.world, mechanic))
    said = "“Issue parts” is not among your tasks. Ask a colleague who finds it on their home screen."
    assert terminal.scan(card("ISSUE")) == (Outcome.ERROR, said)
    shortcuts = {one.key().toString(): one for one in terminal.window.findChildren(QShortcut)}
    shortcuts["F4"].activated.emit()
    assert terminal.heard[-1] == (Outcome.ERROR, said)
    assert terminal.window.floor.context == "home"
