"""Forgetting what the hub has answered long ago: until then it is kept, for a hub that is put back from a backup."""

from __future__ import annotations

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import meta
from app.kernel.outbox import CHANGES, ENVELOPES
from app.kernel.records import PARKED, WAITING

KEPT_MS = 30 * 86_400_000
DAY_MS = 86_400_000
AT_ONCE = 200  # commands forgotten in one transaction, which keeps it under 20 ms
SAMPLES = "answered_samples"  # up to which command all was answered, day by day


def prune(app: App) -> int:
    """Forgets the commands that were answered more than 30 days ago, with the images of their rows; how many they were.

    When something was answered follows from samples: a call notes once a day how far that has come.
    """
    upto = app.writer.run(_sampled, app)
    gone = 0
    while some := app.writer.run(_forget, app, upto):
        gone += some
    return gone


def _sampled(app: App) -> int:
    """The last command of which it is known that it, and all before it, were answered 30 days ago."""
    now = app.clock.now_ms()
    with app.writer.sessions() as session:
        samples: list[list[int]] = list(meta.read(session, SAMPLES) or ())
        if not samples or samples[-1][0] <= now - DAY_MS:
            samples.append([now, _answered(session)])
        old = [seq for ms, seq in samples if ms <= now - KEPT_MS]
        kept = [one for one in samples if one[0] > now - KEPT_MS]
        if old:
            kept.insert(0, [now - KEPT_MS, max(old)])
        meta.keep(session, SAMPLES, kept)
        session.commit()
    return max(old, default=0)


def _answered(session: Session) -> int:
    """The last command before the first that waits for an answer, or whose effects are still to be replaced."""
    opened = [
        session.scalar(select(func.min(ENVELOPES.c.seq)).where(one))
        for one in (ENVELOPES.c.state == WAITING, ENVELOPES.c.state == PARKED, ENVELOPES.c.due.is_not(None))
    ]
    first = min((seq for seq in opened if seq is not None), default=None)
    return first - 1 if first is not None else session.scalar(select(func.max(ENVELOPES.c.seq))) or 0


def _forget(app: App, upto: int) -> int:
    """Forgets some; of each terminal's chain the last link stays, on which the next one hangs, and of all the last one here,
    behind which the next one gets its place."""
    with app.writer.sessions() as session:
        later = ENVELOPES.alias()
        goes_on = exists().where(later.c.terminal_id == ENVELOPES.c.terminal_id, later.c.number > ENVELOPES.c.number)
        last = select(func.max(later.c.seq)).scalar_subquery()
        wanted = select(ENVELOPES.c.seq, ENVELOPES.c.id).where(ENVELOPES.c.seq <= upto, ENVELOPES.c.seq < last, goes_on)
        found = session.execute(wanted.order_by(ENVELOPES.c.seq).limit(AT_ONCE)).all()
        connection = session.connection()
        connection.execute(delete(CHANGES).where(CHANGES.c.envelope_id.in_([ident for _seq, ident in found])))
        connection.execute(delete(ENVELOPES).where(ENVELOPES.c.seq.in_([seq for seq, _ident in found])))
        session.commit()
    return len(found)
