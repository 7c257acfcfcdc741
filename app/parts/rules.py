"""What must hold for a part and its codes; pure, so a form may ask before anyone saves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from uuid import UUID

from app.kernel.bulk import SaveMany
from app.kernel.gs1 import has_check_digit
from app.kernel.meanings import Match
from app.kernel.problems import Problem, Refused
from app.kernel.scanning import Reading, read
from app.kernel.types import SCALE, Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parts.finders import FINDERS, retail_codes_met
from app.parts.model import WHOLE_UNITS, Barcode, Part
from app.taxes.rules import is_known

NEW_CODES = "new_retail_codes"  # what a session knows of the command that it is in
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{1,49}", re.ASCII)


def code_is_shaped(part: Part, _work: Work) -> Problem | None:
    if CODE.fullmatch(part.code or ""):
        return None
    return Problem(
        "parts.code",
        _("“{code}” cannot be a part's code."),
        field="code",
        values={"code": (part.code or "")[:50]},
        hint=_("Use 2 to 50 letters and digits, with - _ . or / between them."),
    )


def name_is_there(part: Part, _work: Work) -> Problem | None:
    if (part.name or "").strip():
        return None
    return Problem("parts.name", _("The part has no name."), field="name", hint=_("Write what people call it."))


def tax_code_is_known(part: Part, work: Work) -> Problem | None:
    """A part names a tax code that is there, or none."""
    with work.session.no_autoflush:
        return is_known(part.tax_code or "", work)


def levels_are_amounts(part: Part, _work: Work) -> Problem | None:
    """Nobody keeps less than nothing."""
    for name in ("least", "reorder", "most"):
        level: Quantity | None = getattr(part, name)
        if level is not None and level.thousandths < 0:
            return Problem(
                "parts.level_below",
                _("{quantity} cannot be kept in stock."),
                field=name,
                hint=_("Write 0 or more, or leave it empty."),
                values={"quantity": level},
            )
    return None


def levels_rise(part: Part, _work: Work) -> Problem | None:
    levels = [level for level in (part.least, part.reorder, part.most) if level is not None]
    if len(levels) < 2 or levels == sorted(set(levels)):
        return None
    return Problem(
        "parts.levels",
        _("Minimum, reorder level and maximum must rise."),
        field="reorder",
        hint=_("Make the minimum the smallest and the maximum the largest."),
    )


def pack_is_some(barcode: Barcode, _work: Work) -> Problem | None:
    """A new barcode that says nothing of its quantity stands for one."""
    return None if barcode.quantity is None else scan_stands_for_some(barcode.quantity)


def scan_stands_for_some(quantity: Quantity) -> Problem | None:
    if quantity > Quantity(0):
        return None
    return Problem(
        "parts.scan_quantity",
        _("One scan must stand for more than nothing."),
        field="quantity",
        hint=_("Write 1, or the pack's size."),
    )


def barcode_is_not_ours(barcode: Barcode, _work: Work) -> Problem | None:
    return is_not_ours(barcode.code or "")


def is_not_ours(code: str) -> Problem | None:
    """A label of ours names its own row; nobody can teach it to mean another."""
    if not code.upper().startswith("FT1:"):
        return None
    return Problem(
        "parts.own_code",
        _("This is a label of our own, not a maker's code."),
        field="code",
        hint=_("Scan the code that the maker printed, or print a new label for the part."),
    )


def barcode_means_nothing_else(barcode: Barcode, work: Work) -> Problem | None:
    code = barcode.code or ""
    if isinstance(work.command, SaveMany) and code in _new_retail_codes(work, work.command):
        return None
    return means_nothing_else(code, barcode.part_id, work)


def _new_retail_codes(work: Work, command: SaveMany) -> frozenset[str]:
    """Of the retail codes of one command those that mean nothing yet, asked once for all of them."""
    known: tuple[UUID, frozenset[str]] | None = work.session.info.get(NEW_CODES)
    if known is None or known[0] != work.envelope.id:
        readings = dict(_retail(row.get("code") for row in command.rows if isinstance(row, dict)))
        with work.session.no_autoflush:
            met = retail_codes_met(work.session, work.envelope.org_id, readings.values())
        known = work.envelope.id, frozenset(code for code, reading in readings.items() if reading.text not in met)
        work.session.info[NEW_CODES] = known
    return known[1]


def _retail(codes: Iterable[object]) -> Iterator[tuple[str, Reading]]:
    for code in codes:
        if isinstance(code, str) and code.strip():
            with suppress(Refused):
                reading = read(code)
                if reading.gtin:
                    yield code, reading


def means_nothing_else(code: str, part: UUID, work: Work) -> Problem | None:
    """A code on a shelf, a job tag or a number plate keeps its meaning, and so does another part's own code."""
    try:
        reading = read(code)
    except Refused:  # nothing that a scanner could read means anything yet
        return None
    with work.session.no_autoflush:
        for finder in FINDERS if reading.gtin else work.registry.finders:  # no shelf, job or plate has a retail number
            found = finder.find(work.session, reading, work.actor)
            if found and not any((one.entity, one.id) == ("part", part) for one in found):
                return _means(code, found[0], work)
    return None


def _means(code: str, other: Match, work: Work) -> Problem:
    return Problem(
        "parts.code_means",
        _("{code} already means the {kind} {title}."),
        field="code",
        hint=_("Print a label of our own for the part, and scan that."),
        values={"code": code, "kind": work.registry.entities[other.entity].__about__.label, "title": other.title},
    )


def retail_code_is_whole(barcode: Barcode, _work: Work) -> Problem | None:
    """A code of 8, 12, 13 or 14 digits that fails its check digit was most likely mistyped; people are asked to look again."""
    code = barcode.code or ""
    if not (code.isdigit() and len(code) in (12, 13)) or has_check_digit(code):
        return None
    return Problem(
        "parts.check_digit",
        _("The check digit of {code} is wrong."),
        field="code",
        values={"code": code},
        blocks=False,
        hint=_("Compare it with the label; a supplier's own number may be right all the same."),
    )


def whole_pieces(part: Part, quantity: Quantity) -> Problem | None:
    """Nobody issues half a screw."""
    if part.unit not in WHOLE_UNITS or quantity.thousandths % SCALE == 0:
        return None
    return Problem(
        "parts.whole",
        _("{part} is counted in whole pieces."),
        field="quantity",
        hint=_("Write a whole number."),
        values={"part": part.title},
    )


def more_than_nothing(quantity: Quantity) -> Problem | None:
    if quantity > Quantity(0):
        return None
    return Problem(
        "parts.quantity",
        _("{quantity} is not an amount that can be booked."),
        field="quantity",
        hint=_("Write a number above zero; to give something back, use a return."),
        values={"quantity": quantity},
    )
