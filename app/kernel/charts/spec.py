"""A chart as plain data: its kind, its values and the lines they are held against. Nothing here knows a screen or paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.kernel.figures import spoken
from app.kernel.words import _, say

BARS, LINE, SPARK, PARETO, GANTT, CONTROL = "bars", "line", "spark", "pareto", "gantt", "control"
Value = float | None


@dataclass(frozen=True)
class Series:
    """Values in the order of the chart's places; None where there is none. A `step` stays as it is until the next one."""

    name: str
    values: tuple[Value, ...]
    ink: str = "primary"
    step: bool = False


@dataclass(frozen=True)
class Limit:
    """A line that values are held against: across the picture, or upright where time runs along it (Gantt)."""

    name: str
    value: float
    ink: str = "warn"
    dashed: bool = True


@dataclass(frozen=True)
class Span:
    """From a beginning to an end on a row of a Gantt chart."""

    row: str
    start: float
    end: float
    name: str = ""
    ink: str = "primary"


@dataclass(frozen=True)
class Sign:
    """A value that says something: its place, and the sentence."""

    place: int
    sentence: str


@dataclass(frozen=True)
class Chart:
    """A picture of numbers. `places` stand along the bottom, one for each value; of a Gantt chart `ticks` do, each with its time.

    `note` is the sentence that says what is to be seen, for who reads and for who cannot see.
    """

    kind: str
    title: str
    places: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    limits: tuple[Limit, ...] = ()
    spans: tuple[Span, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    signs: tuple[Sign, ...] = ()
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A chart's numbers as people read them."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def bars(title: str, values: Mapping[str, float], unit: str = "", limits: Sequence[Limit] = (), note: str = "") -> Chart:
    """One bar for each place."""
    return Chart(BARS, title, tuple(values), (Series(title, tuple(values.values())),), tuple(limits), unit=unit, note=note)


def line(
    title: str, places: Sequence[str], series: Sequence[Series], unit: str = "", limits: Sequence[Limit] = (), note: str = ""
) -> Chart:
    """One or more curves over the same places."""
    return Chart(LINE, title, tuple(places), tuple(series), tuple(limits), unit=unit, note=note)


def spark(title: str, values: Sequence[Value]) -> Chart:
    """A curve without axes, as small as a word."""
    known = [value for value in values if value is not None]
    note = say(_("from {first} to {last}"), first=plain(known[0]), last=plain(known[-1])) if known else ""
    return Chart(SPARK, title, series=(Series(title, tuple(values), step=True),), note=note)


def pareto(title: str, counts: Mapping[str, float], unit: str = "", vital: float = 80.0) -> Chart:
    """The largest first, with the share that they and all before them make; those up to `vital` per cent are the vital few."""
    ranked = sorted(((name, value) for name, value in counts.items() if value > 0), key=lambda one: (-one[1], one[0]))
    whole = sum(value for _name, value in ranked)
    shares, so_far = [], 0.0
    for _name, value in ranked:
        so_far += value
        shares.append(100 * so_far / whole)
    few = 1 + sum(share < vital for share in shares)
    note = say(_("{few} of {all} make {share} %."), few=few, all=len(ranked), share=plain(shares[few - 1])) if ranked else ""
    names = tuple(name for name, _value in ranked)
    series = (Series(title, tuple(value for _name, value in ranked)), Series(say(_("Together, %")), tuple(shares), "text"))
    return Chart(PARETO, title, names, series, (Limit(f"{plain(vital)} %", vital, "quiet"),), unit=unit, note=note)


def gantt(
    title: str, spans: Sequence[Span], ticks: Sequence[tuple[float, str]], now: Limit | None = None, note: str = ""
) -> Chart:
    """Rows of spans over a common time."""
    rows = tuple(dict.fromkeys(span.row for span in spans))
    limits = (now,) if now is not None else ()
    return Chart(GANTT, title, rows, limits=limits, spans=tuple(spans), ticks=tuple(ticks), note=note)


def table(chart: Chart) -> Table:
    """The numbers of a chart, for who would rather read them or cannot see it."""
    if chart.kind == GANTT:
        words = dict(chart.ticks)
        rows = [(span.row, span.name, _moment(span.start, words), _moment(span.end, words)) for span in chart.spans]
        return Table((chart.title, say(_("What")), say(_("From")), say(_("To"))), tuple(rows))
    said = {sign.place: say(sign.sentence) for sign in chart.signs}
    heads = ("", *(f"{series.name}, {chart.unit}" if chart.unit else series.name for series in chart.series))
    places = chart.places or tuple(str(place + 1) for place in range(len(chart.series[0].values) if chart.series else 0))
    rows_of = [
        (name, *(plain(series.values[place]) for series in chart.series), *((said.get(place, ""),) if said else ()))
        for place, name in enumerate(places)
    ]
    return Table((*heads, *((say(_("Says")),) if said else ())), tuple(rows_of))


def _moment(value: float, words: Mapping[float, str]) -> str:
    return words.get(value, plain(value))


def plain(value: Value) -> str:
    """A number as it stands at an axis or in a table, as the reader's language writes it: no more than two decimals."""
    if value is None:
        return "–"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else spoken(text)
