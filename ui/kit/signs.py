"""Signs: what stands before a row of a table, and what is said of it to who does not see: picked, done, or on its way."""

from __future__ import annotations

from PySide6.QtGui import QIcon

from app.kernel.outgoing import HERE, NEEDS_YOU, SENT, WORDS
from app.kernel.queries import Row
from app.kernel.words import _, say
from ui.kit.icons import icon
from ui.kit.reading import STANDING, Source
from ui.kit.several import Several

SIGNS = {HERE: ("clock", "quiet"), SENT: ("sync", "quiet"), NEEDS_YOU: ("question", "danger")}


def sign_of(row: Row | None, source: Source, several: Several | None) -> QIcon | None:
    """While rows are picked, whether this one is; else whether it is done, with the same room before one that is not; else how
    far its record is on its way to the hub."""
    if several is not None and several.on:
        return icon("picked", "primary") if _is_picked(row, several) else icon("unpicked", "quiet")
    if source.done is None:
        way = row.get(STANDING) if row is not None else None
        return icon(*SIGNS[way]) if way else None
    return icon("check", "ok") if row is not None and source.done(row) else icon("next", "line")


def spoken(words: str, row: Row, several: Several | None) -> str:
    """The words of a row's first cell, and its signs in words."""
    way = row.get(STANDING)
    chosen = say(_("chosen")) if several is not None and _is_picked(row, several) else ""
    return ", ".join(part for part in (words, say(WORDS[way]) if way else "", chosen) if part)


def _is_picked(row: Row | None, several: Several) -> bool:
    return row is not None and row.get("id") in several
