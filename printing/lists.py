"""Lists on paper: rows under their heads, page after page, each with the list's name, what it is narrowed to, and its number."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from app.kernel.words import _, say
from printing.charts import INKS, MARGIN, font

LETTER, LINE = 8.5, 13.0  # points
LINES = 36  # rows on a page
FIRST = 200  # rows that columns find their width by
GAP = 10.0  # points between two columns
MORE = "…"


def write(file: Path, title: str, note: str, heads: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """A PDF of the rows, each a text by its head; what is too wide for its column is cut in the middle."""
    canvas = Canvas(str(file), pagesize=landscape(A4), invariant=1, pageCompression=1)
    canvas.setTitle(title)
    ahead = iter(rows)
    first = list(islice(ahead, FIRST))
    widths = _widths(heads, first)
    some, number = first[:LINES], 1
    rest = iter([*first[LINES:]])
    while True:
        _page(canvas, title, note, number, heads, widths, some)
        some, number = [*islice(rest, LINES)], number + 1
        some += islice(ahead, LINES - len(some))
        if not some:
            break
    canvas.save()


def _widths(heads: Sequence[str], rows: Sequence[Mapping[str, str]]) -> list[float]:
    """Columns as wide as their words; where that is too much, the widest give way."""
    room = landscape(A4)[0] - 2 * MARGIN - GAP * (len(heads) - 1)
    wanted = [max(map(_width, (head, *(row[head] for row in rows)))) for head in heads]
    while sum(wanted) > room:
        widest = max(wanted)
        more = [width for width in wanted if width < widest]
        at = [place for place, width in enumerate(wanted) if width == widest]
        less = min(widest - max(more, default=0.0), (sum(wanted) - room) / len(at))
        for place in at:
            wanted[place] -= max(less, 0.5)
    return wanted


def _width(text: str) -> float:
    return float(stringWidth(text, font(), LETTER))


def _page(
    canvas: Any,
    title: str,
    note: str,
    number: int,
    heads: Sequence[str],
    widths: Sequence[float],
    rows: Sequence[Mapping[str, str]],
) -> None:
    wide, high = landscape(A4)
    top = high - MARGIN
    canvas.setFillColor(INKS["text"])
    canvas.setFont(font(), 1.6 * LETTER)
    canvas.drawString(MARGIN, top, title)
    canvas.setFont(font(), LETTER)
    canvas.setFillColor(INKS["quiet"])
    canvas.drawString(MARGIN, top - LINE, note)
    canvas.drawRightString(wide - MARGIN, top, say(_("Page {number}"), number=number))
    _line(canvas, top - 2.6 * LINE, heads, widths)
    canvas.setStrokeColor(INKS["line"])
    canvas.line(MARGIN, top - 2.9 * LINE, wide - MARGIN, top - 2.9 * LINE)
    canvas.setFillColor(INKS["text"])
    for place, row in enumerate(rows):
        _line(canvas, top - (4 + place) * LINE, [row[head] for head in heads], widths)
    canvas.showPage()


def _line(canvas: Any, y: float, texts: Sequence[str], widths: Sequence[float]) -> None:
    x = MARGIN
    for text, width in zip(texts, widths, strict=True):
        canvas.drawString(x, y, _cut(text, width))
        x += width + GAP


def _cut(text: str, width: float) -> str:
    """What fits, with the end kept: there a number differs."""
    if _width(text) <= width + 0.1:
        return text
    fitting = bisect_right(range(len(text)), width, key=lambda letters: _width(_ends(text, letters)))
    return _ends(text, max(0, fitting - 1))


def _ends(text: str, letters: int) -> str:
    """So many letters of a text, from its beginning and its end."""
    return text[: letters - letters // 2] + MORE + text[len(text) - letters // 2 :]
