"""The hub's feed: one numbered pointer for each live row, numbered inside COMMIT, so that no reader ever skips a late one.

A transaction has one number, which all its rows and its envelope share: what belongs together is never split by a cursor.
With the numbers come the lines of the digest and the traces of rows that have left a place: no writer can forget them either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, String, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel import digests
from app.kernel.digests import WHOLE, DigestLine
from app.kernel.entity import Entity, LocalRow, Scope
from app.kernel.ids import new_id
from app.kernel.many import among, insert_columns, insert_many, upsert_columns
from app.kernel.records import EnvelopeRow, FeedRow, HeadRow, MetaRow, TurnRow
from app.kernel.rows import table_of
from app.kernel.upsert import upsert

FEED: Any = FeedRow.__table__
EVERYWHERE = UUID(int=0)  # what a row lay in that named no place
DAY_MS = 86_400_000
KEPT_MS = 180 * DAY_MS  # so long the feed remembers what is gone
SAMPLES, EPOCHS = "feed_samples", "epochs"
_START = "INSERT INTO feed_head (id, last) VALUES (1, 0)"


class Life(NamedTuple):
    """A life of the hub, and the last number that had been given when it began."""

    name: str
    began: int


class GoneRow(LocalRow):
    """At the hub, a row that has left a place or was erased: what was laid down under an earlier number must go."""

    __tablename__ = "feed_gone"
    entity: Mapped[str] = mapped_column(String(64), primary_key=True)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[UUID] = mapped_column(primary_key=True)  # EVERYWHERE where it had named none
    org_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger, index=True)


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

# The second step: what the numbered rows do to the digests, and whom they have left.
POST_DIGESTS_INSIDE_COMMIT = (
    f"""CREATE OR REPLACE FUNCTION number_feed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
  UPDATE feed_head SET last = last + 1 RETURNING last INTO n;
  WITH moved AS (
    UPDATE feed SET seq = n, turn = NULL WHERE turn = NEW.turn
    RETURNING entity, row_id, org_id, place, mark, was, was_place
  ), gone AS (
    INSERT INTO feed_gone (entity, row_id, place, org_id, seq)
    SELECT entity, row_id, coalesce(was_place, '{EVERYWHERE}'), org_id, n FROM moved
    WHERE was IS NOT NULL AND (mark IS NULL OR place IS DISTINCT FROM was_place)
    ON CONFLICT (entity, row_id, place) DO UPDATE SET seq = n
  )
  INSERT INTO digest_line (org_id, seq, entity, place, count, sum)
  SELECT org_id, n, entity, place, sum(one), sum(mark)::numeric % {WHOLE + 1} FROM (
    SELECT org_id, entity, place, 1 AS one, mark FROM moved WHERE mark IS NOT NULL
    UNION ALL SELECT org_id, entity, was_place, -1, {WHOLE + 1} - was FROM moved WHERE was IS NOT NULL
  ) AS turned GROUP BY org_id, entity, place;
  UPDATE envelope SET feed_seq = n WHERE seq IN (SELECT one::bigint FROM jsonb_array_elements_text(NEW.envelopes) one);
  DELETE FROM feed_turn WHERE turn = NEW.turn;
  RETURN NULL;
END $$""",  # noqa: S608 (numbers of our own)
)

LITE_DIGESTS_INSIDE_COMMIT = (
    "DROP TRIGGER number_feed",
    f"""CREATE TRIGGER number_feed AFTER INSERT ON feed_turn BEGIN
  UPDATE feed_head SET last = last + 1;
  INSERT INTO feed_gone (entity, row_id, place, org_id, seq)
    SELECT entity, row_id, coalesce(was_place, zeroblob(16)), org_id, (SELECT last FROM feed_head) FROM feed
    WHERE turn = NEW.turn AND was IS NOT NULL AND (mark IS NULL OR place IS NOT was_place)
    ON CONFLICT (entity, row_id, place) DO UPDATE SET seq = excluded.seq;
  INSERT INTO digest_line (org_id, seq, entity, place, count, sum)
    SELECT org_id, (SELECT last FROM feed_head), entity, place, 1, mark FROM feed
    WHERE turn = NEW.turn AND mark IS NOT NULL
    UNION ALL SELECT org_id, (SELECT last FROM feed_head), entity, was_place, -1, {WHOLE + 1} - was FROM feed
    WHERE turn = NEW.turn AND was IS NOT NULL;
  UPDATE feed SET seq = (SELECT last FROM feed_head), turn = NULL WHERE turn = NEW.turn;
  UPDATE envelope SET feed_seq = (SELECT last FROM feed_head) WHERE seq IN (SELECT value FROM json_each(NEW.envelopes));
  DELETE FROM feed_turn WHERE turn = NEW.turn;
END""",  # noqa: S608 (numbers of our own)
)


# --------------------------------------------------------------------------------------------------------------- writing


def point(session: Session, rows: Sequence[Entity], turn: int, envelopes: Sequence[int] = ()) -> None:
    """Points the feed to changed rows, once all of them are as they shall be; the numbers come with the commit. All the
    `envelopes` that ran in this transaction, by their places, get that number: the one at `turn` where none are named."""
    aim(session, pointers(rows), turn, envelopes)


def pointers(rows: Sequence[Entity]) -> dict[str, list[Any]]:
    """What the feed says of rows: whose they are, where they lie, and their marks in the digest."""
    return {
        "entity": [row.__tablename__ for row in rows],
        "row_id": [row.id for row in rows],
        "org_id": [row.org_id for row in rows],
        "place": [_place(row) for row in rows],
        "mark": digests.marks_of(rows),
    }


def _place(row: Entity) -> UUID | None:
    scope = row.__about__.scope
    return None if scope is Scope.ORGANISATION else getattr(row, scope.value)


def aim(session: Session, pointers: Mapping[str, list[Any]], turn: int, envelopes: Sequence[int] = ()) -> None:
    """Writes pointers and asks for their number. A row that had one gives it up, and keeps what it counted for until then."""
    count = len(pointers["row_id"])
    if count:
        upsert_columns(session, FEED, {**pointers, "seq": [None] * count, "turn": [turn] * count}, ("entity", "row_id"), _AIM)
    session.connection().execute(_TURN, {"turn": turn, "envelopes": list(envelopes or (turn,))})


_TURN = insert(TurnRow)
# Where a turn is open, the same transaction pointed to the row before: what it was is told already.
_AIM = (
    "org_id = excluded.org_id, place = excluded.place, mark = excluded.mark, seq = excluded.seq, turn = excluded.turn, "
    "was = CASE WHEN feed.turn IS NULL THEN feed.mark ELSE feed.was END, "
    "was_place = CASE WHEN feed.turn IS NULL THEN feed.place ELSE feed.was_place END"
)


def point_now(session: Session, rows: Sequence[Entity], envelopes: Sequence[int]) -> bool:
    """The same for rows to which the feed has never pointed: they and the envelopes get their number at once, which saves
    PostgreSQL writing each pointer twice. Belongs at the very end of a transaction: from here on nobody else commits before it.
    False, and nothing has happened, where the feed does point to one of them."""
    told = pointers(rows)
    try:
        with session.begin_nested():
            seq: int = session.connection().execute(_COUNT_UP).scalar_one()
            insert_columns(session, FEED, {**told, "seq": [seq] * len(rows)})
            insert_many(session, table_of(DigestLine), _digest_lines(told, seq))
            ran = update(_ENVELOPES).where(among(session, _ENVELOPES.c.seq, envelopes))
            session.connection().execute(ran.values(feed_seq=seq))
    except IntegrityError:
        return False
    return True


_HEAD: Any = HeadRow.__table__
_ENVELOPES: Any = EnvelopeRow.__table__
_COUNT_UP = update(_HEAD).values(last=_HEAD.c.last + 1).returning(_HEAD.c.last)


def _digest_lines(told: Mapping[str, list[Any]], seq: int) -> list[dict[str, Any]]:
    """What new rows do to the digests of the places that they lie in."""
    turned: dict[tuple[UUID, str, UUID | None], list[int]] = {}
    for org_id, entity, place, mark in zip(told["org_id"], told["entity"], told["place"], told["mark"], strict=True):
        turned.setdefault((org_id, entity, place), []).append(mark)
    return [
        {"org_id": org_id, "seq": seq, "entity": entity, "place": place, "count": len(marks), "sum": sum(marks) & WHOLE}
        for (org_id, entity, place), marks in turned.items()
    ]


def erase(session: Session, row: Entity, turn: int) -> None:
    """Takes a row out of the hub's database for good; it goes at every terminal that holds it."""
    table = table_of(type(row))
    aim(session, {**pointers([row]), "mark": [None]}, turn)
    session.connection().execute(delete(table).where(table.c.id == row.id))


# --------------------------------------------------------------------------------------------------------------- reading


def head(session: Session) -> int:
    """The last number given; every row with a number up to it is there to be read."""
    return session.scalar(select(HeadRow.last)) or 0


def state(session: Session) -> HeadRow:
    """The head with all it knows: the last number, the floor, the epoch, and up to where digest lines are added up."""
    return session.scalars(select(HeadRow)).one()


def new_epoch(session: Session) -> str:
    """Begins another life of the hub: at its first start, and whenever its database was put back from a backup. The caller
    commits."""
    now = session.scalars(select(HeadRow).with_for_update().execution_options(populate_existing=True)).one()
    now.epoch = new_id().hex
    lives = [*([one.name, one.began] for one in epochs(session)), [now.epoch, now.last]]
    upsert(session, table_of(MetaRow), [{"key": EPOCHS, "value": lives}], ("key",))
    session.flush()
    return now.epoch


def epochs(session: Session) -> list[Life]:
    """The lives of the hub that this database has seen, the first one first."""
    found = session.scalar(select(MetaRow.value).where(MetaRow.key == EPOCHS))
    return [Life(name, began) for name, began in found or ()]


# ------------------------------------------------------------------------------------------------------------ forgetting


def forget(session: Session, now_ms: int) -> int:
    """Forgets what is gone for 180 days, and returns the floor: a cursor below it must be compared.

    How old a number is follows from samples: once a day a call notes how far the feed is.
    """
    found = session.get(MetaRow, SAMPLES)
    samples = list(found.value) if found else []
    if not samples or samples[-1][0] <= now_ms - DAY_MS:
        samples.append([now_ms, head(session)])
    old = [seq for ms, seq in samples if ms <= now_ms - KEPT_MS]
    fresh = [one for one in samples if one[0] > now_ms - KEPT_MS]
    upsert(session, table_of(MetaRow), [{"key": SAMPLES, "value": fresh}], ("key",))
    if old:
        floor = max(old)
        session.connection().execute(delete(GoneRow).where(GoneRow.seq <= floor))
        session.connection().execute(
            delete(FeedRow).where(FeedRow.mark.is_(None), FeedRow.was.is_not(None), FeedRow.seq <= floor)
        )
        session.connection().execute(update(HeadRow).values(floor=floor))
    return state(session).floor
