"""The window's look: every text can be read, sizes fit the hand, and a brand cannot spoil either."""

from __future__ import annotations

import tomllib

import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from app.kernel.problems import Refused
from ui.theme import DENSITIES, THEMES, Theme, role, tone, worn
from ui.theme.contrast import contrast, mix
from ui.theme.tokens import RESOURCES, ROLES

LOOKS = [(theme, density) for theme in THEMES for density in DENSITIES]


def test_black_on_white_has_the_greatest_contrast_there_is():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # WCAG's own borderline grey
    assert contrast("#0B5FA5", "#0B5FA5") == 1.0


def test_a_mix_lies_between_its_colours():
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"
    assert mix("#123456", "#FFFFFF", 0.0) == "#123456"


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_names_every_role(theme: str):
    data = tomllib.loads((RESOURCES / "themes" / f"{theme}.toml").read_text())
    assert tuple(data["tokens"]) == ROLES
    assert set(data.get("glove", {})) <= set(ROLES)


@pytest.mark.parametrize(("theme", "density"), LOOKS)
def test_every_text_can_be_read_on_its_ground(theme: str, density: str):
    look = Theme.load(theme, density).tokens
    floor = 7.0 if theme == "sun" or density == "glove" else 4.5
    for ground in (look.ground, look.raised):
        for text in (look.text, look.quiet, look.ok, look.ask, look.warn, look.danger, look.primary):
            assert contrast(text, ground) >= floor
    assert contrast(look.on_primary, look.primary) >= floor


def test_the_desk_keeps_the_colours_of_the_table():
    look = Theme.load("light").tokens
    assert (look.ground, look.primary, look.danger) == ("#F4F5F6", "#0B5FA5", "#B3261E")


def test_a_brand_lays_its_own_colour_over_a_theme():
    branded = Theme.load("light", brand={"primary": "#5B2A86"})
    assert branded.tokens.primary == "#5B2A86"
    assert branded.tokens.ground == Theme.load("light").tokens.ground
    assert "#5B2A86" in branded.sheet()


@pytest.mark.parametrize(
    ("brand", "code"),
    [
        ({"primary": "#FFD400"}, "theme.contrast"),
        ({"accent": "#5B2A86"}, "theme.role"),
        ({"primary": "purple"}, "theme.color"),
        ({"primary": "#12345"}, "theme.color"),
    ],
)
def test_a_brand_that_cannot_be_read_is_refused_with_what_to_do(brand: dict[str, str], code: str):
    with pytest.raises(Refused) as refusal:
        Theme.load("light", brand=brand)
    first = refusal.value.problems[0]
    assert first.code == code
    assert first.field in brand | {"on_primary": ""}
    assert "{" not in first.sentence + first.advice


def test_a_brand_that_is_good_at_a_desk_may_be_too_pale_for_gloves():
    brand = {"primary": "#0B5FA5"}
    Theme.load("light", "desk", brand)
    with pytest.raises(Refused, match="7:1"):
        Theme.load("light", "glove", brand)


def test_letters_come_in_five_sizes():
    desk, glove = Theme.load("light", "desk").density, Theme.load("light", "glove").density
    assert (desk.small, desk.body, desk.large, desk.title, desk.sentence) == (14, 16, 20, 28, 40)
    assert (glove.small, glove.body, glove.large, glove.title, glove.sentence) == (16, 20, 24, 34, 48)


@pytest.mark.parametrize(("density", "primary", "other"), [("desk", 38, 38), ("glove", 64, 48)])
def test_a_finger_hits_what_it_aims_at(qapp, qtbot, density: str, primary: int, other: int):
    Theme.load("light", density).wear(qapp)
    for widget, least in (
        (role(QPushButton("Finish job"), "primary"), primary),
        (QPushButton("Back"), other),
        (QLineEdit(), other),
    ):
        qtbot.addWidget(widget)
        widget.ensurePolished()
        assert widget.sizeHint().height() >= least
        assert widget.minimumSizeHint().height() >= least


def test_figures_are_equally_wide_and_the_font_is_ours(qapp, qtbot):
    Theme.load().wear(qapp)
    label = role(QLabel("0"), "number")
    qtbot.addWidget(label)
    label.ensurePolished()
    assert QFontInfo(label.font()).family() == "Inter"
    assert label.font().pixelSize() == 28
    widths = [QFontMetricsF(label.font()).horizontalAdvance(figure * 8) for figure in "0123456789"]
    assert max(widths) - min(widths) < 1  # proportional figures differ by 60 pixels and more


def test_the_program_remembers_what_it_wears(qapp):
    Theme.load("dark", "glove").wear(qapp)
    assert (worn().name, worn().density_name) == ("dark", "glove")
    assert qapp.palette().window().color() == QColor(worn().tokens.ground)
    Theme.load().wear(qapp)
    assert worn() == Theme.load()


def test_a_widget_changes_its_look_with_its_tone(qapp, qtbot):
    Theme.load().wear(qapp)
    label = QLabel("Only 2 left")
    qtbot.addWidget(label)
    label.ensurePolished()
    calm = label.palette().windowText().color()
    assert tone(label, "danger") is label
    assert label.palette().windowText().color() == QColor(worn().tokens.danger)
    assert calm != label.palette().windowText().color()


def test_only_the_theme_sets_a_style_sheet():
    ui = RESOURCES.parent / "ui"
    offenders = [file for file in ui.rglob("*.py") if "setStyleSheet" in file.read_text() and file.parent.name != "theme"]
    assert offenders == []


@pytest.mark.parametrize(("theme", "density"), LOOKS)
def test_no_theme_upsets_qt(qapp, qtbot, theme: str, density: str):
    Theme.load(theme, density).wear(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()  # a Qt warning fails the test
    assert not window.grab().isNull()
