"""The small parts of the kit: the pad, the biggest sentence, the words for values."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.kernel.money import Money
from app.kernel.types import Quantity
from ui.kit.pad import MOST, Pad
from ui.kit.sentence import Sentence
from ui.kit.values import learn, shown, word
from ui.theme import Theme


def test_the_pad_works_by_glass_and_by_keyboard(qtbot: QtBot) -> None:
    pad = Pad("Take", decimals=True)
    qtbot.addWidget(pad)
    heard: list[str] = []
    pad.entered.connect(heard.append)
    QTest.keyClicks(pad, "2,55")
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    QTest.keyClick(pad, Qt.Key.Key_Return)
    assert heard == ["2.5"]


def test_the_pad_takes_no_more_than_anybody_means(qtbot: QtBot) -> None:
    pad = Pad("Take", secret=True)
    qtbot.addWidget(pad)
    QTest.keyClicks(pad, "1" * 40 + "x.")
    assert pad.text == "1" * MOST


LONG = "6 of Brake disc 320 mm is far more than the 1 planned. Ask a supervisor to scan their badge, or change the plan."


@pytest.mark.parametrize("text", ["Scan the part", "A-01 is a bin. Scan the part.", LONG])
def test_a_sentence_of_any_length_stands_whole_in_the_same_place(qtbot: QtBot, qapp: QApplication, text: str) -> None:
    Theme.load("light", "glove").wear(qapp)
    sentence = Sentence()
    qtbot.addWidget(sentence)
    sentence.resize(880, sentence.height())
    height = sentence.height()
    sentence.say(text)
    assert sentence.height() == height
    assert sentence.heightForWidth(880) <= height


def test_values_read_as_people_say_them() -> None:
    learn({("kind", "pick"): "Picking"})
    assert shown(Quantity.parse("2.5"), "quantity") == "2.5"
    assert shown(Money(1290, "EUR"), "money") == str(Money(1290, "EUR"))
    assert shown("pick", "choice", "kind") == "Picking"
    assert word("state", "IN_PROGRESS") in ("In progress", "In Progress")
    assert shown(None, "quantity") == "–"
    assert shown(True, "flag") == "Yes"
    assert shown(date(2026, 11, 20), "day") == "2026-11-20"
    assert shown(datetime(2020, 1, 2, 3, 4, tzinfo=UTC), "moment").startswith("2020-01-02")
