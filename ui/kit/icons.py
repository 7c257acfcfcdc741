"""Icons: our own set, two-pixel strokes on a box of 24, tinted by role; an icon never stands without its word."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.theme.ink import ICONS, svg
from ui.theme.theme import worn

_SCALES = (1.0, 2.0)


def names() -> tuple[str, ...]:
    """Every icon there is, in order."""
    return tuple(sorted(file.stem for file in ICONS.glob("*.svg")))


def icon(name: str, role: str = "text", size: int = 24, space: int = 0) -> QIcon:
    """The icon in the colour of a role of the theme that is worn now, sharp at once and twice the size.

    Where it is disabled it is `quiet`; `space` is left free at its right, for the word. After a change of theme ask again
    (the kit's buttons do). KeyError when there is no icon of that name.
    """
    tokens = worn().tokens
    return _icon(name, getattr(tokens, role), tokens.quiet, size, space)


def picture(name: str, role: str = "text", size: int = 24, scale: float = 1.0) -> QPixmap:
    """The icon as a picture, for a label or a painter; `scale` is the screen's device pixel ratio."""
    return _pixmap(name, getattr(worn().tokens, role), size, 0, scale)


@lru_cache(maxsize=512)
def _icon(name: str, color: str, disabled: str, size: int, space: int) -> QIcon:
    made = QIcon()
    for scale in _SCALES:
        made.addPixmap(_pixmap(name, color, size, space, scale))
        made.addPixmap(_pixmap(name, disabled, size, space, scale), QIcon.Mode.Disabled)
    return made


@lru_cache(maxsize=1024)
def _pixmap(name: str, color: str, size: int, space: int, scale: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(svg(name, color).encode()))
    made = QPixmap(QSize(round((size + space) * scale), round(size * scale)))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    renderer.render(painter, QRectF(0, 0, size * scale, size * scale))
    painter.end()
    made.setDevicePixelRatio(scale)
    return made
