"""The cells of a line as the plain data of fields: amounts, days and words as people and other programs write them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.kernel.entity import Field
from app.kernel.exchange.mapping import Source
from app.kernel.filling import missing
from app.kernel.money import Money, decimals
from app.kernel.problems import Problem, Refused
from app.kernel.shapes import PLAIN
from app.kernel.types import Quantity
from app.kernel.words import _, say

LEFT_OUT = object()
_WHOLE = re.compile(r"[+-]?\d{1,16}(\.0+)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,15}\.\d{1,20}", re.ASCII)
_YES, _NO = frozenset({"true", "yes", "1", "x", "t", "wahr", "ja"}), frozenset({"false", "no", "0", "f", "falsch", "nein"})


def text_of(source: Source, cells: Mapping[str, str]) -> str:
    """What a line says for a field, with the file's words turned into ours; Refused where a word is in no table."""
    if source.value is not None:
        return source.value
    text = ""
    for name in source.columns:
        text = cells.get(name, "")
        text = text.strip() if source.tidy else text
        if text:
            break
    if source.words is None or (not text and "" not in source.words):
        return text
    if text not in source.words:
        raise Refused(_no_word(text, source))
    return source.words[text]


def plain_of(field: Field, text: str, currency: str, *, rounded: bool = False, default: bool = False) -> Any:
    """The plain data of a field that is no link; `LEFT_OUT` where its own default should stand. Refused in a sentence."""
    if text == "":
        if not field.required:
            return None
        if default:
            return LEFT_OUT
        raise Refused(missing(field))
    if field.kind == "money":
        return _money(field, text, currency, rounded=rounded)
    read = _READERS.get(field.kind)
    return read(field, text) if read else text


def too_fine(text: str, currency: str) -> bool:
    """Whether an amount has more decimals than its currency, so that rounding it loses something."""
    return bool(_DECIMAL.fullmatch(text)) and len(text.partition(".")[2].rstrip("0")) > decimals(currency)


def _money(field: Field, text: str, currency: str, *, rounded: bool) -> int:
    beyond = len(text.partition(".")[2]) > decimals(currency)
    if beyond and _DECIMAL.fullmatch(text) and (rounded or not too_fine(text, currency)):
        step = Decimal(1).scaleb(-decimals(currency))
        text = format(Decimal(text).quantize(step, ROUND_HALF_UP), "f")
    return Money.parse(text, currency, field.name).minor


def _number(field: Field, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Refused(_unreadable(field, text, _("Write a whole number, such as 12.")))
    return int(text.partition(".")[0])


def _flag(field: Field, text: str) -> bool:
    folded = text.strip().casefold()
    if folded not in _YES | _NO:
        raise Refused(_unreadable(field, text, _("Write true or false.")))
    return folded in _YES


def _day(field: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refused(_unreadable(field, text, _("Write the day as 2026-11-20."))) from None


def _moment(field: Field, text: str) -> str:
    try:
        datetime.fromisoformat(text)
        PLAIN[datetime][0](text, field.name)
    except (ValueError, Refused):
        raise Refused(_unreadable(field, text, _("Write the moment as 2026-11-20T14:02:00Z."))) from None
    return text


def _choice(field: Field, text: str) -> str:
    """The stored word, from itself or from what people read."""
    if any(text == word for word, _label in field.choices):
        return text
    named = {say(label).casefold(): word for word, label in field.choices}
    return named.get(text.strip().casefold(), text)


def _data(field: Field, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(_unreadable(field, text, _("Write it as JSON, as an export does."))) from None


_READERS: dict[str, Callable[[Field, str], Any]] = {
    "number": _number,
    "quantity": lambda field, text: str(Quantity.parse(text, field.name)),
    "flag": _flag,
    "day": _day,
    "moment": _moment,
    "choice": _choice,
    "data": _data,
    "extras": _data,
}


def _unreadable(field: Field, text: str, hint: str) -> Problem:
    return Problem(
        "import.unreadable",
        _("“{text}” cannot be read as {label}."),
        field=field.name,
        hint=hint,
        values={"text": text[:40], "label": field.label},
    )


def _no_word(text: str, source: Source) -> Problem:
    return Problem(
        "import.no_word",
        _("The mapping has no word for “{text}” in {column}."),
        hint=_("Add it to the mapping, or use one of: {words}."),
        values={"text": text[:40], "column": source.column, "words": ", ".join(filter(None, source.words or ()))},
    )
