"""The wedge: a scan is read right from any focus, and what a person types always arrives."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QListWidget, QPlainTextEdit, QPushButton, QSpinBox, QWidget

from ui.scan.burst import STX, ScannerSetup
from ui.scan.layouts import LAYOUTS
from ui.scan.raw import RawScan
from ui.scan.typist import Typist
from ui.scan.wedge import Wedge

PART = "PN-48213/A@X;q"
KEYBOARD = "".join(chr(code) for code in range(32, 127))


@dataclass
class Bench:
    """A window with something of everything, a wedge on it, and a clock that stands still."""

    window: QWidget
    line: QLineEdit
    text: QPlainTextEdit
    number: QSpinBox
    chooser: QComboBox
    button: QPushButton
    rows: QListWidget
    wedge: Wedge | None = None
    heard: list[RawScan] = field(default_factory=list)
    clicks: list[bool] = field(default_factory=list)
    clock: int = 5_000

    def listen(self, **setup: object) -> None:
        if self.wedge:
            self.wedge.stop()
        self.heard.clear()
        self.wedge = Wedge(ScannerSetup(**setup), clock=lambda: self.clock, parent=self.window)  # type: ignore[arg-type]
        self.wedge.watch(self.window.windowHandle())
        self.wedge.scanned.connect(self.heard.append)

    def typist(self, pc: str = "us", caps_lock: bool = False) -> Typist:
        self.clock += 1_000
        return Typist(self.window.windowHandle(), pc, caps_lock, clock=lambda: self.clock)

    def settle(self, silence: bool = True) -> list[str]:
        QCoreApplication.processEvents()
        if silence:
            self.wedge.flush()
        QCoreApplication.processEvents()
        return [scan.text for scan in self.heard]

    def keys(self, strokes: list[tuple[str, int]], end: str = "") -> list[str]:
        """Keys without scan codes, each with the time since the one before it."""
        at = self.clock = self.clock + 1_000
        for character, gap in [*strokes, *((key, 5) for key in end)]:
            at += gap
            key = {"\r": Qt.Key.Key_Return, "\t": Qt.Key.Key_Tab}.get(character, ord(character.upper()))
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, character)
                event.setTimestamp(at)
                QCoreApplication.postEvent(self.window.windowHandle(), event)
        return self.settle()


@pytest.fixture
def bench(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    made = Bench(window, QLineEdit(), QPlainTextEdit(), QSpinBox(), QComboBox(), QPushButton("Finish"), QListWidget())
    made.chooser.setEditable(True)
    made.rows.addItems(["Brake pads", "Disc", "Oil filter"])
    made.rows.setCurrentRow(0)
    made.button.clicked.connect(lambda: made.clicks.append(True))
    for widget in (made.line, made.text, made.number, made.chooser, made.button, made.rows):
        widget.setParent(window)
    window.show()
    made.listen()
    yield made
    made.wedge.stop()


def test_a_scan_is_read_whole_and_once(bench):
    bench.typist().scan(PART)
    assert bench.settle() == [PART]
    assert bench.heard[0] == RawScan(PART, "wedge", bench.clock, "", certain=False)


@pytest.mark.parametrize("caps_lock", [False, True])
@pytest.mark.parametrize("pc", LAYOUTS)
def test_neither_the_layout_nor_caps_lock_garbles_a_scan(bench, pc: str, caps_lock: bool):
    bench.typist(pc, caps_lock).scan(PART)
    assert bench.settle() == [PART]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(KEYBOARD, min_size=4, max_size=60), pc=st.sampled_from(sorted(LAYOUTS)), caps=st.booleans())
def test_any_text_from_a_us_scanner_comes_through_any_machine(bench, text: str, pc: str, caps: bool):
    bench.heard.clear()
    bench.typist(pc, caps).scan(text)
    assert bench.settle() == [text]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), scanner=st.sampled_from(sorted(LAYOUTS)))
def test_a_scanner_of_another_country_is_read_by_its_own_layout(bench, data, scanner: str):
    text = data.draw(st.text(sorted(LAYOUTS[scanner].places), min_size=4, max_size=40))
    bench.listen(layout=scanner)
    bench.typist().scan(text, scanner=scanner)
    assert bench.settle() == [text]


def test_gs_arrives_as_gs(bench):
    label = "0104012345123456" + "10LOT7\x1d" + "21S-9"
    bench.typist("de").scan(label)
    assert bench.settle() == [label]


def test_an_aim_identifier_names_the_symbology(bench):
    bench.typist().scan("]C10104012345123456")
    assert bench.settle() == ["]C10104012345123456"]
    assert bench.heard[0].symbology == "]C1"


def test_fifty_scans_in_one_second_keep_their_number_and_order(bench):
    typist = bench.typist("fr")
    wanted = [f"PN-{number:06}" for number in range(50)]
    for text in wanted:
        typist.scan(text, gap=1, after=10)  # nobody pulls so fast, but a scanner that was out of range empties its memory so
    assert bench.settle() == wanted


@pytest.mark.parametrize("gap", [0, 1, 5, 20, 35])
def test_four_hundred_scans_lose_nothing_at_any_speed(bench, gap: int):
    typist = bench.typist()
    wanted = [f"BN{number:05}" for number in range(400)]
    for text in wanted:
        typist.scan(text, gap=gap)
    assert bench.settle() == wanted


def test_a_busy_screen_delays_a_scan_but_does_not_break_it(bench):
    typist = Typist(bench.window.windowHandle(), clock=lambda: 6_000)
    typist.scan("PN-48", suffix="")
    QCoreApplication.processEvents()
    bench.clock += 400  # the screen thread does something else, the rest of the scan waits in the queue,
    bench.wedge._silence.timeout.emit()  # and the timer comes first
    QCoreApplication.processEvents()
    typist.scan("213/A", suffix="\r", after=3)
    assert bench.settle(silence=False) == ["PN-48213/A"]


@pytest.mark.parametrize(
    ("before", "cursor", "length"),
    [("", 0, 0), ("Torque 23 Nm", 12, 0), ("Torque 23 Nm", 6, 0), ("Torque 23 Nm", 7, 2), ("Torque", 6, -6)],
)
@pytest.mark.parametrize("gap", [2, 30])
def test_a_scan_leaves_the_line_in_focus_as_it_was(bench, before: str, cursor: int, length: int, gap: int):
    bench.line.setText(before)
    bench.line.setFocus()
    bench.line.setCursorPosition(cursor)
    if length:
        bench.line.setSelection(cursor, length)
    was = (bench.line.cursorPosition(), bench.line.selectedText(), bench.line.isModified())
    bench.typist("de").scan(PART, gap=gap)
    assert bench.settle() == [PART]
    assert bench.line.text() == before
    assert (bench.line.cursorPosition(), bench.line.selectedText(), bench.line.isModified()) == was


@pytest.mark.parametrize(("position", "anchor"), [(0, 0), (5, 5), (3, 9), (9, 3), (23, 23), (0, 23)])
def test_a_scan_leaves_the_notes_in_focus_as_they_were(bench, position: int, anchor: int):
    bench.text.setPlainText("Disc worn\nPads at 2 mm\n")
    bench.text.setFocus()
    cursor = bench.text.textCursor()
    cursor.setPosition(anchor)
    cursor.setPosition(position, cursor.MoveMode.KeepAnchor)
    bench.text.setTextCursor(cursor)
    bench.typist().scan("12345678", gap=2)
    assert bench.settle() == ["12345678"]
    assert bench.text.toPlainText() == "Disc worn\nPads at 2 mm\n"
    assert (bench.text.textCursor().position(), bench.text.textCursor().anchor()) == (position, anchor)


def test_a_scan_leaves_a_number_and_a_chooser_in_focus_as_they_were(bench):
    bench.number.setValue(7)
    bench.chooser.setEditText("Main store")
    for widget in (bench.number, bench.chooser):
        widget.setFocus()
        bench.typist().scan("50123456")
        bench.settle()
    assert [scan.text for scan in bench.heard] == ["50123456"] * 2
    assert bench.number.value() == 7
    assert bench.chooser.currentText() == "Main store"


def test_a_space_from_a_scanner_presses_no_button(bench):
    bench.button.setFocus()
    bench.typist().scan("OIL FILTER 5W")
    assert bench.settle() == ["OIL FILTER 5W"]
    assert bench.clicks == []


def test_a_space_from_a_person_presses_the_button(bench):
    bench.button.setFocus()
    bench.typist().type(" ")
    assert bench.settle() == []
    assert bench.clicks == [True]


def test_a_scan_does_not_walk_through_a_list_and_a_person_does(bench):
    bench.rows.setFocus()
    bench.typist().scan("OIL5W40")
    assert bench.settle() == ["OIL5W40"]
    assert bench.rows.currentRow() == 0
    bench.typist().type("d")
    bench.settle()
    assert bench.rows.currentItem().text() == "Disc"


@pytest.mark.parametrize("end", ["", "\r", "\t"])
@pytest.mark.parametrize("gap", [83, 140, 400])
def test_twelve_characters_a_second_are_typing(bench, gap: int, end: str):
    bench.line.setFocus()
    bench.typist("de").type("bremse 996 vorn" + end, gap=gap)
    assert bench.settle() == []
    assert bench.line.text() == "bremse 996 vorn"


def test_enter_and_tab_of_a_person_do_what_they_always_do(bench):
    entered = []
    bench.line.returnPressed.connect(lambda: entered.append(bench.line.text()))
    bench.line.setFocus()
    bench.typist().type("12\r")
    bench.settle()
    assert entered == ["12"]
    bench.typist().type("\t")
    bench.settle()
    assert not bench.line.hasFocus()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strokes=st.lists(st.tuples(st.sampled_from("abcdefgh 0123456789]-"), st.integers(0, 300)), min_size=1, max_size=30))
@pytest.mark.parametrize("prefix", ["", "]"])
def test_every_key_is_either_a_scan_or_arrives(bench, prefix: str, strokes: list[tuple[str, int]]):
    bench.listen(prefix=prefix)
    bench.line.clear()
    bench.line.setFocus()
    read = bench.keys(strokes)
    sent = "".join(character for character, _gap in strokes)
    left = bench.line.text()
    assert len(left) + len("".join(read)) == len(sent)
    for text in [*read, *([left] if not read else [])]:
        assert text in sent


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strokes=st.lists(st.tuples(st.sampled_from("abcdefgh0123456789"), st.integers(0, 140)), min_size=2, max_size=30))
def test_the_rule_is_the_written_one(bench, strokes: list[tuple[str, int]]):
    """Four characters, no gap over 100 ms, a median of at most 35 ms, at most 1.5 s: a scan; anything else: typing."""
    bench.heard.clear()
    bench.line.clear()
    bench.line.setFocus()
    text, gaps = "".join(character for character, _gap in strokes), [gap for _character, gap in strokes[1:]]
    read = bench.keys(strokes)
    if max(gaps) <= 100:
        is_scan = len(text) >= 4 and median(gaps) <= 35 and sum(gaps) <= 1500
        assert read == ([text] if is_scan else [])


def test_a_person_who_types_where_no_field_is_waits_less_than_a_second(bench):
    seen = []
    bench.rows.currentRowChanged.connect(seen.append)
    bench.rows.setFocus()
    bench.typist().type("disc disc", gap=83)
    QCoreApplication.processEvents()  # and no silence yet
    assert seen == [1]


def test_a_key_held_down_is_no_scan(bench):
    bench.line.setFocus()
    bench.typist().press(Qt.Key.Key_X, LAYOUTS["us"].place("x")[0], "x", repeats=9)
    assert bench.settle() == []
    assert bench.line.text() == "x" * 10


def test_an_arrow_between_keys_keeps_its_place_in_the_order(bench):
    bench.line.setFocus()
    typist = bench.typist()
    typist.type("bake", gap=20)
    typist.press(Qt.Key.Key_Left, 105, after=20)
    typist.type("rs")
    assert bench.settle() == []
    assert bench.line.text() == "bakrse"


def test_no_suffix_at_all_ends_by_silence(bench):
    bench.line.setFocus()
    bench.typist().scan(PART, suffix="")
    assert bench.settle(silence=False) == []
    assert bench.settle() == [PART]
    assert bench.line.text() == ""


def test_silence_comes_by_itself(bench, qtbot):
    bench.typist().scan(PART, suffix="")
    qtbot.waitUntil(lambda: [scan.text for scan in bench.heard] == [PART], timeout=2_000)


@pytest.mark.parametrize("suffix", ["\t", "\r", "\r\t", "\t\r", "\r\n"])
def test_tab_and_enter_end_a_scan_and_go_no_further(bench, suffix: str):
    bench.line.setFocus()
    bench.typist().scan(PART, suffix=suffix)
    assert bench.settle() == [PART]
    assert bench.line.hasFocus()
    assert bench.clicks == []


@pytest.mark.parametrize(("prefix", "sent"), [("STX", STX), ("AIM", "]")])
def test_a_framed_scan_is_certain_however_short(bench, prefix: str, sent: str):
    bench.listen(prefix=sent, suffix="\r")
    text = "]C15" if prefix == "AIM" else "5"
    bench.line.setFocus()
    bench.typist("fr").scan(text, prefix=STX if prefix == "STX" else "", gap=60)
    assert bench.settle() == [text]
    assert bench.heard[0].certain
    assert bench.line.text() == ""


def test_a_function_key_may_be_the_prefix(bench):
    bench.listen(prefix="F9", suffix="\t")
    bench.line.setFocus()
    typist = bench.typist()
    typist.press(Qt.Key.Key_F9, 67)
    typist.scan("12", suffix="\t", after=5)
    assert bench.settle() == ["12"]
    assert bench.heard[0].certain


def test_a_bracket_from_a_person_is_late_but_not_lost(bench):
    bench.listen(prefix="]", suffix="\r")
    bench.line.setFocus()
    bench.typist().type("a]C1b\r", gap=83)
    assert bench.settle() == []
    assert bench.line.text() == "a]C1b"


def test_a_fast_scan_without_the_prefix_is_read_but_not_certain(bench):
    bench.listen(prefix=STX, suffix="\r")
    bench.typist().scan(PART)
    assert bench.settle() == [PART]
    assert not bench.heard[0].certain


def test_a_long_code_is_not_cut_in_two(bench):
    bench.line.setFocus()
    long = "https://example.com/" + "0123456789" * 20
    bench.keys([(character, 9) for character in long], end="\r")
    assert bench.heard == []
    assert bench.line.text() == long  # too slow to tell from typing: it stands in the field, whole
    bench.listen(prefix=STX, suffix="\r")
    bench.keys([(character, 9) for character in STX + long], end="\r")
    assert [scan.text for scan in bench.heard] == [long]


class Composer(QObject):
    """An input method on a French machine: from the circumflex, where a US scanner finds `[`, it keeps the key and the next."""

    keeps = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress:
            return False
        if event.nativeScanCode() == 26 + 8:
            self.keeps = 2
        self.keeps -= 1
        return self.keeps >= 0


def test_keys_that_an_input_method_kept_are_read_from_their_release(bench):
    composer = Composer()
    bench.window.windowHandle().installEventFilter(composer)  # it is asked before the wedge
    bench.typist("fr").scan("[)>06[1]x{}[]")
    assert bench.settle() == ["[)>06[1]x{}[]"]
    bench.window.windowHandle().removeEventFilter(composer)


def test_a_double_letter_so_fast_that_it_is_told_as_a_repeat_is_still_two_letters(bench):
    place, at = LAYOUTS["us"].place("0")[0] + 8, 9_000
    for repeated in (False, True, True, True):
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, Qt.Key.Key_0, Qt.KeyboardModifier.NoModifier, place, 0, 0, "0", repeated)
            event.setTimestamp(at)
            QCoreApplication.postEvent(bench.window.windowHandle(), event)
    assert bench.settle() == ["0000"]


def test_a_machine_without_scan_codes_is_believed_and_says_so(bench):
    assert bench.keys([(character, 4) for character in "PN-48213"], end="\r") == ["PN-48213"]
    assert bench.heard[0].source == "wedge-text"


def test_a_field_that_is_gone_when_the_scan_ends_does_no_harm(bench):
    bench.line.setFocus()
    bench.typist().scan("PN-1", suffix="")
    QCoreApplication.processEvents()
    bench.line.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert bench.settle() == ["PN-1"]


def test_a_scan_may_change_the_window_it_came_from(bench):
    bench.wedge.scanned.connect(lambda scan: bench.window.hide())
    typist = bench.typist()
    typist.scan("PN-0001")
    typist.scan("PN-0002")
    assert bench.settle() == ["PN-0001", "PN-0002"]


def test_shift_does_not_stick_when_another_window_took_its_release(bench):
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Shift, Qt.KeyboardModifier.NoModifier, 42 + 8, 0, 0)
    QCoreApplication.sendEvent(bench.window.windowHandle(), press)
    bench.wedge._on_focus_window(bench.window.windowHandle())
    bench.typist().scan("abcd")
    assert bench.settle() == ["abcd"]


def test_a_key_costs_less_than_a_fifth_of_a_millisecond(bench):
    bench.listen()
    window = bench.window.windowHandle()
    place = LAYOUTS["us"].place("x")[0] + 8
    events = []
    for number in range(2_000):
        kind = QEvent.Type.KeyRelease if number % 2 else QEvent.Type.KeyPress
        events.append(QKeyEvent(kind, Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier, place, 0, 0, "x"))
        events[-1].setTimestamp(1_000 + 90 * number)
    begun = time.perf_counter()
    for event in events:
        bench.wedge.eventFilter(window, event)
    assert (time.perf_counter() - begun) / len(events) <= 0.0002
