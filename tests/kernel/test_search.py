"""Search: by the first letters of any word, whatever the accents and case, the same on a terminal and at the hub."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.access import Actor, Grant
from app.kernel.ids import new_id
from app.kernel.search import split
from app.kernel.standard import Retire, SaveRecord
from world import World

NAMES = ("Bremsklötze vorn", "Ölfilter", "Écrou M10", "Straße-Set 12/3", "Brake_pad FX-320.5", "Ψυγείο", "Тормоз")


@pytest.fixture
def shelf(anywhere: World) -> World:
    anywhere.save("organisation", id=anywhere.org, name="Moto Keller")
    for place, name in enumerate(NAMES):
        anywhere.save("part", code=f"KTM-77{place}A", name=name, category="Spare part")
    return anywhere


def found(world: World, sought: str) -> list[str]:
    return sorted(one.title for one in world.app.find(sought, world.actor, "part"))


FOUND_BY = {
    "Bremsklötze vorn": ("brems", "BREMSKLOTZE", "vorn bremsklötze"),
    "Ölfilter": ("olfilter", "ÖLF"),
    "Écrou M10": ("ecrou", "m10"),
    "Straße-Set 12/3": ("strasse", "STRASSE set", "12"),
    "Brake_pad FX-320.5": ("fx-320", "pad", "320.5", "KTM-774A", "ktm 774"),
    "Ψυγείο": ("ψυγειο",),
    "Тормоз": ("тормоз",),
}
NO_WORDS = ("", "   ", "-", "'", '"', "*", "a' OR 1=1 --", "remsklötze", "NEAR(", "x:*", "\\", "%", "((((", "!!!")


def test_a_part_is_found_by_the_beginning_of_its_words(shelf: World) -> None:
    for name, ways in FOUND_BY.items():
        assert {sought: found(shelf, sought) for sought in ways} == {sought: [name] for sought in ways}


def test_what_is_no_word_finds_nothing_and_breaks_nothing(shelf: World) -> None:
    assert {sought: found(shelf, sought) for sought in NO_WORDS} == {sought: [] for sought in NO_WORDS}


def test_every_word_must_be_there(shelf: World) -> None:
    assert found(shelf, "spare") == sorted(NAMES)
    assert found(shelf, "spare vorn") == ["Bremsklötze vorn"]
    assert found(shelf, "vorn filter") == []


def test_a_changed_name_is_found_by_the_new_one_only(shelf: World) -> None:
    part = shelf.app.find("olfilter", shelf.actor)[0].id
    shelf.done(SaveRecord(entity="part", id=part, fields={"name": ["Ölfilter", "Luftfilter"]}))
    assert (found(shelf, "olfilter"), found(shelf, "luft")) == ([], ["Luftfilter"])


def test_what_is_retired_is_found_no_more(shelf: World) -> None:
    part = shelf.app.find("olfilter", shelf.actor)[0].id
    shelf.done(Retire(entity="part", id=part))
    assert found(shelf, "olfilter") == []


def test_a_search_goes_over_everything_or_one_kind(shelf: World) -> None:
    shelf.save("customer", name="Herr Bremer")
    assert {one.entity for one in shelf.app.find("brem", shelf.actor)} == {"part", "customer"}
    assert {one.entity for one in shelf.app.find("brem", shelf.actor, "customer")} == {"customer"}


def test_whoever_may_not_read_an_entity_does_not_find_its_rows(world: World) -> None:
    limited = Actor(new_id(), world.org, grants=frozenset({Grant("work_orders.read")}), system=True)
    assert [one.entity for one in world.app.find("brake", limited)] == ["work_order"]


@given(st.text(max_size=40))
def test_words_are_plain_and_stay_so(text: str) -> None:
    words = split(text)
    assert all(word and not any(letter in word for letter in " '\"*:&|!()\\_") for word in words)
    assert split(" ".join(words)) == words
