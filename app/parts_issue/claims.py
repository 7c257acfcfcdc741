"""Claims: one piece that two people say they built in; the card shows both, so that somebody goes and looks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.cards import side, side_of
from app.kernel.problems import Contest, Problem
from app.kernel.types import millis
from app.kernel.work import Work
from app.stock.model import Lot, StockLine
from app.work_orders.model import WorkOrder


def claimed_twice(problem: Problem, work: Work, lot: Lot) -> Problem:
    """The finding on a serial number that went out before, with both claims: which job, whose act, when."""
    ours = {**side_of(work.envelope, _job(work, getattr(work.command, "order", None)))}
    return replace(problem, contest=Contest("lot", lot.id, "code", ours, _first(work, lot)))


def _first(work: Work, lot: Lot) -> dict[str, Any]:
    """Who took the piece before."""
    wanted = (
        select(StockLine)
        .where(StockLine.part_id == lot.part_id, StockLine.lot == lot.code, StockLine.kind == "issue")
        .order_by(StockLine.stamp)
        .limit(1)
    )
    line = work.session.scalars(wanted).first()
    return side(_job(work, line.source_id), line.made_by, millis(line.made_at), None) if line is not None else {}


def _job(work: Work, ident: UUID | None) -> str:
    order = work.session.get(WorkOrder, ident) if ident is not None else None
    return order.title if order is not None else ""
