"""Strokes: what a chart is drawn of, in the order of drawing; a painter for a screen or for paper knows these four."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Stroke:
    """A line through points, so many letters' tenths wide."""

    points: tuple[Point, ...]
    ink: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Box:
    """A filled rectangle; a faint one lets what is under it be seen."""

    x: float
    y: float
    width: float
    height: float
    ink: str
    faint: bool = False


@dataclass(frozen=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    ink: str


@dataclass(frozen=True)
class Words:
    """A text whose middle is at the height `y`; `side` says what of it stands at `x`: its left, its middle or its right."""

    x: float
    y: float
    text: str
    ink: str = "quiet"
    side: str = "left"


Shape = Stroke | Box | Dot | Words
