"""Teaching codes: what a storekeeper does when the shelf knows more than the program."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.kernel.commands import Command
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parts.model import Barcode, Part
from app.parts.rules import is_not_ours, means_nothing_else, scan_stands_for_some


@dataclass(frozen=True, kw_only=True)
class TeachCode(Command):
    """From now on this code means this part."""

    label = _("Code learnt")
    about = {"part": "part", "code": ""}
    needs = "parts.teach"
    part: UUID
    code: str
    quantity: Quantity = Quantity(1)


def teach_code(do: TeachCode, work: Work) -> None:
    part = work.get(Part, do.part)
    code = do.code.strip()
    work.check(empty(code), is_not_ours(code), scan_stands_for_some(do.quantity))
    known = work.session.scalars(
        select(Barcode).where(Barcode.org_id == part.org_id, Barcode.code == code, Barcode.retired.is_(False))
    ).first()
    if known is not None and known.part_id == part.id:
        known.quantity = do.quantity
    elif work.check(taken(known, work)) and work.check(means_nothing_else(code, part.id, work)):
        work.add(Barcode(part_id=part.id, code=code, quantity=do.quantity))


def empty(code: str) -> Problem | None:
    return (
        None if code else Problem("parts.no_code", _("There is no code to learn."), field="code", hint=_("Scan the label first."))
    )


def taken(known: Barcode | None, work: Work) -> Problem | None:
    if known is None:
        return None
    other = work.find(Part, known.part_id)
    return Problem(
        "parts.code_taken",
        _("{code} already means {part}."),
        field="code",
        hint=_("Retire it there first, or print a label of our own."),
        values={"code": known.code, "part": other.title if other else "?"},
    )
