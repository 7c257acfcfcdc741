"""Badges at the terminal: scan and you are in, scan another and they are; a lost one opens nothing."""

from __future__ import annotations

import pytest

from app.access.badges import badge_code, badge_hash, badge_of, by_badge
from app.access.commands import GiveBadge, RevokeBadge, SignIn
from app.access.model import AccessTry, Badge, Presence
from app.access.sign_in import Desk
from app.kernel.access import Actor
from app.kernel.problems import Problem
from app.kernel.scanning import read
from app.kernel.standard import Retire, SaveRecord
from world import World


@pytest.fixture
def desk(bare: World) -> Desk:
    bare.person("Ada", "ADM")
    return Desk(bare.app)


def hand_badge(world: World, actor: Actor) -> str:
    """Gives someone a badge; what is printed on it."""
    text, code_hash = badge_code()
    world.done(GiveBadge(person=actor.id, code_hash=code_hash))
    return text


def refusal(problem: Problem | None) -> str:
    assert problem is not None
    assert problem.sentence.endswith(".")
    assert problem.advice.endswith(".")
    return problem.code


# ------------------------------------------------------------------------------------------------------------- the code


def test_a_badge_is_a_code_of_ours_that_no_other_badge_has() -> None:
    texts = {badge_code()[0] for _ in range(500)}
    assert len(texts) == 500
    assert {(reading.form, reading.kind) for reading in map(read, texts)} == {("own", "US")}


def test_the_store_keeps_nothing_that_could_print_the_badge_again(bare: World) -> None:
    keeper = bare.person("Kim", "KEE")
    text = hand_badge(bare, keeper)
    secret = text.split(":")[2]
    kept = bare.rows(Badge)[0].code_hash
    assert kept == badge_hash(text)
    assert secret not in kept.upper()


def test_the_scanner_s_prefix_case_and_line_end_do_not_matter() -> None:
    text, code_hash = badge_code()
    assert {badge_hash(one) for one in (text, text.lower(), f"]Q1{text}", f"  {text}\r\n")} == {code_hash}


def test_a_chip_or_a_card_of_another_system_may_be_a_badge(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    bare.done(GiveBadge(person=keeper.id, code_hash=badge_hash("04A2B3C4D5E680"), kind="nfc"))
    assert desk.badge("04A2B3C4D5E680").actor == bare.app.current(keeper)


# ------------------------------------------------------------------------------------------------------------ signing in


def test_a_badge_alone_lets_a_storekeeper_in(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    outcome = desk.badge(hand_badge(bare, keeper))
    assert outcome.actor is not None
    assert (outcome.actor.id, outcome.actor.name, outcome.actor.home) == (keeper.id, "Kim", "KEE")
    assert outcome.actor.can("stock.receive")
    assert outcome.refused is None
    assert [(row.person_id, row.how, row.ended) for row in bare.rows(Presence)] == [(keeper.id, "badge", None)]


def test_scanning_another_badge_swaps_who_is_signed_in(bare: World, desk: Desk) -> None:
    kim, max_ = bare.person("Kim", "KEE"), bare.person("Max", "MEC")
    first, second = hand_badge(bare, kim), hand_badge(bare, max_)
    for text in (first, second, first):
        desk.badge(text)
    ended = sorted((row.started, row.person_id == kim.id, row.reason) for row in bare.rows(Presence))
    assert [(by_kim, reason) for _started, by_kim, reason in ended] == [(True, "switched"), (False, "switched"), (True, None)]


def test_signing_out_ends_the_presence(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    desk.badge(hand_badge(bare, keeper))
    desk.sign_out(keeper)
    assert [(row.reason, row.ended is not None) for row in bare.rows(Presence)] == [("signed_out", True)]
    desk.sign_out(keeper)
    assert len(bare.rows(Presence)) == 1


def test_after_a_crash_the_next_sign_in_ends_what_was_left_open(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    text = hand_badge(bare, keeper)
    desk.badge(text)
    Desk(bare.app).badge(text)
    assert sorted(str(row.reason) for row in bare.rows(Presence)) == ["None", "stopped"]


def test_who_is_here_is_a_question_with_an_answer(bare: World, desk: Desk) -> None:
    keeper, admin = bare.person("Kim", "KEE"), bare.person("Ole", "ADM")
    desk.badge(hand_badge(bare, keeper))
    rows = bare.app.ask("presences", admin).rows
    assert [(row["person"], row["how"], row["terminal_id"]) for row in rows] == [("Kim", "badge", bare.app.station.id)]


def test_signing_in_is_a_fact_that_travels(bare: World, desk: Desk) -> None:
    desk.badge(hand_badge(bare, bare.person("Kim", "KEE")))
    assert bare.outbox()[-1] == "SignIn"


def test_nobody_signs_in_for_someone_else(bare: World) -> None:
    kim, max_ = bare.person("Kim", "KEE"), bare.person("Max", "MEC")
    assert bare.codes(SignIn(person=kim.id), max_) == ["access.not_yourself"]


# --------------------------------------------------------------------------------------------------------- not let in


@pytest.mark.parametrize(
    "text", ["5901234123457", "FT1:US:0000000000000000000000000A:1", "FT1:US:X", "", "  ", "café", "x" * 5000]
)
def test_a_badge_that_nobody_has_opens_nothing(bare: World, desk: Desk, text: str) -> None:
    outcome = desk.badge(text)
    assert outcome.actor is None
    assert refusal(outcome.refused) == "access.badge_unknown"


def test_a_revoked_badge_opens_nothing_and_says_whose_it_was(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    text = hand_badge(bare, keeper)
    bare.done(RevokeBadge(badge=bare.rows(Badge)[0].id))
    outcome = desk.badge(text)
    assert refusal(outcome.refused) == "access.badge_revoked"
    assert outcome.refused is not None
    assert "Kim" in outcome.refused.sentence
    assert bare.rows(Presence) == []


def test_a_lost_badge_is_revoked_and_the_new_one_works(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    lost = hand_badge(bare, keeper)
    bare.done(RevokeBadge(badge=bare.rows(Badge)[0].id))
    assert desk.badge(hand_badge(bare, keeper)).actor is not None
    assert desk.badge(lost).actor is None


def test_who_left_does_not_come_in_with_the_old_badge(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    text = hand_badge(bare, keeper)
    bare.done(Retire(entity="person", id=keeper.id))
    assert refusal(desk.badge(text).refused) == "access.not_active"


def test_who_has_no_role_does_not_come_in(bare: World, desk: Desk) -> None:
    nia = Actor(bare.save("person", username="nia", name="Nia"), bare.org)
    assert refusal(desk.badge(hand_badge(bare, nia)).refused) == "access.denied"


def test_every_refused_badge_is_in_the_security_log(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    text = hand_badge(bare, keeper)
    bare.done(RevokeBadge(badge=bare.rows(Badge)[0].id))
    desk.badge(text)
    desk.badge("FT1:US:X")
    assert [(row.outcome, row.person_id) for row in bare.rows(AccessTry)] == [("revoked", keeper.id), ("unknown", None)]


# -------------------------------------------------------------------------------------------------------- giving badges


def test_a_badge_in_use_belongs_to_one_person(bare: World) -> None:
    kim, max_ = bare.person("Kim", "KEE"), bare.person("Max", "MEC")
    _text, code_hash = badge_code()
    given = bare.done(GiveBadge(person=kim.id, code_hash=code_hash)).row("badge")
    assert bare.codes(GiveBadge(person=max_.id, code_hash=code_hash)) == ["access.badge_taken"]
    fields = {"person_id": [None, max_.id.hex], "code_hash": [None, code_hash]}
    assert bare.codes(SaveRecord(entity="badge", fields=fields)) == ["access.badge_taken"]
    bare.done(RevokeBadge(badge=given))
    bare.done(GiveBadge(person=max_.id, code_hash=code_hash))


def test_a_card_given_out_again_lets_its_new_owner_in(bare: World, desk: Desk) -> None:
    kim, max_ = bare.person("Kim", "KEE"), bare.person("Max", "MEC")
    text, code_hash = badge_code()
    bare.done(RevokeBadge(badge=bare.done(GiveBadge(person=kim.id, code_hash=code_hash)).row("badge")))
    bare.done(GiveBadge(person=max_.id, code_hash=code_hash))
    outcome = desk.badge(text)
    assert outcome.actor is not None
    assert outcome.actor.id == max_.id
    with bare.session() as session:
        owner = by_badge(session, text)
        assert owner is not None
        assert owner.name == "Max"


def test_who_may_do_less_takes_no_badge_from_who_may_do_more(bare: World) -> None:
    boss, manager, keeper = bare.person("Ada", "ADM"), bare.person("Max", "MGR"), bare.person("Kim", "KEE")
    theirs = bare.done(GiveBadge(person=boss.id, code_hash="a" * 64)).row("badge")
    hers = bare.done(GiveBadge(person=keeper.id, code_hash="b" * 64)).row("badge")
    for take in (RevokeBadge(badge=theirs), Retire(entity="badge", id=theirs)):
        assert bare.codes(take, manager) == ["access.beyond_you"]
    for take in (RevokeBadge(badge=hers), Retire(entity="badge", id=hers)):
        bare.done(take, manager)


def test_the_code_itself_is_never_taken_for_its_hash(bare: World) -> None:
    keeper = bare.person("Kim", "KEE")
    text, _code_hash = badge_code()
    assert bare.codes(GiveBadge(person=keeper.id, code_hash=text)) == ["access.badge_hash"]


def test_giving_a_badge_can_be_undone(bare: World, desk: Desk) -> None:
    keeper = bare.person("Kim", "KEE")
    text, code_hash = badge_code()
    command = GiveBadge(person=keeper.id, code_hash=code_hash)
    bare.done(command.undone_by(bare.done(command).id))
    assert refusal(desk.badge(text).refused) == "access.badge_revoked"


def test_nobody_makes_a_badge_for_someone_who_may_do_more(bare: World) -> None:
    admin, manager, keeper = bare.person("Ada", "ADM"), bare.person("Mo", "MGR"), bare.person("Kim", "KEE")
    assert bare.codes(GiveBadge(person=admin.id, code_hash=badge_code()[1]), manager) == ["access.beyond_you"]
    assert bare.codes(GiveBadge(person=keeper.id, code_hash=badge_code()[1]), manager) == []
    assert bare.codes(GiveBadge(person=keeper.id, code_hash=badge_code()[1]), keeper) == ["access.denied"]


def test_a_lost_badge_of_someone_who_may_do_more_is_taken_back_with_their_sign_off(bare: World) -> None:
    admin, manager = bare.person("Ada", "ADM"), bare.person("Mo", "MGR")
    given = bare.done(GiveBadge(person=admin.id, code_hash=badge_code()[1])).row("badge")
    assert bare.codes(RevokeBadge(badge=given), manager) == ["access.beyond_you"]
    assert bare.run(RevokeBadge(badge=given), manager, cosigner=admin).done


def test_the_hash_of_a_badge_is_in_no_list(bare: World) -> None:
    admin = bare.person("Ada", "ADM")
    text = hand_badge(bare, admin)
    for name in ("badge", "badges"):
        rows = bare.app.ask(name, admin).rows
        assert len(rows) == 1
        assert badge_hash(text) not in str(rows)


def test_a_scan_that_cannot_be_read_finds_no_badge(bare: World) -> None:
    with bare.session() as session:
        assert badge_of(session, "FT1:US:X") is None
        assert by_badge(session, "\x00") is None
