"""Repair orders: one that was made in Odoo becomes a job here, once; a job that is known here is this workshop's.

What somebody changed of such a job in Odoo is said in a letter, and what stands here goes there again: the way out decides what
that leads to, such as where it was cancelled there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.kernel.bulk import by_id
from app.kernel.ids import derived_id
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.odoo.taking import Known, TakeFromOdoo
from app.parties.model import Customer, Vehicle
from app.parts.model import Part
from app.work_orders.commands import CreateOrder, PlanPart
from app.work_orders.model import WorkOrder
from sync.odoo import stuck, waiting
from sync.odoo.arrivals.places import SITE
from sync.odoo.arriving import Arrival, Draft, Ground, naming, text
from sync.odoo.map import MODULE
from sync.odoo.maps.work_orders import DRAFT, LIFE, STANDS
from sync.odoo.sorting import met
from sync.odoo.transport import Row

if TYPE_CHECKING:
    from sync.odoo.inward import Inward

_TAG = re.compile(r"<[^>]*>")
OPEN = ("draft", "confirmed", "under_repair")
FIELDS = (
    "name",
    "state",
    "partner_id",
    "product_id",
    "lot_id",
    "user_id",
    "repair_request",
    "internal_notes",
    "priority",
    "company_id",
)
LABELS = {"customer": _("Customer"), "vehicle": _("Vehicle"), "state": _("State")}


def take(row: Row, ground: Ground) -> Draft:
    """A repair order in our words; ids as hex."""
    customer = ground.ours(Customer, "res.partner", row["partner_id"])
    vehicle = ground.ours(Vehicle, "stock.lot", row["lot_id"])
    thing = row["product_id"][1] if row["product_id"] else ""
    values = {
        "what": plain(row["internal_notes"]) or text(row["repair_request"], 400) or thing or row["name"],
        "customer": customer.hex if customer else None,
        "vehicle": vehicle.hex if vehicle else None,
        "state": row["state"],
        "priority": "high" if row["priority"] not in (False, "0") else "normal",
    }
    return Draft(row["id"], naming(row), values)


def plain(notes: Any) -> str:
    """Odoo's notes, which are HTML, as one line."""
    return " ".join(unescape(_TAG.sub(" ", text(notes, 4000))).split())[:400]


def keep(inward: Inward, arrival: Arrival, drafts: Sequence[Draft], cursor: dict[str, Any]) -> Any:
    """Makes jobs of what is new and looks at what changed of the others; an Odoo's past before us stays there."""
    from sync.odoo.inward import Counts

    with inward.session() as session:
        known = met(session, inward.org_id, arrival, [draft.number for draft in drafts])
    strange = [draft for draft in drafts if draft.number not in known and draft.values["state"] in OPEN]
    ours = _made_by_us(inward, [draft.number for draft in strange])
    fresh = [draft for draft in strange if draft.number not in ours]
    wrong = _make(inward, arrival, fresh)
    changed = _against(inward, arrival, [draft for draft in drafts if draft.number in known], known)
    bad = {draft.number for draft, _problem in wrong}
    stuck.settle(inward, arrival, wrong, [draft for draft in fresh if draft.number not in bad], changed)
    if cursor:
        inward.app.run(TakeFromOdoo(entity=arrival.name, model=arrival.model, cursor=cursor), inward.actor).or_refused()
    return Counts(len(drafts), len(drafts) - len(fresh) - len(changed), len(fresh) - len(bad), 0, len(bad))


def _made_by_us(inward: Inward, numbers: Collection[int]) -> set[int]:
    """A repair whose answer never came back to us bears our name all the same."""
    if not numbers:
        return set()
    domain = [("module", "=", MODULE), ("model", "=", "repair.order"), ("res_id", "in", sorted(numbers))]
    return {row["res_id"] for row in inward.odoo.search_read("ir.model.data", domain, ["res_id"])}


# --------------------------------------------------------------------------------------------------- made in Odoo


def _make(inward: Inward, arrival: Arrival, fresh: Sequence[Draft]) -> list[stuck.Wrong]:
    wrong: list[stuck.Wrong] = []
    parts = _parts(inward, [draft.number for draft in fresh])
    for draft in fresh:
        problem = _made(inward, arrival, draft, parts.get(draft.number, ()))
        wrong += [(draft, problem)] if problem else []
    return wrong


def _made(inward: Inward, arrival: Arrival, draft: Draft, parts: Sequence[Row]) -> Problem | None:
    """First which repair it is, so that the way out never makes a second one of it; then the job and its planned parts."""
    entry = derived_id(inward.org_id, "odoo_repair", str(draft.number))
    order = derived_id(entry, WorkOrder.__tablename__)
    known = [list(Known(order.hex, draft.number, draft.name, draft.mark))]
    inward.app.run(TakeFromOdoo(entity=arrival.name, model=arrival.model, known=known), inward.actor).or_refused()
    told = draft.values
    create = CreateOrder(
        site=UUID(inward.facts[SITE]),
        what=f"{told['what']} ({draft.name})"[:500],
        customer=_id(told["customer"]),
        vehicle=_id(told["vehicle"]),
        priority=told["priority"],
        checked_in=told["state"] != DRAFT,
    )
    answer = inward.app.run(create, inward.actor, entry)
    if not answer.done:
        return answer.problems[0]
    return _plan(inward, order, entry, parts)


def _plan(inward: Inward, order: UUID, entry: UUID, parts: Sequence[Row]) -> Problem | None:
    with inward.session() as session:
        ground = Ground(session, inward.app.registry, inward.org_id, currency="", facts=inward.facts)
        named = [(row, ground.ours(Part, "product.product", row["product_id"])) for row in parts]
    for row, part in named:
        if part is not None:
            plan = PlanPart(order=order, part=part, quantity=_quantity(row["product_uom_qty"]))
            answer = inward.app.run(plan, inward.actor, derived_id(entry, "odoo_plan", str(row["id"])))
            if not answer.done:
                return answer.problems[0]
    return None


def _parts(inward: Inward, numbers: Sequence[int]) -> dict[int, list[Row]]:
    if not numbers:
        return {}
    domain = [("repair_id", "in", list(numbers)), ("repair_line_type", "=", "add")]
    found: dict[int, list[Row]] = {}
    for row in inward.odoo.search_read("stock.move", domain, ["repair_id", "product_id", "product_uom_qty"], order="id"):
        found.setdefault(row["repair_id"][0], []).append(row)
    return found


# ------------------------------------------------------------------------------------------------ changed in Odoo


def _against(inward: Inward, arrival: Arrival, drafts: Sequence[Draft], known: Any) -> list[stuck.Wrong]:
    """What stands otherwise in Odoo than here, of jobs that do not wait to go there anyway; they go there again."""
    with inward.session() as session:
        rows = by_id(session, WorkOrder, [known[draft.number].row_id for draft in drafts])
        due = waiting.waiting(session, inward.org_id, arrival.name, list(rows))
        found = []
        for draft in drafts:
            order = rows.get(known[draft.number].row_id)
            if isinstance(order, WorkOrder) and order.id not in due and (labels := _other(order, draft)):
                found.append((draft, order.id, _changed(order, labels)))
        waiting.let_wait(
            session, inward.org_id, [(arrival.name, ident) for _draft, ident, _said in found], inward.app.clock.now(), again=True
        )
        session.commit()
    return [(draft, problem) for draft, _ident, problem in found]


def _other(order: WorkOrder, draft: Draft) -> list[str]:
    told = draft.values
    wanted = STANDS.get(order.state, DRAFT)
    found = ["customer"] if told["customer"] and _id(told["customer"]) != order.customer_id else []
    found += ["vehicle"] if told["vehicle"] and _id(told["vehicle"]) != order.vehicle_id else []
    return found + (["state"] if told["state"] != wanted and LIFE.way(told["state"], wanted) is None else [])


def _changed(order: WorkOrder, names: Sequence[str]) -> Problem:
    return Problem(
        "odoo.job_changed",
        _("{order} was changed in Odoo ({labels}), while a job is kept here: what stands here goes there again."),
        hint=_("If Odoo is right, change the job here. Then let this letter go."),
        values={"order": order.number, "labels": ", ".join(say(LABELS[name]) for name in names)},
    )


def _id(told: str | None) -> UUID | None:
    return UUID(told) if told else None


def _quantity(amount: float) -> Quantity:
    return Quantity.of_thousandths(round(amount * 1000))


REPAIRS = Arrival(model="repair.order", entity=WorkOrder, fields=FIELDS, take=take, keeps=keep, of_company=True)
