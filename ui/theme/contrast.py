"""Contrast of two colours, as WCAG 2.2 defines it, so that a theme can be refused before anyone has to squint."""

from __future__ import annotations

import re

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


def is_color(text: object) -> bool:
    """Whether the text is a colour such as `#0B5FA5`."""
    return isinstance(text, str) and _HEX.fullmatch(text) is not None


def channels(color: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' light, from 1.0 (the same) to 21.0 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(ground: str, over: str, share: float) -> str:
    """`over` laid on `ground` with the given share, 0.0 to 1.0."""
    pairs = zip(channels(ground), channels(over), strict=True)
    return "#" + "".join(f"{round(below + (above - below) * share):02X}" for below, above in pairs)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
