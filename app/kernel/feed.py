"""The hub's feed: one numbered pointer for each live row, numbered inside COMMIT, so that no reader ever skips a late one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.kernel.records import FeedRow, TurnRow

FEED: Any = FeedRow.__table__
TURNS: Any = TurnRow.__table__

# PostgreSQL runs a deferred constraint trigger as the last thing of a transaction; one lock makes numbers and commits go in
# the same order. Whoever writes cannot forget it, and waits for others only while they commit.
POST_NUMBERS_INSIDE_COMMIT = (
    "CREATE SEQUENCE feed_number",
    """CREATE FUNCTION number_feed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1179927620);
  UPDATE feed SET seq = nextval('feed_number'), turn = NULL WHERE turn = NEW.turn;
  DELETE FROM feed_turn WHERE turn = NEW.turn;
  RETURN NULL;
END $$""",
    """CREATE CONSTRAINT TRIGGER number_feed AFTER INSERT ON feed_turn DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION number_feed()""",
)


def number(session: Session) -> None:
    """On SQLite, numbers the rows of the transaction that is about to commit; PostgreSQL's trigger does it there."""
    if session.get_bind().dialect.name != "sqlite":
        return
    waiting = session.execute(select(FEED.c.entity, FEED.c.row_id).where(FEED.c.turn.is_not(None)).order_by(FEED.c.turn)).all()
    last = session.scalar(select(func.max(FEED.c.seq))) or 0
    for count, (entity, row_id) in enumerate(waiting, start=1):
        session.execute(update(FEED).where(FEED.c.entity == entity, FEED.c.row_id == row_id).values(seq=last + count, turn=None))
    session.execute(delete(TURNS))
