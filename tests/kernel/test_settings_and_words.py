"""Settings as they stood when somebody acted; words in the reader's language, and in English where there is no other."""

from __future__ import annotations

import threading

import pytest
from replays import late
from sqlalchemy import select

from app.kernel import words
from app.kernel.clock import stamp_ms
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.settings import Setting, read_setting
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.kernel.words import _, say, speak
from app.stock.commands import AdjustStock
from app.stock.model import StockLine
from world import World

LIMIT = "stock.adjust_limit"


def setting(world: World, place: object = None) -> object:
    with world.session() as session:
        return read_setting(session, world.app.registry, world.org, LIMIT, place)  # type: ignore[arg-type]


def test_a_place_has_its_own_value_or_the_organisation_s_or_the_one_that_is_declared(anywhere: World) -> None:
    world = anywhere.furnish()
    assert (setting(world), setting(world, world.site)) == (50, 50)
    world.save("setting_value", key=LIMIT, value=60)
    assert (setting(world), setting(world, world.site)) == (60, 60)
    world.save("setting_value", key=LIMIT, place_id=world.site.hex, value=70)
    assert (setting(world), setting(world, world.site)) == (60, 70)


def test_another_organisation_s_setting_is_not_ours(anywhere: World) -> None:
    ours, theirs = anywhere.furnish(), World(anywhere.app).furnish()
    theirs.save("setting_value", key=LIMIT, value=1)
    assert setting(ours) == 50


def test_a_command_done_again_reads_the_setting_as_it_stood_when_the_person_acted(world: World) -> None:
    ms = stamp_ms(max(line.stamp for line in world.rows(StockLine))) + 1000
    world.save("setting_value", key=LIMIT, value=5)
    lost = AdjustStock(part=world.part, bin=world.bin, change=Quantity(20), reason="Found")
    may = f"may:stock.adjust_large@{world.warehouse.hex}"
    drawn = f"setting:{LIMIT}@{world.warehouse.hex}@{world.site.hex}"
    done = late(world, lost, ms, **{drawn: 50, may: False})
    assert (done.verdict, world.on_hand()) == ("applied", Quantity(25))
    now = late(world, lost, ms + 1, **{may: False})
    assert [problem.code for problem in now.findings] == ["stock.large"]


def test_what_a_command_read_stands_in_its_envelope(world: World) -> None:
    world.done(AdjustStock(part=world.part, bin=world.bin, change=Quantity(1), reason="Found"))
    with world.session() as session:
        content = session.scalars(select(EnvelopeRow.content).order_by(EnvelopeRow.seq.desc()).limit(1)).one()
    assert f'"setting:{LIMIT}@{world.warehouse.hex}@{world.site.hex}":50' in content


def test_a_setting_that_nobody_declared_is_a_bug(world: World) -> None:
    assert isinstance(world.app.registry.settings[LIMIT], Setting)
    with world.session() as session, pytest.raises(KeyError):
        read_setting(session, world.app.registry, world.org, "stock.colour")


# ----------------------------------------------------------------------------------------------------------------- words


@pytest.fixture
def language() -> object:
    yield
    speak("en")


@pytest.mark.usefixtures("language")
def test_a_language_that_nobody_has_written_is_english() -> None:
    speak("tlh")
    assert say(_("Scan again.")) == "Scan again."


@pytest.mark.usefixtures("language")
def test_each_thread_speaks_its_reader_s_language() -> None:
    heard: list[str] = []

    def other() -> None:
        heard.append(words._language.get())

    speak("el")
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert heard == ["en"]


def test_names_are_filled_in_and_what_has_no_value_stays_visible() -> None:
    message = "Only {left} of {part} is booked in {bin}."
    assert say(message, {"left": Quantity(2), "part": "Pads"}, bin="A-01") == "Only 2 of Pads is booked in A-01."
    assert say(message, {"left": 2}) == "Only 2 of {part} is booked in {bin}."
    assert say("") == ""


@pytest.mark.usefixtures("language")
def test_labels_within_a_sentence_are_translated_with_it_and_what_people_wrote_is_not(world: World) -> None:
    (missing,) = world.run(SaveRecord(entity="part", fields={"code": [None, "X-1"]})).problems
    (unreadable,) = world.run(SaveRecord(entity="part", id=world.part, fields={"price": [900, "Name"]})).problems
    assert missing.sentence == "Name is not filled in."
    assert unreadable.sentence == "“Name” cannot be read as an amount in minor units."
    speak(words.PSEUDO)
    assert missing.sentence.startswith("Ñàmé") or missing.sentence.startswith("Nàmé")
    assert "“Name”" in unreadable.sentence
    assert "amount" not in unreadable.sentence


def test_a_value_with_braces_is_only_text() -> None:
    assert say("“{name}” is taken.", {"name": "{left} {0} %s"}) == "“{left} {0} %s” is taken."


def test_a_problem_says_what_is_so_and_what_to_do() -> None:
    problem = Problem("x.y", "Only {left} left.", hint="Take {left} or fewer.", field="quantity", values={"left": 2})
    assert (problem.sentence, problem.advice) == ("Only 2 left.", "Take 2 or fewer.")
    assert problem.as_json() == {"code": "x.y", "message": "Only 2 left.", "hint": "Take 2 or fewer.", "field": "quantity"}
    assert str(Refused(problem, problem)) == "Only 2 left. Only 2 left."
    assert str(Trouble("x.z", "The disk is full.")) == "The disk is full."
    assert hash(problem)
