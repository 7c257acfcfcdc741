"""Exact values: read as they are meant, and the same in SQLite and in PostgreSQL."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select

from app.kernel import postgres as pg
from app.kernel.money import Money, MoneyType
from app.kernel.problems import Refused
from app.kernel.store import Store
from app.kernel.types import MOST, DayType, Id, Json, Quantity, QuantityType, UtcTime, canonical, millis, moment

ROW = Table(
    "row",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("id", Id),
    Column("quantity", QuantityType),
    Column("price", MoneyType),
    Column("at", UtcTime),
    Column("day", DayType),
    Column("extra", Json),
)
FULL = {
    "id": UUID("019e0000-0000-7000-8000-00000000ff01"),
    "quantity": Quantity(Decimal("-2.125")),
    "price": Money(123_456_789_012),
    "at": datetime(2026, 3, 29, 1, 0, 0, 123_000, tzinfo=UTC),
    "day": date(2026, 10, 25),
    "extra": {"ö": [1, 2.5, None, True, "“x”"], "a": {}},
}

# --------------------------------------------------------------------------------------------------------- quantities


@pytest.mark.parametrize(
    ("text", "thousandths"),
    [
        ("3", 3000),
        ("2.5", 2500),
        (" 2,5 ", 2500),
        ("-0.001", -1),
        ("+7", 7000),
        ("1.000", 1000),
        ("9999999.999", MOST),
        ("007", 7000),
    ],
)
def test_a_quantity_is_read_exactly(text, thousandths):
    assert Quantity.parse(text).thousandths == thousandths


@pytest.mark.parametrize(
    ("text", "code", "advice"),
    [
        ("1,000", "quantity.ambiguous", "without a comma"),
        ("10000000", "quantity.too_much", "9,999,999"),
        ("1e9", "quantity.exponent", "digits"),
        ("١٢", "quantity.digits", "Write 12."),
        ("", "quantity.unreadable", "3 or 2.5"),
        ("three", "quantity.unreadable", "3 or 2.5"),
        ("1.0005", "quantity.unreadable", "three decimals"),
        ("1 000", "quantity.unreadable", "three decimals"),
        ("0x10", "quantity.unreadable", "digits"),
        ("--3", "quantity.unreadable", "digits"),
        ("NaN", "quantity.unreadable", "digits"),
        ("5" * 200_000, "quantity.unreadable", "digits"),
    ],
)
def test_a_quantity_that_cannot_be_meant_surely_is_refused_with_advice(text, code, advice):
    with pytest.raises(Refused) as refused:
        Quantity.parse(text, field="wanted")
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == (code, "wanted")
    assert advice in problem.advice
    assert len(problem.sentence) < 100


@given(st.integers(-MOST, MOST))
def test_a_quantity_is_read_back_as_it_is_written(thousandths):
    quantity = Quantity.of_thousandths(thousandths)
    assert Quantity.parse(str(quantity)) == quantity
    assert hash(Quantity.parse(str(quantity))) == hash(quantity)


@given(st.integers(-MOST, MOST), st.integers(-MOST, MOST), st.integers(-50, 50))
def test_quantities_are_reckoned_without_rounding(one, other, times):
    a, b = Quantity.of_thousandths(one), Quantity.of_thousandths(other)
    assert a + b - b == a
    assert (a * times).thousandths == one * times
    assert abs(-a) == abs(a)
    assert (a < b, a <= b, a == b, bool(a)) == (one < other, one <= other, one == other, one != 0)


def test_a_quantity_finer_than_a_thousandth_is_a_bug():
    with pytest.raises(ValueError, match="three decimals"):
        Quantity(Decimal("0.0001"))


def test_a_quantity_is_no_number():
    assert Quantity(3) != 3
    assert repr(Quantity(Decimal("2.50"))) == "Quantity(2.5)"


# ------------------------------------------------------------------------------------------------------------ moments


@given(st.integers(0, 253_402_300_799_999))
@example(1_774_746_000_123)
def test_a_moment_is_kept_to_the_millisecond(ms):
    assert millis(moment(ms)) == ms


def test_a_moment_is_the_same_in_every_zone():
    assert millis(datetime(2026, 3, 29, 3, 0, tzinfo=timezone(timedelta(hours=2)))) == millis(
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    )


def test_a_moment_without_a_zone_is_a_bug():
    with pytest.raises(ValueError, match="zone"):
        millis(datetime(2026, 3, 29, 1, 0))


# --------------------------------------------------------------------------------------------------------- plain data


def test_one_value_has_one_text():
    assert canonical({"b": 1, "a": ["ö", None]}) == canonical({"a": ["ö", None], "b": 1}) == '{"a":["ö",null],"b":1}'


# ------------------------------------------------------------------------------------------------------ both databases


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request, tmp_path):
    """A database of either kind, with the table in it."""
    if request.param == "sqlite":
        store = Store.create(tmp_path / "store" / "workshop.fettle", bytes(32))
        made, close = store.writer, store.close
    else:
        made = pg.owner_engine(request.getfixturevalue("postgres"))
        close = made.dispose
    with made.begin() as connection:
        ROW.create(connection)
    yield made
    close()


def test_a_full_row_comes_back_as_it_went_in(engine):
    with engine.begin() as connection:
        connection.execute(insert(ROW), {"number": 1, **FULL})
        [found] = connection.execute(select(ROW)).mappings()
    assert dict(found) == {"number": 1, **FULL}


def test_an_empty_row_is_empty_in_the_database_too(engine):
    names = [name for name in FULL if name != "extra"]
    with engine.begin() as connection:
        connection.execute(insert(ROW), {"number": 1, **dict.fromkeys(names)})
        [found] = connection.execute(select(ROW)).mappings()
        assert dict(found) == {"number": 1, **dict.fromkeys(FULL)}
        assert connection.scalar(select(func.count()).where(*[ROW.c[name].is_(None) for name in names])) == 1


def test_rows_are_found_and_sorted_by_their_values(engine):
    rows = [
        {"number": 1, "id": UUID(int=0xFF << 120), "quantity": Quantity(-1), "at": moment(5), "day": date(2026, 2, 1)},
        {"number": 2, "id": UUID(int=1), "quantity": Quantity(10), "at": moment(70_000), "day": date(2025, 12, 31)},
        {"number": 3, "id": UUID(int=0x7F << 120), "quantity": Quantity(9), "at": moment(1_000), "day": date(2026, 1, 31)},
    ]
    with engine.begin() as connection:
        connection.execute(insert(ROW), rows)
        for name in ("id", "quantity", "at", "day"):
            expected = [row["number"] for row in sorted(rows, key=lambda row, name=name: row[name])]
            assert list(connection.scalars(select(ROW.c.number).order_by(ROW.c[name]))) == expected
            assert connection.scalar(select(ROW.c.number).where(ROW.c[name] == rows[1][name])) == 2


def test_quantities_are_added_up_by_the_database(engine):
    with engine.begin() as connection:
        connection.execute(insert(ROW), [{"number": n, "quantity": Quantity.of_thousandths(n * 500)} for n in range(1, 5)])
        assert connection.scalar(select(func.sum(ROW.c.quantity))) == Quantity(5)
        assert connection.scalar(select(func.sum(ROW.c.quantity)).where(ROW.c.number > 9)) is None
