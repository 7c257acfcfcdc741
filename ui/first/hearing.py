"""Hearing: which keyboard layout a scanner was set to, told from a code whose text is known."""

from __future__ import annotations

from collections.abc import Iterator

from ui.scan.layouts import LAYOUTS


def layout_of(typed: str, under: str, wanted: str) -> str:
    """The layout under which what was typed is the text that was wanted; nothing where there is none.

    `typed` was read as if the scanner were set to `under`.
    """
    return next((name for name, text in readings(typed, under) if text == wanted), "")


def readings(typed: str, under: str) -> Iterator[tuple[str, str]]:
    """What the same keys say in every layout, the present one first."""
    yield under, typed
    believed = LAYOUTS[under]
    for name, layout in LAYOUTS.items():
        if name != under:
            try:
                keys = [believed.place(one) for one in typed]
            except KeyError:
                continue
            yield name, "".join(layout.character(*key) for key in keys)
