"""On a stick: what waits goes to the hub in a file, the answer comes back in another, and neither can be read or forged."""

from __future__ import annotations

from uuid import UUID

import pytest
from replay_chance import Day, evening
from replay_world import LEFT, Machine, Trio

from app.kernel.problems import Refused, Trouble
from sync import handover, parcels, signing, wire
from sync.hub.keys import HubKeys
from sync.hub.parcels import Answered, answer
from sync.hub.peer import HubPeer
from sync.parcels import Parcel
from sync.protocol import Pull
from sync.terminal import parcel
from sync.terminal.http import Key
from sync.terminal.identity import Identity, Membership

HUB_KEYS = HubKeys(signing.keypair()[0], handover.recovery_pair()[0])
PRIVATE, PUBLIC = signing.keypair()


def who(machine: Machine) -> Identity:
    hub = Membership("https://hub.example", HUB_KEYS.public, HUB_KEYS.recovery_public, b"mark")
    return Identity(Key(machine.station.id, PRIVATE), hub)


def public_key(terminal: UUID) -> bytes | None:
    return PUBLIC if terminal == LEFT else None


def carried(trio: Trio, content: bytes) -> Answered:
    return answer(trio.peer, HUB_KEYS, public_key, content)


def busy(trio: Trio, steps: int = 30) -> None:
    day = Day(trio, 5)
    for _step in range(steps):
        trio.wall.ms += 60_000
        day._act(trio.left, "Ann")


def test_two_trips_with_a_stick_bring_everything_there_and_back(trio: Trio) -> None:
    busy(trio)
    Day(trio, 6)._act(trio.right, "Ben")
    trio.exchange(trio.right)
    content, count = parcel.write(trio.left.app, who(trio.left))
    assert count == len(trio.left.waiting()) > 0
    back = carried(trio, content)
    assert (back.terminal, back.commands) == (LEFT, count)
    brought = parcel.take(trio.left.app, who(trio.left), back.content)
    assert brought.rows > 0
    assert trio.left.waiting() == []
    assert trio.left.image() == trio.hub.image()
    evening(trio)


def test_a_parcel_may_be_carried_twice_and_the_network_may_come_back_in_between(trio: Trio) -> None:
    busy(trio)
    content, _count = parcel.write(trio.left.app, who(trio.left))
    first, second = carried(trio, content), carried(trio, content)
    trio.exchange(trio.left)
    busy(trio, 5)
    for back in (first, second):
        parcel.take(trio.left.app, who(trio.left), back.content)
    evening(trio)


def test_what_was_done_after_the_parcel_was_written_goes_on_waiting(trio: Trio) -> None:
    busy(trio, 10)
    content, count = parcel.write(trio.left.app, who(trio.left))
    busy(trio, 10)
    more = len(trio.left.waiting()) - count
    parcel.take(trio.left.app, who(trio.left), carried(trio, content).content)
    assert len(trio.left.waiting()) == more
    evening(trio)


@pytest.mark.parametrize("at", [0, 20, 60, 300, -1])
def test_a_changed_parcel_is_refused_and_nothing_is_taken(trio: Trio, at: int) -> None:
    busy(trio)
    content, _count = parcel.write(trio.left.app, who(trio.left))
    before = len(trio.hub.envelopes(LEFT))
    forged = bytearray(content)
    forged[at] ^= 1
    with pytest.raises((Refused, Trouble)):
        carried(trio, bytes(forged))
    assert len(trio.hub.envelopes(LEFT)) == before


def test_somebody_else_s_parcel_is_refused_on_both_sides(trio: Trio) -> None:
    busy(trio)
    stranger = Identity(Key(LEFT, signing.keypair()[0]), who(trio.left).hub)
    content, _count = parcel.write(trio.left.app, stranger)
    with pytest.raises(Refused) as refused:
        carried(trio, content)
    assert refused.value.problems[0].code == "parcel.signature"
    content, _count = parcel.write(trio.left.app, who(trio.left))
    other = HubKeys(signing.keypair()[0], HUB_KEYS.recovery)
    back = answer(trio.peer, other, public_key, content)
    with pytest.raises(Refused):
        parcel.take(trio.left.app, who(trio.left), back.content)
    assert trio.left.waiting()


def test_who_finds_the_stick_reads_nothing_of_it(trio: Trio) -> None:
    busy(trio)
    content, _count = parcel.write(trio.left.app, who(trio.left))
    back = carried(trio, content).content
    for file in (content, back):
        assert b"IssuePart" not in file
        assert b"Front brake" not in file
        assert LEFT.bytes not in file


@pytest.mark.parametrize("label", [{}, {"answer_for": "zz"}, {"answer_for": "00"}, {"answer_for": "00" * 32}])
def test_a_parcel_that_no_program_of_ours_wrote_is_refused_in_words(trio: Trio, label: dict[str, str]) -> None:
    told = {"terminal": LEFT.hex, **label}
    with pytest.raises(Refused) as refused:
        carried(trio, parcels.wrapped(Parcel(told), PRIVATE, HUB_KEYS.recovery_public))
    assert refused.value.problems[0].code == "parcel.damaged"


def test_no_message_of_an_answer_is_larger_than_a_terminal_takes(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Pull] = []
    given = HubPeer._given
    monkeypatch.setattr(HubPeer, "_given", lambda peer, *more: asked.append(more[2]) or given(peer, *more))
    content, _count = parcel.write(trio.left.app, who(trio.left))
    carried(trio, content)
    assert max(one.pages * one.rows for one in asked) * 4096 <= wire.TOLD.unpacked


def test_an_answer_that_was_under_way_for_days_leaves_the_clock_alone(trio: Trio) -> None:
    busy(trio, 5)
    content, _count = parcel.write(trio.left.app, who(trio.left))
    back = carried(trio, content)
    trio.wall.ms += 2 * 86_400_000
    before = trio.left.app.clock.now_ms()
    parcel.take(trio.left.app, who(trio.left), back.content)
    assert trio.left.app.clock.now_ms() == before
