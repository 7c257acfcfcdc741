"""The beginning of a workshop: it is named, it stands somewhere, and somebody may look after it; each can be said again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.access.badges import badge_code
from app.access.founding import Founder, Shop, first_administrator, found_shop, has_people, shop_of
from app.access.sign_in import Desk
from app.assemble import Terminal, make_terminal
from app.kernel.access import system
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.problems import Refused
from app.places.model import Bin, Warehouse

SHOP = Shop("Moto Keller", zone="Europe/Berlin", currency="CHF")
FOUNDER = Founder("Nora Keller", "407192")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Terminal]:
    terminal = make_terminal(tmp_path / "terminal.fettle", keeper=KeyKeeper(KeyFile()))
    yield terminal
    terminal.close()


def test_a_named_workshop_has_a_site_a_store_room_and_a_bin_and_the_terminal_stands_there(empty: Terminal) -> None:
    site = found_shop(empty.app, SHOP, system(empty.org_id))
    assert shop_of(empty.app, empty.org_id) == replace(SHOP, site="Moto Keller")
    assert (empty.app.station.site_id, empty.app.station.zone) == (site, "Europe/Berlin")
    with empty.app.read(system(empty.org_id)) as session:
        assert session.query(Warehouse).one().site_id == site
        assert session.query(Bin).one().code == "A-01"


def test_what_was_said_first_can_be_said_otherwise_and_nothing_is_there_twice(empty: Terminal) -> None:
    site = found_shop(empty.app, SHOP, system(empty.org_id))
    again = Shop("Keller & Sons", "Harbour", "H", "Europe/Zurich", "EUR", False)
    assert found_shop(empty.app, again, system(empty.org_id)) == site
    assert shop_of(empty.app, empty.org_id) == again
    with empty.app.read(system(empty.org_id)) as session:
        assert session.query(Warehouse).count() == session.query(Bin).count() == 1


def test_an_unknown_zone_or_currency_is_refused_before_anything_is_made(empty: Terminal) -> None:
    for wrong in (replace(SHOP, zone="Berlin"), replace(SHOP, currency="Euro"), replace(SHOP, name=" ")):
        with pytest.raises(Refused):
            found_shop(empty.app, wrong, system(empty.org_id))
    assert shop_of(empty.app, empty.org_id) is None


def test_the_first_administrator_comes_in_by_pin_and_badge_and_may_do_everything(empty: Terminal) -> None:
    badge, _hash = badge_code()
    found_shop(empty.app, SHOP, system(empty.org_id))
    person = first_administrator(empty.app, empty.org_id, replace(FOUNDER, badge=badge, language="de"))
    desk = Desk(empty.app)
    asked = desk.badge(badge).needs_pin
    assert asked is not None
    entered = desk.pin(asked.id, FOUNDER.pin).actor
    assert entered is not None
    assert (entered.id, entered.language) == (person, "de")
    assert empty.app.can(entered, "kernel.set")


def test_there_is_only_one_first_administrator(empty: Terminal) -> None:
    assert not has_people(empty.app, empty.org_id)
    first_administrator(empty.app, empty.org_id, FOUNDER)
    assert has_people(empty.app, empty.org_id)
    with pytest.raises(Refused) as refused:
        first_administrator(empty.app, empty.org_id, Founder("Somebody Else", "407192"))
    assert refused.value.problem.code == "access.founded"


def test_a_pin_that_is_easily_guessed_makes_nobody(empty: Terminal) -> None:
    with pytest.raises(Refused):
        first_administrator(empty.app, empty.org_id, replace(FOUNDER, pin="111111"))
    assert not has_people(empty.app, empty.org_id)


@pytest.mark.parametrize("name", ["李雷", "Ελένη Παπαδοπούλου", "نورا", "Ø"])
def test_a_name_in_any_script_looks_after_the_workshop(empty: Terminal, name: str) -> None:
    person = first_administrator(empty.app, empty.org_id, Founder(name, "407192"))
    assert [(one.id, one.name) for one in Desk(empty.app).people()] == [(person, name)]
