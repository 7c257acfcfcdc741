"""Values that must be exact, and how SQLite and PostgreSQL keep them."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import total_ordering
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, LargeBinary, String, Uuid
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.kernel.problems import Problem, Refused
from app.kernel.words import _

SCALE = 1000
MOST = 9_999_999_999  # thousandths: nobody books ten million of anything by hand
_PLAIN = re.compile(r"([+-]?)(\d{1,12})(?:[.,](\d{1,3}))?", re.ASCII)


@total_ordering
class Quantity:
    """An exact amount in the part's own unit, kept in thousandths. `Quantity(3)` is three units."""

    __slots__ = ("thousandths",)
    thousandths: int

    def __init__(self, units: int | Decimal = 0) -> None:
        scaled = Decimal(units) * SCALE
        if scaled != int(scaled):
            raise ValueError(f"{units} has more than three decimals")
        self.thousandths = int(scaled)

    @classmethod
    def of_thousandths(cls, thousandths: int) -> Quantity:
        made = cls.__new__(cls)
        made.thousandths = thousandths
        return made

    @classmethod
    def parse(cls, text: str, field: str = "quantity") -> Quantity:
        """Reads what a person or a file wrote; refuses in a sentence what cannot be meant surely."""
        found = _PLAIN.fullmatch(text.strip())
        if found is None:
            raise Refused(_unreadable(text.strip(), field))
        sign, whole, part = found.groups()
        if "," in text and len(part or "") == 3:
            raise Refused(two_meanings(text, "1.5", field, code="quantity.ambiguous"))
        amount = int(whole) * SCALE + int((part or "0").ljust(3, "0"))
        if amount > MOST:
            raise Refused(
                Problem(
                    "quantity.too_much",
                    _("{text} is more than can be booked at once."),
                    field=field,
                    hint=_("Check the number; the most is 9,999,999."),
                    values={"text": text},
                )
            )
        return cls.of_thousandths(-amount if sign == "-" else amount)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.thousandths == other.thousandths

    def __lt__(self, other: Quantity) -> bool:
        return self.thousandths < other.thousandths

    def __hash__(self) -> int:
        return hash(self.thousandths)

    def __bool__(self) -> bool:
        return self.thousandths != 0

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity.of_thousandths(self.thousandths + other.thousandths)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity.of_thousandths(self.thousandths - other.thousandths)

    def __mul__(self, times: int) -> Quantity:
        return Quantity.of_thousandths(self.thousandths * times)

    def __neg__(self) -> Quantity:
        return Quantity.of_thousandths(-self.thousandths)

    def __abs__(self) -> Quantity:
        return Quantity.of_thousandths(abs(self.thousandths))

    def __str__(self) -> str:
        whole, part = divmod(abs(self.thousandths), SCALE)
        sign = "-" if self.thousandths < 0 else ""
        return f"{sign}{whole}" + (f".{part:03d}".rstrip("0") if part else "")

    def __repr__(self) -> str:
        return f"Quantity({self})"


def _unreadable(text: str, field: str) -> Problem:
    """Says why a quantity cannot be read, and what to write instead."""
    if plain := _in_plain_digits(text):
        return other_digits(text, plain, field, code="quantity.digits")
    if is_short_form(text):
        return short_form(text, field, code="quantity.exponent")
    return Problem(
        "quantity.unreadable",
        _("“{text}” is not a quantity."),
        field=field,
        hint=_("Write digits with at most three decimals, for example 3 or 2.5."),
        values={"text": clipped(text)},
    )


def _in_plain_digits(text: str) -> str:
    if not text or len(text) > 12 or text.isascii() or not all(letter.isdecimal() for letter in text):
        return ""
    return str(int(text))


# -------------------------------------------------------------------------- numbers of any kind, as people write them


def clipped(text: str) -> str:
    """As much of what somebody wrote as a sentence bears."""
    return text if len(text) <= 24 else text[:24] + "…"


def is_short_form(text: str) -> bool:
    """Whether it is a number such as 1e9."""
    return re.fullmatch(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+", text, re.ASCII) is not None


def short_form(text: str, field: str, *, code: str) -> Problem:
    return Problem(
        code,
        _("{text} is a short form that is easily misread."),
        field=field,
        hint=_("Write the number out in digits."),
        values={"text": clipped(text)},
    )


def other_digits(text: str, plain: str, field: str, *, code: str) -> Problem:
    """`plain` is the same number in our digits."""
    return Problem(
        code,
        _("{text} is not written in the digits 0 to 9."),
        field=field,
        hint=_("Write {plain}."),
        values={"text": clipped(text), "plain": plain},
    )


def two_meanings(text: str, example: str, field: str, *, code: str) -> Problem:
    """A comma before three digits: decimals to some, thousands to others."""
    return Problem(
        code,
        _("{text} can mean two things."),
        field=field,
        hint=_("Write it without a comma, for example 1000 or {example}."),
        values={"text": text, "example": example},
    )


# ------------------------------------------------------------------------------------------------ how databases keep them


class Id(TypeDecorator[UUID]):
    """A UUID: 16 bytes in SQLite, `uuid` in PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> object:
        return value if value is None or dialect.name == "postgresql" else value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return value if value is None or isinstance(value, UUID) else UUID(bytes=bytes(value))


class QuantityType(TypeDecorator[Quantity]):
    """A Quantity as a whole number of thousandths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Quantity | None, dialect: Dialect) -> int | None:
        return None if value is None else value.thousandths

    def process_result_value(self, value: Any, dialect: Dialect) -> Quantity | None:
        return None if value is None else Quantity.of_thousandths(int(value))


class UtcTime(TypeDecorator[datetime]):
    """A moment as whole milliseconds since 1970 in UTC; Python sees an aware datetime."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else millis(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(int(value))


class DayType(TypeDecorator[date]):
    """A calendar day as ISO 8601 text, which sorts."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """Plain data: canonical JSON text in SQLite, `jsonb` in PostgreSQL."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(String())
        from sqlalchemy.dialects.postgresql import JSONB  # a terminal need not load what only the hub speaks

        return dialect.type_descriptor(JSONB(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else canonical(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return json.loads(value) if isinstance(value, str) and dialect.name != "postgresql" else value


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8."""
    return _CANONICAL.encode(value)


def millis(value: datetime) -> int:
    """Whole milliseconds since 1970; a time without a zone is a bug and is refused."""
    if value.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return round(value.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """The aware UTC datetime of milliseconds since 1970, exact to the millisecond."""
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)
