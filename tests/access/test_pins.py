"""PINs: good ones only, never kept or sent, and asked of those who handle money and people."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from sqlalchemy import text as sql

from app.access.badges import badge_code
from app.access.commands import ChangePin, GiveBadge, SetPin
from app.access.model import AccessTry, Person, Presence
from app.access.pins import is_verifier, pin_fits, pin_verifier, weak_pin
from app.access.sign_in import Desk, Outcome, needs_pin
from app.kernel.access import Actor
from app.kernel.ids import new_id
from app.kernel.problems import Problem, Refused
from app.kernel.standard import Retire, SaveMany, SaveRecord
from world import World

PIN, NEW_PIN = "740251", "918364"


@pytest.fixture
def desk(bare: World) -> Desk:
    return Desk(bare.app)


@pytest.fixture
def admin(bare: World, desk: Desk) -> Actor:
    actor = bare.person("Ada", "ADM")
    assert desk.new_pin(bare.system, actor.id, PIN) is None
    return actor


def hand_badge(world: World, actor: Actor) -> str:
    text, code_hash = badge_code()
    world.done(GiveBadge(person=actor.id, code_hash=code_hash))
    return text


def code(found: Outcome | Problem | None) -> str:
    problem = found.refused if isinstance(found, Outcome) else found
    assert problem is not None
    assert problem.sentence.endswith(".")
    assert problem.advice.endswith(".")
    return problem.code


# ------------------------------------------------------------------------------------------------------------ good PINs


@pytest.mark.parametrize(
    "pin",
    [
        *("", "1", "12345", "73915", "1" * 33, "74025a", "74 251", "-40251", "٧٤٠٢٥١", "７４０２５１"),  # noqa: RUF001
        *("111111", "000000", "121212", "123123", "747474", "700700", "482284", "998999", "00000000", "45674567"),
        *("123456", "654321", "890123", "012345", "135791", "864208", "112233", "332211", "98765432", "0123456789"),
        *("147258", "159753", "102030", "314159", "123654", "741852", "520131"),
    ],
)
def test_a_pin_that_others_guess_is_refused_in_words(pin: str) -> None:
    assert code(weak_pin(pin)) == "access.pin_weak"


@pytest.mark.parametrize("pin", [PIN, NEW_PIN, "00072951", "558201", "1234569", "40" * 3 + "7"])
def test_a_pin_without_a_pattern_is_good(pin: str) -> None:
    assert weak_pin(pin) is None


def test_hardly_any_pin_is_refused_to_those_who_throw_dice() -> None:
    dice = random.Random(1)
    refused = sum(weak_pin(f"{dice.randrange(1_000_000):06d}") is not None for _throw in range(20_000))
    assert refused / 20_000 < 0.01


def test_what_verifies_a_pin_is_argon2id_with_its_own_salt() -> None:
    one, two = pin_verifier(PIN), pin_verifier(PIN)
    assert one != two
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_verifier(one)
    assert pin_fits(one, PIN)
    assert not pin_fits(one, NEW_PIN)


@pytest.mark.parametrize("verifier", ["", PIN, "$argon2id$", "$argon2id$v=19$m=65536,t=3,p=4$x$y"])
def test_what_is_no_verifier_fits_no_pin(verifier: str) -> None:
    assert not pin_fits(verifier, PIN)
    assert not is_verifier(verifier)


def test_a_wide_role_counts_even_where_it_asks_for_no_pin(bare: World) -> None:
    boss, supervisor, keeper = bare.person("Ada", "ADM"), bare.person("Sue", "SUP"), bare.person("Kim", "KEE")
    bare.save("role", code="BIG", name="Everything", grants=["*"])
    wide = bare.person("Bo", "BIG")
    for person in (boss, wide):
        assert bare.codes(SetPin(person=person.id, verifier=pin_verifier("583914")), supervisor) == ["access.beyond_you"]
    bare.done(SetPin(person=keeper.id, verifier=pin_verifier("583914")), supervisor)


def test_a_cheaper_verifier_is_not_taken() -> None:
    cheap = "$argon2id$v=19$m=8,t=1,p=1$" + "A" * 22 + "$" + "A" * 43
    with pytest.raises(Refused):
        SetPin(person=new_id(), verifier=cheap)


# ----------------------------------------------------------------------------------------------------------- signing in


def test_an_administrator_scans_the_badge_and_types_the_pin(bare: World, desk: Desk, admin: Actor) -> None:
    asked = desk.badge(hand_badge(bare, admin))
    assert asked.actor is None
    assert asked.needs_pin is not None
    assert (asked.needs_pin.id, asked.needs_pin.name) == (admin.id, "Ada")
    assert bare.rows(Presence) == []
    assert desk.pin(asked.needs_pin.id, PIN).actor == bare.app.current(admin)
    assert [(row.person_id, row.how) for row in bare.rows(Presence)] == [(admin.id, "pin")]


def test_without_a_badge_a_name_and_its_pin_let_in(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    bare.save("person", username="zoe", name="Zoe", status="pending")
    assert [(tile.name, tile.home, tile.has_pin) for tile in desk.people()] == [("Kim", "KEE", False)]
    assert code(desk.pin(keeper.id, PIN)) == "access.no_pin"
    assert desk.new_pin(bare.system, keeper.id, PIN) is None
    assert [tile.has_pin for tile in desk.people()] == [True]
    assert desk.pin(keeper.id, PIN).actor == bare.app.current(keeper)


def test_a_wrong_pin_says_how_many_tries_are_left(desk: Desk, admin: Actor) -> None:
    outcome = desk.pin(admin.id, NEW_PIN)
    assert code(outcome) == "access.pin_wrong"
    assert outcome.refused is not None
    assert "4" in outcome.refused.advice
    assert outcome.actor is None


def test_who_has_no_pin_but_needs_one_is_told_whom_to_ask(bare: World, desk: Desk) -> None:
    cashier = bare.person("Cas", "CAS")
    assert code(desk.badge(hand_badge(bare, cashier))) == "access.no_pin"


def test_who_is_not_active_does_not_come_in_with_the_right_pin(bare: World, desk: Desk, admin: Actor) -> None:
    bare.done(Retire(entity="person", id=admin.id))
    assert code(desk.pin(admin.id, PIN)) == "access.not_active"


def test_nobody_comes_in_under_a_name_that_is_not_there(desk: Desk) -> None:
    assert code(desk.pin(new_id(), PIN)) == "access.person_unknown"


def test_one_role_that_asks_for_the_pin_is_enough(bare: World, admin: Actor) -> None:
    keeper = bare.person("Kim", "KEE")
    with bare.session() as session:
        assert not needs_pin(session, session.get_one(Person, keeper.id))
        assert needs_pin(session, session.get_one(Person, admin.id))


# ------------------------------------------------------------------------------------------------------ setting a PIN


def test_a_supervisor_gives_a_new_pin_to_who_forgot_theirs(bare: World, desk: Desk) -> None:
    supervisor, keeper = bare.person("Sue", "SUP"), bare.person("Kim", "KEE")
    assert desk.new_pin(supervisor, keeper.id, PIN) is None
    assert desk.pin(keeper.id, PIN).actor is not None
    assert desk.new_pin(supervisor, keeper.id, NEW_PIN) is None
    assert desk.pin(keeper.id, PIN).actor is None
    assert desk.pin(keeper.id, NEW_PIN).actor is not None


def test_nobody_sets_the_pin_of_someone_who_may_do_more(bare: World, desk: Desk, admin: Actor) -> None:
    supervisor, keeper = bare.person("Sue", "SUP"), bare.person("Kim", "KEE")
    assert code(desk.new_pin(supervisor, admin.id, NEW_PIN)) == "access.beyond_you"
    assert code(desk.new_pin(keeper, supervisor.id, NEW_PIN)) == "access.denied"
    assert desk.pin(admin.id, PIN).actor is not None


def test_a_supervisor_resets_pins_of_the_own_team_only(world: World) -> None:
    elsewhere = world.save("site", code="N", name="North", zone="Europe/Berlin")
    supervisor = world.person("Sue", "SUP", place=world.site)
    here, there = world.person("Kim", "KEE", place=world.warehouse), world.person("Nik", "KEE", place=elsewhere)
    manager, cashier = world.person("Mo", "MGR", place=world.site), world.person("Cas", "CAS", place=world.site)
    own = Desk(world.app)
    assert own.new_pin(supervisor, here.id, PIN) is None
    for other in (there, manager, cashier):
        assert code(own.new_pin(supervisor, other.id, PIN)) == "access.beyond_you"


def test_a_person_changes_the_own_pin_by_knowing_the_old_one(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    assert desk.change_pin(keeper, "", PIN) is None  # the first one
    assert code(desk.change_pin(keeper, "606182", NEW_PIN)) == "access.pin_wrong"
    assert desk.change_pin(keeper, PIN, NEW_PIN) is None
    assert desk.pin(keeper.id, NEW_PIN).actor is not None


def test_a_weak_pin_is_refused_wherever_it_is_set(bare: World, desk: Desk, admin: Actor) -> None:
    assert code(desk.change_pin(admin, PIN, "123456")) == "access.pin_weak"
    assert code(desk.new_pin(admin, admin.id, "111111")) == "access.pin_weak"


def test_a_pin_is_no_field_of_a_form_or_an_import(bare: World, admin: Actor) -> None:
    person = bare.get(Person, admin.id)
    by_form = SaveRecord(entity="person", id=admin.id, fields={"pin": [None, PIN]})
    cleared = SaveRecord(entity="person", id=admin.id, fields={"pin": [person.pin, None]})
    fresh = SaveRecord(entity="person", fields={"username": [None, "kim"], "name": [None, "Kim"], "pin": [None, PIN]})
    by_import = SaveMany(entity="person", rows=[{"username": "ada", "name": "Ada", "pin": PIN}])
    for command in (by_form, cleared, fresh, by_import):
        assert bare.codes(command, admin) == ["access.pin_by_hand"]


def test_a_clash_on_another_field_does_not_slip_a_pin_through(bare: World, admin: Actor) -> None:
    fields = {"pin": [None, pin_verifier(NEW_PIN)], "name": ["Somebody", "Ada K"]}
    assert bare.codes(SaveRecord(entity="person", id=admin.id, fields=fields), admin) == ["access.pin_by_hand"]
    assert bare.get(Person, admin.id).pin is not None


# ------------------------------------------------------------------------------------------------- a PIN is never kept

CANARIES = ("70351964820", "86420973518", "59713846027", "31962750846", "64829071353")


def everything(world: World) -> str:
    """All that the store holds, as text."""
    with world.session() as session:
        tables = session.scalars(sql("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        quoted = session.get_bind().dialect.identifier_preparer.quote
        return "\n".join(str(session.connection().exec_driver_sql(f"SELECT * FROM {quoted(name)}").all()) for name in tables)  # noqa: S608


def clumsy(world: World, actor: Actor) -> list[Any]:
    """What people do who take the wrong door with a PIN in their hand."""
    answers = [
        world.run(SaveRecord(entity="person", id=actor.id, fields={"pin": [None, CANARIES[3]]}), actor),
        world.run(SaveMany(entity="person", rows=[{"username": "ada", "name": "Ada", "pin": CANARIES[3]}]), actor),
    ]
    for name, fields in (("SetPin", {"person": actor.id.hex, "verifier": CANARIES[4]}), ("ChangePin", {"verifier": CANARIES[4]})):
        with pytest.raises(Refused) as refused:
            world.app.do(name, fields, actor)
        answers.append(refused.value)
    return answers


def test_no_pin_is_ever_in_the_store_or_in_an_answer(bare: World, desk: Desk) -> None:
    admin, keeper = bare.person("Ada", "ADM"), bare.person("Kim", "KEE")
    first, second, wrong = CANARIES[:3]
    said: list[Any] = [desk.new_pin(bare.system, admin.id, first), desk.new_pin(keeper, admin.id, wrong)]
    said += [desk.pin(admin.id, wrong), desk.pin(admin.id, first), desk.change_pin(admin, first, second)]
    said += clumsy(bare, admin)
    said += [bare.app.ask(name, admin).rows for name in ("people", "person", "presences", "presence")]
    kept = everything(bare)
    assert "SetPin" in kept
    assert bare.get(Person, admin.id).pin in kept
    for canary in CANARIES:
        assert canary not in kept
        assert canary not in repr(said)


def test_what_verifies_a_pin_leaves_the_store_in_no_list_answer_or_refused_try(bare: World, desk: Desk, admin: Actor) -> None:
    keeper = bare.person("Kim", "KEE")
    stolen = pin_verifier(NEW_PIN)
    answer = bare.run(SetPin(person=admin.id, verifier=stolen), keeper)
    assert not answer.done
    shown = (
        json.dumps(answer.as_json())
        + repr(answer)
        + repr(SetPin(person=admin.id, verifier=stolen))
        + repr(ChangePin(verifier=stolen))
    )
    listed = repr([bare.app.ask(name, admin).rows for name in ("people", "person")])
    assert "argon2" not in shown + listed
    assert stolen not in everything(bare)


def test_every_wrong_pin_is_in_the_security_log(bare: World, desk: Desk, admin: Actor) -> None:
    desk.pin(admin.id, NEW_PIN)
    desk.pin(admin.id, NEW_PIN)
    rows = bare.rows(AccessTry)
    assert [(row.outcome, row.person_id, row.terminal_id) for row in rows] == [("tried", admin.id, bare.app.station.id)] * 2
