"""A machine becomes a terminal by a code that works once, soon, for one organisation, and for whoever holds it alone."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL, select

from app.kernel.capture import WorkSession
from app.kernel.clock import stamp_of
from app.kernel.codes import TERMINALS, static_number
from app.kernel.commands import Envelope
from app.kernel.ids import new_id
from app.kernel.problems import Problem, Refused
from app.kernel.records import EnvelopeRow, LifeRow
from app.kernel.standard import Retire, SaveRecord
from app.kernel.types import millis
from app.terminals.codes import code_hash, fingerprint, new_code
from app.terminals.commands import EnrolTerminal, InviteTerminal, RevokeTerminal, invitation_of
from app.terminals.model import Invitation, Terminal
from app.terminals.rules import next_place
from sync import enrolment, signing
from sync.enrolment import Answered, Asked
from sync.hub.allowance import Allowance
from sync.hub.devices import Devices
from sync.hub.enrolling import enrol, invite, invite_first, renew
from sync.hub.gate import Gate
from sync.hub.keys import HubKeys, hub_keys
from world import World, open_hub, refusal


@pytest.fixture
def keys(hub: World, tmp_path: Path) -> HubKeys:
    return hub_keys(hub.app.writer, tmp_path / "hub", {})


@pytest.fixture
def shop(hub: World) -> World:
    hub.save("organisation", id=hub.org, name="Moto Keller")
    hub.site = hub.save("site", code="M", name="Main workshop", zone="Europe/Berlin")
    hub.warehouse = hub.save("warehouse", site_id=hub.site.hex, code="WH", name="Store room")
    return hub


def machine(code: str, **more: object) -> Asked:
    """A machine with a key of its own that brings a code."""
    return Asked(code, signing.keypair()[1].hex(), **more)  # type: ignore[arg-type]


def later(world: World, minutes: float) -> None:
    """Time goes on."""
    world.app.clock.correct(world.app.clock.offset + int(minutes * 60_000))


def row(world: World, answered: Answered) -> Terminal:
    found: Terminal = world.get(Terminal, UUID(answered.terminal))
    return found


# --------------------------------------------------------------------------------------------------------- the codes


def test_a_code_is_taken_however_it_is_typed() -> None:
    code = new_code()
    assert code_hash(code) == code_hash(code.lower().replace("-", " ")) == code_hash(code.replace("0", "o").replace("1", "l"))


@given(st.text(max_size=40))
def test_whatever_is_typed_as_a_code_is_looked_for_and_nothing_breaks(text: str) -> None:
    assert len(code_hash(text)) == 64


def test_a_key_is_four_words_that_can_be_read_out() -> None:
    words = fingerprint(bytes(32)).split("-")
    assert [len(word) for word in words] == [5, 5, 5, 5]
    assert fingerprint(bytes(32)) != fingerprint(bytes(31) + b"\x01")


# ------------------------------------------------------------------------------------------------------------ coming in


def test_a_machine_that_brings_a_code_is_a_terminal_of_the_inviter_s_site(shop: World, keys: HubKeys) -> None:
    invited = invite(shop.app, keys, shop.org, name="Counter", site=shop.site, warehouse=shop.warehouse)
    asked = machine(invited.code, version="0.1.0")
    answered = enrol(shop.app, keys, asked)
    terminal = row(shop, answered)
    assert (terminal.name, terminal.site_id, terminal.warehouse_id, terminal.state) == (
        "Counter",
        shop.site,
        shop.warehouse,
        "active",
    )
    assert (answered.organisation, answered.organisation_name) == (shop.org.hex, "Moto Keller")
    assert (answered.zone, answered.place_no, answered.adopts) == ("Europe/Berlin", 0, False)
    assert fingerprint(bytes.fromhex(answered.hub_key)) == invited.hub_words
    (told,) = shop.app.ask("terminals", shop.actor).rows
    assert (told["words"], told["version"]) == (fingerprint(bytes.fromhex(asked.public_key)), "0.1.0")


def test_a_code_lets_one_machine_in(shop: World, keys: HubKeys) -> None:
    invited = invite(shop.app, keys, shop.org)
    assert enrol(shop.app, keys, machine(invited.code))
    assert refusal(lambda: enrol(shop.app, keys, machine(invited.code))) == "terminal.code_used"
    assert len(shop.rows(Terminal)) == 1


def test_whoever_lost_the_answer_gets_it_again(shop: World, keys: HubKeys) -> None:
    asked = machine(invite(shop.app, keys, shop.org).code)
    assert enrol(shop.app, keys, asked) == enrol(shop.app, keys, asked)
    assert len(shop.rows(Terminal)) == 1


def test_of_two_processes_that_hear_the_same_code_at_once_one_lets_its_machine_in(
    shop: World, keys: HubKeys, postgres: URL
) -> None:
    others = [World(open_hub(postgres), shop.org) for _count in range(2)]
    code = invite(shop.app, keys, shop.org).code
    start = Barrier(len(others))

    def bring(process: World) -> str:
        start.wait()
        try:
            return enrol(process.app, keys, machine(code)).terminal
        except Refused as refused:
            return refused.problems[0].code

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(bring, others))
    for process in others:
        process.close()
    assert [one.id.hex for one in shop.rows(Terminal)] == [one for one in answers if one != "terminal.code_used"]


def test_a_code_runs_out_after_ten_minutes(shop: World, keys: HubKeys) -> None:
    invited, other = invite(shop.app, keys, shop.org), invite(shop.app, keys, shop.org)
    later(shop, 9.9)
    assert enrol(shop.app, keys, machine(invited.code))
    later(shop, 0.2)
    assert refusal(lambda: enrol(shop.app, keys, machine(other.code))) == "terminal.code_expired"


def test_a_code_that_nobody_gave_is_not_known(shop: World, keys: HubKeys) -> None:
    assert refusal(lambda: enrol(shop.app, keys, machine(new_code()))) == "terminal.code"


def test_a_key_that_is_none_is_refused_and_the_code_stays_good(shop: World, keys: HubKeys) -> None:
    invited = invite(shop.app, keys, shop.org)
    assert refusal(lambda: enrol(shop.app, keys, Asked(invited.code, "no key"))) == "terminal.hex"
    assert enrol(shop.app, keys, machine(invited.code))


# ------------------------------------------------------------------------------------------------------- who may invite


def test_a_supervisor_invites_for_their_own_site_alone(shop: World) -> None:
    other = shop.save("site", code="N", name="North", zone="Europe/Berlin")
    tamsin = shop.person("Tamsin", "SUP", place=shop.site)
    assert shop.codes(InviteTerminal(code_hash=code_hash("a"), site=shop.site), tamsin) == []
    assert shop.codes(InviteTerminal(code_hash=code_hash("b"), site=other), tamsin) == ["access.out_of_scope"]
    assert shop.codes(InviteTerminal(code_hash=code_hash("c")), tamsin) == ["access.out_of_scope"]


def test_a_mechanic_invites_nobody_and_nobody_enrols_by_hand(shop: World) -> None:
    assert shop.codes(InviteTerminal(code_hash=code_hash("a")), shop.person("Max", "MEC")) == ["access.denied"]
    invited = shop.done(InviteTerminal(code_hash=code_hash("b")))
    by_hand = EnrolTerminal(invitation=invitation_of(invited.id), public_key="0" * 64, name="Mine")
    assert shop.codes(by_hand, shop.person("Ada", "ADM")) == ["terminal.by_hub"]


def test_a_code_itself_is_never_sent(shop: World) -> None:
    assert shop.codes(InviteTerminal(code_hash=new_code())) == ["terminal.hex"]


def test_a_store_room_of_another_site_is_refused(shop: World) -> None:
    other = shop.save("site", code="N", name="North", zone="Europe/Berlin")
    wrong = InviteTerminal(code_hash=code_hash("a"), site=other, warehouse=shop.warehouse)
    assert shop.codes(wrong) == ["terminal.warehouse"]


def test_whoever_looks_after_one_site_changes_and_revokes_its_terminals_alone(shop: World, keys: HubKeys) -> None:
    other = shop.save("site", code="N", name="North", zone="Europe/Berlin")
    here = row(shop, enrol(shop.app, keys, machine(invite(shop.app, keys, shop.org, site=shop.site).code)))
    there = row(shop, enrol(shop.app, keys, machine(invite(shop.app, keys, shop.org, site=other).code)))
    mia = shop.person("Mia", "MGR", place=shop.site)

    def renamed(terminal: Terminal) -> list[str]:
        return shop.codes(SaveRecord(entity="terminal", id=terminal.id, fields={"name": [terminal.name, "Bench"]}), mia)

    moved = SaveRecord(entity="terminal", id=here.id, fields={"site_id": [shop.site.hex, other.hex]})
    assert (renamed(here), renamed(there)) == ([], ["access.out_of_scope"])
    assert shop.codes(moved, mia) == ["access.out_of_scope"]
    assert shop.codes(Retire(entity="terminal", id=there.id), mia) == ["access.out_of_scope"]
    assert shop.codes(RevokeTerminal(terminal=there.id, reason="lost"), mia) == ["access.out_of_scope"]
    assert shop.codes(RevokeTerminal(terminal=here.id), mia) == ["terminal.why"]
    assert shop.codes(RevokeTerminal(terminal=here.id, reason="lost"), mia) == []


def test_a_clock_that_runs_years_ahead_makes_no_code_that_is_good_for_years(shop: World) -> None:
    boss, ahead = shop.person("Eve", "ADM"), timedelta(days=3650)
    answer = shop.done(InviteTerminal(code_hash=code_hash(new_code())), boss)
    with shop.session() as session:
        content = session.scalars(select(EnvelopeRow.content).where(EnvelopeRow.id == answer.id)).one()
    said = Envelope.from_json(json.loads(content))
    ours = {"id": new_id(), "terminal_id": new_id(), "number": 1}
    told = replace(said, **ours, occurred_at=said.occurred_at + ahead, stamp=stamp_of(millis(said.occurred_at + ahead)))
    with WorkSession(shop.app.dispatcher.engine, info={"orgs": {shop.org}}) as session:
        assert shop.app.dispatcher.replay(session, told).verdict == "applied"
        until = session.get_one(Invitation, invitation_of(told.id)).until
        session.rollback()
    assert until <= shop.app.clock.now() + timedelta(minutes=10)


# -------------------------------------------------------------------------------------------------- places in number ranges


def test_every_terminal_in_use_has_a_place_of_its_own(shop: World, keys: HubKeys) -> None:
    answers = [enrol(shop.app, keys, machine(invite(shop.app, keys, shop.org).code)) for _count in range(3)]
    assert [one.place_no for one in answers] == [0, 1, 2]
    shop.done(RevokeTerminal(terminal=UUID(answers[0].terminal), reason="replaced"))
    assert enrol(shop.app, keys, machine(invite(shop.app, keys, shop.org).code)).place_no == 3, "it may yet send numbers"
    later(shop, 60 * 24 * 370)
    assert enrol(shop.app, keys, machine(invite(shop.app, keys, shop.org).code)).place_no == 0


def test_places_go_on_behind_the_hub_s_own() -> None:
    assert next_place(range(TERMINALS)) == TERMINALS + 1
    numbers = [static_number(place, count) for place in (0, 49, 50, 51, 300) for count in (0, 99, 100, 1099, 1100, 5000)]
    assert len(set(numbers)) == len(numbers)


# -------------------------------------------------------------------------------------------------------- an empty hub


def alone(code: str, org: UUID, **more: object) -> Asked:
    """A machine that worked by itself for an organisation of its own."""
    return machine(code, organisation=org.hex, terminal=new_id().hex, number=12, **more)


def test_an_empty_hub_takes_its_first_machine_s_organisation(hub: World, keys: HubKeys) -> None:
    asked = alone(invite_first(hub.app, keys).code, hub.org, name="First")
    answered = enrol(hub.app, keys, asked)
    assert (answered.terminal, answered.organisation, answered.adopts) == (asked.terminal, hub.org.hex, True)
    reach = Devices(hub.app, keys).reach(UUID(asked.terminal))
    assert reach is not None
    assert (reach.org_id, reach.sites, reach.trusts(12), reach.trusts(13)) == (hub.org, None, True, False)


def test_only_the_first_machine_s_own_set_up_is_taken_over(hub: World, keys: HubKeys) -> None:
    """Until its first commands come the hub is empty still; whoever is invited meanwhile is not believed to be the program."""
    first = alone(invite_first(hub.app, keys).code, hub.org)
    enrol(hub.app, keys, first)
    second = alone(invite(hub.app, keys, hub.org).code, hub.org)
    enrol(hub.app, keys, second)
    reaches = [Devices(hub.app, keys).reach(UUID(one.terminal)) for one in (first, second)]
    assert [reach is not None and reach.trusts(1) for reach in reaches] == [True, False]
    hub.done(RevokeTerminal(terminal=UUID(first.terminal), reason="lost its key before it sent anything"))
    again = replace(first, code=invite(hub.app, keys, hub.org).code, public_key=second.public_key)
    enrol(hub.app, keys, again)
    reach = Devices(hub.app, keys).reach(UUID(first.terminal))
    assert reach is not None
    assert not reach.trusts(1), "another one is there"


def test_an_empty_hub_wants_an_organisation(hub: World, keys: HubKeys) -> None:
    invited = invite_first(hub.app, keys)
    assert refusal(lambda: enrol(hub.app, keys, machine(invited.code))) == "terminal.brings_nobody"
    assert enrol(hub.app, keys, alone(invited.code, hub.org)), "and the code is still good"


def test_of_two_that_bring_an_organisation_to_an_empty_hub_the_first_one_stays(hub: World, keys: HubKeys) -> None:
    one, other = invite_first(hub.app, keys), invite_first(hub.app, keys)
    assert enrol(hub.app, keys, alone(one.code, hub.org))
    assert refusal(lambda: enrol(hub.app, keys, alone(other.code, new_id()))) == "terminal.other_organisation"
    assert refusal(lambda: invite_first(hub.app, keys)) == "terminal.other_organisation"


def test_work_for_another_organisation_is_turned_away_and_the_code_stays_good(shop: World, keys: HubKeys) -> None:
    invited = invite(shop.app, keys, shop.org)
    assert refusal(lambda: enrol(shop.app, keys, alone(invited.code, new_id()))) == "terminal.other_organisation"
    assert enrol(shop.app, keys, machine(invited.code))


def test_no_organisation_takes_over_another_one_s_terminal(shop: World, keys: HubKeys) -> None:
    theirs = enrol(shop.app, keys, machine(invite(shop.app, keys, shop.org).code))
    other = World(shop.app)
    other.save("organisation", id=other.org, name="Moto Wolf")
    code = invite(shop.app, keys, other.org).code
    stolen = machine(code, organisation=other.org.hex, terminal=theirs.terminal)
    assert refusal(lambda: enrol(shop.app, keys, stolen)) == "terminal.other_organisation"


# --------------------------------------------------------------------------------------------------------- coming back


def test_a_revoked_machine_comes_back_under_a_new_key_and_one_in_use_does_not(shop: World, keys: HubKeys) -> None:
    answered = enrol(shop.app, keys, machine(invite(shop.app, keys, shop.org).code))
    before = row(shop, answered)

    def again() -> Answered:
        code = invite(shop.app, keys, shop.org).code
        return enrol(shop.app, keys, machine(code, organisation=shop.org.hex, terminal=answered.terminal))

    assert refusal(again) == "terminal.enrolled"
    shop.done(RevokeTerminal(terminal=before.id, reason="lost, and found again"))
    assert again().terminal == answered.terminal
    after = row(shop, answered)
    assert (after.state, after.place_no) == ("active", before.place_no)
    assert after.public_key != before.public_key


def test_a_copied_store_gets_an_identity_of_its_own(shop: World, keys: HubKeys) -> None:
    answered = enrol(shop.app, keys, machine(invite(shop.app, keys, shop.org, name="Bench", site=shop.site).code))
    twin = renew(shop.app, UUID(answered.terminal), shop.org, signing.keypair()[1].hex())
    assert (twin.name, twin.site_id, twin.place_no) == ("Bench (2)", shop.site, 1)
    assert twin.id != UUID(answered.terminal) == twin.origin_id


def bench(shop: World, keys: HubKeys) -> UUID:
    """A terminal of the workshop."""
    return UUID(enrol(shop.app, keys, machine(invite(shop.app, keys, shop.org, name="Bench", site=shop.site).code)).terminal)


def worked(shop: World, terminal: UUID) -> None:
    """The hub has greeted a terminal under its identity."""
    with shop.session() as session:
        session.add(LifeRow(terminal_id=terminal, org_id=shop.org, count=1, token="1:x", before="", machine=""))
        session.commit()


def test_whoever_lost_the_answer_to_a_second_identity_gets_the_same_again(shop: World, keys: HubKeys) -> None:
    first, key = bench(shop, keys), signing.keypair()[1].hex()
    before = len(shop.rows(Invitation))
    twins = {renew(shop.app, first, shop.org, key).id for _try in range(3)}
    assert len(twins) == 1
    assert len(shop.rows(Invitation)) == before + 1
    assert renew(shop.app, first, shop.org, signing.keypair()[1].hex()).id not in twins
    worked(shop, *twins)
    assert renew(shop.app, first, shop.org, key).id not in twins, "another copy asks under the same key"


def test_whoever_asks_for_a_second_identity_twice_at_once_gets_one(
    shop: World, keys: HubKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line fell while the hub was busy, and the second question overtook the first one."""
    first, key = bench(shop, keys), signing.keypair()[1].hex()
    run, there = shop.app.run, len(shop.rows(Terminal))
    overtook: list[Terminal] = []

    def slowly(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(shop.app, "run", run)
        overtook.append(renew(shop.app, first, shop.org, key))
        return run(*given, **more)

    monkeypatch.setattr(shop.app, "run", slowly)
    assert renew(shop.app, first, shop.org, key).id == overtook[0].id
    assert len(shop.rows(Terminal)) == there + 1


def test_a_revocation_reaches_whatever_came_out_of_the_terminal(shop: World, keys: HubKeys) -> None:
    first, other, key = bench(shop, keys), bench(shop, keys), signing.keypair()[1].hex()
    twin = renew(shop.app, first, shop.org, key).id
    third = renew(shop.app, twin, shop.org, key).id
    shop.done(RevokeTerminal(terminal=twin, reason="stolen"))
    assert [shop.get(Terminal, one).state for one in (first, twin, third, other)] == ["active", "revoked", "revoked", "active"]
    shop.done(RevokeTerminal(terminal=first, wipe=True, reason="stolen"))
    assert [shop.get(Terminal, one).state for one in (first, twin, third, other)] == ["wiped", "wiped", "wiped", "active"]


def test_a_revocation_reaches_the_copies_also_where_it_is_done_at_a_terminal(world: World) -> None:
    def enrolled(origin: UUID | None) -> UUID:
        invited = world.done(InviteTerminal(code_hash=code_hash(new_code())))
        key = signing.keypair()[1].hex()
        command = EnrolTerminal(invitation=invitation_of(invited.id), public_key=key, name="Bench", origin=origin)
        return world.done(command).row("terminal")

    first = enrolled(None)
    twin = enrolled(first)
    third = enrolled(twin)
    world.done(RevokeTerminal(terminal=twin, reason="stolen"))
    assert [world.get(Terminal, one).state for one in (first, twin, third)] == ["active", "revoked", "revoked"]


def test_nothing_comes_out_of_a_terminal_that_was_shut_out(shop: World, keys: HubKeys) -> None:
    first = bench(shop, keys)
    shop.done(RevokeTerminal(terminal=first, reason="stolen"))
    assert refusal(lambda: renew(shop.app, first, shop.org, signing.keypair()[1].hex())) == "terminal.copy_of_revoked"


def test_a_store_is_not_copied_without_end(shop: World, keys: HubKeys) -> None:
    newest = bench(shop, keys)
    for _copy in range(10):
        newest = renew(shop.app, newest, shop.org, signing.keypair()[1].hex()).id
    invited = len(shop.rows(Invitation))
    assert refusal(lambda: renew(shop.app, newest, shop.org, signing.keypair()[1].hex())) == "terminal.copies"
    assert len(shop.rows(Invitation)) == invited
    later(shop, 24 * 60 + 1)
    assert renew(shop.app, newest, shop.org, signing.keypair()[1].hex())


def test_no_machine_takes_the_id_under_which_the_hub_itself_works(shop: World, keys: HubKeys) -> None:
    asked = machine(invite(shop.app, keys, shop.org).code, organisation=shop.org.hex, terminal=shop.app.station.id.hex)
    assert refusal(lambda: enrol(shop.app, keys, asked)) == "terminal.id_taken"
    assert enrol(shop.app, keys, replace(asked, terminal=new_id().hex))


# ------------------------------------------------------------------------------------------------------------- guessing


def test_after_five_wrong_codes_an_address_waits_and_others_do_not(shop: World, keys: HubKeys) -> None:
    tick = [0.0]
    gate = Gate(shop.app, keys, Allowance(1 / 60, 5, lambda: tick[0]))
    for _guess in range(5):
        assert refusal(lambda: gate.let_in(machine(new_code()), "10.0.0.1")) == "terminal.code"
    good = invite(shop.app, keys, shop.org).code
    assert refusal(lambda: gate.let_in(machine(good), "10.0.0.1")) == "enrol.guesses"
    assert gate.let_in(machine(good), "10.0.0.2")
    tick[0] += 61
    assert refusal(lambda: gate.let_in(machine(new_code()), "10.0.0.1")) == "terminal.code"
    assert refusal(lambda: gate.let_in(machine(new_code()), "10.0.0.1")) == "enrol.guesses"


def test_right_codes_are_no_guesses(shop: World, keys: HubKeys) -> None:
    gate = Gate(shop.app, keys, Allowance(1 / 60, 5, lambda: 0.0))
    for _machine in range(8):
        assert gate.let_in(machine(invite(shop.app, keys, shop.org).code), "10.0.0.1")


PLAIN = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.integers())


@given(PLAIN | st.dictionaries(st.sampled_from(["code", "public_key", "name", "number", "other"]), PLAIN))
def test_whatever_comes_in_is_a_request_or_refused(plain: object) -> None:
    with suppress(Refused):
        asked = enrolment.read(Asked, plain)
        assert (type(asked.code), type(asked.number)) == (str, int)


def test_the_words_of_refusals_say_what_to_do(shop: World, keys: HubKeys) -> None:
    with pytest.raises(Refused) as refused:
        enrol(shop.app, keys, machine(new_code()))
    problem: Problem = refused.value.problems[0]
    assert problem.sentence
    assert problem.advice
