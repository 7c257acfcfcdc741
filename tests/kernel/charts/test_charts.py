"""Charts: what a picture says is true, stays inside its room, and can be read as a table by who cannot see it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.charts.control import control, limits_of, signs_of
from app.kernel.charts.drawing import draw, ticks
from app.kernel.charts.spec import Chart, Limit, Series, Span, bars, gantt, line, pareto, plain, spark, table
from app.kernel.charts.strokes import Box, Dot, Shape, Stroke, Words
from app.kernel.words import speak

VALUES = st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=2, max_size=60)


def every_kind(values: list[float]) -> list[Chart]:
    places = [f"{place:02d}" for place in range(len(values))]
    return [
        bars("Stock", dict(zip(places, values, strict=True)), "pcs", (Limit("Minimum", 3),)),
        line("Stock", places, (Series("All", tuple(values), step=True),), "pcs"),
        spark("Stock", values),
        pareto("Reasons", {place: abs(value) + 1 for place, value in zip(places, values, strict=True)}),
        control("Torque", places, values, "Nm"),
        gantt("Bays", [Span("Bay 1", 0, abs(values[0]) + 1, "0007"), Span("Bay 2", 1, 5)], [(0, "8:00"), (4, "12:00")]),
    ]


def ends(shape: Shape) -> list[tuple[float, float]]:
    match shape:
        case Stroke():
            return list(shape.points)
        case Box():
            return [(shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height)]
        case Dot() | Words():
            return [(shape.x, shape.y)]


@given(VALUES)
def test_every_kind_stays_inside_its_room(values: list[float]) -> None:
    for chart in every_kind(values):
        for shape in draw(chart, 800, 400, 14):
            for x, y in ends(shape):
                assert math.isfinite(x), chart.kind
                assert math.isfinite(y), chart.kind
                assert -1 <= y <= 401, (chart.kind, shape)
                assert -1 <= x <= 801 or isinstance(shape, Words), (chart.kind, shape)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_the_numbers_at_the_axis_are_round_and_reach_over_the_values(low: float, span: float) -> None:
    marks = ticks(low, low + span)
    hair = 1e-6 * max(1, abs(low), span)  # of what nobody sees
    assert marks[0] <= low + hair
    assert marks[-1] >= low + span - hair
    assert 2 <= len(marks) <= 8


def test_every_number_stands_in_the_table_too() -> None:
    chart = line("Stock", ("Mon", "Tue"), (Series("All", (3, None)),), "pcs")
    assert table(chart).heads == ("", "All, pcs")
    assert table(chart).rows == (("Mon", "3"), ("Tue", "–"))
    assert [row[0] for row in table(gantt("Bays", [Span("Bay 1", 8, 12, "0007")], [(8, "8:00"), (12, "12:00")])).rows] == [
        "Bay 1"
    ]
    assert (plain(1234.5), plain(0.1 + 0.2), plain(-0.0)) == ("1234.5", "0.3", "0")


def test_a_gap_in_the_values_is_a_gap_in_the_curve() -> None:
    strokes = draw(line("Stock", ("1", "2", "3", "4", "5"), (Series("All", (1, 2, None, 3, 4)),)), 400, 200, 12)
    assert sum(isinstance(one, Stroke) and one.ink == "primary" for one in strokes) == 2


def test_the_vital_few_come_first() -> None:
    chart = pareto("Reasons", {"late": 5, "wrong part": 60, "damaged": 30, "other": 5})
    assert chart.places == ("wrong part", "damaged", "late", "other")
    assert chart.series[1].values == (60, 90, 95, 100)
    assert chart.note == "2 of 4 make 90 %."


def test_limits_are_those_of_the_handbook_s_example() -> None:
    """NIST/SEMATECH e-Handbook, 6.3.2.2: flow rates of ten batches."""
    flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    found = limits_of(flow)
    assert found.mean == pytest.approx(50.81)
    assert found.high == pytest.approx(55.8041, abs=0.01)
    assert found.low == pytest.approx(45.8159, abs=0.01)
    assert signs_of(flow, found) == ()


def test_what_is_unusual_is_said_in_words_and_not_only_in_colour() -> None:
    values = [10.0, 10.2, 9.9, 10.1, 10.0, 9.8, 10.1, 14.0]
    chart = control("Torque", [str(place) for place in range(8)], values, "Nm")
    assert [sign.place for sign in chart.signs] == [7]
    assert chart.note == "Out of control: 7: beyond the limits."
    assert table(chart).rows[7][-1] == "beyond the limits"
    dots = [one for one in draw(chart, 600, 300, 12) if isinstance(one, Dot)]
    assert max(dot.radius for dot in dots) > min(dot.radius for dot in dots), "it is bigger too"


def test_eight_on_one_side_and_six_in_a_row_are_unusual() -> None:
    shifted = [10, 12, 10, 12, 10, 12, 10, 12, *[11.5] * 8]
    limits = limits_of(shifted)
    assert "eight in a row on one side" in [sign.sentence for sign in signs_of(shifted, limits)]
    rising = [5.0, 9.0, 5.0, 9.0, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5]
    assert "six in a row in one direction" in [sign.sentence for sign in signs_of(rising, limits_of(rising))]


def test_no_values_draw_nothing() -> None:
    assert draw(spark("Stock", ()), 80, 20, 12) == []
    assert draw(line("Stock", (), ()), 80, 20, 12) == []


def test_a_german_reads_german_figures_in_a_chart() -> None:
    speak("de")
    try:
        assert plain(1234.5) == "1234,5"
    finally:
        speak("en")
