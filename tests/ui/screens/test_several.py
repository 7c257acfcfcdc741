"""Several rows of a list at once: chosen by touches, keys and scans; saved, labelled or taken out of use, and no others."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shop_floor import Terminal, card, code

from app.kernel.problems import Trouble
from app.kernel.scan_log import Outcome
from app.kernel.standard import Retire
from app.parts.model import Part
from ui.kit import several
from ui.kit.buttons import HoldButton
from ui.kit.declared import Place
from ui.kit.list import ListPage
from ui.kit.sound import Outcome as Tone
from world import World

NO_KEY, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


class Labels:
    """A label printer; it jams after so many."""

    def __init__(self, jams: int = 1000) -> None:
        self.printed: list[str] = []
        self.jams = jams

    def print_label(self, template: str, fields: Mapping[str, str]) -> None:
        if len(self.printed) == self.jams:
            raise Trouble("printing.jam", "The printer does not answer.", "See that it is on.")
        assert template == "part"
        self.printed.append(fields["code"])


@pytest.fixture
def labels(terminal: Terminal) -> Labels:
    printer = Labels()
    terminal.window.bench.labels = printer
    return printer


@pytest.fixture(autouse=True)
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FETTLE_FILES", str(tmp_path / "taken"))
    return tmp_path / "taken"


@pytest.fixture
def parts(terminal: Terminal, full: World, labels: Labels) -> ListPage:
    """The list of all 236 parts, counted."""
    terminal.window.floor.go(Place("list", "part"))
    page = terminal.window.floor.screen
    assert isinstance(page, ListPage)
    terminal.until(lambda: page.table.rows.true and terminal.settled())
    return page


def touch(page: ListPage, line: int, modifier: Qt.KeyboardModifier = NO_KEY) -> None:
    """Touches the first word of a line."""
    place = page.table.visualRect(page.table.rows.index(line, 0)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, modifier, place)


def press(page: ListPage, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_KEY) -> None:
    page.table.setFocus()
    QTest.keyClick(page.table, key, modifier)


def chosen(page: ListPage) -> list[str]:
    """Codes of the chosen rows that are at hand, in the order of the list."""
    rows = (page.table.rows.row(line) for line in range(page.table.rows.rowCount()))
    return [row["code"] for row in rows if row is not None and page._picking is not None and row["id"] in page._picking.only]


def hold(terminal: Terminal, name: str) -> None:
    button = terminal.find(name)
    assert isinstance(button, HoldButton)
    button.confirmed.emit()


def part_of(terminal: Terminal, code: str) -> Part:
    [part] = [one for one in terminal.world.rows(Part) if one.code == code]
    return part


# -------------------------------------------------------------------------------------------------------------- choosing


def test_touches_choose_once_that_was_begun_and_open_again_once_it_is_over(terminal: Terminal, parts: ListPage) -> None:
    parts._picking.several.begin()  # type: ignore[union-attr]
    for line in (0, 2, 4, 2):
        touch(parts, line)
    assert chosen(parts) == ["10000-A", "10004-A"]
    assert "2 of 236 chosen" in terminal.words()
    assert terminal.window.floor.screen is parts
    terminal.touch("Stop choosing")
    assert chosen(parts) == []
    assert "2 of 236 chosen" not in terminal.words()
    touch(parts, 0)
    terminal.until(lambda: terminal.window.floor.screen is not parts)


def test_choosing_is_begun_by_a_button(terminal: Terminal, parts: ListPage) -> None:
    assert parts.others[0].label == "Choose several"
    parts.others[0].run()
    assert "0 of 236 chosen" in terminal.words()
    assert parts.primary is not None
    assert not parts.primary.live
    assert parts.primary.why == "Nothing is chosen yet: touch the rows, or scan what they are about."


def test_ctrl_chooses_one_more_and_shift_all_up_to_there(terminal: Terminal, parts: ListPage) -> None:
    touch(parts, 1, CTRL)
    touch(parts, 4, SHIFT)
    assert chosen(parts) == ["10001-A", "10002-A", "10003-A", "10004-A"]
    touch(parts, 2, CTRL)
    assert chosen(parts) == ["10001-A", "10003-A", "10004-A"]
    assert terminal.window.floor.screen is parts


def test_keys_alone_choose_too(terminal: Terminal, parts: ListPage) -> None:
    parts.table.go_to(0)
    press(parts, Qt.Key.Key_Space)
    press(parts, Qt.Key.Key_Down)
    press(parts, Qt.Key.Key_Down)
    press(parts, Qt.Key.Key_Space)
    press(parts, Qt.Key.Key_Down, SHIFT)
    assert chosen(parts) == ["10000-A", "10002-A", "10003-A"]
    press(parts, Qt.Key.Key_A, CTRL)
    assert "236 of 236 chosen" in terminal.words()
    press(parts, Qt.Key.Key_Escape)
    assert terminal.window.floor.screen is parts, "Escape ends choosing first"
    assert chosen(parts) == []


def test_a_scan_chooses_its_row_and_what_the_list_does_not_show_is_told(terminal: Terminal, parts: ListPage) -> None:
    part = part_of(terminal, "10150-A")
    parts._picking.several.begin()  # type: ignore[union-attr]
    assert terminal.scan(code("PT", part.id)) == (Outcome.SUCCESS, f"{part.title}: chosen.")
    assert parts._picking is not None
    assert parts._picking.only == {part.id}
    assert terminal.scan(code("PT", part.id))[1] == f"{part.title}: not chosen any more."
    terminal.world.done(Retire(entity="part", id=part.id))
    terminal.until(lambda: parts.table.rows.true and parts.table.rows.total == 235)
    assert terminal.scan(code("PT", part.id))[0] is Outcome.ERROR


def test_what_is_narrowed_away_is_not_chosen_any_more_and_the_order_changes_nothing(terminal: Terminal, parts: ListPage) -> None:
    touch(parts, 0, CTRL)
    parts.table.rows.sort(0, Qt.SortOrder.DescendingOrder)
    terminal.until(lambda: parts.table.rows.true and terminal.settled())
    assert parts._picking is not None
    assert len(parts._picking.only) == 1
    parts.narrowing.altered.emit()
    terminal.until(lambda: parts.table.rows.true and terminal.settled())
    assert parts._picking.only == frozenset()


def test_more_than_anybody_can_mean_are_refused(terminal: Terminal, parts: ListPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.kit.list.MOST", 200)
    assert several.MOST > 200
    press(parts, Qt.Key.Key_A, CTRL)
    assert terminal.heard[-1][1] == "236 rows are too many to choose at once. Narrow the list first."
    assert chosen(parts) == []


def test_who_does_not_see_hears_what_is_chosen(terminal: Terminal, parts: ListPage) -> None:
    touch(parts, 1, CTRL)
    role = Qt.ItemDataRole.AccessibleTextRole
    assert [parts.table.rows.index(line, 0).data(role) for line in (0, 1)] == ["10000-A", "10001-A, chosen"]


# ------------------------------------------------------------------------------------------------ what is done with them


def test_only_the_chosen_rows_are_saved_in_the_list_s_order(terminal: Terminal, parts: ListPage, saved: Path) -> None:
    for line in (5, 1):
        touch(parts, line, CTRL)
    terminal.touch("Save or print (2)")
    terminal.until(lambda: terminal.question is not None)
    assert terminal.question is not None
    assert "2 chosen" in terminal.question.sentence
    terminal.touch("A plain file")
    terminal.until(lambda: bool(terminal.heard))
    [file] = saved.iterdir()
    rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    assert [row[0] for row in rows[1:]] == ["10001-A", "10005-A"]
    assert "2 rows are in" in terminal.heard[-1][1]


def test_the_done_card_saves_the_chosen_ones(terminal: Terminal, parts: ListPage) -> None:
    touch(parts, 0, CTRL)
    terminal.shoot(card("DONE"))
    terminal.until(lambda: terminal.question is not None)


def test_the_labels_of_the_chosen_ones_are_printed(terminal: Terminal, parts: ListPage, labels: Labels) -> None:
    for line in (5, 1):
        touch(parts, line, CTRL)
    terminal.touch("Print labels (2)")
    terminal.until(lambda: bool(terminal.heard) and terminal.heard[-1][1] == "2 labels are printed.")
    assert labels.printed == ["10005-A", "10001-A"]
    assert not parts._picking.on  # type: ignore[union-attr]


def test_the_print_card_prints_them_too(terminal: Terminal, parts: ListPage, labels: Labels) -> None:
    touch(parts, 3, CTRL)
    terminal.shoot(card("PRINT"))
    terminal.until(lambda: labels.printed == ["10003-A"])


def test_a_printer_that_jams_is_told_with_how_many_there_are(terminal: Terminal, parts: ListPage, labels: Labels) -> None:
    labels.jams = 2
    for line in range(4):
        touch(parts, line, CTRL)
    terminal.touch("Print labels (4)")
    said = "2 of 4 labels are printed. The printer does not answer. See that it is on."
    terminal.until(lambda: bool(terminal.heard) and terminal.heard[-1] == (Outcome.ERROR, said))


def test_without_a_printer_the_button_says_why(terminal: Terminal, parts: ListPage) -> None:
    terminal.window.bench.labels = None
    touch(parts, 0, CTRL)
    [deed] = [one for one in parts.others if one.label.startswith("Print labels")]
    assert not deed.live
    assert "no label printer" in deed.why


def test_the_chosen_ones_are_taken_out_of_use_and_one_undo_takes_all_of_it_back(terminal: Terminal, parts: ListPage) -> None:
    for line in (0, 1, 2):
        touch(parts, line, CTRL)
    terminal.begin()
    hold(terminal, "Take out of use (3)")
    terminal.until(lambda: bool(terminal.heard) and parts.table.rows.true and parts.table.rows.total == 233)
    assert terminal.heard == [(Outcome.SUCCESS, "3 taken out of use.")]
    assert terminal.sounds() == [Tone.OK]
    assert terminal.scan(card("UNDO")) == (Outcome.SUCCESS, "Taken back: 3 taken out of use")
    terminal.until(lambda: parts.table.rows.true and parts.table.rows.total == 236)
    assert not any(part.retired for part in terminal.world.rows(Part))


def test_what_cannot_be_taken_back_stays_to_be_undone(terminal: Terminal, parts: ListPage) -> None:
    for line in (0, 1):
        touch(parts, line, CTRL)
    hold(terminal, "Take out of use (2)")
    terminal.until(lambda: bool(terminal.heard) and terminal.settled())
    taken = terminal.world.save("part", code="10000-A", name="Another one by the same code")
    assert terminal.scan(card("UNDO"))[0] is Outcome.ERROR
    terminal.until(terminal.settled)
    assert terminal.window.floor.bench.acts[-1].words == "2 taken out of use"
    assert not part_of(terminal, "10001-A").retired, "what could be was"
    terminal.world.done(Retire(entity="part", id=taken))
    assert terminal.scan(card("UNDO"))[0] is Outcome.SUCCESS
    assert not terminal.window.floor.bench.acts


def test_what_may_not_be_done_is_not_offered(terminal: Terminal, parts: ListPage) -> None:
    terminal.window.floor.lock()
    terminal.window.floor.seat(terminal.world.person("Mia", "MEC"))
    terminal.window.floor.go(Place("list", "part"))
    page = terminal.window.floor.screen
    assert isinstance(page, ListPage)
    terminal.until(lambda: page.table.rows.true and terminal.settled())
    touch(page, 0, CTRL)
    assert not [deed for deed in page.others if deed.label.startswith("Take out of use")]


def test_a_job_ends_by_its_own_steps_and_by_no_list(terminal: Terminal, parts: ListPage) -> None:
    terminal.window.floor.go(Place("list", "work_order"))
    page = terminal.window.floor.screen
    assert isinstance(page, ListPage)
    terminal.until(lambda: page.table.rows.true and terminal.settled())
    touch(page, 0, CTRL)
    assert not [deed for deed in page.others if deed.label.startswith("Take out of use")]
