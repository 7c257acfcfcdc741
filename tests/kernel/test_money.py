"""Money is exact: it reads what is meant, refuses what is not, and papers agree to the cent."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, func, insert, select

from app.kernel.money import MOST, Amounts, Money, MoneyType, Rate, currency_code, decimals, half_up, taxed, totals
from app.kernel.problems import Refused
from app.kernel.types import Quantity

prices = st.integers(-(10**9), 10**9).map(lambda minor: Money(minor, "EUR"))
quantities = st.integers(-(10**9), 10**9).map(Quantity.of_thousandths)
rates = st.integers(0, 1_000_000).map(Rate)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12", "EUR", 1200),
        ("12.5", "EUR", 1250),
        (" 12,50 ", "EUR", 1250),
        ("-0.05", "EUR", -5),
        ("+3", "USD", 300),
        ("1500", "JPY", 1500),
        ("1.250", "KWD", 1250),
        ("0.0001", "CLF", 1),
        ("9999999999.99", "EUR", MOST),
    ],
)
def test_an_amount_is_read_in_the_minor_units_of_its_currency(text, currency, minor):
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "code", "advice"),
    [
        ("1,000", "EUR", "money.ambiguous", "without a comma"),
        ("1,000", "KWD", "money.ambiguous", "without a comma"),
        ("1.000", "EUR", "money.decimals", "at most 2 decimals"),
        ("1.5", "JPY", "money.decimals", "whole number"),
        ("10000000000", "EUR", "money.too_much", "9999999999.99 EUR"),
        ("1e9", "EUR", "money.exponent", "digits"),
        ("١٢", "EUR", "money.digits", "Write 12."),
        ("\u0661\u0662\u066b\u0665", "EUR", "money.digits", "Write 12.5."),
        ("", "EUR", "money.unreadable", "1234.50"),
        ("€ 5", "EUR", "money.unreadable", "signs of currency"),
        ("1 000", "EUR", "money.unreadable", "without spaces"),
        ("1.234,50", "EUR", "money.unreadable", "dots between thousands"),
        ("--3", "EUR", "money.unreadable", "1234.50"),
        ("5" * 200, "EUR", "money.unreadable", "1234.50"),
    ],
)
def test_what_cannot_be_meant_surely_is_refused_with_advice(text, currency, code, advice):
    with pytest.raises(Refused) as refused:
        Money.parse(text, currency, field="price")
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == (code, "price")
    assert advice in problem.advice
    assert len(problem.sentence) < 80


@given(st.integers(-MOST, MOST), st.sampled_from(["EUR", "JPY", "KWD", "CLF", "USD"]))
def test_what_is_written_is_read_back_the_same(minor, currency):
    money = Money(minor, currency)
    assert Money.parse(money.figures(), currency) == money


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(123450, "EUR"), "1234.50 EUR"),
        (Money(-5, "EUR"), "-0.05 EUR"),
        (Money(5, "JPY"), "5 JPY"),
        (Money(5, "KWD"), "0.005 KWD"),
        (Money(5), "0.05"),
    ],
)
def test_an_amount_is_shown_with_the_decimals_of_its_currency(money, text):
    assert str(money) == text


def test_an_amount_from_a_row_is_shown_in_the_organisation_s_currency():
    assert Money(1500).text("JPY") == "1500 JPY"


def test_amounts_are_reckoned_and_compared():
    assert Money(300, "EUR") + Money(50, "EUR") - Money(100, "EUR") == Money(250, "EUR")
    assert Money(300, "EUR") * 3 == -Money(-900, "EUR")
    assert abs(Money(-1)) == Money(1)
    assert sum([Money(1, "EUR"), Money(2, "EUR")], Money(0)) == Money(3, "EUR")
    assert Money(1) < Money(2) <= Money(2)
    assert Money(3) > Money(2) >= Money(2)
    assert not Money(0)


@pytest.mark.parametrize("reckon", [Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__])
def test_two_currencies_are_never_mixed(reckon):
    with pytest.raises(ValueError, match="EUR"):
        reckon(Money(1, "EUR"), Money(1, "USD"))


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("ISK", 0), ("TND", 3), ("UYW", 4), ("", 2)])
def test_minor_units_follow_the_standard(currency, places):
    assert decimals(currency) == places


def test_a_currency_is_three_letters():
    assert currency_code(" eur ") == "EUR"
    for text in ("", "EU", "EURO", "€", "E1R"):
        with pytest.raises(Refused, match="not the code of a currency"):
            currency_code(text)


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**7))
def test_halves_go_away_from_zero_as_on_paper(numerator, denominator):
    expected = (Decimal(numerator) / denominator).quantize(Decimal(1), ROUND_HALF_UP)
    assert half_up(numerator, denominator) == int(expected)


def test_a_price_too_great_for_any_ledger_is_refused():
    with pytest.raises(Refused, match="more than can be booked"):
        Money(MOST, "EUR").times(Quantity(9_999_999))


@pytest.mark.parametrize(
    ("text", "millionths", "shown"),
    [("19", 190_000, "19 %"), ("8.875", 88_750, "8.875 %"), ("7,7 %", 77_000, "7.7 %"), ("0", 0, "0 %")],
)
def test_a_rate_is_read_in_per_cent_and_kept_exactly(text, millionths, shown):
    assert Rate.parse(text) == Rate(millionths)
    assert str(Rate(millionths)) == shown


@pytest.mark.parametrize("text", ["", "-1", "100.01", "nineteen", "1e1", "1.23456"])
def test_a_rate_that_is_none_is_refused(text):
    with pytest.raises(Refused, match="not a rate of tax"):
        Rate.parse(text)


def test_tax_on_top_of_the_price():
    line = taxed(Quantity(3), Money(999, "EUR"), Rate.parse("19"), inclusive=False)
    assert line == Amounts(Money(2997, "EUR"), Money(569, "EUR"), Money(3566, "EUR"))


def test_tax_contained_in_the_price():
    line = taxed(Quantity(3), Money(999, "EUR"), Rate.parse("19"), inclusive=True)
    assert line == Amounts(Money(2518, "EUR"), Money(479, "EUR"), Money(2997, "EUR"))


@given(quantities, prices, rates, st.booleans())
def test_net_and_tax_are_always_the_gross(quantity, price, rate, inclusive):
    line = taxed(quantity, price, rate, inclusive=inclusive)
    assert line.net + line.tax == line.gross
    assert price.times(quantity) == (line.gross if inclusive else line.net)


@given(quantities, prices, rates, st.booleans())
def test_a_return_takes_back_exactly_what_the_sale_booked(quantity, price, rate, inclusive):
    sold = taxed(quantity, price, rate, inclusive=inclusive)
    returned = taxed(-quantity, price, rate, inclusive=inclusive)
    assert (returned.net, returned.tax, returned.gross) == (-sold.net, -sold.tax, -sold.gross)


@given(quantities, prices, rates, st.booleans())
def test_the_tax_is_within_half_a_cent_of_the_exact_one(quantity, price, rate, inclusive):
    line = taxed(quantity, price, rate, inclusive=inclusive)
    exact = Decimal(line.net.minor if not inclusive else line.gross.minor) * rate.millionths
    exact /= 1_000_000 + (rate.millionths if inclusive else 0)
    assert abs(Decimal(line.tax.minor) - exact) <= Decimal("0.5")


@given(st.lists(st.tuples(st.sampled_from(["N", "R", "Z"]), quantities, prices, rates, st.booleans()), max_size=20))
def test_a_paper_s_sums_agree_to_the_cent(rows):
    lines = [(code, taxed(quantity, price, rate, inclusive=inclusive)) for code, quantity, price, rate, inclusive in rows]
    sums = totals(lines)
    assert sums.net + sum(sums.tax.values(), Money(0)) == sums.gross
    assert sums.gross == sum((line.gross for _, line in lines), Money(0))
    assert set(sums.tax) == {code for code, _ in lines}


def test_a_column_keeps_minor_units_and_adds_them_up():
    table = Table("bill", MetaData(), Column("id", Integer, primary_key=True), Column("amount", MoneyType))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table), [{"amount": Money(125, "EUR")}, {"amount": Money(-25)}, {"amount": None}])
        assert list(connection.scalars(select(table.c.amount).order_by(table.c.id))) == [Money(125), Money(-25), None]
        assert connection.scalar(select(func.sum(table.c.amount))) == Money(100)
    engine.dispose()


def test_saying_the_currency_changes_nothing_in_a_column():
    assert MoneyType().compare_values(Money(5), Money(5, "EUR"))
    assert not MoneyType().compare_values(Money(5), None)
