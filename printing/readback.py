"""Reads a finished label with the reader that the terminals use: what does not read back is not given out."""

from __future__ import annotations

from collections.abc import Sequence

import zxingcpp
from PIL import Image

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from printing.symbols import Asked, short, symbology


def prove(picture: Image.Image, asked: Sequence[Asked]) -> None:
    """Refused unless every code that was asked for is read from this very picture, letter by letter."""
    lost = _lost(picture, asked)
    if lost:
        lost = _lost(_half(picture), lost)
    if lost:
        raise Refused(
            Problem(
                "printing.unreadable",
                _("The code “{text}” on this label does not read back as it was written."),
                hint=_("Nothing was printed. Use another template, or plain letters and digits only."),
                values={"text": short(lost[0].text)},
            )
        )


def _lost(picture: Image.Image, asked: Sequence[Asked]) -> list[Asked]:
    """The codes that the reader does not find."""
    if not asked:
        return []
    formats = zxingcpp.BarcodeFormats([symbology(code.kind, code.text) for code in asked])
    found = zxingcpp.read_barcodes(
        picture.convert("L"), formats, try_rotate=False, try_invert=False, text_mode=zxingcpp.TextMode.Plain
    )
    read = {(code.format, code.text) for code in found}
    return [code for code in asked if (symbology(code.kind, code.text), code.text) not in read]


def _half(picture: Image.Image) -> Image.Image:
    """The picture at half its size: a large symbol seen from further away, which the reader sometimes finds more easily."""
    return picture.convert("L").resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)
