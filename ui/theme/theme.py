"""Theme: tokens and a density made into a palette, a font and the program's only style sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from ui.theme.contrast import mix
from ui.theme.fonts import REGULAR, STRONG, font
from ui.theme.ink import inked
from ui.theme.tokens import RESOURCES, Density, Tokens, density, tokens


@dataclass(frozen=True)
class Theme:
    """One look of the whole program: a theme's tokens at one density."""

    name: str
    density_name: str
    tokens: Tokens
    density: Density

    @staticmethod
    def load(name: str = "light", density_name: str = "desk", brand: Mapping[str, str] | None = None) -> Theme:
        """The theme `light`, `dark` or `sun` for `desk` or `glove`, with a brand's colours over it.

        Refused when some text could not be read (see `tokens`).
        """
        return Theme(name, density_name, tokens(name, density_name, brand), density(density_name))

    def color(self, role: str) -> QColor:
        """The colour of a role such as `danger`, for what is painted and not styled."""
        return QColor(getattr(self.tokens, role))

    def font(self, size: str = "body", strong: bool = False) -> QFont:
        """The font of a size (small, body, large, title, sentence), for what is painted and not styled."""
        return font(getattr(self.density, size), STRONG if strong else REGULAR)

    def wear(self, app: QApplication) -> None:
        """Dresses the whole program in this theme; may be called again at any time."""
        app.setProperty("theme", self)
        app.setStyle("Fusion")
        app.setEffectEnabled(Qt.UIEffect.UI_AnimateCombo, False)
        app.setPalette(self.palette())
        app.setFont(self.font())
        app.setStyleSheet(self.sheet())

    def palette(self) -> QPalette:
        """The tokens as Qt's own roles, for everything that a style sheet does not reach."""
        made = QPalette()
        for group, name in _PALETTE.items():
            made.setColor(group, self.color(name))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            made.setColor(QPalette.ColorGroup.Disabled, role, self.color("quiet"))
        return made

    def sheet(self) -> str:
        """The one style sheet, from resources/themes/window.qss."""
        look, sizes = self.tokens, self.density
        ring = (sizes.icon + 4) // 3  # a mark in a round box is drawn as a thick border
        numbers = {name: str(value) for name, value in asdict(sizes).items()}
        made = {
            "hover": mix(look.raised, look.text, 0.06),
            "pressed": mix(look.raised, look.text, 0.18),
            "inner": str(sizes.target - 4),
            "key": str(max(sizes.target - 4, sizes.primary_target - 16)),  # four of them stand on the lowest screen
            "primary_inner": str(sizes.primary_target - 4),
            "pad": str(2 * sizes.gap),
            "tab": str(3 * sizes.gap // 2),  # eight of them stand beside each other on the smallest screen
            "tile": str(sizes.primary_target + sizes.gap - 4),
            "head": str(sizes.gap + 3),  # as far as Qt sets the words of a cell in
            "handle": str(sizes.bar - 8),
            "tick": inked("check", look.on_primary),
            "arrow": inked("down", look.text),
            "left": inked("back", look.text),
            "right": inked("next", look.text),
            "scroller": str(2 * sizes.target),  # two arrows that a glove hits, where there are more tabs than room
            "plus": inked("plus", look.text),
            "minus": inked("minus", look.text),
            "faint_plus": inked("plus", look.quiet),
            "faint_minus": inked("minus", look.quiet),
            "word": str(round(sizes.sentence * 1.4)),
            "half_box": str(sizes.icon // 2 + 2),
            "ring": str(ring),
            "dot": str(sizes.icon + 4 - 2 * ring),
        }
        return _template().substitute(numbers | asdict(look) | made)


def worn() -> Theme:
    """The theme that the program wears now; light at a desk before any was put on."""
    app = QApplication.instance()
    theme = app.property("theme") if app else None
    return theme if isinstance(theme, Theme) else Theme.load()


@lru_cache(maxsize=1)
def _template() -> Template:
    return Template((RESOURCES / "themes" / "window.qss").read_text(encoding="utf-8"))


_PALETTE = {
    QPalette.ColorRole.Window: "ground",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "raised",
    QPalette.ColorRole.AlternateBase: "ground",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "quiet",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "danger",
    QPalette.ColorRole.ToolTipBase: "text",
    QPalette.ColorRole.ToolTipText: "ground",
    QPalette.ColorRole.Highlight: "primary",
    QPalette.ColorRole.HighlightedText: "on_primary",
    QPalette.ColorRole.Link: "primary",
    QPalette.ColorRole.LinkVisited: "primary",
    QPalette.ColorRole.Accent: "primary",
    QPalette.ColorRole.Light: "raised",
    QPalette.ColorRole.Midlight: "ground",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "quiet",
    QPalette.ColorRole.Shadow: "line",
}
