"""Fonts: the bundled Inter in two weights, with figures that are all equally wide."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from ui.theme.tokens import RESOURCES

REGULAR, STRONG = QFont.Weight.Normal, QFont.Weight.DemiBold
_FILES = ("Inter-Regular.ttf", "Inter-SemiBold.ttf")


@cache
def family() -> str:
    """The family that everything is written in; the system's own where the bundled files cannot be read."""
    loaded = [QFontDatabase.addApplicationFont(str(RESOURCES / "fonts" / file)) for file in _FILES]
    names = [name for number in loaded if number >= 0 for name in QFontDatabase.applicationFontFamilies(number)]
    return names[0] if names else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def font(pixels: int, weight: QFont.Weight = REGULAR) -> QFont:
    """A font of that height with tabular figures, so that columns of numbers stand under each other."""
    made = QFont(family())
    made.setPixelSize(pixels)
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
