"""A terminal of a hub, put back from its backup and its black box: nothing is lost, nothing is done twice, all are in step."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from replay_world import LEFT, Trio, copy, memory, named

from app.kernel.redoing import Redone, redo
from app.kernel.standard import AddNote, Note
from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock
from app.work_orders.commands import CreateOrder
from app.work_orders.model import WorkOrder


class Day:
    """A terminal's day with a black box: what was done before the backup, after it, and whether the hub has it."""

    def __init__(self, trio: Trio) -> None:
        self.trio, self.box = trio, list[str]()
        self.left = trio.left
        self.left.app.dispatcher.journal = self.box.append
        self.note("before")
        trio.exchange(self.left)
        self.backup = copy(self.left.engine, memory())

    def note(self, words: str) -> UUID:
        self.trio.wall.ms += 10
        return self.left.done(AddNote(entity="part", id=named("part", "P-1"), text=words), self.trio.person("Ann")).id

    def order(self, what: str) -> None:
        self.trio.wall.ms += 10
        self.left.done(CreateOrder(site=named("site", "M"), what=what), self.trio.person("Ann"))

    def receive(self, quantity: int) -> None:
        self.trio.wall.ms += 10
        bought = ReceiveStock(part=named("part", "P-1"), bin=named("bin", "A"), quantity=Quantity(quantity))
        self.left.done(bought, self.trio.person("Ann"))

    def put_back(self, box: list[str] | None = None) -> Redone:
        """The store is lost; the backup takes its place."""
        self.left.stop()
        self.left.engine = self.backup
        self.left.start()
        return self.left.app.writer.run(redo, self.left.app.dispatcher, self.box if box is None else box)


@pytest.fixture
def day(trio: Trio) -> Day:
    return Day(trio)


def at_rest(trio: Trio) -> None:
    trio.quiesce()
    for _round in range(4):
        for machine in trio.terminals:
            trio.exchange(machine)
    for machine in trio.terminals:
        assert machine.image() == trio.hub.image(), "everyone holds the same"
        assert machine.balances() == trio.hub.balances()
        assert machine.waiting() == []
        assert machine.leftovers() == 0


def words(trio: Trio) -> list[str]:
    return sorted(row.text for row in trio.hub.all(Note))


def test_what_the_hub_had_not_heard_of_is_done_again_and_sent(day: Day, trio: Trio) -> None:
    day.note("after")
    day.receive(3)
    assert day.put_back() == Redone(2, 0, 0)
    at_rest(trio)
    assert words(trio) == ["after", "before"]


def test_what_the_hub_had_answered_is_not_done_twice(day: Day, trio: Trio) -> None:
    day.receive(3)
    day.note("sent")
    trio.exchange(day.left)
    day.receive(4)
    day.put_back()
    at_rest(trio)
    assert words(trio) == ["before", "sent"]


def test_it_goes_on_under_the_very_chain_that_the_hub_knows(day: Day, trio: Trio) -> None:
    day.note("sent")
    trio.exchange(day.left)
    day.note("waiting")
    chain = [row.chain for row in day.left.envelopes()]
    day.put_back()
    assert [row.chain for row in day.left.envelopes()] == chain
    assert day.left.broken_chain(day.left.app.station.id) is None
    at_rest(trio)


def test_without_the_black_box_the_hub_still_gives_back_what_it_has(day: Day, trio: Trio) -> None:
    day.note("sent")
    trio.exchange(day.left)
    day.note("lost")
    day.put_back([])
    trio.exchange(day.left)
    assert day.left.app.station.id != LEFT, "to the hub, a store that lacks what it sent is a copy"
    at_rest(trio)
    assert words(trio) == ["before", "sent"]


def test_a_place_that_is_missing_in_the_box_costs_itself_alone(day: Day, trio: Trio) -> None:
    for word in ("one", "two", "three"):
        day.note(word)
    spoilt = [text for text in day.box if json.loads(text)["body"].get("text") != "two"]
    assert day.put_back(spoilt) == Redone(2, 0, 1)
    at_rest(trio)
    assert words(trio) == ["before", "one", "three"]


def test_numbers_that_were_given_are_given_to_nobody_else(day: Day, trio: Trio) -> None:
    day.order("Brake")
    day.order("Chain")
    given = {row.number for row in day.left.all(WorkOrder)}
    day.put_back()
    day.order("Lamp")
    assert len({row.number for row in day.left.all(WorkOrder)} - given) == 1
    at_rest(trio)
    numbers = [row.number for row in trio.hub.all(WorkOrder)]
    assert len(numbers) == len(set(numbers)) == len(given) + 1


def test_cut_short_it_is_gone_on_with(day: Day, trio: Trio) -> None:
    for place in range(6):
        day.note(f"note {place}")
    assert day.put_back(day.box[:4]).commands == 3
    assert day.left.app.writer.run(redo, day.left.app.dispatcher, day.box).commands == 3
    assert day.left.app.writer.run(redo, day.left.app.dispatcher, day.box).commands == 0
    at_rest(trio)
    assert len(words(trio)) == 7
