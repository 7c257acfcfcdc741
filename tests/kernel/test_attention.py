"""What waits for a person, and what waits for the hub: asked alike at a terminal and at the hub."""

from __future__ import annotations

import pytest
from replays import late

from app.kernel.clock import stamp_ms
from app.kernel.outgoing import age, leaves, outgoing
from app.kernel.standard import Transition
from app.kernel.types import moment
from app.work_orders.commands import CreateOrder
from world import World


@pytest.fixture
def shop(anywhere: World) -> World:
    """Two jobs that were cancelled here and begun elsewhere."""
    world = anywhere.furnish()
    for what in ("Horn", "Chain"):
        order = world.done(CreateOrder(site=world.site, what=what)).row("work_order")
        world.done(Transition(entity="work_order", id=order, move="cancel", reason="Sold"))
        late(world, Transition(entity="work_order", id=order, move="begin"), stamp_ms(world.app.clock.tick()) + 1)
    return world


@pytest.mark.parametrize("name", ["attention", "sent"])
def test_every_column_sorts_both_ways(shop: World, name: str) -> None:
    with shop.app.read(shop.actor) as session:
        columns = shop.app.asked(session, name, shop.actor).columns
    for column in columns:
        up = shop.app.ask(name, shop.actor, sort=column.name, limit=500).rows
        down = shop.app.ask(name, shop.actor, sort="-" + column.name, limit=500).rows
        assert up == down[::-1], column.name
        assert up


def test_the_cards_are_counted_one_for_each_thing(shop: World) -> None:
    assert shop.app.count("attention", shop.actor) == 2
    assert {row["message"].split(" ")[-1] for row in shop.app.ask("attention", shop.actor).rows} == {"there."}


def test_what_is_nowhere_but_here_is_said_before_anybody_wipes_it(world: World) -> None:
    with world.session() as session:
        found = outgoing(session, world.org)
    assert (found.waiting, found.parked) == (len(world.outbox()), 0)
    told = leaves(found)
    assert told is not None
    assert told.sentence == f"Nowhere but on this terminal: commands that wait, {found.waiting} of them."
    assert found.oldest is not None


@pytest.mark.parametrize(("minutes", "said"), [(0, "0 min"), (59, "59 min"), (60, "1 h"), (47 * 60, "47 h"), (49 * 60, "2 days")])
def test_an_age_is_said_in_the_unit_that_tells(minutes: int, said: str) -> None:
    now = 1_790_000_000_000
    assert age(moment(now - minutes * 60_000), moment(now)) == said
