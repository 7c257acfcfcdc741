"""Ink: icons as files in a colour, because a style sheet can name a file and nothing else."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ui.theme.tokens import RESOURCES

ICONS = RESOURCES / "icons"


def svg(name: str, color: str) -> str:
    """The icon's drawing in a colour. KeyError when there is no icon of that name."""
    return _drawing(name).replace("currentColor", color)


@cache
def inked(name: str, color: str) -> str:
    """The path of a file with the icon in a colour, there as long as the program runs."""
    file = _folder() / f"{name}-{color.lstrip('#')}.svg"
    file.write_text(svg(name, color), encoding="utf-8")
    return file.as_posix()


@cache
def _drawing(name: str) -> str:
    file = ICONS / f"{name}.svg"
    if not file.is_file():
        raise KeyError(f"there is no icon called {name}")
    return file.read_text(encoding="utf-8")


@cache
def _folder() -> Path:
    folder = TemporaryDirectory(prefix="fettle-ink-")
    atexit.register(folder.cleanup)
    return Path(folder.name)
