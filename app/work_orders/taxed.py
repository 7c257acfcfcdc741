"""What jobs hold against a change of taxes: the rate that their lines have stays."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history, instance_state

from app.kernel.problems import Problem
from app.kernel.words import _
from app.kernel.work import Work
from app.taxes.model import TaxCode
from app.work_orders.model import ChargeLine, PartLine, ServiceLine


def rate_stays(tax: TaxCode, work: Work) -> Problem | None:
    """A bill that was written does not change because a rate does: the new one is a row of its own."""
    changed = "percent" in instance_state(tax).committed_state and bool(get_history(tax, "percent").deleted)
    with work.session.no_autoflush:
        if not changed or not _has_lines(work.session, tax.id):
            return None
    return Problem(
        "work_orders.taxed",
        _("Jobs are taxed by this rate of “{code}” already."),
        field="percent",
        hint=_("Make a new rate with the same code, and the day from which it holds."),
        values={"code": tax.code},
    )


def _has_lines(session: Session, tax: UUID) -> bool:
    lines = (PartLine, ServiceLine, ChargeLine)
    return any(session.scalar(select(line.id).where(line.tax_id == tax).limit(1)) is not None for line in lines)
