"""The hybrid clock: what it promises when the wall clock stands still, jumps, or lies."""

from datetime import UTC, datetime
from threading import Thread

from app.kernel.clock import SLACK_MS, Clock, _awake_ms, stamp_ms, stamp_of, stamp_time

NOON = 1_790_000_000_000


class Wall:
    """A wall clock that a test moves by hand."""

    def __init__(self, ms: int = NOON) -> None:
        self.ms = ms

    def __call__(self) -> int:
        return self.ms


def test_a_stamp_tells_its_moment():
    clock = Clock(Wall(1_774_746_000_123))
    assert stamp_time(clock.tick()) == datetime(2026, 3, 29, 1, 0, 0, 123_000, tzinfo=UTC)


def test_stamps_rise_while_the_wall_stands_still():
    clock = Clock(Wall())
    stamps = [clock.tick() for _ in range(1000)]
    assert stamps == sorted(set(stamps))
    assert {stamp_ms(stamp) for stamp in stamps} == {NOON}


def test_stamps_follow_the_wall_when_it_moves_on():
    wall = Wall()
    clock = Clock(wall)
    clock.tick()
    wall.ms += 1
    assert clock.tick() == stamp_of(NOON + 1)


def test_more_stamps_than_the_counter_holds_run_into_the_next_millisecond():
    clock = Clock(Wall())
    clock.resume(stamp_of(NOON, 0xFFFF))
    assert clock.tick() == stamp_of(NOON + 1)


def test_a_wall_set_back_ten_years_never_reorders():
    wall = Wall()
    clock = Clock(wall)
    before = clock.tick()
    wall.ms -= 10 * 365 * 86_400_000
    assert clock.tick() > before
    assert clock.suspect


def test_a_wall_that_agrees_with_the_stamps_is_not_suspect():
    clock = Clock(Wall())
    clock.tick()
    assert not clock.suspect


def test_a_date_before_1970_still_gives_rising_stamps():
    clock = Clock(Wall(-5_000))
    assert 0 < clock.tick() < clock.tick()


def test_a_start_with_the_clock_set_back_gives_no_stamp_again():
    wall = Wall()
    last = Clock(wall).tick()
    wall.ms -= 86_400_000
    restarted = Clock(wall)
    restarted.resume(last)
    assert restarted.tick() == last + 1


def test_resuming_from_an_older_stamp_takes_nothing_back():
    clock = Clock(Wall())
    last = clock.tick()
    clock.resume(stamp_of(NOON - 1))
    assert clock.last == last


def test_what_we_stamp_after_hearing_of_a_stamp_comes_after_it():
    clock = Clock(Wall())
    heard = stamp_of(NOON + 3_000, 7)
    assert clock.receive(heard)
    assert clock.tick() == heard + 1


def test_an_older_stamp_from_elsewhere_changes_nothing():
    clock = Clock(Wall())
    last = clock.tick()
    assert clock.receive(stamp_of(NOON - 60_000))
    assert clock.last == last


def test_five_minutes_ahead_is_still_believed():
    clock = Clock(Wall())
    assert clock.receive(stamp_of(NOON + SLACK_MS, 0xFFFF))


def test_a_stamp_further_ahead_than_five_minutes_cannot_drag_the_clock_along():
    clock = Clock(Wall())
    assert not clock.receive(stamp_of(NOON + SLACK_MS + 1))
    assert not clock.receive(stamp_of(253_402_300_799_000))
    assert clock.tick() == stamp_of(NOON)


def test_the_hub_s_offset_corrects_a_wrong_wall():
    clock = Clock(Wall(NOON - 7_200_000))
    clock.correct(7_200_000)
    assert stamp_ms(clock.tick()) == NOON
    assert clock.now() == stamp_time(stamp_of(NOON))


def test_a_newer_offset_replaces_the_one_before():
    clock = Clock(Wall())
    clock.correct(5_000)
    clock.correct(-5_000)
    assert clock.now_ms() == NOON - 5_000


def test_threads_never_draw_the_same_stamp():
    clock = Clock(Wall())
    drawn: list[int] = []

    def draw() -> None:
        drawn.extend([clock.tick() for _ in range(500)])

    threads = [Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == 2_000


def test_the_machine_s_own_clock_is_the_default():
    assert abs(stamp_ms(Clock().tick()) - datetime.now(UTC).timestamp() * 1000) < 60_000


YEARS = 10 * 365 * 86_400_000


class Awake(Wall):
    """Milliseconds that a machine has been on."""


def both() -> tuple[Wall, Awake, Clock]:
    wall, awake = Wall(), Awake(5_000)
    return wall, awake, Clock(wall, awake)


def pass_by(wall: Wall, awake: Awake, ms: int) -> None:
    wall.ms += ms
    awake.ms += ms


def test_a_clock_that_goes_as_time_does_is_believed_over_a_night_s_sleep():
    wall, awake, clock = both()
    clock.tick()
    pass_by(wall, awake, 12 * 3_600_000)
    assert (clock.doubt, clock.suspect) == ("", False)


def test_a_clock_that_is_set_while_the_program_runs_is_in_doubt_either_way():
    for by in (YEARS, -YEARS, 6 * 60_000, -6 * 60_000):
        wall, _awake, clock = both()
        clock.tick()
        wall.ms += by
        assert clock.suspect, by
        assert clock.moved_ms == by


def test_a_clock_that_a_time_server_puts_right_by_seconds_is_not_in_doubt():
    wall, _awake, clock = both()
    wall.ms += 4 * 60_000
    assert not clock.suspect


def test_a_clock_that_is_put_back_where_it_was_is_believed_again():
    wall, _awake, clock = both()
    wall.ms += 3_600_000
    assert clock.doubt == "leapt"
    wall.ms -= 3_600_000
    assert clock.doubt == ""


def test_what_a_hub_tells_ends_every_doubt_until_the_clock_is_set_again():
    wall, _awake, clock = both()
    last = clock.tick()
    wall.ms -= YEARS
    assert clock.suspect
    clock.correct(YEARS)
    assert not clock.suspect
    assert clock.now_ms() == NOON
    assert clock.tick() > last
    wall.ms += 3_600_000
    assert clock.suspect


def test_a_date_before_this_program_was_made_is_wrong_whoever_says_so():
    assert Clock(Wall(stamp_ms(0))).doubt == "early"


def test_a_start_that_is_behind_the_last_command_is_in_doubt_and_so_is_one_a_year_after_it():
    last = stamp_of(NOON)
    for at, doubt in ((NOON - YEARS // 20, "behind"), (NOON + 30 * 86_400_000, ""), (NOON + YEARS, "ahead")):
        clock = Clock(Wall(at))
        clock.resume(last)
        assert clock.doubt == doubt


def test_the_machine_s_own_clock_is_held_against_what_nobody_can_set():
    clock = Clock()
    assert abs(clock.moved_ms) < SLACK_MS
    assert not clock.suspect


def test_a_laptop_that_slept_is_not_taken_for_one_whose_clock_was_set(monkeypatch):
    wall = Wall()
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("time.CLOCK_MONOTONIC", "asleep or not", raising=False)
    monkeypatch.setattr("time.clock_gettime_ns", {"asleep or not": wall.ms * 1_000_000}.__getitem__)
    assert _awake_ms() == wall.ms
