"""Theme: what the window looks like, as tokens; screens name roles and never a colour, a font or a size."""

from ui.theme.roles import role, tone
from ui.theme.theme import Theme, worn
from ui.theme.tokens import DENSITIES, THEMES

__all__ = ["DENSITIES", "THEMES", "Theme", "role", "tone", "worn"]
