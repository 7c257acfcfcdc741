"""Charts on paper: the same strokes as on the screen, as lines and letters of a PDF, with the numbers under the picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from app.kernel.charts.drawing import draw
from app.kernel.charts.spec import Chart, Table, table
from app.kernel.charts.strokes import Box, Dot, Shape, Stroke, Words

FONTS = Path(__file__).resolve().parents[1] / "resources" / "fonts"
INKS = {  # the light theme's colours, as they print
    "text": "#15181B", "quiet": "#545C64", "line": "#D5D9DD", "primary": "#0B5FA5", "ok": "#1B6E3C", "warn": "#8A5300",
    "danger": "#B3261E", "raised": "#FFFFFF", "ground": "#FFFFFF",
}  # fmt: skip
LETTER, MARGIN = 9.0, 42.0  # points
LINES = 40  # of numbers on a page


def document(charts: Sequence[Chart]) -> bytes:
    """A PDF with a page for each chart, and its numbers after it; the same bytes for the same charts."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=landscape(A4), invariant=1, pageCompression=1)
    for chart in charts:
        _page(canvas, chart)
        _numbers(canvas, chart.title, table(chart))
    canvas.save()
    return target.getvalue()


def put(canvas: Canvas, chart: Chart, left: float, bottom: float, width: float, height: float) -> None:
    """Draws a chart into a room on a page, in points."""
    name = font()
    for shape in draw(chart, width, height, 1.2 * LETTER, lambda text: float(stringWidth(text, name, LETTER))):
        _shape(canvas, shape, left, bottom + height)


def _shape(canvas: Any, shape: Shape, left: float, top: float) -> None:
    """Paper counts from the bottom, a chart from the top."""
    canvas.setStrokeColor(INKS[shape.ink])
    canvas.setFillColor(INKS[shape.ink])
    match shape:
        case Stroke():
            _line(canvas, shape, left, top)
        case Box():
            canvas.rect(left + shape.x, top - shape.y - shape.height, shape.width, shape.height, stroke=0, fill=1)
        case Dot():
            canvas.circle(left + shape.x, top - shape.y, shape.radius, stroke=0, fill=1)
        case Words():
            canvas.setFont(font(), LETTER)
            write = {"left": canvas.drawString, "middle": canvas.drawCentredString, "right": canvas.drawRightString}[shape.side]
            write(left + shape.x, top - shape.y - 0.35 * LETTER, shape.text)


def _line(canvas: Any, stroke: Stroke, left: float, top: float) -> None:
    canvas.setLineWidth(0.6 * stroke.width)
    canvas.setDash([4, 3] if stroke.dashed else [])
    path = canvas.beginPath()
    (x, y), *rest = stroke.points
    path.moveTo(left + x, top - y)
    for x, y in rest:
        path.lineTo(left + x, top - y)
    canvas.drawPath(path)
    canvas.setDash([])


def _page(canvas: Any, chart: Chart) -> None:
    width, height = landscape(A4)
    canvas.setFillColor(INKS["text"])
    canvas.setFont(font(), 2 * LETTER)
    canvas.drawString(MARGIN, height - MARGIN - LETTER, chart.title)
    canvas.setFont(font(), LETTER)
    canvas.drawString(MARGIN, height - MARGIN - 3 * LETTER, chart.note)
    put(canvas, chart, MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN - 5 * LETTER)
    canvas.showPage()


def _numbers(canvas: Any, title: str, found: Table) -> None:
    """The table, so many lines a page, under its heads."""
    width, height = landscape(A4)
    each = (width - 2 * MARGIN) / max(1, len(found.heads))
    for at in range(0, len(found.rows), LINES):
        canvas.setFont(font(), LETTER)
        canvas.setFillColor(INKS["text"])
        canvas.drawString(MARGIN, height - MARGIN, title)
        for line, row in enumerate((found.heads, *found.rows[at : at + LINES]), start=2):
            for place, text in enumerate(row):
                canvas.drawString(MARGIN + place * each, height - MARGIN - line * 1.25 * LETTER, text)
        canvas.showPage()


@cache
def font(*, bold: bool = False) -> str:
    """The bundled Inter, whose letters are those of the screen."""
    name = "Inter-SemiBold" if bold else "Inter-Regular"
    registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))
    return name
