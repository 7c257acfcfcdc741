"""Labels as a PDF, a page each: the page is exactly the label, and the picture on it has one pixel a printer's dot.

Drawn bars would be widened by a dot wherever a driver paints every pixel that they touch; a bitmap of one bit stays as it is.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from PIL import Image
from reportlab.pdfbase.pdfdoc import PDFImageXObject
from reportlab.pdfgen.canvas import Canvas

POINTS_PER_MM = 72 / 25.4


class Page(NamedTuple):
    """A label's dots (0 is ink), how many of them make a millimetre, and the label's size in tenths of a millimetre."""

    picture: Image.Image
    per_mm: float
    width: int
    height: int


def document(pages: Iterable[Page]) -> bytes:
    """The PDF of these pages, the same bytes for the same labels; a picture that recurs is stored once."""
    target = io.BytesIO()
    canvas = Canvas(target, invariant=1, pageCompression=1)
    canvas.setTitle("Labels")
    for page in pages:
        _draw(canvas, page)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _draw(canvas: Canvas, page: Page) -> None:
    """One dot is 1/per_mm of a millimetre whatever the page; a last dot that the label is too short for falls off its edge."""
    width, height = page.width / 10 * POINTS_PER_MM, page.height / 10 * POINTS_PER_MM
    dot = POINTS_PER_MM / page.per_mm
    canvas.setPageSize((width, height))
    canvas.translate(0, height - page.picture.height * dot)
    canvas.scale(page.picture.width * dot, page.picture.height * dot)
    canvas.doForm(_stored(canvas, page.picture))


def _stored(canvas: Any, picture: Image.Image) -> str:
    """The name under which the document keeps the picture, one bit a pixel.

    reportlab's own way to draw a picture stores three bytes of colour for each dot, hence its inner methods here.
    """
    name = hashlib.sha256(repr(picture.size).encode() + picture.tobytes()).hexdigest()[:32]
    register = canvas._doc.getXObjectName(name)
    if register not in canvas._doc.idToObject:
        dots: Any = PDFImageXObject(name)
        dots.width, dots.height = picture.size
        dots.bitsPerComponent, dots.colorSpace = 1, "DeviceGray"
        dots._filters = ("FlateDecode",)
        dots.streamContent = zlib.compress(picture.tobytes())
        canvas._setXObjects(dots)
        canvas._doc.Reference(dots, register)
        canvas._doc.addForm(name, dots)
    return name
