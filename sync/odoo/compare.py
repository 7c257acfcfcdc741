"""Our balances against Odoo's quants, part by part and bin by bin: what differs becomes a task, and nothing is written over.

A difference is real only where both sides are quiet: what still waits to go there, or was posted while Odoo was read, is left for
the next time; and what seems to differ is read a second time before it is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel.bulk import chunks
from app.kernel.ids import new_id
from app.kernel.records import FeedRow
from app.kernel.rows import table_of
from app.kernel.types import SCALE, Quantity, millis
from app.kernel.upsert import upsert
from app.kernel.zones import local_time
from app.odoo.model import COUNT, COUNTING, OPEN, OURS, SETTLED, OdooDifference
from app.odoo.notes import NoteInOdoo
from app.odoo.records import FEED, OdooArtifact, OdooCursor, OdooMapping, OdooRun, OdooWaiting
from app.parts.model import Part
from app.places.model import Bin, Site
from app.stock.model import Balance, StockLine
from sync.odoo.arrivals import choices, parts
from sync.odoo.inward import Inward
from sync.odoo.transport import Row

PAGE = 5000  # quants read at once
MOST = 1000  # differences of which a report tells one by one
NIGHT = 2  # the hour from which the night's comparison is due
LAST = "compare"  # the cursor that says when it last was
FIELDS = ("product_id", "location_id", "quantity", "product_uom_id")
Place = tuple[UUID, UUID]  # a part in a bin
Amounts = dict[Place, Quantity]


@dataclass
class Report:
    """What a comparison found. `left` are places where something was still on its way, `unknown` quants of what is not here."""

    compared: int = 0
    agree: int = 0
    left: int = 0
    unknown: int = 0
    differences: dict[Place, tuple[Quantity, Quantity]] = field(default_factory=dict)  # ours, theirs


def compare(inward: Inward) -> Report:
    """Compares all stock that both sides know, says what differs, and keeps the report."""
    began = inward.app.clock.now()
    if parts.UNITS not in inward.facts:
        choices.read(inward)
    report = _compared(inward)
    _tell(inward, report, began)
    _keep(inward, report, began)
    return report


def ask(app: App, org_id: UUID) -> None:
    """Lets the next pass compare, whenever it last did."""
    with app.writer.sessions(info={"orgs": frozenset({org_id})}) as session:
        cursor = session.get(OdooCursor, (org_id, LAST))
        if cursor is not None:
            cursor.whole_at = None
            session.commit()


def is_due(session: Session, org_id: UUID, now: datetime) -> bool:
    """Once a night, by the clock on the wall of the first site."""
    zone = session.scalar(select(Site.zone).where(Site.org_id == org_id).order_by(Site.code).limit(1)) or "UTC"
    last = session.scalar(select(OdooCursor.whole_at).where(OdooCursor.org_id == org_id, OdooCursor.name == LAST))
    here = local_time(now, zone)
    night = here.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return last is None or last < (night if here >= night else night - timedelta(days=1))


# ---------------------------------------------------------------------------------------------------------- comparing


def _compared(inward: Inward) -> Report:
    report, known = Report(), Known(inward)
    theirs = known.amounts(_quants(inward, known.bins), report)
    with inward.session() as session:
        ours, busy = _booked(session, inward.org_id, known), _busy(session, inward.org_id)
    places = {place for place in (*ours, *theirs) if known.has(place)}
    seeming = {place for place in places if ours.get(place, NONE) != theirs.get(place, NONE)}
    report.compared, report.agree, report.left = len(places), len(places) - len(seeming), len(seeming & busy)
    for place, pair in _again(inward, known, seeming - busy).items():
        if pair == (ours.get(place, NONE), theirs.get(place, NONE)):
            report.differences[place] = pair
        else:
            report.left += 1
    return report


NONE = Quantity(0)


def _again(inward: Inward, known: Known, places: Collection[Place]) -> dict[Place, tuple[Quantity, Quantity]]:
    """What seems to differ, read once more on both sides; without where something has begun to move meanwhile."""
    theirs: Amounts = {}
    for some in chunks(known.products[part] for part, _bin in places):
        theirs |= known.amounts(_quants(inward, known.bins, some), Report())
    with inward.session() as session:
        ours, busy = _booked(session, inward.org_id, known, {part for part, _bin in places}), _busy(session, inward.org_id)
    return {place: (ours.get(place, NONE), theirs.get(place, NONE)) for place in places if place not in busy}


class Known:
    """Which of Odoo's products and locations are parts and bins here, and in what unit the parts are."""

    def __init__(self, inward: Inward) -> None:
        with inward.session() as session:
            self.bins = _mapped(session, inward.org_id, Bin, "stock.location")
            self.parts = _mapped(session, inward.org_id, Part, "product.product")
            units = select(Part.id, Part.unit).where(Part.org_id == inward.org_id)
            self.units: dict[UUID, str] = {ident: unit for ident, unit in session.execute(units)}
        self.products = {part: number for number, part in self.parts.items()}
        self._words: Mapping[int, str] = inward.facts[parts.UNITS]
        self._here = set(self.bins.values())

    def has(self, place: Place) -> bool:
        return place[0] in self.products and place[1] in self._here

    def amounts(self, quants: Iterable[Row], report: Report) -> Amounts:
        """What Odoo has of each part in each bin, all lots together; what it keeps in another unit cannot be compared."""
        found: Amounts = {}
        for row in quants:
            part, bin = self.parts.get(row["product_id"][0]), self.bins[row["location_id"][0]]
            if part is None or self._words.get(row["product_uom_id"][0]) != self.units.get(part):
                report.unknown += 1
                self.products.pop(part, None) if part else None
                continue
            found[part, bin] = found.get((part, bin), NONE) + Quantity.of_thousandths(round(row["quantity"] * SCALE))
        return found


def _quants(inward: Inward, bins: Collection[int], products: Collection[int] = ()) -> Iterator[Row]:
    last = 0
    within = [("location_id", "in", sorted(bins)), *([("product_id", "in", sorted(products))] if products else [])]
    while True:
        rows = inward.odoo.search_read("stock.quant", [*within, ("id", ">", last)], FIELDS, order="id", limit=PAGE)
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1]["id"]


def _mapped(session: Session, org_id: UUID, entity: Any, model: str) -> dict[int, UUID]:
    """Rows in use that are in Odoo, by its numbers."""
    here = OdooMapping.org_id == org_id, OdooMapping.entity == entity.__tablename__, OdooMapping.model == model
    wanted = select(OdooMapping.number, entity.id).join(entity, entity.id == OdooMapping.row_id)
    return {number: ident for number, ident in session.execute(wanted.where(*here, entity.retired.is_(False)))}


def _booked(session: Session, org_id: UUID, known: Known, only: Collection[UUID] = ()) -> Amounts:
    wanted = select(Balance.part_id, Balance.bin_id, Balance.on_hand).where(Balance.org_id == org_id)
    rows = session.execute(wanted if not only else wanted.where(Balance.part_id.in_(only)))
    return {(part, bin): amount for part, bin, amount in rows if known.has((part, bin))}


def _busy(session: Session, org_id: UUID) -> set[Place]:
    """Where something waits to go to Odoo, or has been booked and was not even looked at."""
    found: set[Place] = set()
    seen = session.scalar(select(OdooCursor.seq).where(OdooCursor.org_id == org_id, OdooCursor.name == FEED)) or 0
    to_post = OdooDifference.state == SETTLED, OdooDifference.settled_how.in_((OURS, COUNT))
    for entity, those in ((StockLine, ()), (OdooDifference, to_post)):
        kind: Any = entity
        name = kind.__tablename__
        waits = select(OdooWaiting.row_id).where(OdooWaiting.org_id == org_id, OdooWaiting.entity == name)
        unseen = select(FeedRow.row_id).where(FeedRow.org_id == org_id, FeedRow.entity == name, FeedRow.seq > seen)
        for idents in (waits, unseen):
            rows = session.execute(select(kind.part_id, kind.bin_id).where(kind.id.in_(idents), *those))
            found |= {(part, bin) for part, bin in rows}
    return found


# -------------------------------------------------------------------------------------------------------------- telling


def _tell(inward: Inward, report: Report, at: datetime) -> None:
    """Each difference as a task with both numbers; where both agree again, its task is done by that."""
    lines = [_line(place, *pair, at) for place, pair in report.differences.items()]
    with inward.session() as session:
        busy = _busy(session, inward.org_id)
        known = Known(inward)
        here = OdooDifference.org_id == inward.org_id, OdooDifference.state.in_((OPEN, COUNTING)), OdooDifference.lot == ""
        for row in session.scalars(select(OdooDifference).where(*here, OdooDifference.retired.is_(False))):
            place = row.part_id, row.bin_id
            if place not in report.differences and place not in busy and known.has(place):
                lines.append(_line(place, row.ours, row.ours, at))
    for start in range(0, len(lines), MOST):
        note = NoteInOdoo(what=LAST, differences=lines[start : start + MOST])
        inward.app.run(note, inward.actor).or_refused()
    inward.app.run(NoteInOdoo(what=LAST, health={"compared_at": millis(at)}), inward.actor).or_refused()


def _line(place: Place, ours: Quantity, theirs: Quantity, at: datetime) -> dict[str, Any]:
    told = {"part_id": place[0].hex, "bin_id": place[1].hex, "lot": "", "as_of": millis(at)}
    return told | {"ours": ours.thousandths, "theirs": theirs.thousandths}


def _keep(inward: Inward, report: Report, began: datetime) -> None:
    counts = {name: getattr(report, name) for name in ("compared", "agree", "left", "unknown")}
    counts["differ"] = len(report.differences)
    run = OdooRun(
        id=new_id(), org_id=inward.org_id, kind=LAST, began=began, ended=inward.app.clock.now(), state="done", counts=counts
    )
    told = [_line(place, *pair, began) for place, pair in sorted(report.differences.items())[:MOST]]
    cursor = {"org_id": inward.org_id, "name": LAST, "after": "", "last_id": 0, "seq": 0, "whole_at": began}
    with inward.session() as session:
        session.add(run)
        session.add(
            OdooArtifact(id=new_id(), run_id=run.id, org_id=inward.org_id, kind=LAST, body=counts | {"differences": told})
        )
        upsert(session, table_of(OdooCursor), [cursor], ("org_id", "name"))
        session.commit()
