"""Command cards say on the card itself what they do."""

from __future__ import annotations

import pytest

from app.kernel.meanings import Meaning
from ui.labels import card_fields


@pytest.mark.parametrize(
    "word", ["UNDO", "DONE", "CANCEL", "ISSUE", "RETURN", "DAMAGED", "PLUS1", "MINUS1", "PRINT", "SIGNOUT", "CARDS", "NEXT"]
)
def test_every_card_that_is_printed_says_what_it_does(word: str) -> None:
    assert card_fields(Meaning("command", "FT1:CM:" + word, word, command=word))["help"].endswith(".")
