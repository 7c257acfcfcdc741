"""The hall that benches run in holds what the program itself would have written there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.capabilities import registry
from app.kernel import digests, search
from app.kernel.digests import Digest
from app.kernel.ids import short
from app.kernel.records import FeedRow
from app.kernel.rls import serve
from app.parts.model import Part
from app.stock.model import Balance
from sync.bench.hall import ORG, fill, part_id

PARTS = 120


@pytest.fixture
def filled(postgres: URL) -> Iterator[Engine]:
    engine = create_engine(postgres, poolclass=NullPool)
    fill(engine, PARTS)
    yield engine
    engine.dispose()


@pytest.fixture
def session(filled: Engine) -> Iterator[Session]:
    with Session(filled) as session:
        serve(session, {ORG})
        yield session


def test_every_row_has_its_place_in_the_feed(session: Session) -> None:
    pointed = {(row.entity, row.row_id) for row in session.query(FeedRow)}
    held = {
        (entity.__tablename__, row.id)
        for entity in registry().synced()
        for row in session.query(entity.id)  # every entity
    }
    assert pointed == held
    assert session.query(Part).count() == PARTS


def test_the_feed_ends_where_its_head_says(session: Session) -> None:
    ends = session.execute(text("SELECT last, (SELECT max(seq) FROM feed) FROM feed_head")).one()
    assert ends[0] == ends[1] > 0


def test_search_finds_parts_by_the_words_that_the_program_would_keep(session: Session) -> None:
    kept = {row: words for row, words in session.execute(text("SELECT row, words FROM search WHERE entity = 'part'"))}
    assert kept == {short(row.id): search.words_of(row) for row in session.query(Part)}


def test_digests_are_those_of_the_rows(session: Session) -> None:
    told = session.execute(text("SELECT entity, sum(count), sum(sum) FROM digest_line GROUP BY entity"))
    kept = {name: Digest(int(count), int(total) & digests.WHOLE) for name, count, total in told}
    for entity in registry().synced():
        rows = session.query(entity).all()
        found = sum(map(digests.mark_of, rows)) & digests.WHOLE
        assert kept.get(entity.__tablename__, Digest()) == Digest(len(rows), found)


def test_balances_are_what_the_ledger_folds_to(session: Session) -> None:
    before = {(row.part_id, row.bin_id): row.on_hand for row in session.query(Balance)}
    for projections in registry().projections.values():
        for one in projections:
            one.rebuild(session)
    session.expire_all()
    assert {(row.part_id, row.bin_id): row.on_hand for row in session.query(Balance)} == before


def test_a_parts_id_follows_from_its_place(session: Session) -> None:
    assert {row.id for row in session.query(Part)} == {part_id(number) for number in range(PARTS)}
