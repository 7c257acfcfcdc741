"""JSON from outside, read so that nothing in it may mean two things, and values of rows as JSON has them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.kernel.shapes import to_plain
from app.kernel.words import _, say


def read(content: bytes) -> Any:
    """A JSON text in UTF-8. ValueError (with a reason in words) or RecursionError where it cannot be meant surely."""
    text = content.decode("utf-8")
    value = json.loads(text, object_pairs_hook=_once, parse_float=_decimal, parse_constant=_no_number)
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()  # half a character, written as \ud800, is nobody's name
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(say(_("“{name}” stands there twice"), name=twice[:40]))
    return made


def _decimal(text: str) -> float | str:
    """A short form such as 1e9 stays text, so that a quantity can refuse it; anything else is the number it says."""
    return text if "e" in text.casefold() else float(text)


def _no_number(text: str) -> float:
    raise ValueError(say(_("{text} is no number"), text=text))


def fits(value: Any, deepest: int, longest: int) -> bool:
    """Whether lists and objects lie at most `deepest` within each other, and no text or name is over `longest` characters."""
    match value:
        case str():
            return len(value) <= longest
        case list():
            return deepest > 0 and all(fits(one, deepest - 1, longest) for one in value)
        case dict():
            return deepest > 0 and all(len(key) <= longest and fits(one, deepest - 1, longest) for key, one in value.items())
    return True


def shown(value: Any) -> Any:
    """A value of a row as JSON has it: ids with dashes, moments in ISO 8601, quantities as text, money in minor units."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return to_plain(value)
