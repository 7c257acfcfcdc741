"""Movements of stock: every line of the ledger is a posted movement in Odoo, a count the difference that it made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.types import Quantity
from app.odoo.model import OdooDifference
from app.odoo.records import OdooMapping
from app.stock.commands import ENDS, other_end
from app.stock.model import Lot, StockLine
from app.work_orders.model import WorkOrder
from sync.odoo.batch import GONE, Batch
from sync.odoo.goods import Good, goods, unit_in
from sync.odoo.map import Out, Stuck
from sync.odoo.maps.counts import Counted, counted, later_count
from sync.odoo.moves import Posted, Posting, post
from sync.odoo.waiting import Line, loaded

AT_WORK, BUILT_IN, ELSEWHERE = "wip", "used", "else"
"""Marks of where a line went: to the WIP location, straight to where finished repairs leave their parts, or anywhere else."""
OF_A_JOB = ("issue", "return")
AWAY = {"receipt": "supplier", "adjust": "loss", "count": "loss", "scrap": "scrap"}
DONE = "done"  # how the mark of a repair begins that is finished in Odoo
NONE = Quantity(0)


@dataclass(frozen=True)
class Route:
    """Where a line's other end is, and what its mark says of it; the transfer that it shares is for one document."""

    away: int
    kind: int
    mark: str
    origin: str


def send(batch: Batch) -> None:
    """Posts a batch of lines; both ends of a move are one movement."""
    lines = sorted(batch.rows, key=lambda line: (line.stamp, line.id))
    owners = {line.id: owner_of(batch.session, line) for line in lines}
    _learn(batch, lines, owners.values())
    known = goods(batch, [line.part_id for line in lines])
    counts: dict[str, Counted] = {}
    postings: dict[str, Posting] = {}
    marks: dict[UUID, tuple[str, str]] = {}  # of each line the movement that it is, and its mark
    for line in lines:
        try:
            _line(batch, line, owners[line.id], known.get(line.part_id), postings, marks, counts)
        except Stuck as error:
            batch.stuck(line.id, error)
    posted, bad = post(batch, list(postings.values()))
    for line in lines:
        name, mark = marks.get(line.id, ("", ""))
        if name in bad:
            batch.refuse(line.id, bad[name])
            _forget_places(batch, line, bad[name].code)
        elif name in posted:
            _arrived(batch, line, posted[name], mark, counts.get(name))
    _recount(batch, lines)


def _arrived(batch: Batch, line: StockLine, posted: Posted, mark: str, count: Counted | None) -> None:
    """Keeps what was read back: a movement whose answer was lost may have gone another way than it would now."""
    if count is not None:
        told = count.after(posted, batch.number("bin", line.bin_id))
        batch.keep(line.id, posted.number, "", told.mark)
        if told.change:
            batch.again.append((StockLine.__tablename__, line.id))
        return
    if mark != ELSEWHERE:
        mark = AT_WORK if batch.place("wip", line.warehouse_id) in (posted.out_of, posted.into) else BUILT_IN
    batch.keep(line.id, posted.number, "", mark)


def _line(
    batch: Batch,
    line: StockLine,
    owner: StockLine,
    good: Good | None,
    postings: dict[str, Posting],
    marks: dict[UUID, tuple[str, str]],
    counts: dict[str, Counted],
) -> None:
    if is_odoos_own(batch.session, line):
        batch.keep(line.id, 0, "", ELSEWHERE)
        return
    if line.kind == "count":
        count = counted(batch, line)
        if not count.change:
            batch.keep(line.id, count.number, "", count.mark)
            return
        name = count.name
        counts[name] = count
        route, quantity = _route(batch, line, line), count.change
    else:
        name, quantity = f"line_{owner.id.hex}", owner.quantity
        route = _route(batch, owner, _first(batch.session, owner))
    marks[line.id] = name, route.mark
    if name not in postings:
        postings[name] = _posting(batch, owner, good, name, quantity, route)


def _posting(batch: Batch, line: StockLine, good: Good | None, name: str, quantity: Quantity, route: Route) -> Posting:
    unit = unit_in(batch, good, line.unit, line.lot)
    assert good is not None  # noqa: S101 (unit_in says so)
    bin = batch.number("bin", line.bin_id)
    ends = (route.away, bin) if quantity > NONE else (bin, route.away)
    lot = batch.number("lot", _lot_id(batch.session, line)) if line.lot and good.tracked else None
    group = f"{route.origin}|{line.kind}|{route.mark}|{quantity > NONE}"
    return Posting(name, good.number, abs(quantity), unit, *ends, route.kind, group, route.origin, lot)


# ------------------------------------------------------------------------------------------------------------ routes


def _route(batch: Batch, line: StockLine, first: StockLine) -> Route:
    """Where a line's other end lies: a reversal goes the way of what it takes back."""
    warehouse = line.warehouse_id
    internal = batch.place("internal", warehouse)
    if first.kind in OF_A_JOB:
        mark = BUILT_IN if is_finished(batch, line.source_id) else AT_WORK
        away = batch.place("wip" if mark == AT_WORK else "consumed", warehouse)
        return Route(away, internal, mark, _job(batch.session, line))
    if first.kind in ENDS:
        return Route(_other_bin(batch, first), internal, ELSEWHERE, "")
    kind = batch.place("incoming", warehouse) if first.kind == "receipt" and line is first else internal
    return Route(batch.place(AWAY[first.kind]), kind, ELSEWHERE, line.reason[:64] if first.kind == "adjust" else "")


def _other_bin(batch: Batch, first: StockLine) -> int:
    other = other_end(batch.session, first)
    return batch.number("bin", other.bin_id) if other is not None else batch.place("loss")


def is_finished(batch: Batch, order: UUID | None) -> bool:
    """Whether a job's repair is done in Odoo: it takes nothing from the WIP location any more."""
    found = batch.placed(WorkOrder.__tablename__, order) if order is not None else None
    return found is not None and found.mark.startswith(f"{DONE}:")


def _job(session: Session, line: StockLine) -> str:
    order = session.get(WorkOrder, line.source_id) if line.source_id is not None else None
    return order.number if order is not None else ""


def is_odoos_own(session: Session, line: StockLine) -> bool:
    """An adjustment that took over Odoo's number: Odoo was right, and is not told of it."""
    of_a_difference = line.kind == "adjust" and line.source_id is not None
    return of_a_difference and session.get(OdooDifference, line.source_id) is not None


# ---------------------------------------------------------------------------------------------------- which line it is


def owner_of(session: Session, line: StockLine) -> StockLine:
    """The line that stands for a movement: of a move the end that goes out, and of a reversal the one that takes that back."""
    if line.kind == "reverse":
        return _reversal_of(session, line)
    if line.kind == "transfer_in":
        return other_end(session, line) or line
    return line


def _reversal_of(session: Session, line: StockLine) -> StockLine:
    first = _first(session, line)
    out = owner_of(session, first) if first.kind == "transfer_in" else first
    if out is first:
        return line
    return session.scalars(select(StockLine).where(StockLine.reverses_id == out.id).limit(1)).first() or line


def _first(session: Session, line: StockLine) -> StockLine:
    """What a reversal takes back; any other line is itself."""
    found = session.get(StockLine, line.reverses_id) if line.reverses_id is not None else None
    return found or line


def _lot_id(session: Session, line: StockLine) -> UUID:
    found = session.scalar(select(Lot.id).where(Lot.part_id == line.part_id, Lot.code == line.lot).limit(1))
    return found or line.id  # of a lot that nobody has written down nothing is in Odoo: it waits


def needs(line: StockLine, session: Session) -> Iterator[Line]:
    """The part, the bins and the lot that a line names."""
    yield "part", line.part_id
    yield "warehouse", line.warehouse_id
    yield "bin", line.bin_id
    if line.lot:
        yield "lot", _lot_id(session, line)
    first = _first(session, line)
    other = other_end(session, first) if first.kind in ENDS else None
    if other is not None:
        yield "warehouse", other.warehouse_id
        yield "bin", other.bin_id


def _learn(batch: Batch, lines: Sequence[StockLine], owners: Iterable[StockLine]) -> None:
    """One question for all that the lines name."""
    wanted: list[Line] = []
    for line in (*lines, *owners):
        wanted += [("part", line.part_id), ("bin", line.bin_id), ("warehouse", line.warehouse_id)]
        wanted += [("work_order", line.source_id)] if line.source_id is not None else []
    batch.learn(wanted)
    loaded(batch.session, WorkOrder, [line.source_id for line in lines if line.source_id is not None])


def _forget_places(batch: Batch, line: StockLine, code: str) -> None:
    """Odoo knows one of the bins no more: whoever tries again has it found, or made, anew."""
    if code in GONE:
        for entity, ident in needs(line, batch.session):
            if entity == "bin":
                batch.forget(entity, ident)


def _recount(batch: Batch, lines: Sequence[StockLine]) -> None:
    """What came late lies before a count that was told already: its difference is another one now."""
    for line in lines:
        after = later_count(batch.session, line) if line.id in batch.arrived else None
        if after is None or after.id in batch.arrived:  # that one knew of it
            continue
        if batch.placed(StockLine.__tablename__, after.id) is not None:
            batch.again.append((StockLine.__tablename__, after.id))


def through_wip(session: Session, org_id: UUID, order: UUID) -> dict[tuple[UUID, str, str], Quantity]:
    """What a job has at the WIP location in Odoo, by part, lot and unit: what its repair consumes."""
    mine = StockLine.source_id == order, OdooMapping.row_id == StockLine.id, OdooMapping.mark == AT_WORK
    wanted = select(StockLine).where(*mine, OdooMapping.org_id == org_id, OdooMapping.entity == StockLine.__tablename__)
    found: dict[tuple[UUID, str, str], Quantity] = {}
    for line in session.scalars(wanted.order_by(StockLine.id)):
        key = line.part_id, line.lot or "", line.unit
        found[key] = found.get(key, NONE) - line.quantity
    return found


def lines_of(session: Session, order: UUID) -> list[UUID]:
    """All lines of a job."""
    return list(session.scalars(select(StockLine.id).where(StockLine.source_id == order)))


LINES = Out(StockLine, "stock.move", "line", linked=False, needs=needs, send=send)
