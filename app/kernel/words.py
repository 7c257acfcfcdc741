"""Words for people: a message stays its English sentence until the edge, where it is translated and filled in.

`_` only marks. Rules, commands and declarations carry the English sentence with named places, so that the hub and two
people with two languages can share one process; `say` translates for whoever reads.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from app.kernel import po

LOCALE = Path(__file__).resolve().parents[2] / "resources" / "locale"
_language: ContextVar[str] = ContextVar("language", default="en")


class Marked(str):
    """A text that stands in the catalogue. As a value in a sentence, such as a field's label, it is translated too."""

    __slots__ = ()


def _(message: str) -> str:
    """Marks a whole sentence, or a label, for the catalogue and hands it back unchanged."""
    return Marked(message)


PSEUDO = "en-XA"
"""A language that nobody speaks: every sentence with foreign letters and two fifths longer, to see what breaks."""
_FOREIGN = str.maketrans("AEIOUYaeiouycnsz", "ÀÉÎÕÜÝàéîõüýçñšž")
_PLACE = re.compile(r"(\{[^}]*\})")


class _Pseudo(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        parts = [part if part.startswith("{") else part.translate(_FOREIGN) for part in _PLACE.split(message)]
        return "".join(parts) + "·" * round(0.4 * len(message))


class _Spoken(gettext.NullTranslations):
    """A catalogue that was read; what it lacks stays English."""

    def __init__(self, told: Mapping[str, str]) -> None:
        super().__init__()
        self._told = told

    def gettext(self, message: str) -> str:
        return self._told.get(message, message)


@lru_cache(maxsize=16)
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == PSEUDO:
        return _Pseudo()
    for name in (language, language.partition("-")[0]):
        path = LOCALE / f"{name}.po"
        if name.isascii() and name.replace("-", "").isalnum() and path.is_file():
            return _Spoken(po.read(path))
    return gettext.NullTranslations()


def speak(language: str) -> None:
    """Sets the language of this thread's (or task's) reader, as an IETF code such as `de`."""
    _language.set(language)


def language() -> str:
    """The language of this thread's (or task's) reader."""
    return _language.get()


KEEPS_CAPITALS = ("de",)  # languages that write a noun with a capital wherever it stands


def within(label: str) -> str:
    """A label as it stands inside a sentence: small, where the reader's language has it so."""
    said = say(label)
    return said if language().partition("-")[0] in KEEPS_CAPITALS else said.lower()


class _Named(dict[str, object]):
    """Leaves a place that has no value visible, instead of failing in front of a user."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def say(message: str, values: Mapping[str, object] | None = None, **named: object) -> str:
    """Translates a marked sentence for the current reader and fills in its named values."""
    told = _catalogue(_language.get()).gettext
    sentence = told(message) if message else ""
    filled = {**(values or {}), **named}
    if not filled:
        return sentence
    spoken = {name: told(value) if isinstance(value, Marked) else str(value) for name, value in filled.items()}
    return sentence.format_map(_Named(spoken))
