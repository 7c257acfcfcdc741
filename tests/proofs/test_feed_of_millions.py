"""Ten million rows under eight writers that end in any order: the feed gives every one of them to whoever reads after a number.

Beside it, in the very same transactions, rows are numbered as a sequence would: of these some are lost.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from itertools import count as counting
from uuid import UUID

import pytest
from counts import Count
from sqlalchemy import URL, Engine, text
from sqlalchemy.orm import Session

from app.kernel import feed
from app.kernel import postgres as server
from app.kernel.digests import Digest
from sync.hub.digests import Sums

ORG = UUID(int=7)
OURS = {"orgs": {ORG}}
WRITERS, ROWS, PARTS = 8, 2000, 20
EACH = 10_000_000 // PARTS
_ROWS = text(
    "INSERT INTO feed (entity, row_id, org_id, turn, mark) "
    "SELECT 'part', (lpad(to_hex(CAST(:turn AS bigint)), 16, '0') || lpad(to_hex(n), 16, '0'))::uuid, :org, :turn, :turn + n "
    "FROM generate_series(1, :rows) n"
)
_NAIVE = "CREATE TABLE naive (seq bigserial PRIMARY KEY); GRANT ALL ON naive, naive_seq_seq TO fettle_app"


@dataclass
class Found:
    """What a reader counted that always asked for what comes after its last number."""

    rows: int = 0
    numbers: int = 0
    cursor: int = 0


class Fair:
    """Writers, and two readers that poll until the writers are done and nothing is new."""

    def __init__(self, engine: Engine, rows: int, seed: int) -> None:
        self.engine = engine
        self.transactions = rows // ROWS
        self.seed = seed
        self.ended: list[int] = []
        self.feed, self.naive = Found(), Found()
        self._turns = counting(1)
        self._lock = threading.Lock()

    def run(self) -> None:
        writers = [threading.Thread(target=self.write, args=(number,)) for number in range(WRITERS)]
        readers = [threading.Thread(target=self.read, args=(look, writers)) for look in (self.look, self.look_naively)]
        for thread in writers + readers:
            thread.start()
        for thread in writers + readers:
            thread.join()

    def write(self, number: int) -> None:
        dice = random.Random(self.seed * WRITERS + number)
        with Session(self.engine, info=OURS) as session:
            while (turn := self._next()) <= self.transactions:
                session.execute(text("INSERT INTO naive DEFAULT VALUES"))
                session.execute(_ROWS, {"turn": turn, "org": ORG, "rows": ROWS})
                session.execute(text("INSERT INTO feed_turn (turn) VALUES (:turn)"), {"turn": turn})
                session.execute(text("SELECT pg_sleep(:for)"), {"for": 0.1 if dice.random() < 0.02 else dice.random() * 0.02})
                session.commit()
                self.ended.append(turn)

    def _next(self) -> int:
        with self._lock:
            return next(self._turns)

    def read(self, look: object, writers: list[threading.Thread]) -> None:
        while True:
            last = not any(thread.is_alive() for thread in writers)
            if not look() and last:  # type: ignore[operator]
                return

    def look(self) -> int:
        """What comes after the cursor, up to the head, as pages are cut."""
        with Session(self.engine, info=OURS) as session:
            horizon = feed.head(session)
            wanted = "SELECT count(*), count(DISTINCT seq) FROM feed WHERE org_id = :org AND seq > :after AND seq <= :upto"
            rows, numbers = session.execute(text(wanted), {"org": ORG, "after": self.feed.cursor, "upto": horizon}).one()
        self.feed = Found(self.feed.rows + rows, self.feed.numbers + numbers, horizon)
        return int(rows)

    def look_naively(self) -> int:
        """What comes after the greatest number seen."""
        with Session(self.engine, info=OURS) as session:
            rows, last = session.execute(
                text("SELECT count(*), max(seq) FROM naive WHERE seq > :after"), {"after": self.naive.cursor}
            ).one()
        self.naive = Found(self.naive.rows + rows, 0, last or self.naive.cursor)
        return int(rows)


def fair(postgres: URL, rows: int, seed: int, count: Count) -> None:
    owner = server.owner_engine(postgres)
    with owner.begin() as connection:
        connection.execute(text(_NAIVE))
    owner.dispose()
    engine = server.engine(postgres)
    held = Fair(engine, rows, seed)
    held.run()
    with Session(engine, info=OURS) as session:
        marks = Digest(rows, sum(turn * ROWS + ROWS * (ROWS + 1) // 2 for turn in held.ended))
        assert Sums().at(session, ORG, feed.state(session)) == {None: {"part": marks}}
    engine.dispose()
    assert len(held.ended) == held.transactions
    assert held.ended != sorted(held.ended), "they end in another order than they begin"
    assert (held.feed.rows, held.feed.numbers) == (rows, held.transactions)
    count("feed under eight writers", "rows", rows)
    count("feed under eight writers", "transactions", held.transactions)
    count("feed under eight writers", "rows lost", rows - held.feed.rows)
    count("the same by a plain sequence", "transactions", held.transactions)
    count("the same by a plain sequence", "lost", held.transactions - held.naive.rows)


def test_nobody_misses_a_row_of_eight_writers(postgres: URL, count: Count) -> None:
    fair(postgres, 40 * ROWS, 1, count)


@pytest.mark.prove
@pytest.mark.parametrize("part", range(PARTS))
def test_nobody_misses_one_of_ten_million_rows(postgres: URL, count: Count, part: int) -> None:
    fair(postgres, EACH, 100 + part, count)
