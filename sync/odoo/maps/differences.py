"""Differences that were settled for our number, by choice or by a count: what lies between the two is posted in Odoo, once."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.types import Quantity, millis
from app.odoo.model import COUNT, OURS, SETTLED, OdooDifference
from app.parts.model import Part
from app.places.model import Bin
from sync.odoo.batch import Batch
from sync.odoo.goods import Good, goods, unit_in
from sync.odoo.map import Out, Stuck
from sync.odoo.moves import Posting, post
from sync.odoo.waiting import Line


def send(batch: Batch) -> None:
    """By what lay between the numbers and not to ours: what was booked since went to both."""
    known = goods(batch, [row.part_id for row in batch.rows])
    postings: dict[UUID, Posting] = {}
    for row in batch.rows:
        before = batch.placed(batch.out.name, row.id)
        if before is not None and before.mark == _mark(row):
            batch.keep(row.id, before.number, before.name, before.mark)
            continue
        try:
            postings[row.id] = _posting(batch, row, known.get(row.part_id))
        except Stuck as error:
            batch.stuck(row.id, error)
    posted, bad = post(batch, list(postings.values()))
    for row in batch.rows:
        if row.id in postings and (name := postings[row.id].name) in posted:
            batch.keep(row.id, posted[name].number, "", _mark(row))
        elif row.id in postings and name in bad:
            batch.refuse(row.id, bad[name])


def _posting(batch: Batch, row: OdooDifference, good: Good | None) -> Posting:
    part, bin = batch.session.get_one(Part, row.part_id), batch.session.get_one(Bin, row.bin_id)
    unit = unit_in(batch, good, part.unit, row.lot or "")
    assert good is not None  # noqa: S101 (unit_in says so)
    change = row.ours - row.theirs
    here, loss = batch.number("bin", bin.id), batch.place("loss")
    ends = (loss, here) if change > Quantity(0) else (here, loss)
    kind = batch.place("internal", bin.warehouse_id)
    name = f"difference_{row.id.hex}_{_mark(row)}"
    return Posting(name, good.number, abs(change), unit, *ends, kind, f"difference|{change > Quantity(0)}", row.reason or "")


def _mark(row: OdooDifference) -> str:
    """Which comparison it was settled for: the same bin may differ again another day."""
    return str(millis(row.as_of))


def _is_not_to_post(row: OdooDifference) -> bool:
    return row.state != SETTLED or row.settled_how not in (OURS, COUNT)


def needs(row: OdooDifference, session: Session) -> Iterator[Line]:
    """The part and the place that it is about."""
    bin = session.get_one(Bin, row.bin_id)
    yield "part", row.part_id
    yield "warehouse", bin.warehouse_id
    yield "bin", bin.id


DIFFERENCES = Out(OdooDifference, "stock.move", "difference", linked=False, skips=_is_not_to_post, needs=needs, send=send)
