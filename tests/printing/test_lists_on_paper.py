"""Lists on paper: what is too wide for its column is cut in the middle, as little as may be, however long it is."""

from __future__ import annotations

import random

import pytest

from printing import lists
from printing.lists import MORE


def test_no_more_is_cut_than_must_be() -> None:
    chance = random.Random(7)
    for _text in range(50):
        text = "".join(chance.choice("iIWm.0-ä ") for _letter in range(chance.randint(2, 40)))
        width = chance.uniform(3, 120)
        cut = lists._cut(text, width)
        if lists._width(text) <= width + 0.1:
            assert cut == text
            continue
        kept = len(cut) - len(MORE)
        assert cut == MORE or lists._width(cut) <= width
        assert kept == len(text) - 1 or lists._width(lists._ends(text, kept + 1)) > width


def test_the_end_of_a_number_is_kept() -> None:
    cut = lists._cut("BRAKE-PADS-FRONT-000000123456789", 80)
    assert cut.startswith("BRAKE")
    assert cut.endswith("789")
    assert MORE in cut


def test_a_very_long_word_is_measured_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []
    width = lists._width
    monkeypatch.setattr(lists, "_width", lambda text: measured.append(text) or width(text))
    lists._cut("x" * 4000, 100)
    assert len(measured) < 20
