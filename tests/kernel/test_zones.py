"""Sites have zones: which day a moment belongs to, and how long a day is, across the changes of 2026."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.kernel.problems import Refused
from app.kernel.zones import business_date, day_bounds, local_time, zone, zone_names

SPRING = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # the moment when clocks in Berlin go from 2 to 3
AUTUMN = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # and the moment when they go back from 3 to 2


@pytest.mark.parametrize(
    ("moment", "place", "day"),
    [
        (datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC), "Europe/Berlin", date(2026, 3, 28)),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 3, 29)),
        (SPRING, "Europe/Berlin", date(2026, 3, 29)),
        (datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC), "Europe/Berlin", date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 3, 30)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC), "Europe/Berlin", date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 10, 26)),
        (SPRING, "America/New_York", date(2026, 3, 28)),
        (SPRING, "Asia/Kolkata", date(2026, 3, 29)),
        (datetime(2026, 3, 28, 12, 0, tzinfo=UTC), "Pacific/Kiritimati", date(2026, 3, 29)),
        (SPRING, "UTC", date(2026, 3, 29)),
    ],
)
def test_a_moment_belongs_to_the_day_of_its_site(moment, place, day):
    assert business_date(moment, place) == day


def test_the_clock_springs_forward_at_one_in_the_morning_utc():
    assert local_time(SPRING - timedelta(seconds=1), "Europe/Berlin").hour == 1
    assert local_time(SPRING, "Europe/Berlin").hour == 3


def test_the_clock_falls_back_at_one_in_the_morning_utc():
    assert local_time(AUTUMN - timedelta(seconds=1), "Europe/Berlin").hour == 2
    assert local_time(AUTUMN, "Europe/Berlin").hour == 2


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24), (date(2026, 12, 31), 24)]
)
def test_a_day_is_as_long_as_summer_time_makes_it(day, hours):
    start, end = day_bounds(day, "Europe/Berlin")
    assert end - start == timedelta(hours=hours)
    assert business_date(start, "Europe/Berlin") == day
    assert business_date(end, "Europe/Berlin") == day + timedelta(days=1)


@pytest.mark.parametrize("name", ["", "Europe", "Berlin", "Europe/Atlantis", "../../etc/passwd", "/etc/passwd", "x" * 300, "é\0"])
def test_a_zone_that_does_not_exist_is_refused_in_words(name):
    with pytest.raises(Refused, match="not a time zone") as refused:
        zone(name, field="zone")
    assert refused.value.problems[0].field == "zone"
    assert "Europe/Berlin" in refused.value.problems[0].advice


def test_every_zone_in_the_list_can_be_chosen():
    assert "Europe/Berlin" in zone_names()
    assert "UTC" in zone_names()
    assert all(zone(name) for name in zone_names())


def test_a_moment_without_a_zone_is_a_bug():
    with pytest.raises(ValueError, match="zone"):
        business_date(datetime(2026, 3, 29, 1, 0), "Europe/Berlin")
