"""Envelopes that no terminal of ours makes and no database keeps: each is parked by itself, and stops neither its terminal nor
another one. And what is too large for the way to the hub is told at once, or given in parts."""

from __future__ import annotations

import json
import random
import string
from typing import Any

import pytest
from replay_world import LEFT, RIGHT, Trio, named

from app.kernel.problems import Refused
from app.kernel.refusals import unfit
from app.kernel.standard import AddNote, SaveMany
from app.kernel.types import canonical
from sync import wire
from sync.hub.peer import within_bounds
from sync.protocol import Pull, Push, Sent
from world import World

STRANGE: list[dict[str, Any]] = [
    {"command": "\ud800"},
    {"command": "a\u0000b"},
    {"command": "x" * 500},
    {"command": 5},
    {"stamp": 1 << 70},
    {"stamp": -5},
    {"stamp": "now"},
    {"version": "x"},
    {"number": 1 << 70},
]


@pytest.fixture
def trio(trio_on_postgresql: Trio) -> Trio:
    return trio_on_postgresql


def test_each_is_parked_by_itself_and_what_comes_behind_is_done(trio: Trio) -> None:
    for words in ("first", "last"):
        trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text=words), trio.person("Ann"))
    first, last = (json.loads(row.content) for row in trio.left.envelopes()[-2:])
    strange = [{**first, "number": first["number"] + place, **one} for place, one in enumerate(STRANGE)]
    texts = [json.dumps(one) for one in (*strange, {**last, "number": first["number"] + len(STRANGE)})]
    push = Push(LEFT.hex, first["number"], "", tuple(Sent(one) for one in texts))
    for _each in texts:  # behind one that is parked it stops: the terminal must first tell what stands on it
        told = trio.peer.exchange(push, Pull(0)).verdicts
    assert [one.state for one in told] == ["parked"] * len(STRANGE) + ["applied"]
    assert trio.peer.exchange(push, Pull(0)).verdicts == told, "it is told again what it was told"
    assert trio.peer.release() == 0
    assert trio.hub.broken_chain(LEFT) is None


def test_a_text_with_a_zero_in_it_is_no_envelope() -> None:
    push = Push(RIGHT.hex, 1, "", (Sent('{"a":"\0"}'),))
    with pytest.raises(Refused) as refused:
        wire.unpack(wire.pack(push), Push)
    assert refused.value.problems[0].code == "wire.garbled"


@pytest.mark.parametrize("letters", [string.hexdigits, string.ascii_letters + string.digits + "+/", "äßçñéøλжשあ漢字🙂🔧"])
def test_the_largest_command_that_a_terminal_takes_on_is_one_that_its_hub_takes(letters: str) -> None:
    row = "".join(random.Random(7).choices(letters, k=1000))
    rows = [row[place:] + row[:place] for place in range(1000)]
    size = next(size for size in range(1000, 0, -1) if unfit({"rows": rows[:size]}) is None)
    text = "".join(random.Random(8).choices(letters, k=1000 * size))
    whole = {"rows": [text[place : place + 1000] for place in range(0, len(text), 1000)]}
    body = wire.pack(wire.fitting(Push(LEFT.hex, 1, "0" * 64, (Sent(canonical({"body": whole})),))), Pull(0))
    assert len(wire.unpack(body, Push, Pull)[0].envelopes) == 1


def test_what_is_more_than_that_is_refused_before_it_holds_up_what_comes_behind(world: World) -> None:
    rows = [{"code": f"L-{place}", "name": "Bolt", "description": "Long " * 999} for place in range(200)]
    assert world.codes(SaveMany(entity="part", rows=rows)) == ["command.too_large"]
    world.done(SaveMany(entity="part", rows=rows[:100]))


@pytest.mark.parametrize(
    ("rows", "pages", "held"), [(200, 20, (200, 20)), (200, 500, (200, 500)), (1 << 62, 1 << 62, (100_000, 1)), (-5, -5, (1, 0))]
)
def test_no_answer_holds_more_than_the_hub_s_memory_bears(rows: int, pages: int, held: tuple[int, int]) -> None:
    bound = within_bounds(Pull(0, rows, pages))
    assert (bound.rows, bound.pages) == held
