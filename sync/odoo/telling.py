"""What people hear of a batch: where a record stands in Odoo, and a letter where somebody must see to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.entity import Entity
from app.kernel.types import millis
from app.kernel.words import say
from app.odoo.model import DONE, HUMAN, RETRY, STUCK, THERE, WAITING
from app.odoo.notes import NoteInOdoo
from app.parts.model import Part
from app.stock.model import KINDS, StockLine
from app.work_orders.model import WorkOrder
from sync.odoo.batch import Batch
from sync.odoo.errors import Verdict

TOLD = 500  # lines of one note
Plain = dict[str, Any]


def notes(batch: Batch, titles: Mapping[UUID, str], lettered: Iterable[UUID], url: str, now: datetime) -> Iterator[NoteInOdoo]:
    """What there is to say; of what passes by itself people hear nothing."""
    dead = {ident: one for ident, one in batch.bad.items() if ident not in batch.again_later}
    letters = [_letter(batch, ident, one, titles.get(ident, "")) for ident, one in dead.items()]
    letters += [{**_about(batch, ident), "state": DONE} for ident in lettered]
    links = [*_there(batch, url, millis(now)), *_not_there(batch, dead)] if batch.out.linked else []
    for start in range(0, max(len(letters), len(links)), TOLD):
        some = slice(start, start + TOLD)
        yield NoteInOdoo(what=batch.out.model, links=links[some], letters=letters[some])


def _about(batch: Batch, ident: UUID) -> Plain:
    return {"entity": batch.out.name, "row_id": ident.hex}


def _there(batch: Batch, url: str, at: int) -> Iterator[Plain]:
    model = batch.out.model
    there = {ident: one for ident, one in batch.arrived.items() if one.number}  # for what nobody pays there is no invoice
    for ident, one in there.items():
        told = {"model": model, "number": one.number, "name": one.name[:255], "state": THERE, "at": at}
        yield {**_about(batch, ident), **told, "address": page(url, model, one.number)}


def _not_there(batch: Batch, dead: Iterable[UUID]) -> Iterator[Plain]:
    stuck = ((ident, STUCK) for ident in dead)
    waits = ((ident, WAITING) for ident in (*batch.again_later, *batch.held))
    return ({**_about(batch, ident), "state": state} for ident, state in (*stuck, *waits))


def page(url: str, model: str, number: int) -> str:
    """The page that shows a record, as every Odoo from 14 on opens it."""
    return f"{url.rstrip('/')}/web#id={number}&model={model}&view_type=form" if url else ""


def _letter(batch: Batch, ident: UUID, verdict: Verdict, title: str) -> Plain:
    problem = verdict.problem
    told = {
        "subject": title[:255] or batch.out.entity.__about__.label,
        "verdict": HUMAN if verdict.kind == RETRY else verdict.kind,  # it was tried often enough
        "code": problem.code,
        "said": problem.message[:500],
        "hint": problem.hint[:500],
        "detail": {name: str(value) for name, value in problem.values.items()},
        "tries": batch.tries.get(ident, 1),
    }
    return {**_about(batch, ident), **told}


def title_of(session: Session, row: Entity) -> str:
    """How people know a record: a movement by what was moved, and for which job."""
    around = ((Part, "part_id"), (WorkOrder, "source_id"))
    own = say(dict(KINDS)[row.kind]) if isinstance(row, StockLine) else row.title
    found = [session.get(entity, ident) for entity, column in around if (ident := getattr(row, column, None)) is not None]
    return " · ".join(title for title in (own, *(one.title for one in found if one is not None)) if title)
