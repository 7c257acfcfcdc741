"""A chart on paper: the strokes of the screen with every word of it, on a page with its numbers after it."""

from __future__ import annotations

import re
from typing import Any

from app.kernel.charts.control import control
from app.kernel.charts.spec import Limit, Series, Span, bars, gantt, line, pareto
from printing.charts import document, put

CHARTS = (
    line("Stock of Ölfilter", ("11-19", "11-20"), (Series("In stock", (3, 5), step=True),), "pcs", (Limit("Minimum", 2),)),
    bars("Jobs", {"Mon": 3, "Tue": 5}),
    pareto("Reasons", {"late": 5, "damaged": 30}),
    control("Torque", [str(place) for place in range(9)], [10, 10.2, 9.9, 10.1, 10, 9.8, 10.1, 10, 14], "Nm"),
    gantt("Bays", [Span("Bay 1", 8, 12, "0007"), Span("Bay 2", 9, 11)], [(8, "8:00"), (12, "12:00")]),
)


class Paper:
    """A page that remembers what was written and drawn on it."""

    def __init__(self) -> None:
        self.words: list[tuple[float, float, str]] = []
        self.drawn = 0

    def drawString(self, x: float, y: float, text: str) -> None:
        self.words.append((x, y, text))

    drawCentredString = drawRightString = drawString  # noqa: N815 (reportlab's own names)

    def beginPath(self) -> Any:
        self.drawn += 1
        return self

    def rect(self, *_room: float, **_how: int) -> None:
        self.drawn += 1

    circle = rect

    def __getattr__(self, _name: str) -> Any:
        return lambda *_arguments, **_more: None


def test_every_kind_is_drawn_within_its_room_with_its_words() -> None:
    for chart in CHARTS:
        paper = Paper()
        put(paper, chart, 50, 100, 600, 300)  # type: ignore[arg-type]
        assert paper.drawn > 3, chart.kind
        assert all(45 <= x <= 655 and 95 <= y <= 405 for x, y, _text in paper.words), chart.kind
        written = {text for _x, _y, text in paper.words}
        assert chart.places[-1] in written


def test_the_picture_and_its_numbers_are_pages_and_the_same_bytes_each_time() -> None:
    made = document(CHARTS)
    assert made.startswith(b"%PDF")
    assert re.search(rb"/Count 10\b", made), "a page for each picture, a page for its numbers"
    assert made == document(CHARTS)
