"""Where a page of rows ends, as a text that whoever reads on gives back: the next page begins behind it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from app.kernel.money import Money
from app.kernel.problems import Problem, Refused
from app.kernel.shapes import to_plain
from app.kernel.types import Quantity, moment
from app.kernel.words import _


def sealed(names: Sequence[str], values: Sequence[Any]) -> str:
    """A page's key as text: the values of its last row, and a check that it belongs to this order and came back whole."""
    plain = json.dumps([[type(value).__name__, _WRITERS.get(type(value), to_plain)(value)] for value in values])
    return base64.urlsafe_b64encode(f"{_check(names, plain)}{plain}".encode()).decode()


def _check(names: Sequence[str], plain: str) -> str:
    return sha256(f"{','.join(names)} {plain}".encode()).hexdigest()[:8]


_WRITERS: dict[type, Callable[[Any], Any]] = {Quantity: lambda value: value.thousandths}
_READERS: dict[str, Callable[[Any], Any]] = {
    "Quantity": Quantity.of_thousandths,
    "UUID": UUID,
    "datetime": moment,
    "date": date.fromisoformat,
    "Money": Money,
}


def opened(after: str, names: Sequence[str]) -> list[Any]:
    """The values again; Refused where it is not the key of a page in this order."""
    try:
        text = base64.urlsafe_b64decode(after.encode()).decode()
    except ValueError as error:
        raise Refused(_damaged_key()) from error
    if text[:8] != _check(names, text[8:]):
        raise Refused(_damaged_key())
    return [_READERS.get(kind, lambda value: value)(plain) for kind, plain in json.loads(text[8:])]


def _damaged_key() -> Problem:
    return Problem("ask.key", _("This page's key is damaged."), hint=_("Begin again with the first page."))
