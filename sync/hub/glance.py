"""What nearly every exchange asks of the hub's database, in one question: PostgreSQL answers it in one trip, at one moment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.kernel import feed, outbox, pooled, rls
from sync.hub.feed import Reach
from sync.protocol import Pull, Push

HALF = 31  # sums are taken of the marks' halves, which no number of rows overflows
FEW = 500  # rows of the feed that are looked at: nearly always all there are


class Head(NamedTuple):
    """How far the feed is, and what is known of it."""

    last: int
    floor: int
    summed: int
    epoch: str


class Kept(NamedTuple):
    """What became of an envelope."""

    number: int
    id: UUID
    state: str
    problems: Sequence[Any]
    feed_seq: int | None


class Turned(NamedTuple):
    """What happened to the digest of an entity at a place, its sum in two halves."""

    entity: str
    place: UUID | None
    many: int
    high: int
    low: int


@dataclass(frozen=True)
class Glance:
    """What was seen at a glance; None where it was not looked at, and must be asked for."""

    head: Head
    end: tuple[int, str]  # the number and the chain value of the terminal's last command
    kept: Sequence[Kept] | None = None  # what was pushed
    coming: frozenset[str] | None = None  # the entities of all rows after the cursor
    left: bool = True  # whether rows may have left the terminal's places after the cursor
    turned_after: int = -1
    turned: Sequence[Turned] = ()  # what happened to the digests after that number


@contextmanager
def looking(engine: Engine, reach: Reach, push: Push, pull: Pull, turned_after: int) -> Iterator[tuple[Session, Glance]]:
    """A session that sees one state of the database throughout, whoever commits meanwhile, and the first glance at it, with
    what happened to the organisation's digests after a number."""
    if engine.dialect.name != "postgresql":
        with Session(engine, info={"orgs": {reach.org_id}}) as session:
            yield session, _plain(session, push)
        return
    with steady(engine, reach, _question(reach, push, pull, turned_after)) as (session, told):
        yield session, _seen(json.loads(told), turned_after)


def _plain(session: Session, push: Push) -> Glance:
    head = feed.state(session)
    return Glance(Head(head.last, head.floor, head.summed, head.epoch), outbox.last_of(session, UUID(push.terminal_id)))


# ------------------------------------------------------------------------------------------------------- at the database


@contextmanager
def steady(engine: Engine, reach: Reach, question: str) -> Iterator[tuple[Session, bytes]]:
    """A session in a transaction on PostgreSQL that sees one state of the rows of an organisation, and what a question was
    answered. Beginning, saying for whom, and asking travel together."""
    began = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {rls.telling({reach.org_id})}; {question}"
    with engine.connect() as connection:
        told = pooled.told(connection, PREPARED, began)
        with Session(connection) as session:
            yield session, told


def _question(reach: Reach, push: Push, pull: Pull, turned_after: int) -> str:
    """Its values are numbers and ids alone, which are written as they are."""
    last = push.first_number - 1 + len(push.envelopes)
    numbers = f"{push.first_number:d}, {last:d}, {pull.cursor:d}, {turned_after:d}"
    given = f"'{UUID(push.terminal_id).hex}', '{reach.org_id.hex}', {numbers}"
    held = reach.held
    if held is None:
        return f"EXECUTE {_ANYWHERE}({given})"
    return f"EXECUTE {_NEAR}({given}, '{{{','.join(place.hex for place in held)}}}')"


def _seen(told: Any, turned_after: int) -> Glance:
    head, end, kept, many, entities, left, turned = told
    return Glance(
        Head(*head),
        (end[0] or 0, end[1] or ""),
        [Kept(number, UUID(ident), *rest) for number, ident, *rest in kept or ()],
        frozenset(entities or ()) if many < FEW else None,
        left,
        turned_after,
        [Turned(name, place and UUID(place), *sums) for name, place, *sums in turned or ()],
    )


def _statement(near: str) -> str:
    return f"""SELECT json_build_array(
  json_build_array(head.last, head.floor, head.summed, head.epoch),
  json_build_array(known.number, known.chain),
  (SELECT json_agg(json_build_array(number, id, state, problems, feed_seq) ORDER BY number) FROM envelope
    WHERE terminal_id = $1::uuid AND number BETWEEN $3::bigint AND $4::bigint),
  coming.many, coming.entities,
  EXISTS (SELECT FROM feed_gone WHERE org_id = $2::uuid AND seq > $5::bigint{near}),
  (SELECT json_agg(json_build_array(entity, place, many, high, low)) FROM (
    SELECT entity, place, sum(count) many, sum(sum >> {HALF}) high, sum(sum & {(1 << HALF) - 1}) low FROM digest_line
    WHERE org_id = $2::uuid AND seq > $6::bigint GROUP BY entity, place) turned)
)::text
FROM feed_head head
LEFT JOIN LATERAL (
  SELECT number, chain FROM envelope WHERE terminal_id = $1::uuid ORDER BY number DESC LIMIT 1) known ON true
CROSS JOIN LATERAL (
  SELECT count(*) many, json_agg(DISTINCT entity) entities FROM (
    SELECT entity FROM feed WHERE org_id = $2::uuid AND seq > $5::bigint{near} ORDER BY seq LIMIT {FEW}) one) coming"""  # noqa: S608 (of our own words)


_NEAR, _ANYWHERE = "fettle_near", "fettle_anywhere"
PREPARED = {_NEAR: _statement(" AND (place IS NULL OR place = ANY ($7::uuid[]))"), _ANYWHERE: _statement("")}
