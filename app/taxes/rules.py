"""Which tax a line takes: the row of a code that holds on a day; and what must hold for a code that is saved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.money import Rate
from app.kernel.problems import Problem
from app.kernel.settings import read_setting
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.taxes.model import TaxCode

DEFAULT = "taxes.default"
WHOLE = Quantity(100)
_PARTS = 10  # millionths in a thousandth of a per cent


def rate_of(tax: TaxCode | None) -> Rate:
    """The rate of a row; nothing where a line has none."""
    return Rate(tax.percent.thousandths * _PARTS) if tax is not None else Rate(0)


def holds_on(rows: Iterable[TaxCode], day: date) -> TaxCode | None:
    """Of one code's rows the newest that holds on a day; one without a day holds until another does."""
    begun = [row for row in rows if row.valid_from is None or row.valid_from <= day]
    return max(begun, key=lambda row: (row.valid_from or date.min, row.id), default=None)


def rows_of(session: Session, org_id: UUID, code: str) -> list[TaxCode]:
    """The rows of a code that are in use, however it is written."""
    same = func.upper(TaxCode.code) == code.strip().upper()
    return list(session.scalars(select(TaxCode).where(TaxCode.org_id == org_id, same, TaxCode.retired.is_(False))))


def tax_of(work: Work, code: str, of: str = "") -> UUID | None:
    """The row by which a line made now is taxed: that of its own code, else of the organisation's default; None is no tax.

    It is drawn, so that the line has the same row wherever it is made again; `of` names the draw, such as the part's id,
    where the code itself may be another by then. A code without a row that holds today stops nobody: the line goes without
    tax, and somebody is told.
    """
    drawn = work.draw(f"tax:{of or code}", lambda: _drawn(work, code))
    if not drawn:
        return None
    work.check(None if drawn[1] else holds_not(drawn[0]))
    return UUID(drawn[1]) if drawn[1] else None


def _drawn(work: Work, code: str) -> list[str]:
    """A code and the id of its row that holds today, empty where none does; nothing at all where nothing is taxed."""
    named = (code or "").strip() or str(read_setting(work.session, work.registry, work.envelope.org_id, DEFAULT)).strip()
    row = holds_on(rows_of(work.session, work.envelope.org_id, named), work.today) if named else None
    return [named, row.id.hex if row is not None else ""] if named else []


def holds_not(code: str) -> Problem:
    return Problem(
        "taxes.holds_not",
        _("No rate of the tax code “{code}” holds today: this is without tax."),
        field="tax_code",
        blocks=False,
        hint=_("Correct the code on the part or procedure, or give the code a rate that holds."),
        values={"code": code[:16]},
    )


def is_known(code: str, work: Work) -> Problem | None:
    """Held against parts and procedures: what they name is a code that somebody has made."""
    if not code.strip() or rows_of(work.session, work.envelope.org_id, code):
        return None
    return Problem(
        "taxes.unknown",
        _("There is no tax code “{code}”."),
        field="tax_code",
        hint=_("Choose one from the list of tax codes, or make it there first."),
        values={"code": code.strip()[:16]},
    )


# ---------------------------------------------------------------------------------------------------------- saved codes


def code_is_given(tax: TaxCode, _work: Work) -> Problem | None:
    if (tax.code or "").strip():
        return None
    return Problem("taxes.code", _("The tax has no code."), field="code", hint=_("Write a short one, for example: 19."))


def percent_counts(tax: TaxCode, _work: Work) -> Problem | None:
    if tax.percent is None or Quantity(0) <= tax.percent <= WHOLE:
        return None
    return Problem(
        "taxes.percent",
        _("{percent} % is not a rate of tax."),
        field="percent",
        hint=_("Write per cent from 0 to 100, for example 19 or 8.875."),
        values={"percent": tax.percent},
    )


def holds_alone(tax: TaxCode, work: Work) -> Problem | None:
    """Of two rates that hold from the same day nobody could say which is meant."""
    with work.session.no_autoflush:
        others = [row for row in rows_of(work.session, work.envelope.org_id, tax.code or "") if row.id != tax.id]
    if all(row.valid_from != tax.valid_from for row in others):
        return None
    return Problem(
        "taxes.twice",
        _("“{code}” has a rate from that day already."),
        field="valid_from",
        hint=_("Write the day from which the new rate holds, or take the other out of use."),
        values={"code": tax.code},
    )
