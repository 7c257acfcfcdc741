"""Whoever signs in from afar is counted by where they come from; the first people of an organisation; and refresh tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from app.access import families
from app.access.commands import SetPin
from app.access.model import Person, TokenFamily
from app.access.newcomers import found, new_pin, welcome
from app.access.pins import pin_verifier, weak_pin
from app.access.sign_in import Desk
from app.kernel.problems import Refused
from world import World

PIN = "407192"


@pytest.fixture
def kim(bare: World) -> UUID:
    person = bare.person("Kim", "KEE").id
    bare.done(SetPin(person=person, verifier=pin_verifier(PIN)))
    return person


class Ticks:
    """Seconds that only the test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_place_is_locked_by_its_own_number_of_mistakes(bare: World, kim: UUID) -> None:
    desk = Desk(bare.app, Ticks())
    office = desk.at("192.0.2.7", 3, {})
    for name in ("a", "b", "c"):
        office.nobody(name, "407193")
    assert office.pin(kim, PIN, signs_in=False).refused is not None
    assert desk.at("192.0.2.8", 3, {}).pin(kim, PIN, signs_in=False).actor is not None


def test_a_name_that_nobody_has_is_locked_as_if_somebody_had_it(bare: World) -> None:
    desk = Desk(bare.app, Ticks()).at("192.0.2.7", 50, {})
    codes = [desk.nobody("mallory", "407193").refused.code for _mistake in range(6)]  # type: ignore[union-attr]
    assert codes == ["access.pin_wrong"] * 4 + ["access.locked"] * 2


def test_a_lock_ends_in_every_process_after_a_quarter_of_an_hour(bare: World, kim: UUID) -> None:
    long_awake, fresh = Ticks(), Ticks()
    first, second = Desk(bare.app, long_awake), Desk(bare.app, fresh)
    long_awake.now = 40_000.0  # the other process has been awake for half a day
    for _mistake in range(5):
        first.pin(kim, "407193", signs_in=False)
    assert second.pin(kim, PIN, signs_in=False).refused is not None
    fresh.now = 15 * 60 + 1.0
    assert second.pin(kim, PIN, signs_in=False).actor is not None


def test_an_organisation_is_founded_with_its_first_administrator(bare: World) -> None:
    org = found(bare.app, "Moto Keller")
    nora = welcome(bare.app, org, "Nora Müller-Öz", "ADM")
    assert nora.username == "nora.muller.oz"
    with Session(bare.app.read_engine) as session:
        [person] = families.people_called(session, "nora.muller.oz")
    assert Desk(bare.app).pin(person.id, nora.pin, signs_in=False).actor is not None
    assert person.org_id == org


def test_nobody_gets_a_role_that_is_not_there(bare: World) -> None:
    org = found(bare.app, "Moto Keller")
    with pytest.raises(Refused) as refused:
        welcome(bare.app, org, "Nora", "XXX")
    assert refused.value.problems[0].code == "access.no_role"


def test_a_first_pin_is_none_that_one_guesses() -> None:
    assert all(weak_pin(new_pin()) is None for _try in range(50))


def begun(bare: World, person: UUID) -> families.Refresh:
    with Session(bare.app.dispatcher.engine) as session, session.begin():
        return families.begin(session, session.get_one(Person, person), bare.app.clock.now())


def renewed(bare: World, token: families.Refresh, **later: Any) -> families.Refresh | None:
    with Session(bare.app.dispatcher.engine) as session, session.begin():
        told = families.renewed(session, token, bare.app.clock.now() + timedelta(**later))
        return told[1] if told else None


def test_a_refresh_token_is_good_once(bare: World, kim: UUID) -> None:
    first = begun(bare, kim)
    second = renewed(bare, first)
    assert second is not None
    assert renewed(bare, second) is not None
    assert renewed(bare, first) is None


def test_a_copied_token_ends_the_whole_login(bare: World, kim: UUID) -> None:
    first = begun(bare, kim)
    second = renewed(bare, first)
    assert second is not None
    assert renewed(bare, first) is None
    assert renewed(bare, second) is None, "whoever has the newer one is out too"
    with bare.session() as session:
        assert session.get_one(TokenFamily, first.family).ended == "reused"


def test_a_login_ends_by_itself(bare: World, kim: UUID) -> None:
    first = begun(bare, kim)
    assert renewed(bare, first, days=29) is not None
    assert renewed(bare, begun(bare, kim), days=31) is None


def test_a_token_is_nobodys_in_another_organisation(bare: World, kim: UUID) -> None:
    token = begun(bare, kim)
    assert renewed(bare, families.Refresh(uuid4(), token.family, token.secret)) is None
    assert renewed(bare, token) is not None


def test_only_its_hash_is_kept(bare: World, kim: UUID) -> None:
    token = begun(bare, kim)
    with bare.session() as session:
        row = session.get_one(TokenFamily, token.family)
        assert token.secret.hex() not in row.token_hash
        assert families.Refresh.read(token.text()) == token
