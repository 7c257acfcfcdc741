"""Money in whole minor units, and the tax on a line: exact, rounded in one place, agreeing to the cent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

from app.kernel.problems import Problem, Refused
from app.kernel.types import SCALE, Quantity, clipped, is_short_form, other_digits, short_form, two_meanings
from app.kernel.words import _

MOST = 999_999_999_999  # minor units that a person may type: ten thousand million at two decimals
_KEPT = 10**17  # minor units that a database column and a sum over many lines hold without overflow
_PLAIN = re.compile(r"([+-]?)(\d{1,15})(?:[.,](\d{1,4}))?", re.ASCII)
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"
_DECIMALS = {
    code: decimals for decimals, codes in ((0, _NO_DECIMALS), (3, _THREE_DECIMALS), (4, _FOUR_DECIMALS)) for code in codes.split()
}


def decimals(currency: str) -> int:
    """How many decimals a currency has by ISO 4217: two, but for the exceptions in the table."""
    return _DECIMALS.get(currency, 2)


def currency_code(text: str, field: str = "currency") -> str:
    """Reads a currency's code, three letters of ISO 4217; Refused when it cannot be one."""
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code, re.ASCII):
        raise Refused(
            Problem(
                "money.currency",
                _("“{text}” is not the code of a currency."),
                field=field,
                hint=_("Write its three letters, for example EUR or USD."),
                values={"text": text.strip()[:24]},
            )
        )
    return code


def half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest whole number; a half goes away from zero, so that a return mirrors its sale."""
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


@dataclass(frozen=True)
class Money:
    """An exact amount in minor units (cents). No currency means the organisation's own, and goes with any one."""

    minor: int
    currency: str = ""

    @classmethod
    def parse(cls, text: str, currency: str, field: str = "amount") -> Money:
        """Reads what a person or a file wrote in a currency; refuses in a sentence what cannot be meant surely."""
        found = _PLAIN.fullmatch(text.strip())
        if found is None:
            raise Refused(_unreadable(text.strip(), currency, field))
        sign, whole, part = found.groups(default="")
        if "," in text and len(part) == 3:
            raise Refused(two_meanings(text.strip(), "1.50", field, code="money.ambiguous"))
        if len(part) > decimals(currency):
            raise Refused(_too_fine(text.strip(), currency, field))
        minor = int(whole + part.ljust(decimals(currency), "0"))
        if minor > MOST:
            raise Refused(_too_much(text.strip(), currency, field))
        return cls(-minor if sign == "-" else minor, currency)

    def __lt__(self, other: Money) -> bool:
        self._agreed(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._agreed(other)
        return self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.minor != 0

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + other.minor, self._agreed(other))

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - other.minor, self._agreed(other))

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def times(self, quantity: Quantity) -> Money:
        """This unit price for a quantity, rounded half up; Refused when no ledger could hold it."""
        minor = half_up(self.minor * quantity.thousandths, SCALE)
        if abs(minor) > _KEPT:
            raise Refused(_too_much(f"{quantity} × {self}", self.currency, "quantity"))
        return Money(minor, self.currency)

    def figures(self, currency: str = "") -> str:
        """The amount in digits only, as `parse` reads it: `1234.50`."""
        places = decimals(currency or self.currency)
        digits = str(abs(self.minor)).rjust(places + 1, "0")
        whole, part = (digits[:-places], "." + digits[-places:]) if places else (digits, "")
        return ("-" if self.minor < 0 else "") + whole + part

    def text(self, currency: str = "") -> str:
        """The amount with its currency, as screens and papers show it: `1234.50 EUR`."""
        return f"{self.figures(currency)} {currency or self.currency}".rstrip()

    def __str__(self) -> str:
        return self.text()

    def _agreed(self, other: Money) -> str:
        """The currency of both; two different ones meeting is a bug."""
        if self.currency and other.currency and self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be reckoned together")
        return self.currency or other.currency


def _unreadable(text: str, currency: str, field: str) -> Problem:
    """Says why an amount cannot be read, and what to write instead."""
    plain = "".join(str(unicodedata.decimal(letter, letter)) for letter in text[:20].replace("\N{ARABIC DECIMAL SEPARATOR}", "."))
    if plain != text and _PLAIN.fullmatch(plain):
        return other_digits(text, plain, field, code="money.digits")
    if is_short_form(text):
        return short_form(text, field, code="money.exponent")
    return Problem(
        "money.unreadable",
        _("“{text}” is not an amount of money."),
        field=field,
        hint=_("Write digits only, for example {example}, without spaces, signs of currency or dots between thousands."),
        values={"text": clipped(text), "example": Money(123450, currency).figures()},
    )


def _too_fine(text: str, currency: str, field: str) -> Problem:
    if decimals(currency) == 0:
        return Problem(
            "money.decimals",
            _("{text} has decimals, and {currency} has none."),
            field=field,
            hint=_("Write a whole number, without a dot between thousands."),
            values={"text": text, "currency": currency},
        )
    return Problem(
        "money.decimals",
        _("{text} has more decimals than {currency} has."),
        field=field,
        hint=_("Write at most {decimals} decimals, and no dot between thousands."),
        values={"text": text, "currency": currency, "decimals": decimals(currency)},
    )


def _too_much(text: str, currency: str, field: str) -> Problem:
    return Problem(
        "money.too_much",
        _("{text} is more than can be booked at once."),
        field=field,
        hint=_("Check the number; the most is {most}."),
        values={"text": text, "most": Money(MOST, currency)},
    )


class MoneyType(TypeDecorator[Money]):
    """Money as a whole number of minor units; the currency is the organisation's and is not kept in the row."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        return None if value is None else value.minor

    def process_result_value(self, value: Any, dialect: Dialect) -> Money | None:
        return None if value is None else Money(int(value))

    def compare_values(self, x: Any, y: Any) -> bool:
        """Two amounts are one value in a column when their minor units are, with a currency said or not."""
        return getattr(x, "minor", None) == getattr(y, "minor", None)


MILLION = 1_000_000
_PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d{1,4}))?", re.ASCII)


@dataclass(frozen=True, order=True)
class Rate:
    """A rate of tax in parts per million, ten thousand to the per cent: 19 % is `Rate(190_000)`, 9.975 % stays exact."""

    millionths: int

    def __post_init__(self) -> None:
        if not 0 <= self.millionths <= MILLION:
            raise ValueError(f"{self.millionths} millionths are no rate of tax")

    @classmethod
    def parse(cls, text: str, field: str = "rate") -> Rate:
        """Reads per cent as a person writes them, from 0 to 100: `19`, `8.875` or `7,7 %`."""
        found = _PERCENT.fullmatch(text.strip().removesuffix("%").rstrip())
        whole, part = found.groups(default="") if found else ("101", "")
        if int(whole + part.ljust(4, "0")) > MILLION:
            raise Refused(
                Problem(
                    "money.rate",
                    _("“{text}” is not a rate of tax."),
                    field=field,
                    hint=_("Write per cent from 0 to 100, for example 19 or 8.875."),
                    values={"text": text.strip()[:24]},
                )
            )
        return cls(int(whole + part.ljust(4, "0")))

    def __str__(self) -> str:
        whole, part = divmod(self.millionths, 10_000)
        return f"{whole}" + (f".{part:04d}".rstrip("0") if part else "") + " %"


@dataclass(frozen=True)
class Amounts:
    """One line's money; `net + tax == gross`, always."""

    net: Money
    tax: Money
    gross: Money


@dataclass(frozen=True)
class Totals:
    """A paper's money: the net, the tax of each code, and the gross that is their sum."""

    net: Money
    tax: dict[str, Money]
    gross: Money


def taxed(quantity: Quantity, unit_price: Money, rate: Rate, *, inclusive: bool) -> Amounts:
    """A line's amounts. The price times the quantity is rounded first, then the tax, each half up; the third is their sum.

    `inclusive` says that the price contains the tax, so the gross stands and the tax is taken out of it.
    """
    stated = unit_price.times(quantity)
    if inclusive:
        tax = Money(half_up(stated.minor * rate.millionths, MILLION + rate.millionths), stated.currency)
        return Amounts(stated - tax, tax, stated)
    tax = Money(half_up(stated.minor * rate.millionths, MILLION), stated.currency)
    return Amounts(stated, tax, stated + tax)


def totals(lines: Iterable[tuple[str, Amounts]]) -> Totals:
    """The sums of lines given as (tax code, amounts): the tax per code is the sum of its lines, so that papers agree."""
    net, gross, by_code = Money(0), Money(0), dict[str, Money]()
    for code, line in lines:
        net, gross = net + line.net, gross + line.gross
        by_code[code] = by_code.get(code, Money(0)) + line.tax
    return Totals(net, by_code, gross)
