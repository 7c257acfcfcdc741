"""Lots and serial numbers: which batch, or which single piece, a movement was of."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.cards import ACCEPT, SETTLES, Card, Choice
from app.kernel.ids import derived_id
from app.kernel.meanings import Finder, Match
from app.kernel.problems import Problem
from app.kernel.scanning import Reading
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parts.model import Part
from app.stock.model import Lot, StockLine

LOTS = ("lot", "serial")
ONE = Quantity(1)

_OF_LOT = select(func.sum(StockLine.quantity)).where(
    StockLine.part_id == bindparam("part"), StockLine.lot == bindparam("lot"), StockLine.lot != "", StockLine.kind != "count"
)
_BY_CODE = select(Lot).where(Lot.org_id == bindparam("org"), Lot.code == bindparam("code"), Lot.retired.is_(False)).limit(9)


def booked_of(session: Session, lot: Lot) -> Quantity:
    """What is booked of a lot in all bins together: the count of a bin does not tell lots apart."""
    return session.scalar(_OF_LOT, {"part": lot.part_id, "lot": lot.code}) or Quantity(0)


def taken_in(work: Work, part: Part, code: str) -> Lot | None:
    """The lot that a receipt names, made when it is new; None where the part is only counted."""
    if part.tracking not in LOTS or not code:
        return None
    ident = derived_id(part.id, Lot.__tablename__, code)  # not of the command: two receipts of a lot speak of one lot
    return work.find(Lot, ident) or work.add(Lot(id=ident, part_id=part.id, code=code))


def named(work: Work, part: Part, ident: UUID | None) -> Lot | None:
    """The lot that somebody scanned, held against the part it came out of."""
    lot = work.get(Lot, ident) if ident is not None else None
    work.check(of_this_part(lot, part))
    return lot


def of_this_part(lot: Lot | None, part: Part) -> Problem | None:
    """A part that is kept by lots or serial numbers moves under one of its own."""
    if lot is None and part.tracking in LOTS:
        return _missing(part)
    if lot is None or lot.part_id == part.id:
        return None
    return Problem(
        "stock.other_lot",
        _("{lot} is no lot of {part}."),
        field="lot",
        hint=_("Scan the label on the part that you hold."),
        values={"lot": lot.code, "part": part.title},
    )


def receipt_names_it(part: Part, code: str) -> Problem | None:
    """Goods that are kept by lots come in with their number."""
    return _missing(part) if part.tracking in LOTS and not code.strip() else None


def _missing(part: Part) -> Problem:
    hints = {"lot": _("Scan the lot label."), "serial": _("Scan the serial number.")}
    return Problem(
        "stock.lot_missing",
        _("{part} is kept by its lot or serial number, and none was given."),
        field="lot",
        hint=hints[part.tracking],
        values={"part": part.title},
    )


def single(part: Part, quantity: Quantity) -> Problem | None:
    """A serial number is on one piece."""
    if part.tracking != "serial" or quantity == ONE:
        return None
    return Problem(
        "stock.serial_single",
        _("A serial number stands for one piece, not for {quantity}."),
        field="quantity",
        hint=_("Scan each piece by itself."),
        values={"quantity": quantity},
    )


def there_already(part: Part, code: str, booked: Quantity) -> Problem | None:
    """The same piece cannot come in twice without having gone out."""
    if part.tracking != "serial" or booked <= Quantity(0):
        return None
    return Problem(
        "stock.serial_there",
        _("Serial number {serial} of {part} is in stock already."),
        field="lot",
        blocks=False,
        asks="reason",
        hint=_("Read the number on the piece again; if it is right, say why."),
        values={"serial": code, "part": part.title},
    )


def gone_already(part: Part, lot: Lot | None, booked: Quantity, quantity: Quantity) -> Problem | None:
    """A serial number goes out once; what is taken of a lot was received of it."""
    if lot is None or booked >= quantity:
        return None
    if part.tracking != "serial":
        return Problem(
            "stock.lot_short",
            _("Only {left} of lot {lot} is booked."),
            field="lot",
            blocks=False,
            asks="reason",
            review=False,
            hint=_("Read the lot again; if it is right, say why."),
            values={"left": booked, "lot": lot.code},
        )
    return Problem(
        "stock.serial_gone",
        _("Serial number {serial} of {part} has gone out already."),
        field="lot",
        blocks=False,
        asks="reason",
        hint=_("Look at both pieces and read their numbers; then say which one is where."),
        values={"serial": lot.code, "part": part.title},
    )


def by_number(session: Session, reading: Reading, actor: Actor) -> Sequence[Match]:
    """A lot by the number printed on it, whoever's label it is."""
    code = reading.fields.get("21") or reading.fields.get("10") or reading.text  # GS1's serial number and lot
    found = session.scalars(_BY_CODE, {"org": actor.org_id, "code": code}).all()
    if len(found) == 1:
        return [Match("lot", found[0].id, found[0].code)]
    parts = (part_of(session, lot.id) for lot in found)  # two makers may well print the same number
    return [Match("lot", lot.id, part.title if part else lot.code) for lot, part in zip(found, parts, strict=True)]


def part_of(session: Session, ident: UUID) -> Match | None:
    """The part that a lot is of, named with it."""
    lot = session.get(Lot, ident)
    part = session.get(Part, lot.part_id) if lot is not None else None
    return Match("part", part.id, f"{part.title} {lot.code}") if part is not None and lot is not None else None


_CLAIM = Card("claim", SETTLES, (Choice(ACCEPT, _("Both pieces were looked at"), says_how=True),), urgent=True)
CARDS = {"stock.serial_gone": _CLAIM, "stock.serial_there": _CLAIM}
FINDERS = (Finder("lot or serial number", 35, by_number),)
