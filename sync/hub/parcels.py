"""The hub's side of a stick: takes in a terminal's parcel as if it had come over the network, and writes the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.kernel.problems import Refused
from sync import parcels, wire
from sync.hub.keys import HubKeys
from sync.parcels import Parcel
from sync.protocol import OK, Exchanged, Peer, Pull, Push

MOST_PAGES = 500  # of one message of the answer


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
    terminal = _ident(parcel.label) or UUID(int=0)
    asked = [wire.unpack(body, Push, Pull) for body in parcel.bodies]
    if any(one.terminal_id != terminal.hex for one, _wanted in asked):
        raise Refused(parcels.not_signed())
    told = list(_told(peer, asked))
    bodies = tuple(wire.pack(one) for one in told)
    label = {"terminal": terminal.hex}
    sealed = parcels.wrapped(Parcel(label, bodies), keys.signing, bytes.fromhex(str(parcel.label["answer_for"])))
    rows = sum(len(page.lines) for one in told for page in one.pages)
    return Answered(terminal, sum(len(one.envelopes) for one, _wanted in asked), rows, sealed)


def _told(peer: Peer, asked: list[tuple[Any, ...]]) -> list[Exchanged]:
    """The verdicts of every message, and then the rows up to the feed's head."""
    told = [peer.exchange(one, replace(wanted, pages=0)) for one, wanted in asked]
    if told[-1].standing != OK:
        return told
    one, wanted = asked[-1]
    after = replace(one, envelopes=())
    while True:
        some = peer.exchange(after, replace(wanted, pages=MOST_PAGES))
        told.append(some)
        if not some.pages or some.pages[-1].upto >= some.horizon:
            return told
        wanted = replace(wanted, cursor=some.pages[-1].upto)


def _ident(label: dict[str, Any]) -> UUID | None:
    try:
        return UUID(str(label.get("terminal", "")))
    except ValueError:
        return None
