"""What waits for Odoo: one line a record, tried again ever more rarely, and laid aside for somebody in the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.kernel.problems import Problem
from app.odoo.model import HUMAN, MAPPING, RETRY
from app.odoo.records import OdooWaiting
from sync.odoo import waiting
from sync.odoo.errors import Kind, Verdict
from sync.odoo.map import Life, Step
from sync.odoo.maps.order import OUT
from world import World

T = TypeVar("T")


def kept(world: World, act: Callable[[Session], T]) -> T:
    def written() -> T:
        with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
            found = act(session)
            session.commit()
            return found

    return world.app.writer.run(written)


def taken_in(world: World) -> int:
    return kept(world, lambda session: waiting.take_in(session, world.org, OUT, world.app.clock.now()))


def failed(world: World, ident: UUID, kind: Kind) -> int | None:
    now = world.app.clock.now()
    verdict = Verdict(kind, Problem("odoo.locked", "Somebody else was writing."))
    return kept(world, lambda session: waiting.failed(session, world.org, "customer", ident, verdict, now))


def due(world: World, in_seconds: float = 0) -> list[UUID]:
    now = world.app.clock.now() + timedelta(seconds=in_seconds)
    with world.session() as session:
        return list(waiting.due(session, world.org, "customer", now))


@pytest.fixture
def customer(hub: World) -> UUID:
    """Somebody who came after Odoo was set up."""
    hub.save("organisation", id=hub.org, name="Moto Keller")
    hub.save("customer", name="From before")
    taken_in(hub)
    return hub.save("customer", name="Ada")


def test_what_was_before_is_history_and_what_comes_after_waits_once_however_often_it_changes(hub: World, customer: UUID) -> None:
    hub.save("customer", id=customer, city="Berlin")
    assert taken_in(hub) == 1
    assert due(hub) == [customer]
    assert taken_in(hub) == 0


def test_what_fails_for_a_while_is_tried_eight_times_ever_more_rarely(hub: World, customer: UUID) -> None:
    taken_in(hub)
    for tries in range(1, waiting.MOST_TRIES):
        assert failed(hub, customer, "retry") is None
        assert due(hub) == []
        assert due(hub, 2**tries) == [customer]
    assert failed(hub, customer, "retry") == waiting.MOST_TRIES
    assert [row.verdict for row in hub.rows(OdooWaiting)] == [HUMAN]
    assert due(hub, 1_000_000) == []


@pytest.mark.parametrize("kind", [MAPPING, HUMAN])
def test_what_a_person_must_see_to_is_laid_aside_at_once_and_tried_when_it_changes(
    hub: World, customer: UUID, kind: Kind
) -> None:
    taken_in(hub)
    assert failed(hub, customer, kind) == 1
    assert due(hub, 1_000_000) == []
    hub.save("customer", id=customer, city="Berlin")
    taken_in(hub)
    assert due(hub) == [customer]


def test_what_changes_while_it_is_sent_goes_once_more(hub: World, customer: UUID) -> None:
    taken_in(hub)
    with hub.session() as session:
        sent = waiting.due(session, hub.org, "customer", hub.app.clock.now())
    hub.save("customer", id=customer, city="Berlin")
    taken_in(hub)
    kept(hub, lambda session: waiting.arrived(session, hub.org, "customer", sent))
    assert due(hub) == [customer]


def test_pauses_grow_to_five_minutes_and_never_all_end_at_once() -> None:
    assert [round(waiting.pause(tries) / 2 ** (tries - 1)) for tries in range(1, 9)] == [1] * 8
    assert 240 <= waiting.pause(100) <= 360
    assert len({waiting.pause(100) for _try in range(5)}) > 1
    assert RETRY == "retry"


def test_a_document_goes_the_shortest_way_that_its_buttons_lead() -> None:
    cancel, start, end = (
        Step("cancel", ("draft", "busy"), "cancelled"),
        Step("start", ("draft",), "busy"),
        Step("end", ("busy",), "done"),
    )
    life = Life((cancel, start, end))
    assert life.way("draft", "done") == (start, end)
    assert life.way("draft", "cancelled") == (cancel,)
    assert life.way("busy", "busy") == ()
    assert life.way("done", "cancelled") is None
