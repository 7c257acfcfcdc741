"""Search: by the first letters of any word, whatever the accents and case, the same on a terminal and at the hub."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.access import Actor, Grant
from app.kernel.ids import new_id
from app.kernel.search import split
from app.kernel.standard import Retire, SaveMany, SaveRecord
from app.parts.model import Part
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
NO_WORDS = ("", "   ", "-", "'", '"', "*", "a' OR 1=1 --", "emsklötze", "NEAR(", "x:*", "\\", "%", "((((", "!!!")


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


def test_what_has_the_words_whole_and_early_and_says_little_else_comes_first(world: World) -> None:
    for place, name in enumerate(("Horn bracket, long, chromed", "Hornet decal", "Bracket for horn", "Horn")):
        world.save("part", code=f"H-{place}", name=name)
    titles = [one.title for one in world.app.find("horn", world.actor, "part")]
    assert titles == ["Horn", "Horn bracket, long, chromed", "Bracket for horn", "Hornet decal"]


@pytest.mark.parametrize("sought", ["b", "1", "M"])
def test_a_single_letter_finds_all_that_begins_with_it(shelf: World, sought: str) -> None:
    shelf.save("part", code="B-1", name="M")
    shelf.save("part", code="X1", name="1 b")
    wanted = {
        title
        for title, words in ((row.title, split(f"{row.code} {row.name} Spare part")) for row in shelf.rows(Part))
        if any(word.startswith(sought.casefold()) for word in words)
    }
    assert {one.title for one in shelf.app.find(sought, shelf.actor, "part")} == wanted


def test_more_than_anybody_reads_are_found_quickly_and_as_many_as_were_asked_for(world: World) -> None:
    world.done(SaveMany(entity="part", rows=[{"code": f"N-{place}", "name": f"Nut {place}"} for place in range(700)]))
    assert len(world.app.find("nut", world.actor, "part")) == 50
    assert len({one.id for one in world.app.find("nut", world.actor, "part", most=650)}) == 650
    assert [one.title for one in world.app.find("nut 699", world.actor)] == ["Nut 699"]


# ------------------------------------------------------------------------------------------------------ what comes first


def titles(world: World, sought: str, **how: Any) -> list[str]:
    return [one.title for one in world.app.find(sought, world.actor, "part", **how)]


def test_a_part_is_found_by_its_name_in_every_language(shelf: World) -> None:
    names = {"de": "Kupplungshebel", "fr": "Levier d'embrayage", "el": "Μανέτα συμπλέκτη"}
    shelf.save("part", code="LV-1", name="Clutch lever", names=names)
    for sought in ("kupplungsh", "embrayage", "levier", "μανετα", "ΣΥΜΠΛ", "clutch"):
        assert titles(shelf, sought) == ["Clutch lever"]
    assert titles(shelf, "fr") == []


SLIPS = {
    "bremsklotze": ("brmesklotze", "bremsklotz", "bremskloetze", "xremsklotze", "bremsklotzes", "vron bremsklotze"),
    "тормоз": ("тормос", "ормоз"),
    "ψυγειο": ("ψυγιο",),
}


@pytest.mark.parametrize("word", SLIPS)
def test_one_slip_of_a_finger_is_forgiven(shelf: World, word: str) -> None:
    [meant] = titles(shelf, word)
    assert {sought: titles(shelf, sought) for sought in SLIPS[word]} == {sought: [meant] for sought in SLIPS[word]}


@pytest.mark.parametrize("sought", ["brmeskoltze", "pda", "fx-330", "vorn pdaa"])
def test_two_slips_a_short_word_and_a_number_are_not_guessed_at(shelf: World, sought: str) -> None:
    assert titles(shelf, sought) == []


def test_nothing_is_guessed_where_something_is_found(shelf: World) -> None:
    shelf.save("part", code="CA-1", name="Chain")
    shelf.save("part", code="CA-2", name="Chair")
    assert titles(shelf, "chain") == ["Chain"]
    assert sorted(titles(shelf, "chait")) == ["Chain", "Chair"]


def test_the_very_name_comes_before_thousands_that_hold_it_too(world: World) -> None:
    rows = [{"code": f"N-{place:04}", "name": f"Big nut {place} of the frame"} for place in range(1500)]
    world.done(SaveMany(entity="part", rows=[*rows, {"code": "ZZ-1", "name": "Nut"}, {"code": "ZZ-0", "name": "Nutcracker"}]))
    for sought in ("nut", "Nut", "NUT"):
        assert titles(world, sought)[0] == "Nut"
        assert len(titles(world, sought)) == 50
    assert titles(world, "nu")[:2] == ["Nut", "Nutcracker"]


def test_codes_that_begin_so_come_in_their_own_order(world: World) -> None:
    world.done(SaveMany(entity="part", rows=[{"code": f"qx-{place:03}", "name": "Part"} for place in reversed(range(90))]))
    codes = {row.id: row.code for row in world.rows(Part)}
    assert [codes[one.id] for one in world.app.find("QX", world.actor, "part")] == [f"qx-{place:03}" for place in range(50)]


def test_many_parts_do_not_crowd_out_a_customer(world: World) -> None:
    world.done(SaveMany(entity="part", rows=[{"code": f"BR-{place:02}", "name": f"Bremse {place}"} for place in range(25)]))
    world.save("customer", name="Frau Bremer")
    found = world.app.find("brem", world.actor)
    assert "customer" in {one.entity for one in found}
    assert [one.title for one in found[:4]] == [f"Bremse {place}" for place in (0, 1, 10, 11)]


def test_a_part_is_found_by_the_beginning_of_its_printed_code(world: World) -> None:
    world.save("barcode", part_id=world.part.hex, code="4006381333931")
    assert [one.id for one in world.app.find("400638133", world.actor)] == [world.part]
    assert world.app.find("400", world.actor, "part") == []


@pytest.mark.parametrize("sought", ["a" * 50_000, "ab " * 50_000, "\ud800x", "x" * 30 + "\0", "“" * 1000])
def test_what_nobody_would_type_is_answered_as_quickly(shelf: World, sought: str) -> None:
    begun = time.monotonic()
    assert found(shelf, sought) == []
    assert time.monotonic() - begun < 5
