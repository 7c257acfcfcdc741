"""What people decide on Odoo: dead letters, matches, and the differences between two stocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.kernel.records import Discrepancy
from app.kernel.settling import Settle
from app.kernel.standard import Transition
from app.kernel.types import Quantity, millis
from app.odoo.commands import LetGoOfOdoo, MatchInOdoo, SettleDifference, TryAgainInOdoo
from app.odoo.model import (
    OdooDifference,
    OdooHealth,
    OdooLetter,
    OdooLink,
    OdooMatch,
    difference_id,
    health_id,
    letter_id,
    link_id,
    match_id,
)
from app.odoo.notes import NoteInOdoo
from app.odoo.records import OdooMapping
from app.parties.erasing import EraseCustomer
from app.stock.commands import CountStock
from app.stock.model import StockLine
from world import World

SAID = "Odoo has no tax for {code}."


def letter_of(row: UUID, **more: Any) -> dict[str, Any]:
    told = {"subject": "M-1", "verdict": "mapping", "code": "odoo.tax", "said": SAID, "hint": "Choose one.", "tries": 1}
    return {"entity": "work_order", "row_id": row.hex, "detail": {"code": "V19"}, **told, **more}


@pytest.fixture
def stuck(world: World) -> UUID:
    """The letter of the job, which Odoo would not take."""
    world.done(NoteInOdoo(letters=[letter_of(world.order)]))
    return letter_id(world.order)


def state(world: World, letter: UUID) -> str:
    return str(world.get(OdooLetter, letter).state)


def test_where_a_record_stands_in_odoo_is_told_once_and_then_kept_up(world: World) -> None:
    link = {"entity": "work_order", "row_id": world.order.hex, "state": "waiting"}
    world.done(NoteInOdoo(links=[link]))
    there = {**link, "state": "there", "model": "repair.order", "number": 7, "name": "WH/RO/00007", "address": "https://o/7"}
    world.done(NoteInOdoo(links=[there]))
    (row,) = world.app.ask("odoo_of", world.actor, row=world.order).rows
    assert (row["state"], row["name"], row["number"], row["address"]) == ("there", "WH/RO/00007", 7, "https://o/7")
    assert [one.id for one in world.rows(OdooLink)] == [link_id(world.order)]


def test_the_number_on_a_paper_of_odoo_s_opens_the_record_here(world: World) -> None:
    told = {"entity": "work_order", "row_id": world.order.hex, "state": "there", "name": "WH/RO/00007"}
    world.done(NoteInOdoo(links=[told]))
    match = world.app.meaning("WH/RO/00007", world.person("Kim", "KEE")).match
    assert match is not None
    assert (match.entity, match.id) == ("work_order", world.order)
    assert [one.entity for one in world.app.find("00007", world.actor) if one.entity.startswith("odoo")] == []


def test_what_is_told_again_as_it_stands_changes_nothing(world: World) -> None:
    told = NoteInOdoo(letters=[letter_of(world.order, since=5)], things=[{"kind": "tax", "number": 3, "name": "19 %"}])
    world.done(told)
    before = world.get(OdooLetter, letter_id(world.order)).stamp
    answer = world.done(told)
    assert answer.rows == ()
    assert world.get(OdooLetter, letter_id(world.order)).stamp == before


def test_only_the_hub_itself_tells_what_stands_in_odoo(world: World) -> None:
    assert world.codes(NoteInOdoo(what="x"), world.person("Ann", "MGR")) == ["odoo.not_the_bridge"]
    assert world.codes(NoteInOdoo(what="x"), world.person("Kim", "KEE")) == ["access.denied"]


def test_a_letter_says_in_a_sentence_why_and_since_when(world: World, stuck: UUID) -> None:
    (row,) = world.app.ask("odoo_letters", world.actor, open=True).rows
    assert (row["said"], row["hint"], row["owner"]) == ("Odoo has no tax for V19.", "Choose one.", None)
    assert row["since"] == world.get(OdooLetter, stuck).since


def test_a_letter_is_tried_again_and_lies_open_again_where_odoo_still_says_no(world: World, stuck: UUID) -> None:
    since = world.get(OdooLetter, stuck).since
    world.done(TryAgainInOdoo(letter=stuck), world.person("Sam", "SUP"))
    assert state(world, stuck) == "again"
    world.done(NoteInOdoo(letters=[letter_of(world.order, since=millis(since), tries=2)]))
    letter = world.get(OdooLetter, stuck)
    assert (letter.state, letter.tries, letter.since) == ("open", 2, since)


def test_what_is_said_again_lies_there_since_it_first_came(world: World) -> None:
    ident, first = letter_id(world.order), millis(world.app.clock.now() - timedelta(hours=30))
    world.done(NoteInOdoo(letters=[letter_of(world.order, since=first)]))
    world.done(NoteInOdoo(letters=[letter_of(world.order, tries=2)]))
    assert (millis(world.get(OdooLetter, ident).since), world.get(OdooLetter, ident).tries) == (first, 2)
    world.done(NoteInOdoo(letters=[letter_of(world.order, state="done")]))
    world.done(NoteInOdoo(letters=[letter_of(world.order)]))
    assert millis(world.get(OdooLetter, ident).since) > first


def test_what_lies_there_for_the_same_reason_is_tried_together(world: World, stuck: UUID) -> None:
    about = [letter_of(part) for part in world.parts] + [letter_of(world.bin, code="odoo.locked")]
    world.done(NoteInOdoo(letters=about))
    world.done(TryAgainInOdoo(letter=stuck, alike=True), world.person("Sam", "SUP"))
    states = [(row.code, row.state) for row in world.rows(OdooLetter)]
    assert sorted(set(states)) == [("odoo.locked", "open"), ("odoo.tax", "again")]


def test_whose_a_letter_is_is_who_decided_on_it_last(world: World, stuck: UUID) -> None:
    sam = world.person("Sam", "SUP")
    world.done(TryAgainInOdoo(letter=stuck), sam)
    world.done(NoteInOdoo(letters=[letter_of(world.order)]))
    assert [row["owner"] for row in world.app.ask("odoo_letters", world.actor, open=True).rows] == ["Sam"]


def test_what_reached_odoo_is_cleared_and_neither_tried_nor_let_go(world: World, stuck: UUID) -> None:
    world.done(NoteInOdoo(letters=[letter_of(world.order, state="done")]))
    assert state(world, stuck) == "done"
    assert world.codes(TryAgainInOdoo(letter=stuck)) == ["odoo.done"]
    assert world.codes(LetGoOfOdoo(letter=stuck, reason="Booked by hand")) == ["odoo.done"]
    assert world.app.ask("odoo_letters", world.actor, open=True).rows == []


def test_a_letter_is_let_go_with_a_reason_and_may_be_tried_all_the_same(world: World, stuck: UUID) -> None:
    sam = world.person("Sam", "SUP")
    assert world.codes(LetGoOfOdoo(letter=stuck, reason=" "), sam) == ["odoo.reason"]
    world.done(LetGoOfOdoo(letter=stuck, reason="Booked by hand"), sam)
    assert (state(world, stuck), world.get(OdooLetter, stuck).reason) == ("let_go", "Booked by hand")
    world.done(TryAgainInOdoo(letter=stuck), sam)
    assert (state(world, stuck), world.get(OdooLetter, stuck).reason) == ("again", "")


def test_a_storekeeper_reads_letters_and_leaves_them_to_the_supervisor(world: World, stuck: UUID) -> None:
    kim = world.person("Kim", "KEE")
    assert len(world.app.ask("odoo_letters", kim).rows) == 1
    assert world.codes(TryAgainInOdoo(letter=stuck), kim) == ["access.denied"]
    assert world.codes(MatchInOdoo(match=stuck), kim) == ["access.denied"]


def test_what_odoo_calls_somebody_goes_with_them(world: World) -> None:
    customer = world.save("customer", name="Wilhelmina Quast", phone="+49 170 5550815")
    about = {"entity": "customer", "row_id": customer.hex}
    said = {"subject": "Wilhelmina Quast", "code": "odoo.vat", "said": "{name} has no VAT number.", "hint": "Ask {name}."}
    letter = about | said | {"detail": {"name": "Wilhelmina Quast"}}
    world.done(NoteInOdoo(links=[{**about, "name": "Wilhelmina Quast", "state": "stuck"}], letters=[letter]))
    known = {"entity": "customer", "row_id": customer, "model": "res.partner", "number": 4, "name": "Wilhelmina Quast"}
    with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
        session.add(OdooMapping(org_id=world.org, at=world.app.clock.now(), **known))
        session.commit()
    world.done(EraseCustomer(customer=customer, reason="Asked for it"))
    (link,), (row,) = world.rows(OdooLink), world.rows(OdooLetter)
    assert (link.name, row.subject, row.said, row.hint, row.detail) == (None, "–", "–", None, {})
    assert [one.name for one in world.rows(OdooMapping)] == [""]


# ------------------------------------------------------------------------------------------------- older than a day


@pytest.fixture
def old(world: World) -> UUID:
    """A letter that has been lying for two days."""
    since = millis(world.app.clock.now() - timedelta(days=2))
    world.done(NoteInOdoo(letters=[letter_of(world.order, since=since)]))
    world.done(NoteInOdoo(what="again"))
    return letter_id(world.order)


def test_a_letter_older_than_a_day_needs_somebody_once(world: World, old: UUID) -> None:
    (card,) = world.app.ask("attention", world.person("Sam", "SUP")).rows
    assert (card["message"], card["entity"], card["row"]) == ("Odoo has no tax for V19.", "odoo_letter", old)


def test_a_fresh_letter_needs_nobody_yet(world: World, stuck: UUID) -> None:
    assert world.app.ask("attention", world.person("Sam", "SUP")).rows == []


def test_from_the_card_it_is_tried_again_or_let_go(world: World, old: UUID) -> None:
    sam = world.person("Sam", "SUP")
    card = world.app.ask("attention", sam).rows[0]["id"]
    assert world.codes(Settle(discrepancy=card, choice="let_go"), sam) == ["discrepancy.how"]
    world.done(Settle(discrepancy=card, choice="let_go", how="Booked by hand"), sam)
    letter = world.get(OdooLetter, old)
    assert (letter.state, letter.reason) == ("let_go", "Booked by hand")
    assert world.app.ask("attention", sam).rows == []


def test_a_letter_that_is_tried_again_is_on_nobody_s_list_and_comes_back_where_odoo_says_no(world: World, old: UUID) -> None:
    sam = world.person("Sam", "SUP")
    world.done(TryAgainInOdoo(letter=old), sam)
    assert [card.state for card in world.rows(Discrepancy)] == ["settled"]
    world.done(NoteInOdoo(letters=[letter_of(world.order, since=millis(world.get(OdooLetter, old).since))]))
    assert len(world.app.ask("attention", sam).rows) == 1


# ------------------------------------------------------------------------------------------------------------ matching


TAXES = [{"kind": "tax", "number": 3, "name": "19 % USt"}, {"kind": "tax", "number": 4, "name": "7 % USt", "active": False}]


@pytest.fixture
def tax(world: World) -> UUID:
    world.done(NoteInOdoo(things=TAXES, matches=[{"kind": "tax", "ours": "V19", "ours_title": "V19 19 %"}]))
    return match_id(world.org, "tax", "V19")


def test_what_is_to_be_chosen_stands_first_with_what_there_is_to_choose(world: World, tax: UUID) -> None:
    told = [{"kind": "unit", "ours": "pcs", "ours_title": "Piece", "theirs": 1, "theirs_name": "Units"}]
    world.done(NoteInOdoo(matches=told))
    rows = world.app.ask("odoo_matches", world.actor).rows
    assert [(row["ours"], row["state"]) for row in rows] == [("V19", "open"), ("pcs", "matched")]
    assert [row["name"] for row in world.app.ask("odoo_choices", world.actor, match=tax).rows] == ["19 % USt"]


def test_an_administrator_matches_and_what_was_chosen_stays_whatever_the_bridge_thinks(world: World, tax: UUID) -> None:
    ada = world.person("Ada", "ADM")
    world.done(MatchInOdoo(match=tax, theirs=3), ada)
    world.done(NoteInOdoo(matches=[{"kind": "tax", "ours": "V19", "ours_title": "V19", "theirs": 9, "theirs_name": "Other"}]))
    match = world.get(OdooMatch, tax)
    assert (match.state, match.theirs, match.theirs_name, match.ours_title) == ("matched", 3, "19 % USt", "V19")
    world.done(MatchInOdoo(match=tax), ada)
    assert (world.get(OdooMatch, tax).state, world.get(OdooMatch, tax).theirs) == ("open", None)


@pytest.mark.parametrize("theirs", [4, 99])
def test_only_what_odoo_uses_is_matched(world: World, tax: UUID, theirs: int) -> None:
    assert world.codes(MatchInOdoo(match=tax, theirs=theirs)) == ["odoo.no_choice"]


# --------------------------------------------------------------------------------------------------------- differences


def differs(world: World, ours: int = 5, theirs: int = 3) -> NoteInOdoo:
    bin, part = world.bin.hex, world.part.hex
    return NoteInOdoo(differences=[{"part_id": part, "bin_id": bin, "ours": ours * 1000, "theirs": theirs * 1000}])


@pytest.fixture
def differing(world: World) -> UUID:
    """We say five, Odoo says three."""
    world.done(differs(world))
    return difference_id(world.part, world.bin)


def test_a_difference_shows_both_numbers_and_what_it_is_about(world: World, differing: UUID) -> None:
    (row,) = world.app.ask("odoo_differences", world.person("Kim", "KEE"), open=True).rows
    assert (row["ours"], row["theirs"], row["bin"]) == (Quantity(5), Quantity(3), "A-01")
    assert world.get(OdooDifference, differing).title.startswith("A-01 · ")


def test_where_ours_stands_nothing_moves_here(world: World, differing: UUID) -> None:
    world.done(SettleDifference(difference=differing, how="ours", reason="Counted yesterday"), world.person("Kim", "KEE"))
    row = world.get(OdooDifference, differing)
    assert (row.state, row.settled_how, world.on_hand()) == ("settled", "ours", Quantity(5))


def test_taking_theirs_books_what_lay_between_and_says_what_for(world: World, differing: UUID) -> None:
    kim = world.person("Kim", "KEE")
    world.done(CountStock(part=world.part, bin=world.bin, counted=Quantity(4)))  # one was handed out since
    assert world.codes(SettleDifference(difference=differing, how="theirs"), kim) == ["stock.reason"]
    world.done(SettleDifference(difference=differing, how="theirs", reason="Two went by hand"), kim)
    (line,) = [line for line in world.rows(StockLine) if line.kind == "adjust"]
    assert (line.quantity, line.source_id, line.reason) == (Quantity(-2), differing, "Two went by hand")
    assert world.on_hand() == Quantity(2)


def test_a_storekeeper_of_one_store_room_settles_what_lies_there_and_nothing_else(world: World, differing: UUID) -> None:
    elsewhere = world.save("warehouse", site_id=world.site.hex, code="FAR", name="Far store")
    far, here = world.person("Fay", "KEE", place=elsewhere), world.person("Kim", "KEE", place=world.warehouse)
    command = SettleDifference(difference=differing, how="theirs", reason="Two went by hand")
    assert world.codes(command, far) == ["access.out_of_scope"]
    assert world.app.ask("odoo_differences", far).rows == []
    assert len(world.app.ask("odoo_differences", here).rows) == 1
    world.done(command, here)
    assert world.on_hand() == Quantity(3)


def test_a_supervisor_of_one_site_decides_on_letters(world: World, stuck: UUID) -> None:
    world.done(TryAgainInOdoo(letter=stuck), world.person("Sam", "SUP", place=world.site))
    assert state(world, stuck) == "again"


def test_a_large_one_needs_whoever_may_adjust_by_so_much(world: World) -> None:
    world.done(differs(world, ours=5, theirs=500))
    ident = difference_id(world.part, world.bin)
    command = SettleDifference(difference=ident, how="theirs", reason="A delivery nobody booked")
    assert world.codes(command, world.person("Kim", "KEE")) == ["stock.large"]
    world.done(command, world.person("Mia", "MGR"))


def test_what_is_to_be_counted_is_settled_by_the_count(world: World, differing: UUID) -> None:
    kim = world.person("Kim", "KEE")
    world.done(SettleDifference(difference=differing, how="count"), kim)
    assert world.codes(SettleDifference(difference=differing, how="count"), kim) == ["odoo.counting"]
    world.done(CountStock(part=world.part, bin=world.bin, counted=Quantity(4)), kim)
    row = world.get(OdooDifference, differing)
    assert (row.state, row.settled_how) == ("settled", "count")


def test_a_difference_is_settled_once_and_by_saying_which_number_holds(world: World, differing: UUID) -> None:
    step = Transition(entity="odoo_difference", id=differing, move="settle")
    assert world.codes(step) == ["odoo.how"]
    assert world.codes(SettleDifference(difference=differing, how="both")) == ["odoo.no_way"]
    world.done(SettleDifference(difference=differing))
    assert world.codes(SettleDifference(difference=differing, how="theirs", reason="No")) == ["odoo.settled"]


def test_numbers_that_agree_again_settle_it_and_a_new_difference_opens_it(world: World, differing: UUID) -> None:
    world.done(differs(world, 4, 4))
    assert world.get(OdooDifference, differing).settled_how == "gone"
    world.done(differs(world, 4, 1))
    row = world.get(OdooDifference, differing)
    assert (row.state, row.settled_how, row.theirs) == ("open", None, Quantity(1))


def test_numbers_that_agree_make_no_difference(world: World) -> None:
    world.done(differs(world, 5, 5))
    assert world.rows(OdooDifference) == []


def test_how_the_hub_stands_to_odoo_is_one_line(world: World) -> None:
    at = millis(world.app.clock.now())
    world.done(NoteInOdoo(health={"database": "shop", "state": "away", "waiting": 3, "told_at": at, "message": "Odoo is away."}))
    world.done(NoteInOdoo(health={"database": "shop", "state": "in_step", "waiting": 0, "message": ""}))
    row = world.get(OdooHealth, health_id(world.org))
    assert (row.state, row.waiting, millis(row.told_at), row.message) == ("in_step", 0, at, "")


def test_that_both_were_compared_is_told_also_before_anything_else_is(world: World) -> None:
    at = millis(world.app.clock.now())
    world.done(NoteInOdoo(health={"compared_at": at}))
    (row,) = world.app.ask("odoo_health", world.actor).rows
    assert (millis(row["compared_at"]), row["database"], row["state"]) == (at, "", "in_step")
