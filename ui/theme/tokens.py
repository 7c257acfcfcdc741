"""Tokens: the names that a theme gives colours to, the sizes of a density, and what neither may do to a reader."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from ui.theme.contrast import contrast, is_color

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
THEMES = ("light", "dark", "sun")
DENSITIES = ("desk", "glove")
TONES = ("ok", "ask", "warn", "danger")
SUN_CONTRAST = 7.0


@dataclass(frozen=True)
class Tokens:
    """A theme's colours by role, each as `#RRGGBB`."""

    ground: str
    raised: str
    line: str
    text: str
    quiet: str
    primary: str
    on_primary: str
    ok: str
    ask: str
    warn: str
    danger: str


ROLES = tuple(field.name for field in fields(Tokens))


@dataclass(frozen=True)
class Density:
    """Sizes in pixels for a hand at a desk or a hand in a glove; `contrast` is the least of any text on its ground."""

    small: int
    body: int
    large: int
    title: int
    sentence: int
    target: int
    primary_target: int
    gap: int
    row: int
    icon: int
    bar: int
    contrast: float


def density(name: str) -> Density:
    """The density `desk` or `glove`."""
    return Density(**_read("densities")[name])


def tokens(theme: str, density_name: str = "desk", brand: Mapping[str, str] | None = None) -> Tokens:
    """The theme's colours for a density, with a brand laid over them.

    Refused when a brand names a role that does not exist or something that is no colour, or when any text would fall
    below the contrast of its density (4.5:1; 7:1 with gloves on and in the sun).
    """
    data = _read(theme)
    brand = dict(brand or {})
    unfit = [*_misnamed(brand)]
    if unfit:
        raise Refused(*unfit)
    found = Tokens(**{**data["tokens"], **data.get(density_name, {}), **brand})
    floor = max(density(density_name).contrast, SUN_CONTRAST if theme == "sun" else 0.0)
    unreadable = [*weak_pairs(found, floor)]
    if unreadable:
        raise Refused(*unreadable)
    return found


def weak_pairs(found: Tokens, floor: float) -> Iterator[Problem]:
    """A problem for each text that stands out from its ground by less than `floor`."""
    for over, ground in _pairs():
        ratio = contrast(getattr(found, over), getattr(found, ground))
        if ratio < floor:
            yield Problem(
                "theme.contrast",
                _("The colour {over} on {ground} has a contrast of {ratio}:1; it needs {floor}:1 to be read."),
                hint=_("Choose a darker or a lighter colour for {over}."),
                field=over,
                values={"over": over, "ground": ground, "ratio": f"{ratio:.1f}", "floor": f"{floor:g}"},
            )


def _pairs() -> Iterator[tuple[str, str]]:
    yield "on_primary", "primary"
    for ground in ("ground", "raised"):
        for over in ("text", "quiet", "primary", *TONES):
            yield over, ground


def _misnamed(brand: Mapping[str, str]) -> Iterator[Problem]:
    for name, color in brand.items():
        if name not in ROLES:
            yield Problem(
                "theme.role",
                _("There is no colour called {name} in a theme."),
                hint=_("The names are {names}."),
                field=name,
                values={"name": name, "names": ", ".join(ROLES)},
            )
        elif not is_color(color):
            yield Problem(
                "theme.color",
                _("{value} is not a colour."),
                hint=_("Write it as six digits, such as #0B5FA5."),
                field=name,
                values={"value": color},
            )


@lru_cache(maxsize=8)
def _read(name: str) -> dict[str, dict[str, Any]]:
    with (RESOURCES / "themes" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
