"""What the hub knows of a terminal's envelopes: their chain, which a push must continue, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.records import PARKED, EnvelopeRow
from sync.hub.came import opened
from sync.hub.taking import alike
from sync.protocol import FORK, GAP, OK, Push, Reborn, Verdict


def standing(session: Session, push: Push, known: tuple[int, str] | None = None) -> str:
    """Whether a push continues what is known of its terminal's chain: ok, a gap or a fork. `known` is that chain's end, where
    it has been looked up already."""
    terminal = UUID(push.terminal_id)
    last, end = known or outbox.last_of(session, terminal)
    ahead = push.first_number - 1
    if ahead > last:
        return GAP
    if last <= ahead + len(push.envelopes):
        return OK if _chain_of(push, last) == end else FORK
    chains = _chains(session, terminal, ahead, ahead + len(push.envelopes))
    chain = push.prev_hash
    if chains.get(ahead, "") != chain:
        return FORK
    for number, sent in enumerate(push.envelopes, start=push.first_number):
        chain = outbox.chained(chain, sent.content)
        if chains[number] != chain:
            return FORK
    return OK


def _chain_of(push: Push, number: int) -> str:
    """The value that a push gives the chain at one of its numbers; it stands for all that came before."""
    chain = push.prev_hash
    for sent in push.envelopes[: number - push.first_number + 1]:
        chain = outbox.chained(chain, sent.content)
    return chain


def known_up_to(session: Session, reborn: Reborn) -> int:
    """Up to which of the numbers that a terminal names the hub has the same commands of it."""
    terminal = UUID(reborn.terminal_id)
    alike = [
        link.number
        for link in reborn.links
        if _chains(session, terminal, link.number, link.number).get(link.number) == link.chain
    ]
    return max(alike, default=0)


def _chains(session: Session, terminal: UUID, first: int, last: int) -> dict[int, str]:
    wanted = select(EnvelopeRow.number, EnvelopeRow.chain).where(EnvelopeRow.terminal_id == terminal)
    return {number: chain for number, chain in session.execute(wanted.where(EnvelopeRow.number.between(first, last)))}


def verdicts(session: Session, push: Push, effects: Mapping[UUID, str], kept: Iterable[Any] | None = None) -> list[Verdict]:
    """What became of the envelopes of a push, now or when they came before; of those parked before, the ones let go since.
    `effects` tells what was done just now, `kept` how they are kept where that was seen already."""
    found: dict[int, Any] = {row.number: row for row in (_pushed(session, push) if kept is None else kept)}
    if push.parked:
        ours = select(EnvelopeRow).where(EnvelopeRow.terminal_id == UUID(push.terminal_id))
        asked = {row.number: _itself(session, row) for row in session.scalars(ours.where(EnvelopeRow.number.in_(push.parked)))}
        found |= {number: row for number, row in asked.items() if row.state != PARKED}
    done = {**outbox.effects(session, [row.id for row in found.values() if row.id not in effects]), **effects}
    return [Verdict(number, row.state, tuple(row.problems), row.feed_seq, done[row.id]) for number, row in sorted(found.items())]


def _pushed(session: Session, push: Push) -> Iterable[Any]:
    last = push.first_number + len(push.envelopes) - 1
    between = {"terminal": UUID(push.terminal_id), "first": push.first_number, "last": last}
    return session.execute(_BETWEEN, between) if push.envelopes else ()


_BETWEEN = select(EnvelopeRow.number, EnvelopeRow.id, EnvelopeRow.state, EnvelopeRow.problems, EnvelopeRow.feed_seq).where(
    EnvelopeRow.terminal_id == bindparam("terminal"), EnvelopeRow.number.between(bindparam("first"), bindparam("last"))
)


def _itself(session: Session, row: EnvelopeRow) -> EnvelopeRow:
    """What was parked, where it came a second time under another identity of its terminal: the first one is let go."""
    envelope = opened(row.content) if row.state == PARKED else None
    if envelope is None or envelope.id == row.id:
        return row
    first = session.scalars(select(EnvelopeRow).where(EnvelopeRow.id == envelope.id)).first()
    return first if first is not None and alike(opened(first.content), envelope) else row
