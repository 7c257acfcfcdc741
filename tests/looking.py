"""Looks through a store after a crash: what is lost, what is there twice, and what is only half there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from killing import Shop, moved
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import outbox
from app.kernel.ids import short
from app.kernel.projections import Projection
from app.kernel.records import ChangeRow, EnvelopeRow, FeedRow, TouchRow
from app.kernel.rows import table_of
from app.kernel.types import Quantity
from app.parts.model import Part
from app.stock.model import Balance, StockLine
from app.work_orders.model import WorkOrder

PRESENCE = ("SignIn", "SignOut")  # commands that change no row: that somebody came or left is all there is to them


@dataclass
class Found:
    """What is wrong with a store, each finding in words."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    half_done: list[str] = field(default_factory=list)

    def nothing(self) -> bool:
        return not (self.lost or self.double or self.half_done)


def looked_through(shop: Shop) -> Found:
    """Every law that a crash could break, on the store as the program opens it again."""
    with shop.opened() as terminal:
        return laws_of(terminal.app, shop)


def laws_of(app: App, shop: Shop) -> Found:
    """The same on a store that is open."""
    with Session(app.read_engine) as session:
        kept = Counter(str(ident) for ident in session.scalars(select(EnvelopeRow.id)))
        found = Found(
            lost=[ident for ident, status in shop.acknowledged.items() if status != "refused" and ident not in kept],
            double=[ident for ident, times in kept.items() if times > 1] + list(done_twice(session, shop)),
            half_done=[ident for ident, status in shop.acknowledged.items() if status == "refused" and ident in kept],
        )
        found.half_done += [*_loose_ends(app, session), *bins_off(session, shop, kept), *_search(session)]
        found.half_done += [*_folds(app, session)]
    return found


def done_twice(session: Session, shop: Shop) -> Iterator[str]:
    """Numbers given twice, and commands with more lines in the ledger than they ask for."""
    numbers = Counter(session.scalars(select(WorkOrder.number)))
    yield from (number for number, times in numbers.items() if times > 1)
    lines = select(ChangeRow.envelope_id, func.count()).where(ChangeRow.entity == "stock_line").group_by(ChangeRow.envelope_id)
    for ident, times in session.execute(lines):
        line = shop.sent.get(str(ident))
        if line is not None and times > len(moved(line)):
            yield f"{ident} has {times} lines in the ledger"


def _loose_ends(app: App, session: Session) -> Iterator[str]:
    """Envelopes, their chain, their changes, the changed rows and the touched ones all name each other."""
    wrong = outbox.verify_chain(session, app.station.id)
    if wrong is not None:
        yield f"the chain breaks at command {wrong}"
    own = select(EnvelopeRow.number).where(EnvelopeRow.terminal_id == app.station.id).order_by(EnvelopeRow.number)
    numbers = list(session.scalars(own))
    if numbers != list(range(1, len(numbers) + 1)):
        yield "the commands' numbers have gaps"
    seqs = {ident: seq for ident, seq in session.execute(select(EnvelopeRow.id, EnvelopeRow.seq))}
    changed = {(row.envelope_id, row.entity, row.row_id) for row in session.scalars(select(ChangeRow))}
    yield from (f"a change of no command: {ident}" for ident, _entity, _row in changed if ident not in seqs)
    mere = set(session.scalars(select(EnvelopeRow.id).where(EnvelopeRow.command.in_(PRESENCE))))
    yield from (f"a command that changed nothing: {one}" for one in seqs.keys() - mere - {ident for ident, *_rest in changed})
    wrote = {(row.seq, row.row_id) for row in session.scalars(select(TouchRow)) if row.wrote}
    if wrote != {(seqs[ident], row) for ident, _entity, row in changed if ident in seqs}:
        yield "what was touched is not what was changed"
    if session.scalar(select(func.count()).select_from(FeedRow)):
        yield "a terminal points a feed"
    yield from _rows(app, session, changed)


def _rows(app: App, session: Session, changed: set[tuple[UUID, str, UUID]]) -> Iterator[str]:
    """Each changed row is there, and no row is there that no command made."""
    for name, entity in app.registry.entities.items():
        there = set(session.scalars(select(table_of(entity).c.id)))
        told = {row for _ident, one, row in changed if one == name}
        if there != told:
            yield f"{name}: {len(told - there)} rows are missing, {len(there - told)} come from nowhere"


def bins_off(session: Session, shop: Shop, kept: Counter[str]) -> Iterator[str]:
    """The bins hold what the kept commands leave in them, each counted once."""
    wanted: Counter[tuple[UUID, UUID]] = Counter()
    for ident in kept.keys() & shop.sent.keys():
        for place, amount in moved(shop.sent[ident]).items():
            wanted[place] += amount.thousandths
    start = {(part, shop.places["bins"][0]): shop.places["stocked"] for part in shop.places["parts"]}
    for place, amount in start.items():
        wanted[place] += Quantity(amount).thousandths
    found = {(row.part_id, row.bin_id): row.on_hand.thousandths for row in session.scalars(select(Balance))}
    lines = select(StockLine.part_id, StockLine.bin_id, func.sum(StockLine.quantity)).group_by(
        StockLine.part_id, StockLine.bin_id
    )
    ledger = {(part, bin): Quantity(0) if total is None else total for part, bin, total in session.execute(lines)}
    for place, amount in wanted.items():
        if found.get(place, 0) != amount or ledger[place].thousandths != amount:
            yield f"{place}: {found.get(place)} in the balance, {ledger[place]} in the ledger, {amount} by the commands"


def _search(session: Session) -> Iterator[str]:
    """Every part is found by its words, once."""
    found = Counter(session.execute(text("SELECT row FROM search WHERE entity = 'part'")).scalars())
    if found != Counter(short(ident) for ident in session.scalars(select(Part.id))):
        yield "search and parts have come apart"


def _folds(app: App, session: Session) -> Iterator[str]:
    """A rebuild of every balance gives what is there; it is rolled back."""
    before = {one: _table(session, one) for ones in app.registry.projections.values() for one in ones}
    session.rollback()

    def rebuilt() -> list[str]:
        with app.writer.sessions() as writing:
            for projection in before:
                projection.rebuild(writing)
            return [one.target.__tablename__ for one, rows in before.items() if _table(writing, one) != rows]

    yield from (f"{name} is not the fold of its ledger" for name in app.writer.run(rebuilt))


def _table(session: Session, projection: Projection) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in session.execute(select(projection.table))}
