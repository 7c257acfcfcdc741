"""German is a whole language of the program: every marked text has its translation, which names the same values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.kernel import figures, po
from app.kernel.problems import Problem, Refused
from app.kernel.words import LOCALE, PSEUDO, _, say, speak

ROOT = Path(__file__).resolve().parents[2]
HOMES = ("app", "ui", "sync", "printing")
PLACE = re.compile(r"\{[^{}]*\}")
SAME = re.compile(r"[\W\d_]*")  # what has no word to translate


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    speak("en")


def marked() -> dict[str, str]:
    """Every text that people read, and where it stands."""
    found: dict[str, str] = {}
    for home in HOMES:
        for path in sorted((ROOT / home).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        found.setdefault(first.value, f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


GERMAN = po.read(LOCALE / "de.po")


def test_every_marked_text_has_a_german_translation() -> None:
    lacking = {text: where for text, where in marked().items() if text not in GERMAN}
    assert not lacking, "translate them in resources/locale/de.po; `poe words` adds the entries"


def test_the_catalogue_has_nothing_that_the_program_lacks() -> None:
    assert sorted(set(GERMAN) - set(marked())) == [], "`poe words` takes them out"


@pytest.mark.parametrize("path", sorted(LOCALE.glob("*.po")), ids=lambda path: path.stem)
def test_a_translation_names_the_same_values(path: Path) -> None:
    wrong = [
        (message, told)
        for message, told in po.read(path).items()
        if sorted(set(PLACE.findall(message))) != sorted(set(PLACE.findall(told)))
    ]
    assert wrong == []


def test_a_sentence_stays_a_sentence() -> None:
    """It ends as the English one does: a full stop, a question, or nothing where it is a label."""
    ends = (".", "?", "!", "…", ":")
    wrong = [(message, told) for message, told in GERMAN.items() if message.endswith(ends[:3]) and not told.endswith(ends[:3])]
    assert wrong == []


def test_german_is_german_and_no_quotation_mark_stayed_english() -> None:
    assert [told for told in GERMAN.values() if "”" in told] == []
    whole = [message for message in GERMAN if len(message) > 40]
    assert [message for message in whole if GERMAN[message] == message] == []


def test_a_problem_is_said_in_the_reader_s_language_and_in_english_where_there_is_no_other() -> None:
    problem = Problem("access.pin_wrong", _("That is not the PIN."), hint=_("Scan again."))
    speak("de")
    assert (problem.sentence, problem.advice) == ("Das ist nicht die PIN.", "Noch einmal scannen.")
    speak("de-AT")
    assert problem.sentence == "Das ist nicht die PIN."
    speak("xx")
    assert problem.sentence == "That is not the PIN."
    speak("../../etc")
    assert problem.sentence == "That is not the PIN."


def test_a_label_in_a_sentence_is_translated_too() -> None:
    speak("de")
    assert say(_("{label} is not filled in."), label=_("Name")) == "Name ist nicht ausgefüllt."
    assert say(_("Scan a {wanted}."), wanted=_("Bin")) == "Gesucht: Lagerplatz. Bitte scannen."


def test_days_and_decimals_are_written_as_the_language_writes_them() -> None:
    assert (figures.day(date(2026, 11, 20)), figures.spoken("2.5")) == ("2026-11-20", "2.5")
    speak("de")
    assert (figures.day(date(2026, 11, 20)), figures.spoken("1234.50 EUR")) == ("20.11.2026", "1234,50 EUR")
    assert figures.moment(datetime(2026, 11, 20, 14, 2, tzinfo=UTC)) == "20.11.2026 14:02"


def test_what_is_typed_with_a_comma_is_read_and_a_dot_between_thousands_is_asked_about() -> None:
    assert figures.heard("1,5") == "1,5"
    speak("de")
    assert (figures.heard("2,5"), figures.heard("0,125"), figures.heard("1000")) == ("2.5", "0.125", "1000")
    assert (figures.heard_day("3.4.2026"), figures.heard_day("2026-04-03")) == ("2026-04-03", "2026-04-03")
    with pytest.raises(Refused) as refused:
        figures.heard("1.000", "quantity")
    assert refused.value.problem.code == "figures.dot"


def test_a_catalogue_is_written_and_read_again_whole(tmp_path: Path) -> None:
    said = {'He said "no"\\': 'Er sagte „nein“\\"', "Two\nlines": "Zwei\nZeilen", "Not yet": ""}
    po.write(tmp_path / "de.po", "de", said, {})
    assert po.read(tmp_path / "de.po") == {message: told for message, told in said.items() if told}


def test_what_is_no_catalogue_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "de.po").write_text("this is not one\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not a line of a catalogue"):
        po.read(tmp_path / "de.po")


def test_the_pseudo_language_reaches_every_text_and_leaves_its_values_alone() -> None:
    speak(PSEUDO)
    for message in marked():
        told = say(message)
        assert sorted(PLACE.findall(told)) == sorted(PLACE.findall(message))
        assert told != message or SAME.fullmatch(message), message
