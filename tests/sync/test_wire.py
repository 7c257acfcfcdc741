"""What travels between terminal and hub: small, the same on the other side, and whatever is not of ours is refused."""

from __future__ import annotations

import dataclasses
import random
import typing
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.problems import Refused
from app.kernel.types import canonical
from sync import protocol, wire
from sync.protocol import Compare, Exchanged, Hello, Line, Page, Pull, Push, Rows, Sent, Verdict

NOW = 1_790_000_000_000
MESSAGES = [kind for kind in vars(protocol).values() if dataclasses.is_dataclass(kind) and isinstance(kind, type)]
IDS = st.uuids().map(lambda ident: ident.hex)
NARROW = {
    (Push, "first_number"): st.integers(1, 2**63 - 1),
    (Compare, "digits"): st.integers(0, 32),
    (Rows, "ids"): st.lists(IDS, max_size=4).map(tuple),
}
KEEPABLE = st.characters(exclude_categories=("Cs",), exclude_characters="\x00")  # what both databases keep
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(KEEPABLE, max_size=40) | IDS
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(KEEPABLE, max_size=8), inner, max_size=3)
)
IMAGES = st.dictionaries(
    st.sampled_from(["code", "name", "stamp", "extra", "made_by"]),
    SCALARS | PLAIN | st.floats(allow_nan=False, allow_infinity=False),
)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    ident = draw(IDS)
    image = draw(st.none() | IMAGES)
    if image is not None and draw(st.booleans()):
        image = {"id": ident, **image}
    return Line(draw(st.sampled_from(["part", "bin"])), ident, image)


def shallow() -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.text(KEEPABLE, max_size=8), SCALARS, max_size=3)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Anything that a field of a message may hold."""
    arguments, origin = typing.get_args(hint), typing.get_origin(hint)
    if hint is Line:
        return lines()
    if dataclasses.is_dataclass(hint):
        return messages(typing.cast(type, hint))
    if origin is Sequence or (origin is tuple and arguments[-1] is Ellipsis):
        return st.lists(values(arguments[0]), max_size=4).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, arguments))
    if origin is dict:
        return (
            shallow() if arguments[1] is Any else st.dictionaries(st.text(KEEPABLE, max_size=8), values(arguments[1]), max_size=3)
        )
    if arguments:
        return st.none() | values(next(one for one in arguments if one is not type(None)))
    simple = {
        int: st.integers(-(2**63), 2**63 - 1),
        str: st.text(KEEPABLE, max_size=80) | IDS,
        bool: st.booleans(),
        Any: SCALARS,
        bytes: st.binary(max_size=40),
    }
    return simple[hint]


def messages(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(kind)
    fields = {field.name: values(hints[field.name]) for field in dataclasses.fields(kind)}
    fields |= {name: narrow for (whose, name), narrow in NARROW.items() if whose is kind}
    return st.builds(kind, **fields)


def refused(body: bytes, *kinds: type[Any], limits: wire.Limits = wire.ASKED) -> str:
    with pytest.raises(Refused) as told:
        wire.unpack(body, *kinds, limits=limits)
    return told.value.problems[0].code


def taken_or_refused(body: bytes, *kinds: type[Any]) -> str:
    """The code of the problem, empty where the body was taken. Anything else that is raised is a bug."""
    try:
        wire.unpack(body, *kinds, limits=wire.TOLD)
    except Refused as told:
        return told.problems[0].code
    return ""


# ------------------------------------------------------------------------------------------------- there and back again


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_message_arrives_as_it_was_sent(kind: type[Any], data: st.DataObject) -> None:
    if kind is Line:
        return  # rows travel on pages
    message = data.draw(messages(kind))
    assert wire.unpack_one(wire.pack(message), kind, wire.TOLD) == message


def test_settings_of_every_kind_travel_on_one_page() -> None:
    values = (False, ["Front brake", "Noise"], 12, "EUR", {"a": 1}, None, 2.5)
    some = tuple(Line("setting_value", "ab" * 16, {"id": "ab" * 16, "value": value}) for value in values)
    page = Page(some, 7)
    assert wire.unpack_one(wire.pack(page), Page, wire.TOLD) == page


@settings(max_examples=60, deadline=None)
@given(st.lists(lines(), max_size=30))
def test_rows_keep_their_order_and_every_value(some: list[Line]) -> None:
    page = Page(tuple(some), 7)
    there = wire.unpack_one(wire.pack(page), Page, wire.TOLD)
    assert there == page
    assert [canonical(line.image) for line in there.lines] == [canonical(line.image) for line in some]  # true is not 1


@given(st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.just(0)), min_size=1, max_size=300))
def test_whole_numbers_of_every_size_lie_side_by_side(numbers: list[int]) -> None:
    some = tuple(Line("part", f"{place:032x}", {"stamp": number}) for place, number in enumerate(numbers))
    assert wire.unpack_one(wire.pack(Page(some, 1)), Page, wire.TOLD).lines == some


def test_two_messages_share_a_body() -> None:
    push, pull = Push("0a" * 16, 1, "", (Sent("{}"),)), Pull(3)
    assert wire.unpack(wire.pack(push, pull), Push, Pull) == (push, pull)


def test_a_field_that_a_newer_program_added_is_left_aside() -> None:
    known = wire.shape_of(Sent).write(Sent("{}", hold=True))
    newer = wire.BARE + msgspec.msgpack.encode([[*known, "a field of tomorrow"]])
    assert wire.unpack_one(newer, Sent) == Sent("{}", hold=True)


def test_a_field_that_an_older_program_lacks_is_as_it_was_before() -> None:
    older = wire.BARE + msgspec.msgpack.encode([[1]])
    assert wire.unpack_one(older, Pull) == Pull(1)


# ------------------------------------------------------------------------------------------------------------- how small


def part(number: int, chance: random.Random) -> Line:
    words = [chance.choice(["Brake", "Pad", "Bolt", "Filter", "Chain", "Seal"]) for _word in range(3)]
    ident = (NOW + number << 80 | 7 << 76 | 2 << 62 | chance.getrandbits(62)).to_bytes(16).hex()
    image = {"id": ident, "org_id": "0a" * 16, "stamp": NOW + number << 16, "made_at": NOW + number, "made_by": "0b" * 16}
    image |= {"code": f"P-{number:06d}", "name": " ".join(words), "names": None, "unit": "pcs", "cost": 450, "extra": {}}
    return Line("part", ident, image)


def test_a_hundred_parts_take_little_more_than_their_ids() -> None:
    chance = random.Random(4)
    answer = Exchanged("ok", 5, NOW, 100, (), (Page(tuple(part(number, chance) for number in range(100)), 100),))
    assert len(wire.pack(answer)) < 2_500


def test_an_exchange_that_has_nothing_to_say_says_it_shortly() -> None:
    assert len(wire.pack(Push("0a" * 16, 8, "0b" * 32), Pull(77))) < 80
    assert len(wire.pack(Exchanged("ok", 7, NOW, 77))) < 40


def test_a_push_is_cut_where_a_body_is_full() -> None:
    push = Push("0a" * 16, 1, "", tuple(Sent("x" * 600) for _each in range(5000)))
    assert len(wire.fitting(push).envelopes) == wire.MOST_COMMANDS
    assert len(wire.fitting(push, 6000).envelopes) == 10
    assert len(wire.fitting(push, 1).envelopes) == 1  # one must go, or nothing ever would


# -------------------------------------------------------------------------------------------------------------- bad input


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    for body in (noise, wire.BARE + noise, wire.PACKED + noise):
        assert taken_or_refused(body, Push, Pull) in {"", "wire.garbled", "wire.too_large"}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_body_that_was_damaged_on_its_way_breaks_nothing(data: st.DataObject) -> None:
    chance = random.Random(1)
    rows = (*(part(number, chance) for number in range(5)), Line("bin", "0c" * 16, None))
    message = Exchanged("ok", 5, NOW, 9, (Verdict(1, "applied"),), (Page(rows, 9),))
    raw = bytearray(msgspec.msgpack.encode([wire.shape_of(Exchanged).write(message)]))
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=3)):
        raw[place] = data.draw(st.integers(0, 255))
    body = wire.BARE + bytes(raw[: data.draw(st.integers(0, len(raw)))])
    assert taken_or_refused(body, Exchanged) in {"", "wire.garbled"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Please log in to the airport</body></html>",
        wire.BARE,
        wire.PACKED,
        wire.BARE + b"\x91" * 100_000,
        wire.BARE + msgspec.msgpack.encode([["a", 1, 2]]),
        wire.BARE + msgspec.msgpack.encode([[True, 1, 2]]),
        wire.BARE + msgspec.msgpack.encode([[1.5]]),
        wire.BARE + msgspec.msgpack.encode([]),
        wire.BARE + msgspec.msgpack.encode([[1], [2]]),
        wire.BARE + msgspec.msgpack.encode({"cursor": 1}),
        wire.BARE + msgspec.msgpack.encode([[1]]) + b"more",
        wire.PACKED + zstandard.compress(msgspec.msgpack.encode([[1]])) + b"more",
        wire.PACKED + zstandard.ZstdCompressor(write_content_size=False).compress(msgspec.msgpack.encode([[1]])),
    ],
)
def test_what_is_not_of_ours_is_refused(body: bytes) -> None:
    assert refused(body, Pull) == "wire.garbled"


def test_a_body_that_ends_early_is_refused() -> None:
    whole = wire.pack(Push("0a" * 16, 1, "0b" * 32, tuple(Sent(f'{{"n":{n}}}') for n in range(50))), Pull(1))
    assert {refused(whole[:end], Push, Pull) for end in range(len(whole))} == {"wire.garbled"}


def test_a_body_that_unpacks_to_more_than_it_may_costs_nothing() -> None:
    bomb = wire.PACKED + zstandard.compress(b"\0" * (512 << 20))
    assert len(bomb) < 100_000
    assert refused(bomb, Push, Pull) == "wire.too_large"


def test_a_body_that_is_too_large_as_it_travels_is_refused() -> None:
    assert refused(wire.BARE + b"\0" * (1 << 20), Push, Pull) == "wire.too_large"


def test_more_commands_than_a_push_may_hold_are_refused() -> None:
    many = Push("0a" * 16, 1, "", (Sent("{}"),) * (wire.MOST_COMMANDS + 1))
    assert refused(wire.pack(many, Pull(1)), Push, Pull) == "wire.garbled"


def test_a_text_longer_than_any_name_is_refused() -> None:
    assert refused(wire.pack(Hello("x" * 8193, 1, 1)), Hello) == "wire.garbled"


def test_a_command_that_nests_deeper_than_any_rule_lets_it_is_refused() -> None:
    deep = Push("0a" * 16, 1, "", (Sent("[" * 100_000 + "]" * 100_000),))
    assert refused(wire.pack(deep, Pull(1)), Push, Pull) == "wire.garbled"
    quoted = Push("0a" * 16, 1, "", (Sent('{"text":"' + "[" * 100 + '\\"["}'),))
    assert wire.unpack(wire.pack(quoted, Pull(1)), Push, Pull)[0] == quoted


def section(**change: Any) -> bytes:
    """A page with one section of two rows, one part of which is not as we write it."""
    whole = {"entity": "part", "ids": bytes(32), "names": ["code"], "rest": [[0, "A"]]} | change
    return wire.BARE + msgspec.msgpack.encode([[[list(whole.values())], 1]])


@pytest.mark.parametrize(
    "change",
    [
        {"ids": bytes(31)},
        {"names": ["code", "name"]},
        {"names": ["code", "code"], "rest": [[0, "A"], [0, "B"]]},
        {"rest": [[0, "A"], [0, "B"]]},
        {"rest": [[99, "A"]]},
        {"rest": [["SAME", "A"]]},
        {"rest": [[0, ["A"]]]},
        {"rest": [[0, b"A"]]},
        {"rest": [[1, 0, b"\1"]]},
        {"rest": [[1, "0", b"\1\2"]]},
        {"rest": [[1, 0, b"\1\2" * 9]]},
        {"rest": [[3, "A\0B\0C"]]},
        {"rest": [[4, 2, [3, "A\0B"], b"\0\5"]]},
        {"rest": [[4, 10**9, [0, "A"], b"\0\0"]]},
        {"rest": [[5, [["A"], ["B"]]]]},
        {"rest": [[6, b"\1\2", [0, "A"]]]},
        {"rest": [[6, b"\1", [0, "A"]]]},
        {"rest": [[7, [0, "[" * 1000]]]},
        {"rest": [[7, [0, 5]]]},
        {"rest": [None]},
    ],
)
def test_columns_that_no_hub_of_ours_writes_are_refused(change: dict[str, Any]) -> None:
    assert wire.unpack_one(section(), Page).lines[0].image == {"code": "A"}
    assert refused(section(**change), Page) == "wire.garbled"


def test_columns_within_columns_without_end_are_refused() -> None:
    inner: list[Any] = [0, "A"]
    for _level in range(200):
        inner = [6, b"\1\1", inner]
    assert refused(section(rest=[inner]), Page) == "wire.garbled"


def test_every_kind_of_message_has_a_way_to_travel() -> None:
    makers: list[Callable[..., Any]] = [wire.shape_of]
    assert all(maker(kind) for maker in makers for kind in MESSAGES)
