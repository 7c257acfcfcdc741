"""Drawing: from a chart and the room there is to its strokes. Y grows downwards; inks are the names of a theme's colours."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.kernel.charts.spec import BARS, CONTROL, GANTT, PARETO, SPARK, Chart, Limit, Series, Value, plain
from app.kernel.charts.strokes import Box, Dot, Point, Shape, Stroke, Words

Measure = Callable[[str], float]
_NICE = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Frame:
    """The room for the values between the axes, the height of a letter, and the span of values from bottom to top."""

    left: float
    top: float
    right: float
    bottom: float
    letter: float
    low: float
    high: float

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)

    def slot(self, number: int) -> float:
        return (self.right - self.left) / max(1, number)

    def x(self, place: int, number: int) -> float:
        """The middle of a place among so many."""
        return self.left + self.slot(number) * (place + 0.5)


def draw(chart: Chart, width: float, height: float, letter: float, measure: Measure | None = None) -> list[Shape]:
    """The strokes of a chart in a room of that size; nothing where there are no values. `measure` gives a text's width."""
    measured = measure or (lambda text: 0.58 * letter * len(text))
    if chart.kind == GANTT:
        return list(_gantt(chart, width, height, letter, measured)) if chart.spans else []
    values = [value for series in chart.series for value in series.values if value is not None]
    if not values or width < 4 * letter or height < letter:
        return []
    if chart.kind == SPARK:
        return list(_spark(chart.series[0], width, height, letter))
    frame = _frame(chart, width, height, letter, measured)
    return [*_axes(chart, frame, measured), *_inside(chart, frame), *_limits(chart, frame)]


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from below the lowest to above the highest, at most so many steps."""
    span = high - low if high - low > 1e-6 else max(abs(high), 1.0)
    rough = span / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in _NICE if nice * power >= rough * 0.999999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * count, 10) for count in range(first, max(last, first + 1) + 1)]


# ------------------------------------------------------------------------------------------------------------ the frame


def _frame(chart: Chart, width: float, height: float, letter: float, measure: Measure) -> Frame:
    marks = _marks(chart, height, letter)
    left = max(measure(plain(mark)) for mark in marks) + letter
    right = width - (measure("100 %") + letter if chart.kind == PARETO else 0.5 * letter)
    top = letter * (2.0 if chart.unit else 0.8)
    return Frame(left, top, right, height - 1.9 * letter, letter, marks[0], marks[-1])


def _marks(chart: Chart, height: float, letter: float) -> list[float]:
    """The numbers at the left axis: those of the first series, with the limits; bars and stock begin at nothing."""
    shown = chart.series[:1] if chart.kind == PARETO else chart.series
    values = [value for series in shown for value in series.values if value is not None]
    limits = [] if chart.kind == PARETO else [limit.value for limit in chart.limits]
    low, high = min((*values, *limits)), max((*values, *limits))
    if chart.kind != CONTROL:
        low, high = min(0.0, low), max(0.0, high)
    return ticks(low, high, max(2, min(6, int(height / (3 * letter)))))


def _axes(chart: Chart, frame: Frame, measure: Measure) -> Iterator[Shape]:
    for mark in _marks(chart, frame.bottom + 1.9 * frame.letter, frame.letter):
        y = frame.y(mark)
        yield Stroke(((frame.left, y), (frame.right, y)), "line")
        yield Words(frame.left - 0.5 * frame.letter, y, plain(mark), side="right")
    if chart.unit:
        yield Words(0, 0.8 * frame.letter, chart.unit)
    yield from _places(chart.places, frame, measure)


def _places(places: Sequence[str], frame: Frame, measure: Measure) -> Iterator[Shape]:
    """As many as stand beside each other; the last one always does."""
    if not places:
        return
    room = max(map(measure, places)) + frame.letter
    each = max(1, math.ceil(room / frame.slot(len(places))))
    for place in range((len(places) - 1) % each, len(places), each):
        x = frame.x(place, len(places))
        half = measure(places[place]) / 2
        middle = min(max(x, half), frame.right + 0.5 * frame.letter - half)
        yield Words(middle, frame.bottom + frame.letter, places[place], side="middle")


def _limits(chart: Chart, frame: Frame) -> Iterator[Shape]:
    if chart.kind == PARETO:
        yield from _shares(chart, frame)
        return
    above = frame.top - frame.letter
    for limit in sorted(chart.limits, key=lambda one: -one.value):
        words = _named(limit, frame, above)
        above = words.y
        y = frame.y(limit.value)
        yield Stroke(((frame.left, y), (frame.right, y)), limit.ink, 1.5, limit.dashed)
        yield words


def _named(limit: Limit, frame: Frame, above: float) -> Words:
    """A line's name at the left, where a curve has come from and not where it goes; under the line where above it is another."""
    y, half = frame.y(limit.value), 0.75 * frame.letter
    here = y - half if y - half >= above + frame.letter else y + half
    return Words(frame.left + 0.4 * frame.letter, here, limit.name, limit.ink)


# ------------------------------------------------------------------------------------------------------------ the values


def _inside(chart: Chart, frame: Frame) -> Iterator[Shape]:
    if chart.kind in (BARS, PARETO):
        yield from _bars(chart.series[0], frame)
        return
    for series in chart.series:
        yield from _curve(series, frame)
    if chart.kind == CONTROL:
        yield from _samples(chart, frame)


def _bars(series: Series, frame: Frame) -> Iterator[Shape]:
    number = len(series.values)
    wide, ground = 0.68 * frame.slot(number), frame.y(max(0.0, frame.low))
    for place, value in enumerate(series.values):
        if value is not None:
            y = frame.y(value)
            yield Box(frame.x(place, number) - wide / 2, min(y, ground), wide, abs(ground - y), series.ink)


def _curve(series: Series, frame: Frame) -> Iterator[Shape]:
    for run in _runs(series.values):
        points = [(frame.x(place, len(series.values)), frame.y(value)) for place, value in run]
        yield Stroke(tuple(_stepped(points) if series.step else points), series.ink, 2.5)
        if len(points) == 1:
            yield Dot(*points[0], 0.25 * frame.letter, series.ink)


def _runs(values: Sequence[Value]) -> Iterator[list[tuple[int, float]]]:
    """The stretches without a gap."""
    run: list[tuple[int, float]] = []
    for place, value in enumerate(values):
        if value is not None:
            run.append((place, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _stepped(points: Sequence[Point]) -> list[Point]:
    """Level until the next place, then up or down at once."""
    found = list(points[:1])
    for (_x, before), (x, y) in pairwise(points):
        found += [(x, before), (x, y)]
    return found


def _samples(chart: Chart, frame: Frame) -> Iterator[Shape]:
    """A dot for each value; one that says something is bigger, ringed and in the colour of danger."""
    said = {sign.place for sign in chart.signs}
    values = chart.series[0].values
    for place, value in enumerate(values):
        if value is not None:
            x, y, radius = frame.x(place, len(values)), frame.y(value), 0.22 * frame.letter
            if place in said:
                yield Dot(x, y, 0.5 * frame.letter, "danger")
                yield Dot(x, y, 0.3 * frame.letter, "raised")
            yield Dot(x, y, radius, "danger" if place in said else chart.series[0].ink)


def _shares(chart: Chart, frame: Frame) -> Iterator[Shape]:
    """The cumulative share, held against the right edge from nothing to 100 %."""
    own = Frame(frame.left, frame.top, frame.right, frame.bottom, frame.letter, 0.0, 100.0)
    yield from _curve(chart.series[1], own)
    for share in (0, 50, 100):
        yield Words(frame.right + 0.5 * frame.letter, own.y(share), f"{share} %")
    for limit in chart.limits:
        yield Stroke(((own.left, own.y(limit.value)), (own.right, own.y(limit.value))), limit.ink, 1.5, dashed=True)


def _spark(series: Series, width: float, height: float, letter: float) -> Iterator[Shape]:
    """The curve from edge to edge, and where it stands now."""
    known = [value for value in series.values if value is not None]
    low, high = min(0.0, *known), max(0.0, *known)
    pad = 0.3 * letter
    frame = Frame(pad, pad, width - pad, height - pad, letter, low, high if high > low else low + 1)
    yield Stroke(((pad, frame.y(max(0.0, low))), (width - pad, frame.y(max(0.0, low)))), "line")
    yield from _curve(series, frame)
    place = max(place for place, value in enumerate(series.values) if value is not None)
    yield Dot(frame.x(place, len(series.values)), frame.y(known[-1]), 0.22 * letter, series.ink)


# ----------------------------------------------------------------------------------------------------------------- Gantt


def _gantt(chart: Chart, width: float, height: float, letter: float, measure: Measure) -> Iterator[Shape]:
    moments = [*(span.start for span in chart.spans), *(span.end for span in chart.spans), *(time for time, _word in chart.ticks)]
    low, high = min(moments), max(moments)
    left, right = max(map(measure, chart.places)) + letter, width - letter
    high_row = min(3 * letter, (height - 2 * letter) / max(1, len(chart.places)))
    bottom = high_row * len(chart.places) + 0.2 * letter

    def x(time: float) -> float:
        return left + (time - low) / ((high - low) or 1) * (right - left)

    for time, word in chart.ticks:
        yield Stroke(((x(time), 0), (x(time), bottom)), "line")
        yield Words(min(max(x(time), left), width - measure(word) / 2), bottom + letter, word, side="middle")
    for number, row in enumerate(chart.places):
        yield Words(0, high_row * (number + 0.5), row, "text")
    for span in chart.spans:
        y = high_row * chart.places.index(span.row) + 0.18 * high_row
        wide = max(0.3 * letter, x(span.end) - x(span.start))
        yield Box(x(span.start), y, wide, 0.64 * high_row, span.ink)
        if measure(span.name) + letter < wide:
            yield Words(x(span.start) + 0.5 * letter, y + 0.32 * high_row, span.name, "ground")
    for limit in chart.limits:
        yield Stroke(((x(limit.value), 0), (x(limit.value), bottom)), limit.ink, 2.0, limit.dashed)
