"""What goes up: the commands that wait, in order; and what becomes of them once the hub has answered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, takewhile
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.outbox import ENVELOPES, TOUCHES
from app.kernel.records import APPLIED, CONFIRMED, PARKED, WAITING, EnvelopeRow
from app.kernel.types import Id
from sync.protocol import Push, Sent, Verdict
from sync.terminal import memory

MOST_PARKED = 100  # about how many parked commands the hub is asked at once
_SOME_PARKED = text(  # of many, others the next time; the plus keeps SQLite from going through all that a terminal ever did
    "SELECT number FROM envelope WHERE state = :state AND +terminal_id = :terminal ORDER BY random() LIMIT :most"
).bindparams(bindparam("terminal", type_=Id()))


def batch(session: Session, terminal_id: UUID, most: int, after: int | None = None) -> Push:
    """The next commands to send: those that wait, or, where the hub lost some (`after` a number), the terminal's own again."""
    some = max(most, 1)  # the push says what comes next, also where nothing is sent
    rows = _in_a_row(outbox.waiting(session, some) if after is None else _own(session, terminal_id, after, some))
    numbers = tuple(sorted(session.scalars(_SOME_PARKED, {"state": PARKED, "terminal": terminal_id, "most": MOST_PARKED})))
    behind = _behind(session, rows) if numbers else set()
    last, chain = (rows[0].number - 1, None) if rows else outbox.last_of(session, terminal_id)
    return Push(
        terminal_id=terminal_id.hex,
        first_number=last + 1,
        prev_hash=_chain_at(session, terminal_id, last) if chain is None else chain,
        envelopes=tuple(Sent(row.content, row.seq in behind) for row in rows[:most]),
        parked=numbers,
        incarnation=memory.text(session, memory.INCARNATION),
    )


def _in_a_row(rows: Sequence[EnvelopeRow]) -> list[EnvelopeRow]:
    """The first of these commands, as far as their numbers follow one another. Between two of them may lie what came under this
    identity later, or was forgotten: then the hub finds a gap behind the first ones, and it is closed from there."""
    numbers = count(rows[0].number if rows else 0)
    return [row for row, number in takewhile(lambda one: one[0].number == one[1], zip(rows, numbers, strict=False))]


def _own(session: Session, terminal_id: UUID, after: int, most: int) -> list[EnvelopeRow]:
    wanted = select(EnvelopeRow).where(EnvelopeRow.terminal_id == terminal_id, EnvelopeRow.number > after)
    return list(session.scalars(wanted.order_by(EnvelopeRow.number).limit(most)))


def _chain_at(session: Session, terminal_id: UUID, number: int) -> str:
    wanted = select(EnvelopeRow.chain).where(EnvelopeRow.terminal_id == terminal_id, EnvelopeRow.number == number)
    return session.scalar(wanted) or ""


def _behind(session: Session, rows: Sequence[EnvelopeRow]) -> set[int]:
    """Those of these commands that touch what a parked one wrote here, directly or through one another."""
    wrote = select(TOUCHES.c.row_id).join(ENVELOPES, ENVELOPES.c.seq == TOUCHES.c.seq).where(TOUCHES.c.wrote)
    stuck = set(session.scalars(wrote.where(ENVELOPES.c.state == PARKED)))
    found: set[int] = set()
    for row in rows:
        touched = _touched(session, row.seq)
        if not stuck.isdisjoint(touched):
            found.add(row.seq)
            stuck |= {ident for ident, wrote_it in touched.items() if wrote_it}
    return found


def _touched(session: Session, seq: int) -> dict[UUID, bool]:
    """The rows that a command touched here, and whether it wrote them."""
    wanted = select(TOUCHES.c.row_id, TOUCHES.c.wrote).where(TOUCHES.c.seq == seq)
    return {row_id: wrote for row_id, wrote in session.execute(wanted)}


# ------------------------------------------------------------------------------------------------------------ the answer


def acknowledge(session: Session, terminal_id: UUID, verdicts: Sequence[Verdict], cursor: int) -> list[EnvelopeRow]:
    """Notes the hub's verdicts; returns the commands that were answered just now.

    Where the hub did exactly what was done here, what is here simply becomes true. Otherwise it stays as it is until the feed
    reaches the number that holds the hub's own effects: then these take its place in one go. So it is, too, where the feed
    is laid down beyond that number: then the command was done again here on rows that held its effects already.
    """
    by_number = {verdict.number: verdict for verdict in verdicts}
    wanted = select(EnvelopeRow).where(EnvelopeRow.terminal_id == terminal_id, EnvelopeRow.number.in_(list(by_number)))
    rows = list(session.scalars(wanted.order_by(EnvelopeRow.seq)))
    fresh = [row for row in rows if row.state in (WAITING, PARKED)]
    answered = [row for row in fresh if by_number[row.number].state != row.state]
    told_anew = [row for row in rows if row not in fresh and _told_anew(row, by_number[row.number])]
    here = outbox.effects(session, [row.id for row in answered])
    doubtful = _doubtful(session)
    settled: list[int] = []
    for row in answered:
        verdict = by_number[row.number]
        same = here[row.id] == verdict.effects and (verdict.feed or 0) > cursor
        if _accept(session, row, verdict, same, doubtful):
            settled.append(row.seq)
    session.flush()
    outbox.forget(session.connection(), settled)
    return answered + told_anew


def _told_anew(row: EnvelopeRow, verdict: Verdict) -> bool:
    """A hub that was put back has run again what it had answered before: its last word counts. Whether that is another one.

    The rows are not taken back for it: others may stand on them. Where the hub's differ now, they are found by comparing.
    """
    state = CONFIRMED if verdict.state == APPLIED else verdict.state
    row.feed_seq = verdict.feed
    if verdict.state == PARKED or state == row.state:
        return False
    row.state, row.problems = state, list(verdict.problems)
    return True


def _accept(session: Session, row: EnvelopeRow, verdict: Verdict, same: bool, doubtful: set[UUID]) -> bool:
    """Writes a verdict into its envelope; True when what was done here may stand as it is."""
    row.state = CONFIRMED if verdict.state == APPLIED else verdict.state
    row.problems, row.feed_seq = list(verdict.problems), verdict.feed
    if verdict.state == PARKED:
        return False
    if same and not doubtful:
        return True
    touched = _touched(session, row.seq)
    if same and doubtful.isdisjoint(touched):
        return True
    row.due = verdict.feed or 0
    doubtful |= {ident for ident, wrote in touched.items() if wrote}
    return False


def _doubtful(session: Session) -> set[UUID]:
    """The rows written here by commands that the hub's own effects have still to replace."""
    wanted = select(TOUCHES.c.row_id).join(ENVELOPES, ENVELOPES.c.seq == TOUCHES.c.seq)
    return set(session.scalars(wanted.where(ENVELOPES.c.due.is_not(None), TOUCHES.c.wrote)))
