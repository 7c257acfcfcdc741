"""Papers as PDF: letterhead, facts, tables that go on over pages with their heads, sums, a signature, and a code to scan."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image as Picture
from reportlab.graphics.shapes import Drawing, PolyLine
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, Image, PageTemplate, Paragraph, Spacer
from reportlab.platypus import Table as Grid

from app.papers.paper import Paper, Table
from printing.charts import INKS, font
from printing.qr import as_file

LETTER, LEAD = 9.0, 12.0  # points
MARGIN = 18 * mm
HEAD, FOOT = 36 * mm, 18 * mm  # of a page that the letterhead and the foot take
CODE = 22 * mm
SIGNATURE = (70 * mm, 22 * mm)
ROOM = A4[0] - 2 * MARGIN
TICK = 6 * mm


def document(paper: Paper) -> bytes:
    """The PDF of a paper; the same bytes for the same words."""
    target = io.BytesIO()
    frame = Frame(MARGIN, FOOT, ROOM, A4[1] - HEAD - FOOT, 0, 0, 0, 0)
    made = BaseDocTemplate(target, pagesize=A4, title=paper.title, invariant=1, pageCompression=1)
    made.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, _made: _around(canvas, paper)))
    made.build(_story(paper))
    return target.getvalue()


def _style(size: float = LETTER, ink: str = "text", *, bold: bool = False, right: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        "",
        fontName=font(bold=bold),
        fontSize=size,
        leading=size * LEAD / LETTER,
        textColor=HexColor(INKS[ink]),
        alignment=TA_RIGHT if right else TA_LEFT,
    )


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text).replace("\n", "<br/>"), style)


def _story(paper: Paper) -> list[Flowable]:
    story: list[Flowable] = [_words(paper.title, _style(1.7 * LETTER, bold=True)), Spacer(0, LEAD / 2), _facts(paper)]
    for place, table in enumerate(paper.tables):
        if table.rows:
            story += [Spacer(0, LEAD), _words(table.title, _style(bold=True)), _grid(table, ticks=paper.ticks and place == 0)]
    if paper.sums:
        story += [Spacer(0, LEAD / 2), _sums(paper.sums)]
    story += [piece for note in paper.notes for piece in (Spacer(0, LEAD / 2), _words(note, _style(ink="quiet")))]
    return [*story, *(piece for link in paper.links for piece in (Spacer(0, LEAD), _link(*link))), *_signed(paper)]


def _link(words: str, address: str) -> Flowable:
    """An address to type, and beside it the same to scan with a telephone."""
    told = [_words(words, _style(bold=True)), _words(address, _style())]
    return Grid([[_scanned(address), told]], colWidths=(CODE + 4 * mm, ROOM - CODE - 4 * mm), style=_PLAIN)


def _scanned(text: str) -> Flowable:
    return Image(io.BytesIO(as_file(text, ".png")), CODE, CODE)


def _facts(paper: Paper) -> Flowable:
    rows = [[_words(label, _style(ink="quiet")), _words(value, _style())] for label, value in paper.facts]
    left = Grid(rows or [["", ""]], colWidths=(32 * mm, ROOM - 32 * mm - CODE - 4 * mm), style=_PLAIN)
    return Grid(
        [[left, _scanned(paper.code)]],
        colWidths=(ROOM - CODE, CODE),
        style=_PLAIN,
    )


_PLAIN: list[Any] = [
    *((side, (0, 0), (-1, -1), 0) for side in ("LEFTPADDING", "RIGHTPADDING")),
    *((side, (0, 0), (-1, -1), 1) for side in ("TOPPADDING", "BOTTOMPADDING")),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def _grid(table: Table, *, ticks: bool) -> Flowable:
    """A table whose head stands on each page again; its wide column takes what the others leave."""
    ahead = 1 if ticks else 0
    right = {column + ahead for column in table.right}
    heads = [*([""] * ahead), *table.heads]
    rows: list[list[Any]] = [
        [_words(head, _style(0.9 * LETTER, "quiet", right=place in right)) for place, head in enumerate(heads)]
    ]
    rows += [
        [*([_box()] * ahead), *(_words(cell, _style(right=place in table.right)) for place, cell in enumerate(row))]
        for row in table.rows
    ]
    line = HexColor(INKS["line"])
    style = [*_PLAIN, ("RIGHTPADDING", (0, 0), (-1, -1), 4), ("LINEBELOW", (0, 0), (-1, -1), 0.5, line)]
    return Grid(rows, colWidths=_widths(table, ahead), repeatRows=1, style=style)


def _box() -> Flowable:
    """A box to tick by pen."""
    made = Drawing(TICK, LETTER)
    made.add(PolyLine([0, 0, LETTER, 0, LETTER, LETTER, 0, LETTER, 0, 0], strokeColor=HexColor(INKS["quiet"]), strokeWidth=0.7))
    return made


def _widths(table: Table, ahead: int) -> list[float]:
    """Each column as its words want it, within reason; the wide one takes what they leave, at least a third."""
    wanted = [_wanted(column) for column in zip(table.heads, *table.rows, strict=True)]
    others = sum(wanted) - wanted[table.wide]
    room = ROOM - TICK * ahead
    give = min(1.0, room * 2 / 3 / others) if others else 1.0
    widths = [room - others * give if place == table.wide else width * give for place, width in enumerate(wanted)]
    return [*([TICK] * ahead), *widths]


def _wanted(words: Sequence[str]) -> float:
    return min(45 * mm, max(float(stringWidth(word, font(), LETTER)) for word in words)) + 4 * mm


def _sums(sums: Sequence[tuple[str, str]]) -> Flowable:
    last = len(sums) - 1
    rows = [
        ["", _words(label, _style(bold=place == last)), _words(value, _style(bold=place == last, right=True))]
        for place, (label, value) in enumerate(sums)
    ]
    return Grid(rows, colWidths=(ROOM - 80 * mm, 45 * mm, 35 * mm), style=_PLAIN)


def _signed(paper: Paper) -> list[Flowable]:
    if paper.strokes:
        return [Spacer(0, LEAD), _drawn(paper.strokes), _words(paper.signer, _style(ink="quiet"))]
    if paper.signer:
        return [Spacer(0, LEAD), _words(paper.signer, _style())]
    if not paper.sign:
        return []
    line = Drawing(*SIGNATURE)
    line.add(PolyLine([0, 2, SIGNATURE[0], 2], strokeColor=HexColor(INKS["quiet"]), strokeWidth=0.7))
    return [Spacer(0, LEAD), line, _words(paper.sign, _style(0.9 * LETTER, "quiet"))]


def _drawn(strokes: Sequence[Any]) -> Flowable:
    """A signature as it was drawn; paper counts from the bottom, a screen from the top."""
    wide, high = SIGNATURE
    made = Drawing(wide, high)
    for stroke in strokes:
        points = [along for point in stroke for along in (point[0] * wide, high - point[1] * high)]
        if len(points) >= 4:
            made.add(PolyLine(points, strokeColor=HexColor(INKS["text"]), strokeWidth=1.2))
    return made


def _around(canvas: Canvas, paper: Paper) -> None:
    """The letterhead above and the foot below, on every page."""
    top, letterhead = A4[1] - MARGIN, paper.letterhead
    canvas.setFillColor(HexColor(INKS["text"]))
    canvas.setFont(font(bold=True), 1.3 * LETTER)
    canvas.drawString(MARGIN, top, letterhead.name)
    _under(canvas, MARGIN, top - LEAD, letterhead.head)
    _logo(canvas, letterhead.logo, top + LEAD / 2)
    canvas.drawRightString(A4[0] - MARGIN, 8 * mm, paper.page.format(number=canvas.getPageNumber()))
    _under(canvas, MARGIN, FOOT - 4 * mm, letterhead.foot)


def _under(canvas: Canvas, left: float, top: float, text: str) -> None:
    canvas.setFillColor(HexColor(INKS["quiet"]))
    canvas.setFont(font(), 0.9 * LETTER)
    for place, line in enumerate(text.splitlines()[:4]):
        canvas.drawString(left, top - place * LETTER, line)


def _logo(canvas: Canvas, content: bytes, top: float) -> None:
    try:
        picture = Picture.open(io.BytesIO(content))
        picture.load()
    except (OSError, ValueError, SyntaxError):  # Pillow says so in each of these ways that it is no whole picture
        return
    high = min(16 * mm, 60 * mm * picture.height / max(1, picture.width))
    wide = high * picture.width / picture.height
    canvas.drawImage(ImageReader(picture), A4[0] - MARGIN - wide, top - high, wide, high, mask="auto")
