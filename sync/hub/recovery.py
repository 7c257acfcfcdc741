"""Takes in what a wiped terminal handed over. What was done there after it had been revoked goes before people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any
from uuid import UUID

import zstandard
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel.access import system
from app.kernel.ids import derived_id
from app.kernel.outbox import chained
from app.kernel.problems import Problem, Refused
from app.kernel.records import APPLIED, QUESTIONED, EnvelopeRow
from app.kernel.words import _
from app.terminals.commands import QuestionWork
from sync import handover
from sync.hub.devices import Known
from sync.hub.keys import HubKeys
from sync.hub.peer import HubPeer
from sync.protocol import MOST_IN_A_PUSH, OK, Pull, Push, Sent

LARGEST = 1 << 30  # bytes of a file once it is unpacked
NOTHING = Pull(0, rows=1, pages=0)


@dataclass(frozen=True)
class Recovered:
    """What became of a file: how many commands it holds, how many the hub has now, and how many people must look at."""

    terminal: UUID
    name: str
    commands: int
    taken: int
    doubtful: int


@dataclass(frozen=True)
class Handed:
    """What a sealed file holds."""

    terminal: UUID
    organisation: UUID
    first_number: int
    prev_hash: str
    envelopes: tuple[str, ...]


def opened(keys: HubKeys, sealed: bytes) -> Handed:
    """What is in a sealed file; Trouble when it was not sealed for this hub, Refused when it holds no commands."""
    packed = handover.unseal(keys.recovery, sealed)
    try:
        plain: dict[str, Any] = json.loads(zstandard.ZstdDecompressor().stream_reader(packed).read(LARGEST))
        named = UUID(plain["terminal"]), UUID(plain["organisation"])
        texts = tuple(str(one) for one in plain["envelopes"])
        return Handed(*named, int(plain["first_number"]), str(plain["prev_hash"]), texts)
    except (zstandard.ZstdError, ValueError, TypeError, KeyError) as error:
        raise Refused(_no_commands()) from error


def recover(app: App, known: Known | None, handed: Handed) -> Recovered:
    """Runs the commands as if the terminal sent them. May be repeated: what is there already is not done twice."""
    if known is None or known.terminal_id != handed.terminal or known.reach.org_id != handed.organisation:
        raise Refused(_nobody_s())
    peer = HubPeer(app, lambda ident: known.reach if ident == handed.terminal else None)
    last = _sent(peer, handed)
    numbers = range(handed.first_number, handed.first_number + len(handed.envelopes))
    doubtful = _question(app, known, numbers) if known.ended and numbers else 0
    taken = max(0, min(last + 1, numbers.stop) - numbers.start)
    return Recovered(handed.terminal, known.name, len(numbers), taken, doubtful)


def _sent(peer: HubPeer, handed: Handed) -> int:
    """Sends them all, up to one that the hub cannot run; its last number afterwards."""
    number, chain, last = handed.first_number, handed.prev_hash, handed.first_number - 1
    for start in range(0, len(handed.envelopes), MOST_IN_A_PUSH):
        some = handed.envelopes[start : start + MOST_IN_A_PUSH]
        answer = peer.exchange(Push(handed.terminal.hex, number, chain, tuple(map(Sent, some))), NOTHING)
        if answer.standing != OK:
            raise Refused(_does_not_follow())
        number, chain, last = number + len(some), reduce(chained, some, chain), answer.last_number
        if last < number - 1:
            break
    return last


def _question(app: App, known: Known, numbers: range) -> int:
    """Puts before people what was done after the terminal had been revoked, by the hub's own clock as far as it is believed."""
    org = known.reach.org_id
    late = select(EnvelopeRow.id).where(
        EnvelopeRow.terminal_id == known.terminal_id,
        EnvelopeRow.number.between(numbers[0], numbers[-1]),
        EnvelopeRow.state.in_((APPLIED, QUESTIONED)),
        EnvelopeRow.stamp > known.stamp,
    )
    with Session(app.read_engine, info={"orgs": {org}}) as session:
        found = list(session.scalars(late.order_by(EnvelopeRow.number)))
    _ask_about(app, known, found)
    return len(found)


def _ask_about(app: App, known: Known, commands: Iterable[UUID]) -> None:
    for ident in commands:
        command = QuestionWork(terminal=known.terminal_id, command=ident)
        answer = app.run(command, system(known.reach.org_id), derived_id(ident, "terminal", "after"))
        if not answer.done:
            raise Refused(*answer.problems)


# -------------------------------------------------------------------------------------------------------------- words


def _no_commands() -> Problem:
    message = _("The file was sealed for this hub, but holds no terminal's commands.")
    return Problem("recovery.empty", message, hint=_("Take the file that the terminal wrote when it was wiped."))


def _nobody_s() -> Problem:
    message = _("The hub has no terminal that this file could be of.")
    return Problem("recovery.nobody", message, hint=_("Take it to the hub that the terminal belonged to."))


def _does_not_follow() -> Problem:
    message = _("What is in this file does not follow on what the hub has of the terminal; nothing of it was taken.")
    return Problem("recovery.gap", message, hint=_("Restore the hub's newest backup first, or look for an earlier file."))
