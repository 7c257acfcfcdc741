"""The hub's feed: one numbered pointer for each live row, numbered inside COMMIT, so that no reader ever skips a late one.

A transaction has one number, which all its rows and its envelope share: what belongs together is never split by a cursor.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.records import HeadRow

_START = "INSERT INTO feed_head (id, last) VALUES (1, 0)"

# PostgreSQL runs a deferred constraint trigger as the last thing of a transaction, and whoever counts up the head holds it
# until the commit is visible to all: numbers and commits go in the same order. Nobody who writes can forget it, and nobody
# waits for others but while they commit.
POST_NUMBERS_INSIDE_COMMIT = (
    _START,
    """CREATE FUNCTION number_feed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
  UPDATE feed_head SET last = last + 1 RETURNING last INTO n;
  UPDATE feed SET seq = n, turn = NULL WHERE turn = NEW.turn;
  UPDATE envelope SET feed_seq = n WHERE seq = NEW.turn;
  DELETE FROM feed_turn WHERE turn = NEW.turn;
  RETURN NULL;
END $$""",
    """CREATE CONSTRAINT TRIGGER number_feed AFTER INSERT ON feed_turn DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION number_feed()""",
)

# SQLite has one writer, so the numbers may be given as soon as the rows point.
LITE_NUMBERS_INSIDE_COMMIT = (
    _START,
    """CREATE TRIGGER number_feed AFTER INSERT ON feed_turn BEGIN
  UPDATE feed_head SET last = last + 1;
  UPDATE feed SET seq = (SELECT last FROM feed_head), turn = NULL WHERE turn = NEW.turn;
  UPDATE envelope SET feed_seq = (SELECT last FROM feed_head) WHERE seq = NEW.turn;
  DELETE FROM feed_turn WHERE turn = NEW.turn;
END""",
)


def head(session: Session) -> int:
    """The last number given; every row with a number up to it is there to be read."""
    return session.scalar(select(HeadRow.last)) or 0
