"""Jobs are repair orders in Odoo through their whole life: begun there when work begins, finished there when the vehicle is
handed over, since until then parts still go to them and come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.ids import derived_id
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.odoo.model import HUMAN
from app.parties.model import Vehicle
from app.parts.model import Part
from app.stock.model import Lot, StockLine
from app.work_orders.model import ChargeLine, PartLine, ServiceLine, WorkOrder
from sync.odoo import splitting
from sync.odoo.batch import Batch, mark_of
from sync.odoo.errors import Verdict
from sync.odoo.goods import Good, goods, unit_in
from sync.odoo.map import MODULE, Known, Life, Link, Out, Step, Stuck, Value
from sync.odoo.maps.parties import product_of
from sync.odoo.maps.stock import lines_of, through_wip
from sync.odoo.sending import EVEN_ARCHIVED, by_external, cells_of, item_of
from sync.odoo.splitting import Item
from sync.odoo.waiting import NEEDS, Line, waiting

MODEL = "repair.order"
DRAFT, AT_WORK, DONE, CANCELLED = "draft", "under_repair", "done", "cancel"
STANDS = {"IN_PROGRESS": AT_WORK, "READY": AT_WORK, "DELIVERED": DONE, "CLOSED": DONE, "CANCELLED": CANCELLED}
NONE = Quantity(0)
START = Step("action_repair_start", (DRAFT, "confirmed"), AT_WORK)
END = Step("action_repair_end", (AT_WORK,), DONE)
CANCEL = Step("action_repair_cancel", (DRAFT, "confirmed", AT_WORK), CANCELLED)
LIFE = Life((CANCEL, START, END))


@dataclass
class Job:
    """A job on its way: its cells, where it stands in Odoo, and what it has used."""

    order: WorkOrder
    cells: dict[str, Value]
    wanted: str
    number: int = 0
    name: str = ""
    state: str = ""
    parts: list[dict[str, Value]] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """As it was told; its state there goes before."""
        return mark_of([self.cells, self.parts], self.wanted)

    @property
    def is_over(self) -> bool:
        return self.state in (DONE, CANCELLED)


def send(batch: Batch) -> None:
    """Brings jobs to where they stand here, step by step; each step is taken by all of them together."""
    jobs = _jobs(batch)
    _read(batch, jobs)
    jobs = [job for job in jobs if _may_go_on(batch, job)]
    jobs = _headed(batch, jobs)
    jobs = _pressed(batch, jobs, START)
    jobs = _all_there(batch, _with_parts(batch, jobs))
    for step in (END, CANCEL):
        jobs = _pressed(batch, jobs, step)
    _settle(batch, jobs)


def _jobs(batch: Batch) -> list[Job]:
    rows = {row.id: row for row in batch.rows}
    cells = cells_of(batch, batch.rows)
    return [Job(rows[ident], told, STANDS.get(rows[ident].state, DRAFT)) for ident, told in cells.items()]


def _read(batch: Batch, jobs: Sequence[Job]) -> None:
    """Where each stands in Odoo; one that was deleted there is made again."""
    numbers = {job.order.id: known.number for job in jobs if (known := batch.placed(batch.out.name, job.order.id))}
    numbers |= by_external(batch, [job.order for job in jobs if job.order.id not in numbers])
    wanted = sorted(set(numbers.values()))
    rows: dict[int, Any] = {}
    for start in range(0, len(wanted), splitting.AT_ONCE):
        domain = [("id", "in", wanted[start : start + splitting.AT_ONCE])]
        found = batch.odoo.search_read(MODEL, domain, ["name", "state"], context=EVEN_ARCHIVED)
        rows |= {row["id"]: row for row in found}
    for job in jobs:
        row = rows.get(numbers.get(job.order.id, 0))
        if row is not None:
            job.number, job.name, job.state = row["id"], row["name"], row["state"]
            batch.keep_beside(batch.out.name, job.order.id, job.number, job.name)


def _may_go_on(batch: Batch, job: Job) -> bool:
    """A repair that is over in Odoo stays as it is; where ours is not, somebody decides."""
    if not job.is_over:
        return True
    if job.state == job.wanted:
        _keep(batch, job, job.mark)
    else:
        batch.refuse(job.order.id, Verdict(HUMAN, _over_there(job)))  # type: ignore[arg-type]
    return False


def _over_there(job: Job) -> Problem:
    if job.state == DONE:
        message = _("{order} was ended as repaired in Odoo, and here it is not handed over.")
    else:
        message = _("{order} was cancelled in Odoo, and here it goes on.")
    hint = _("Finish or cancel it here too, or set it back in Odoo; then try again.")
    return Problem("odoo.over_there", message, hint, values={"order": job.order.number})


def _headed(batch: Batch, jobs: Sequence[Job]) -> list[Job]:
    numbers, bad = splitting.load(batch.odoo, MODEL, [item_of(batch, job.order.id, job.cells) for job in jobs])
    for job in jobs:
        if job.order.id in numbers and not job.number:
            job.number, job.state, job.name = numbers[job.order.id], DRAFT, job.order.number
            batch.keep_beside(batch.out.name, job.order.id, job.number, job.name)
    return _but(batch, jobs, bad)


def _but(batch: Batch, jobs: Sequence[Job], bad: splitting.Bad) -> list[Job]:
    for ident, verdict in bad.items():
        batch.refuse(ident, verdict)
    return [job for job in jobs if job.order.id not in bad]


def _pressed(batch: Batch, jobs: Sequence[Job], step: Step) -> list[Job]:
    """Presses a button for those whose way leads over it; who stands behind it already is not asked again."""
    due = {job.number: job for job in jobs if job.state in step.frm and step in (LIFE.way(job.state, job.wanted) or ())}
    bad = splitting.press(batch.odoo, MODEL, step.method, list(due))
    for number, job in due.items():
        job.state = job.state if number in bad else step.to
    return _but(batch, jobs, {due[number].order.id: verdict for number, verdict in bad.items()})


# --------------------------------------------------------------------------------------------------------------- parts


def _with_parts(batch: Batch, jobs: Sequence[Job]) -> list[Job]:
    """What a job has at the WIP location is what its repair consumes: no more and no less."""
    used = {job.order.id: through_wip(batch.session, batch.org_id, job.order.id) for job in jobs if job.state == AT_WORK}
    known = goods(batch, [part for parts in used.values() for part, _lot, _unit in parts])
    items: list[Item] = []
    fit: list[Job] = []
    for job in jobs:
        try:
            job.parts = _lines(batch, job, used.get(job.order.id, {}), known)
        except Stuck as error:
            batch.stuck(job.order.id, error)
            continue
        fit.append(job)
        items += _items(job)
    _numbers, bad = splitting.load(batch.odoo, MODEL, items)
    return _but(batch, fit, bad)


def _items(job: Job) -> list[Item]:
    """Parts that go by lot apart from the others, which have other columns."""
    by_lot: dict[bool, list[dict[str, Value]]] = {}
    for part in job.parts:
        by_lot.setdefault("move_ids/quantity" in part, []).append(part)
    return [Item(job.order.id, {".id": job.number}, tuple(parts)) for parts in by_lot.values()]


def _lines(
    batch: Batch, job: Job, used: dict[tuple[UUID, str, str], Quantity], known: dict[UUID, Good]
) -> list[dict[str, Value]]:
    return [_part(batch, job, *key, quantity, known.get(key[0])) for key, quantity in used.items()]


def _part(batch: Batch, job: Job, part: UUID, lot: str, unit: str, quantity: Quantity, good: Good | None) -> dict[str, Value]:
    """A part on the repair. What came back whole stays as a line of nothing, which Odoo cancels at the end."""
    theirs = unit_in(batch, good, unit, lot)
    assert good is not None  # noqa: S101 (unit_in says so)
    ident = derived_id(job.order.id, "odoo_use", f"{part.hex}:{lot}:{unit}").hex
    amount = str(max(quantity, NONE))
    cells: dict[str, Value] = {
        "id": f"{MODULE}.use_{ident}",
        "repair_line_type": "add",
        "product_id/.id": good.number,
        "product_uom_qty": amount,
        "product_uom/.id": theirs,
    }
    if lot and good.tracked:
        cells |= {
            f"move_line_ids/{name}": value for name, value in _of_lot(batch, ident, part, lot, good, theirs, amount).items()
        }
    else:
        cells["quantity"] = amount
    return {f"move_ids/{name}": value for name, value in cells.items()}


def _of_lot(batch: Batch, ident: str, part: UUID, lot: str, good: Good, unit: int, amount: str) -> dict[str, Value]:
    known = batch.session.scalar(select(Lot.id).where(Lot.part_id == part, Lot.code == lot).limit(1))
    told: dict[str, Value] = {"id": f"{MODULE}.uselot_{ident}", "product_id/.id": good.number, "product_uom_id/.id": unit}
    return told | {"lot_id/.id": batch.maybe("lot", known), "quantity": amount}


def _all_there(batch: Batch, jobs: Sequence[Job]) -> list[Job]:
    """A repair ends once all that its job moved is posted: until then it waits, and so does nobody else."""
    ready: list[Job] = []
    for job in jobs:
        ends = job.wanted == DONE and job.state == AT_WORK
        if ends and waiting(batch.session, batch.org_id, StockLine.__tablename__, lines_of(batch.session, job.order.id)):
            batch.refuse(job.order.id, Verdict("retry", Problem(NEEDS, _("What this names is not in Odoo yet."))))
        else:
            ready.append(job)
    return ready


def _settle(batch: Batch, jobs: Sequence[Job]) -> None:
    """Reads back, and only what stands there as it should counts."""
    numbers = [job.number for job in jobs if job.order.id not in batch.bad]
    fields = ["name", "state"]
    rows = {row["id"]: row for row in (batch.odoo.call(MODEL, "read", numbers, fields=fields) if numbers else ())}
    for job in jobs:
        row = rows.get(job.number)
        if row is None:
            continue
        job.name, job.state = row["name"], row["state"]
        if job.state == job.wanted or (job.wanted == DRAFT and not job.is_over):
            _keep(batch, job, job.mark)
        else:
            batch.refuse(job.order.id, Verdict(HUMAN, _elsewhere(job)))  # type: ignore[arg-type]


def _keep(batch: Batch, job: Job, mark: str) -> None:
    batch.keep(job.order.id, job.number, job.name, mark)


def _elsewhere(job: Job) -> Problem:
    hint = _("Open the repair order in Odoo and see what it waits for, then try again here.")
    return Problem(
        "odoo.not_there_yet", _("Odoo did not bring {order} as far as it is here."), hint, values={"order": job.order.number}
    )


# ---------------------------------------------------------------------------------------------------------- in its words


def _repairs(row: Any, known: Known) -> Value:
    return known.place("repair", row.warehouse_id) if row.warehouse_id else _any(known, "repair")


def _wip(row: Any, known: Known) -> Value:
    return known.place("wip", row.warehouse_id) if row.warehouse_id else _any(known, "wip")


def _any(known: Known, name: str) -> Value:
    """A job without a store room: the first one of the company."""
    return known.place(f"first_{name}")


def _vehicle_product(row: Any, known: Known) -> Value:
    vehicle = known.session.get(Vehicle, row.vehicle_id) if row.vehicle_id else None
    return product_of(vehicle, known) if vehicle is not None else None


def _priority(row: Any, _known: Known) -> Value:
    return "0" if row.priority == "normal" else "1"


def _mechanic(row: Any, known: Known) -> Value:
    return known.maybe("person", row.assignee_id)


def _notes(row: Any, known: Known) -> Value:
    """What is wrong, and what is planned: on a repair Odoo has lines for parts alone, and moves those that stand there."""
    session = known.session
    parts = session.execute(_of_job(PartLine, row).join(Part, Part.id == PartLine.part_id).with_only_columns(PartLine, Part.name))
    named = [f"{one.planned} × {name}" for one, name in parts]
    named += [f"{one.what} ({one.hours} h)" if one.hours else one.what for one in session.scalars(_of_job(ServiceLine, row))]
    named += [one.what for one in session.scalars(_of_job(ChargeLine, row))]
    listed = "".join(f"<li>{escape(one)}</li>" for one in named)
    return f"<p>{escape(row.what)}</p>" + (f"<ul>{listed}</ul>" if listed else "")


def _of_job(entity: Any, row: Any) -> Any:
    return select(entity).where(entity.order_id == row.id, entity.retired.is_(False)).order_by(entity.id)


def _needs(row: Any, _session: Session) -> Iterator[Line]:
    if row.warehouse_id is not None:
        yield "warehouse", row.warehouse_id


ORDERS = Out(
    WorkOrder,
    MODEL,
    "wo",
    {
        "name": "number",
        "picking_type_id/.id": _repairs,
        "partner_id": Link("customer", "customer_id"),
        "product_id/.id": _vehicle_product,
        "lot_id": Link("vehicle", "vehicle_id"),
        "location_id/.id": _wip,
        "product_location_src_id/.id": _wip,
        "product_location_dest_id/.id": _wip,
        "user_id/.id": _mechanic,
        "priority": _priority,
        "internal_notes": _notes,
    },
    children=((PartLine, "order_id"), (ServiceLine, "order_id"), (ChargeLine, "order_id"), (StockLine, "source_id")),
    needs=_needs,
    send=send,
)
