"""Reads a finished label with the reader that the terminals use: what does not read back is not given out."""

from __future__ import annotations

from collections.abc import Sequence

import zxingcpp
from PIL import Image

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from printing.symbols import Asked, short, symbology


def prove(picture: Image.Image, asked: Sequence[Asked]) -> None:
    """Refused unless this very picture reads as exactly the codes that were asked for, letter by letter."""
    read = _read(picture, asked)
    for stray in read - set(asked):
        message = _("This label would also be read as “{text}”, which is not on it.")
        raise _unreadable(message, stray)
    missing = set(asked) - read
    if missing:
        missing -= _read(_half(picture), asked)
    for lost in missing:
        message = _("The code “{text}” on this label does not read back as it was written.")
        raise _unreadable(message, lost)


def _read(picture: Image.Image, asked: Sequence[Asked]) -> set[Asked]:
    """What the reader finds of these kinds, at the picture's own size: shrunk by a third or more, bars can read as others."""
    if not asked:
        return set()
    formats = zxingcpp.BarcodeFormats([symbology(code.kind, code.text) for code in asked])
    found = zxingcpp.read_barcodes(
        picture.convert("L"),
        formats,
        try_rotate=False,
        try_invert=False,
        try_downscale=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    kinds = {symbology(code.kind, code.text): code.kind for code in asked}
    return {Asked(kinds.get(code.format, ""), code.text) for code in found}


def _half(picture: Image.Image) -> Image.Image:
    """The picture at half its size: a large symbol seen from further away, which the reader sometimes finds more easily."""
    return picture.convert("L").resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)


def _unreadable(message: str, code: Asked) -> Refused:
    hint = _("Nothing was printed. Use another template, or plain letters and digits only.")
    return Refused(Problem("printing.unreadable", message, hint=hint, values={"text": short(code.text)}))
