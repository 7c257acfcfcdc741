"""The hub's side of a stick: takes in a terminal's parcel as if it had come over the network, and writes the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.kernel.problems import Refused
from sync import parcels, wire
from sync.hub.keys import HubKeys
from sync.parcels import Parcel
from sync.protocol import OK, Exchanged, Peer, Pull, Push

MOST_PAGES = 50  # of one message of the answer: no terminal takes a larger one, and no more rows are in memory at once


@dataclass(frozen=True)
class Answered:
    """What became of a parcel: whose it was, how many commands it held, and the file that goes back."""

    terminal: UUID
    commands: int
    rows: int
    content: bytes


def answer(peer: Peer, keys: HubKeys, public_key: Callable[[UUID], bytes | None], content: bytes) -> Answered:
    """Takes a parcel in and makes its answer. May be repeated: what is known already is not done twice.

    `public_key` gives the key of a terminal that may come in, None for any other. Refused where a parcel is not of one.
    """

    def signer(label: dict[str, Any]) -> bytes | None:
        terminal = _ident(label)
        return public_key(terminal) if terminal is not None else None

    parcel = parcels.unwrapped(content, keys.recovery, signer)
    terminal, seal_for = _ident(parcel.label), _key(parcel.label)
    asked = [wire.unpack(body, Push, Pull) for body in parcel.bodies]
    if terminal is None or seal_for is None or not asked:
        raise Refused(parcels.damaged())
    if any(one.terminal_id != terminal.hex for one, _wanted in asked):
        raise Refused(parcels.not_signed())
    bodies, rows = [], 0
    for told in _told(peer, asked):
        bodies.append(wire.pack(told))
        rows += sum(len(page.lines) for page in told.pages)
    sealed = parcels.wrapped(Parcel({"terminal": terminal.hex}, tuple(bodies)), keys.signing, seal_for)
    return Answered(terminal, sum(len(one.envelopes) for one, _wanted in asked), rows, sealed)


def _told(peer: Peer, asked: list[tuple[Any, ...]]) -> Iterator[Exchanged]:
    """The verdicts of every message, and then the rows up to the feed's head; each to be packed before the next one is made."""
    standing = OK
    for one, wanted in asked:
        some = peer.exchange(one, replace(wanted, pages=0))
        standing = some.standing
        yield some
    one, wanted = asked[-1]
    going_on = standing == OK
    while going_on:
        some = peer.exchange(replace(one, envelopes=()), replace(wanted, pages=MOST_PAGES))
        yield some
        going_on = bool(some.pages) and some.pages[-1].upto < some.horizon
        wanted = replace(wanted, cursor=some.pages[-1].upto) if going_on else wanted


def _key(label: dict[str, Any]) -> bytes | None:
    """The key that the answer is sealed for, 32 bytes."""
    try:
        found = bytes.fromhex(str(label.get("answer_for", "")))
    except ValueError:
        return None
    return found if len(found) == 32 else None


def _ident(label: dict[str, Any]) -> UUID | None:
    try:
        return UUID(str(label.get("terminal", "")))
    except ValueError:
        return None
