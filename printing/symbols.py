"""Barcodes as whole dots: which module size fits, with its quiet zone, and what to do when none does.

A module is always a whole number of dots; a code that does not fit is refused with what would fit, never squeezed. The least
sizes come from measurement: below a quarter of a millimetre for bars, or a third for squares, cameras stop reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import zxingcpp
from PIL import Image

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from printing.lettering import Room
from printing.printers import PRINTERS, USUAL, Printer
from printing.template import LINEAR_KINDS, Code

RETAIL = {8: zxingcpp.EAN8, 13: zxingcpp.EAN13}  # by the number of digits
FORMATS = {"datamatrix": zxingcpp.DataMatrix, "qr": zxingcpp.QRCode, "code128": zxingcpp.Code128}
QUIET = {"datamatrix": 2, "qr": 4, "code128": 10, "retail": 11}  # modules on each side; a DataMatrix gets twice the standard's
CODE128_FRAME = 55  # modules of a Code 128 that carry no text: start, check, stop and both quiet zones
CODE128_LETTER = 11


@dataclass(frozen=True)
class Asked:
    """What a scanner must read on the label."""

    kind: str
    text: str


def symbol(code: Code, text: str, room: Room, printer: Printer) -> Image.Image | None:
    """The code as a picture of the room, ink white on black; None when it may be left out and cannot be had here."""
    try:
        modules = _modules(code.kind, text)
        dots = _dots(code, text, modules, room, printer)
    except Refused:
        if code.spare:
            return None
        raise
    return _drawn(code, modules, dots, room)


def written(kind: str, text: str) -> str:
    """What is written for this text: a UPC-A of twelve digits is the same bars as the EAN-13 with a 0 before it."""
    return f"0{text}" if kind == "retail" and len(text) == 12 else text


def symbology(kind: str, text: str) -> Any:
    """The reader's name for what is printed as this kind."""
    return RETAIL.get(len(text)) if kind == "retail" else FORMATS[kind]


@lru_cache(maxsize=256)
def _modules(kind: str, text: str) -> Image.Image:
    """One pixel a module, ink white on black; bars one pixel high."""
    if not text.isprintable() or (kind in LINEAR_KINDS and not text.isascii()):
        raise _unwritable(text)
    try:
        options = {"force_square": True} if kind == "datamatrix" else {}
        made = zxingcpp.create_barcode(text, symbology(kind, text), **options)
    except (ValueError, TypeError) as error:
        raise _unwritable(text) from error
    picture = Image.fromarray(made.to_image(scale=1, add_quiet_zones=False, add_hrt=False))
    height = 1 if kind in LINEAR_KINDS else picture.height
    return picture.crop((0, 0, picture.width, height)).point(lambda light: 255 - light).convert("1")


def _unwritable(text: str) -> Refused:
    return Refused(
        Problem(
            "printing.code",
            _("“{text}” cannot be written as this kind of barcode."),
            hint=_("Check its length, its check digit and that it has plain letters and digits only, or use a DataMatrix."),
            values={"text": short(text)},
        )
    )


def short(text: str) -> str:
    """A code's text as a sentence can hold it."""
    return text if len(text) <= 60 else f"{text[:59]}…"


def _dots(code: Code, text: str, modules: Image.Image, room: Room, printer: Printer) -> int:
    """The most dots a module with which code and quiet zone fit the room."""
    scale = printer.per_mm / PRINTERS[USUAL].per_mm
    most = int(code.dots[1] * scale)
    least = max(printer.least(code.linear), int(code.dots[0] * scale))
    quiet = 2 * QUIET[code.kind]
    across = room.width // (modules.width + quiet)
    fits = across if code.linear else min(across, room.height // (modules.height + quiet))
    if fits < least:
        raise _too_long(code, text, room.width // least)
    return min(fits, most)


def _too_long(code: Code, text: str, modules: int) -> Refused:
    values = {"text": short(text), "length": len(text)}
    if code.kind == "code128":
        most = (modules - CODE128_FRAME) // CODE128_LETTER
        message = _("“{text}” has {length} characters: as a Code 128 that scans, this label has room for {most}.")
        hint = _("Use a template with a DataMatrix, which takes forty characters in the same place, or a wider label.")
        return Refused(Problem("printing.code_too_long", message, hint=hint, values={**values, "most": max(0, most)}))
    message = _("“{text}” has {length} characters: its code would be too fine to scan on this label.")
    return Refused(Problem("printing.code_too_long", message, hint=_("Use a larger label or a shorter text."), values=values))


def _drawn(code: Code, modules: Image.Image, dots: int, room: Room) -> Image.Image:
    height = room.height if code.linear else modules.height * dots
    large = modules.resize((modules.width * dots, height), Image.Resampling.NEAREST)
    spare = room.width - large.width
    quiet = QUIET[code.kind] * dots
    left = {"left": quiet, "center": spare // 2, "right": spare - quiet}[code.align]
    picture = Image.new("1", room, 0)
    picture.paste(large, (left, (room.height - height) // 2))
    return picture
