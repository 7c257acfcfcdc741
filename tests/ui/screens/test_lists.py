"""A long list, by keys and by touch: narrowed, kept under a name, gone to any line, saved and printed as it is seen."""

from __future__ import annotations

import csv
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from shiboken6 import isValid
from shop_floor import Terminal, code

from app.kernel import lineup
from app.kernel.problems import Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.scan_log import Outcome
from app.kernel.standard import SaveMany
from app.kernel.words import say
from ui.kit import going, kept
from ui.kit.declared import Place
from ui.kit.filters import Wish
from ui.kit.kept import Kept
from ui.kit.list import ListPage
from ui.kit.taking import Taking
from ui.main import Paper
from ui.shell.waiting import waiting
from world import World

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where what is taken along is put."""
    monkeypatch.setenv("FETTLE_FILES", str(tmp_path / "taken"))
    return tmp_path / "taken"


@pytest.fixture
def parts(terminal: Terminal, full: World) -> ListPage:
    """The list of all 236 parts, counted."""
    return opened(terminal, Place("list", "part"))


def opened(terminal: Terminal, place: Place) -> ListPage:
    terminal.window.floor.go(place)
    page = terminal.window.floor.screen
    assert isinstance(page, ListPage)
    terminal.until(lambda: page.table.rows.true)
    terminal.until(terminal.settled)
    return page


def press(terminal: Terminal, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key, to whoever has the focus."""
    QTest.keyClick(terminal.window.focusWidget() or terminal.window, key, modifier)


def type_in(terminal: Terminal, text: str) -> None:
    """Types into what has the focus, and Enter."""
    line = terminal.window.focusWidget()
    assert line is not None
    QTest.keyClicks(line, text)
    press(terminal, Qt.Key.Key_Return)


def narrow_by_name(terminal: Terminal, page: ListPage, text: str) -> None:
    press(terminal, Qt.Key.Key_F, CTRL)
    terminal.until(lambda: terminal.question is not None)
    press(terminal, Qt.Key.Key_2)  # the second field is the name
    terminal.until(lambda: terminal.question is not None and terminal.question.kind == "text")
    type_in(terminal, text)
    terminal.until(lambda: page.table.rows.true)


def count(page: ListPage) -> int:
    return page.table.rows.total


def test_a_list_is_narrowed_by_keys_and_shown_whole_by_a_touch_on_its_chip(terminal: Terminal, parts: ListPage) -> None:
    narrow_by_name(terminal, parts, "Oil filter 12")
    assert count(parts) == 11, "12 and 120 to 129"
    assert "11" in terminal.words()
    terminal.touch("Name: Oil filter 12")
    terminal.until(lambda: parts.table.rows.true)
    assert count(parts) == 236


def test_two_filters_are_both_held(terminal: Terminal, parts: ListPage) -> None:
    narrow_by_name(terminal, parts, "Oil filter 12")
    press(terminal, Qt.Key.Key_F, CTRL)
    terminal.touch("Code")
    type_in(terminal, "0125")
    terminal.until(lambda: parts.table.rows.true)
    assert count(parts) == 1


def test_a_price_is_compared_on_the_pad(terminal: Terminal, parts: ListPage) -> None:
    terminal.touch("Filter")
    terminal.touch("Price")
    terminal.touch("At least")
    terminal.until(lambda: terminal.question is not None and terminal.question.kind == "number")
    for key in (Qt.Key.Key_5, Qt.Key.Key_Return):
        press(terminal, key)
    terminal.until(lambda: parts.table.rows.true)
    assert count(parts) == 5, "the filters have no price"
    assert terminal.find("Price ≥ 5.00") is not None


def test_a_scanned_label_fills_a_filter(terminal: Terminal, full: World) -> None:
    page = opened(terminal, Place("list", "stock"))
    terminal.touch("Filter")
    terminal.touch("Bin")
    terminal.until(lambda: terminal.question is not None and terminal.question.kind == "text")
    terminal.scan(code("BN", full.other_bin))
    terminal.until(lambda: page.table.rows.true)
    assert count(page) == 2


def test_what_is_kept_under_a_name_is_there_for_its_owner_next_time(terminal: Terminal, parts: ListPage) -> None:
    narrow_by_name(terminal, parts, "Oil filter 12")
    terminal.touch("Keep this list")
    type_in(terminal, "Twelves")
    terminal.touch("For me")
    terminal.until(lambda: terminal.find("Twelves") is not None)
    terminal.until(terminal.settled)
    terminal.window.floor.go(Place("home"))
    again = opened(terminal, Place("list", "part"))
    terminal.until(lambda: terminal.find("Twelves") is not None)
    assert count(again) == 236
    terminal.touch("Twelves")
    terminal.until(lambda: again.table.rows.true)
    assert count(again) == 11
    terminal.touch("Forget “Twelves”")
    terminal.until(lambda: terminal.find("Twelves") is None)


@pytest.mark.parametrize("shared", [True, False])
def test_what_a_supervisor_keeps_for_everybody_is_there_for_a_colleague(
    terminal: Terminal, parts: ListPage, shared: bool
) -> None:
    narrow_by_name(terminal, parts, "Oil filter 12")
    terminal.touch("Keep this list")
    type_in(terminal, "Twelves")
    terminal.touch("For everybody" if shared else "For me")
    terminal.until(lambda: terminal.find("Twelves") is not None)
    terminal.until(terminal.settled)
    terminal.window.floor.lock()
    terminal.window.floor.seat(terminal.world.person("Mara", "KEE"))
    opened(terminal, Place("list", "part"))
    assert (terminal.find("Twelves") is not None) == shared


def test_a_line_is_gone_to_by_its_letters_its_number_and_how_far_it_is(terminal: Terminal, parts: ListPage) -> None:
    for said, there in (("10150", "10150-A"), ("#3", "10002-A"), ("50 %", "10118-A"), ("pt", "PT-0")):
        press(terminal, Qt.Key.Key_G, CTRL)
        terminal.until(lambda: terminal.question is not None)
        type_in(terminal, "PT" if said == "pt" else said)
        terminal.until(terminal.settled)
        line = parts.table.currentIndex().row()
        terminal.until(lambda line=line: parts.table.rows.row(line) is not None)
        row = parts.table.rows.row(line)
        assert row is not None
        assert row["code"] == there
    press(terminal, Qt.Key.Key_End)
    assert parts.table.currentIndex().row() == 235
    press(terminal, Qt.Key.Key_Home)
    assert parts.table.currentIndex().row() == 0


def test_what_the_list_shows_is_saved_by_keys_quoted_and_told_in_the_audit(
    terminal: Terminal, parts: ListPage, saved: Path
) -> None:
    terminal.world.done(SaveMany(entity="part", rows=[{"code": "X-1", "name": "=cmd for Oil filter 12"}]))
    narrow_by_name(terminal, parts, "Oil filter 12")
    press(terminal, Qt.Key.Key_E, CTRL)
    terminal.until(lambda: terminal.question is not None)
    press(terminal, Qt.Key.Key_2)
    terminal.until(lambda: bool(terminal.heard))
    [file] = saved.iterdir()
    rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["Code", "Name", "Category", "Unit", "Price"]
    assert len(rows) == 13
    assert [row[0] for row in rows[1:3]] == ["10012-A", "10120-A"], "in the order of the screen"
    assert rows[-1][:2] == ["X-1", "'=cmd for Oil filter 12"]
    assert rows[1][3] == "Pieces"
    assert "12 rows are in" in terminal.heard[-1][1]
    [told] = [row for row in terminal.world.rows(EnvelopeRow) if row.command == "ExportRows"]
    assert all(word in told.content for word in ('"parts"', "12", '"csv"'))


def test_a_list_is_put_on_paper(terminal: Terminal, parts: ListPage, saved: Path) -> None:
    terminal.touch("Save or print")
    terminal.touch("Sheets of paper")
    terminal.until(lambda: bool(terminal.heard))
    [file] = saved.iterdir()
    assert file.suffix == ".pdf"
    assert file.read_bytes().count(b"/Type /Page\n") == 7, "236 rows, 36 on a sheet"


class Office:
    """An office printer; one that is `off` takes nothing."""

    def __init__(self, off: bool = False) -> None:
        self.off, self.taken = off, list[bytes]()

    def send(self, data: bytes, printer: str, seconds: float) -> None:
        if self.off:
            raise Trouble("printing.spooler", "The printer {printer} is off.", values={"printer": printer})
        self.taken.append(data)


def prints(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    """Puts the list on paper, at a terminal that has an office printer."""
    monkeypatch.setattr("printing.delivery.spooler", lambda: office)
    page = terminal.window.floor.screen
    assert isinstance(page, ListPage)
    page.bench.paper = Paper("printer://Office")
    terminal.touch("Save or print")
    terminal.until(lambda: terminal.question is not None)
    assert terminal.question is not None
    assert terminal.question.tiles[-1].note == "PDF, and printed"
    terminal.touch("Sheets of paper")
    terminal.until(lambda: bool(terminal.heard) and terminal.settled())


def test_a_list_is_printed_where_there_is_an_office_printer(
    terminal: Terminal, parts: ListPage, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office()
    prints(terminal, monkeypatch, office)
    [file] = saved.iterdir()
    assert office.taken == [file.read_bytes()]
    assert terminal.heard[-1] == (Outcome.SUCCESS, f"236 rows are printed, and in {file}.")
    assert terminal.find("Save or print") is not None


def test_a_list_that_the_printer_does_not_take_is_in_its_file_still(
    terminal: Terminal, parts: ListPage, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints(terminal, monkeypatch, Office(off=True))
    [file] = saved.iterdir()
    assert file.read_bytes().startswith(b"%PDF")
    assert terminal.heard[-1] == (Outcome.ERROR, f"The printer Office is off. 236 rows are in {file}.")


def test_a_save_that_is_stopped_leaves_no_file(
    terminal: Terminal, parts: ListPage, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, lines, stop = threading.Event(), lineup.lines, Taking.stop

    def once_stopped(*given: Any) -> Any:
        assert stopped.wait(30)
        return lines(*given)

    def stops(taking: Taking) -> None:
        stop(taking)
        stopped.set()

    monkeypatch.setattr("app.kernel.exchange.views.lineup.lines", once_stopped)
    monkeypatch.setattr(Taking, "stop", stops)
    monkeypatch.setattr("app.kernel.exchange.exports.queries.MOST", 1)
    press(terminal, Qt.Key.Key_E, CTRL)
    terminal.until(lambda: terminal.question is not None)
    press(terminal, Qt.Key.Key_2)
    terminal.touch("Stop saving")
    terminal.until(lambda: bool(terminal.heard))
    assert terminal.heard[-1][1] == say("The export was stopped: no file was written.")
    assert not list(saved.iterdir())


def test_what_is_kept_is_opened_from_the_list_of_everything(terminal: Terminal, parts: ListPage) -> None:
    narrow_by_name(terminal, parts, "Oil filter 12")
    terminal.touch("Keep this list")
    type_in(terminal, "Twelves")
    terminal.touch("For me")
    terminal.until(terminal.settled)
    terminal.window.floor.go(Place("home"))
    terminal.until(terminal.settled)
    QTest.keyClick(terminal.window, Qt.Key.Key_K, CTRL)
    terminal.until(lambda: terminal.row("Twelves   ·   Parts") is not None)
    terminal.touch_row("Twelves   ·   Parts")
    terminal.until(terminal.settled)
    page = terminal.window.floor.screen
    assert isinstance(page, ListPage)
    terminal.until(lambda: page.table.rows.true and page.table.rows.total == 11)


@pytest.mark.parametrize(
    "said", ["abc", "1" + "0" * 30, "9" * 5000, "#" + "9" * 5000, "-", "12 000 miles", "#", "%", "#-3", "\u0664"]
)
def test_going_to_what_is_no_number_is_told_and_breaks_nothing(terminal: Terminal, full: World, said: str) -> None:
    page = opened(terminal, Place("list", "vehicle"))
    page.table.rows.sort(page.table.rows.names.index("year"))
    terminal.until(lambda: page.table.rows.true and terminal.settled())
    press(terminal, Qt.Key.Key_G, CTRL)
    terminal.until(lambda: terminal.question is not None)
    line = terminal.window.focusWidget()
    assert isinstance(line, QLineEdit)
    line.setText(said)
    press(terminal, Qt.Key.Key_Return)
    terminal.until(lambda: terminal.question is None and terminal.settled())
    assert not terminal.window.crash.isVisible()
    assert terminal.heard or page.table.currentIndex().isValid(), "it says so, or goes there"


def test_what_is_asked_for_before_the_list_is_in_order_goes_nowhere_and_says_so(terminal: Terminal, full: World) -> None:
    terminal.window.floor.go(Place("list", "part"))
    page = terminal.window.floor.screen
    assert isinstance(page, ListPage)
    terminal.until(lambda: page.table.rows.rowCount() > 0 and terminal.settled())
    rows = page.table.rows
    rows.lineup, rows.true = None, False
    going.go(terminal.window.floor.bench, page.table, "50 %", terminal.window.floor.told)
    assert not page.table.currentIndex().isValid()
    assert "still being put in order" in terminal.heard[-1][1]


def test_who_went_elsewhere_is_told_when_the_file_is_there(
    terminal: Terminal, parts: ListPage, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, lines = threading.Event(), lineup.lines

    def once_gone(*given: Any) -> Any:
        assert gone.wait(30)
        return lines(*given)

    monkeypatch.setattr("app.kernel.exchange.views.lineup.lines", once_gone)
    press(terminal, Qt.Key.Key_E, CTRL)
    terminal.until(lambda: terminal.question is not None)
    press(terminal, Qt.Key.Key_2)
    terminal.window.floor.go(Place("home"))
    terminal.until(lambda: not isValid(parts))
    gone.set()
    terminal.until(lambda: bool(terminal.heard))
    assert "236 rows are in" in terminal.heard[-1][1]


def test_the_order_is_kept_too(terminal: Terminal, parts: ListPage) -> None:
    narrow_by_name(terminal, parts, "Oil filter 12")
    parts.table.rows.sort(0, Qt.SortOrder.DescendingOrder)
    terminal.until(lambda: parts.table.rows.true and terminal.settled())
    terminal.touch("Keep this list")
    type_in(terminal, "Twelves")
    terminal.touch("For me")
    terminal.until(terminal.settled)
    terminal.window.floor.go(Place("home"))
    again = opened(terminal, Place("list", "part"))
    terminal.until(lambda: terminal.find("Twelves") is not None)
    terminal.touch("Twelves")
    terminal.until(lambda: again.table.rows.true and count(again) == 11)
    assert again.table.rows.order == "-code"
    terminal.touch("Twelves")
    terminal.until(lambda: again.table.rows.true and count(again) == 236)
    assert again.table.rows.order == "code"


def test_a_kept_list_of_fields_that_are_gone_says_so_and_breaks_nothing(terminal: Terminal, full: World) -> None:
    bench = terminal.window.floor.bench
    wishes = (Wish("gone", "has", "x"), Wish("price", ">=", "many"))
    for one in (Kept("Old", wishes[:1], "gone"), Kept("Odd", wishes[1:], shared=True)):
        kept.keep(bench, "part", [one], shared=one.shared)
    terminal.until(terminal.settled)
    page = opened(terminal, Place("list", "part"))
    for name, said in (("Old", "There is no column “gone”"), ("Odd", "")):
        terminal.until(lambda name=name: terminal.find(name) is not None)
        terminal.touch(name)
        terminal.until(lambda said=said: terminal.settled() and said in terminal.words())
        assert not terminal.window.crash.isVisible()
        terminal.touch(name)
        terminal.until(lambda: page.table.rows.true and terminal.settled())
        assert count(page) == 236


def test_a_list_that_somebody_may_not_read_is_not_offered_to_them_however_it_is_kept(terminal: Terminal, full: World) -> None:
    kept.keep(terminal.window.floor.bench, "person", [Kept("Who left", shared=True)], shared=True)
    terminal.until(terminal.settled)
    assert [offer.title for offer in waiting(terminal.window.floor.bench)] == ["Who left"]
    terminal.window.floor.lock()
    terminal.window.floor.seat(terminal.world.person("Mara", "KEE"))
    assert waiting(terminal.window.floor.bench) == []


def test_after_midnight_today_is_another_day(terminal: Terminal, full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    page, clock = opened(terminal, Place("list", "work_order")), full.app.clock
    page.narrowing._narrow(None, (Wish("promised", "days of moments", (0, 0)),))
    terminal.until(terminal.settled)
    before = [one.value for one in page.table.rows.source.filters]
    page.narrowing._midnight.timeout.emit()
    assert [one.value for one in page.table.rows.source.filters] == before, "the same day"
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    page.narrowing._midnight.timeout.emit()
    terminal.until(terminal.settled)
    after = [one.value for one in page.table.rows.source.filters]
    assert after[0] == before[1], "it begins where the day before ended"
    assert page.narrowing._midnight.isActive()
    page.narrowing.clear()
    assert not page.narrowing._midnight.isActive(), "what means the same tomorrow needs no look at the clock"
