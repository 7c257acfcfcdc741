"""Icons: one set, tinted by role, drawn to one rule."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from PySide6.QtGui import QColor, QIcon, QImage

from ui.kit.icons import icon, names, picture
from ui.theme import Theme
from ui.theme.tokens import RESOURCES

NEEDED = {
    "home", "jobs", "issue", "return", "count", "stock", "part", "bin", "people", "search", "undo", "check", "cross", "warn",
    "info", "plus", "minus", "print", "lock", "switch-user", "sync", "offline", "settings", "scan", "question",
}  # fmt: skip


def inked(image: QImage, color: str) -> bool:
    """Whether there is ink, and every wholly inked pixel has that colour (edges round by one)."""
    wanted = QColor(color).getRgb()
    points = (image.pixelColor(x, y).getRgb() for x in range(image.width()) for y in range(image.height()))
    solid = [point for point in points if point[3] == 255]
    return bool(solid) and all(abs(a - b) <= 2 for point in solid for a, b in zip(point, wanted, strict=True))


def test_everything_the_shell_shows_has_its_icon():
    assert set(names()) >= NEEDED


@pytest.mark.parametrize("name", sorted(file.stem for file in (RESOURCES / "icons").glob("*.svg")))
def test_every_icon_keeps_the_rule(name: str):
    root = ElementTree.parse(RESOURCES / "icons" / f"{name}.svg").getroot()  # noqa: S314 - our own files
    assert root.get("viewBox") == "0 0 24 24"
    assert (root.get("stroke"), root.get("stroke-width"), root.get("fill")) == ("currentColor", "2", "none")


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_an_icon_has_the_colour_of_its_role(qapp, name: str):
    Theme.load("light").wear(qapp)
    assert inked(picture(name, "danger", 48).toImage(), "#B3261E")


def test_an_icon_follows_the_theme(qapp):
    Theme.load("light").wear(qapp)
    by_day = icon("home", "text", 24)
    Theme.load("dark").wear(qapp)
    by_night = icon("home", "text", 24)
    assert by_day.cacheKey() != by_night.cacheKey()
    assert inked(by_night.pixmap(24, 24).toImage(), "#EEF1F3")


def test_a_disabled_icon_is_quiet(qapp):
    Theme.load("light").wear(qapp)
    shown = icon("print", "text", 24).pixmap(24, 24, QIcon.Mode.Disabled).toImage()
    assert inked(shown, "#545C64")


def test_asking_twice_draws_once(qapp):
    Theme.load("light").wear(qapp)
    assert icon("scan", "text", 24).cacheKey() == icon("scan", "text", 24).cacheKey()


def test_an_unknown_icon_is_an_error_at_once(qapp):
    with pytest.raises(KeyError, match="unicorn"):
        icon("unicorn")
