"""Commands that the hub cannot run: parked with what stands on them, seen where they were done, and run once it is mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from replay_chance import Day, evening
from replay_world import LEFT, ORG, RIGHT, Machine, Trio, morning, named
from sqlalchemy import update

from app.capabilities import CAPABILITIES
from app.kernel.commands import Authority, Command
from app.kernel.records import EnvelopeRow
from app.kernel.registry import Capability, Registry
from app.kernel.standard import AddNote, SaveRecord
from app.kernel.work import Work
from app.parts.model import Part
from sync.hub.feed import Reach
from sync.hub.peer import HubPeer
from sync.terminal import push

Count = Callable[..., None]


def states(machine: Machine) -> list[str]:
    return [row.state for row in machine.envelopes()]


@dataclass(frozen=True, kw_only=True)
class Polish(Command):
    """A command of a newer version."""

    needs = "parts.polish"
    authority = Authority.FACT
    part: UUID


def polish(do: Polish, work: Work) -> None:
    work.get(Part, do.part).category = "polished"


NEWER = Registry((*CAPABILITIES, Capability(name="polish", handlers={Polish: polish})))


def with_an_older_hub() -> Trio:
    """Terminals that know a command which their hub does not."""
    trio = morning(registry=NEWER)
    trio.hub.registry = Registry(CAPABILITIES)
    trio.hub.restart()
    return trio


def mended(trio: Trio) -> None:
    trio.hub.registry = NEWER
    trio.hub.restart()


def test_a_command_the_hub_cannot_run_is_parked_with_what_stands_on_it_and_the_rest_goes_on() -> None:
    trio = with_an_older_hub()
    first, second = named("part", "P-1"), named("part", "P-2")
    trio.left.done(Polish(part=first), trio.person("Ann"))
    trio.left.done(SaveRecord(entity="part", id=first, fields={"name": ["Part P-1", "Shiny"]}), trio.person("Ann"))
    trio.left.done(SaveRecord(entity="part", id=second, fields={"name": ["Part P-2", "Dull"]}), trio.person("Ann"))
    trio.quiesce()
    assert states(trio.left) == ["parked", "parked", "confirmed"]
    assert (trio.hub.get(Part, first).name, trio.hub.get(Part, second).name) == ("Part P-1", "Dull")
    assert trio.left.get(Part, first).category == "polished"  # it happened here, and stays to be seen
    assert trio.hub.broken_chain(LEFT) is None
    mended(trio)
    assert trio.peer.release() == 2
    evening(trio)
    assert states(trio.left) == ["confirmed"] * 3
    assert trio.right.get(Part, first).category == "polished"
    assert trio.right.get(Part, first).name == "Shiny"
    trio.stop()


def test_what_a_terminal_left_parked_is_run_though_it_was_shut_out_since() -> None:
    trio = with_an_older_hub()
    for code in ("P-1", "P-2"):
        trio.left.done(Polish(part=named("part", code)), trio.person("Ann"))
    trio.right.done(Polish(part=named("part", "P-3")), trio.person("Ann"))
    trio.quiesce()
    mended(trio)
    only_right = HubPeer(trio.hub.app, {RIGHT: Reach(ORG)}.get)
    assert only_right.release() == 3
    assert [trio.hub.get(Part, named("part", code)).category for code in ("P-1", "P-2", "P-3")] == ["polished"] * 3
    assert only_right.release() == 0
    trio.stop()


def test_what_others_do_to_the_same_row_meanwhile_is_seen_beneath_a_parked_command() -> None:
    trio = with_an_older_hub()
    part = named("part", "P-1")
    trio.left.done(Polish(part=part), trio.person("Ann"))
    trio.quiesce()
    trio.hub.done(SaveRecord(entity="part", id=part, fields={"name": ["Part P-1", "Pads"]}), trio.program)
    trio.quiesce()
    there = trio.left.get(Part, part)
    assert (there.name, there.category) == ("Pads", "polished")
    mended(trio)
    trio.peer.release()
    evening(trio)
    trio.stop()


class DayOfPolish(Day):
    """A random day on which people also do what their hub does not know yet."""

    def _command(self, on: Machine) -> Command | None:
        return Polish(part=self._part(on)) if self.dice.random() < 0.08 else super()._command(on)


@pytest.mark.parametrize("first", [0, 20])
def test_a_day_with_an_older_hub_ends_with_everyone_equal_once_it_is_newer(first: int, count: Count) -> None:
    parked = 0
    for seed in range(first, first + 20):
        trio = with_an_older_hub()
        day = DayOfPolish(trio, seed)
        day.go(28)
        trio.quiesce()
        parked += sum(states(terminal).count("parked") for terminal in trio.terminals)
        assert not trio.mishaps.told
        mended(trio)
        while trio.peer.release():
            trio.quiesce()
        evening(trio)
        trio.stop()
    count("replay, older hub", "seeds", 20)
    count("replay, older hub", "parked commands, all run later", parked)
    assert parked


def test_however_many_stay_parked_what_was_let_go_behind_them_is_heard_of(trio: Trio) -> None:
    for number in range(push.MOST_PARKED + 20):
        trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text=f"note {number}"), trio.person("Ann"))
    trio.quiesce()
    stuck = EnvelopeRow.terminal_id == LEFT, EnvelopeRow.number <= push.MOST_PARKED
    for machine, which in ((trio.left, (EnvelopeRow.terminal_id == LEFT,)), (trio.hub, stuck)):
        with machine.session() as session:
            session.execute(update(EnvelopeRow).where(*which).values(state="parked"))
            session.commit()
    for _time in range(20):
        trio.exchange(trio.left)
    assert [row.state for row in trio.left.envelopes()][push.MOST_PARKED :] == ["confirmed"] * 20
