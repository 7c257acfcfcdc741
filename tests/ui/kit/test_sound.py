"""Sounds: five that are told apart with closed eyes, played beside the screen, honest about silence."""

from __future__ import annotations

import io
import math
import struct
import threading
import time
import wave
from itertools import pairwise

import pytest

from ui.kit.sound import RATE, Outcome, ProgramPlayer, SilentPlayer, Sounds, WindowsPlayer, player_here, sample


def samples(outcome: Outcome) -> list[int]:
    with wave.open(io.BytesIO(sample(outcome))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        raw = file.readframes(file.getnframes())
    return list(struct.unpack(f"<{len(raw) // 2}h", raw))


def tones(outcome: Outcome) -> list[int]:
    """The pitch of each tone in hertz, told from how often the wave rises through zero between its pauses."""
    found: list[list[int]] = [[]]
    wave_form = samples(outcome)
    step = RATE // 200
    for start in range(0, len(wave_form), step):
        part = wave_form[start : start + step]
        if max(map(abs, part)) < 50:
            found.append([])
        else:
            found[-1].extend(part)
    return [pitch(tone) for tone in found if tone]


def pitch(tone: list[int]) -> int:
    rising = sum(1 for before, after in pairwise(tone) if before < 0 <= after)
    return round(rising * RATE / len(tone))


def test_ok_is_one_short_high_tone():
    assert len(tones(Outcome.OK)) == 1
    assert tones(Outcome.OK)[0] > 1_500
    assert len(samples(Outcome.OK)) / RATE < 0.15


def test_what_was_only_heard_is_one_quiet_tone_in_the_middle():
    (hertz,) = tones(Outcome.HEARD)
    assert 500 < hertz < 900
    assert max(samples(Outcome.HEARD)) < 0.8 * max(samples(Outcome.OK))


def test_ask_is_two_rising_tones():
    first, second = tones(Outcome.ASK)
    assert second > 1.3 * first


def test_a_duplicate_is_twice_the_same():
    first, second = tones(Outcome.DUPLICATE)
    assert first == pytest.approx(second, rel=0.06)


def test_an_error_is_two_low_tones_and_longer():
    assert len(tones(Outcome.ERROR)) == 2
    assert max(tones(Outcome.ERROR)) < 500
    assert len(samples(Outcome.ERROR)) > 3 * len(samples(Outcome.OK))


@pytest.mark.parametrize("outcome", Outcome)
def test_no_sound_clicks_or_clips(outcome: Outcome):
    heard = samples(outcome)
    assert max(map(abs, heard)) < 32_000
    assert abs(heard[0]) < 500
    assert abs(heard[-1]) < 500
    assert math.sqrt(sum(value * value for value in heard) / len(heard)) > 4_000  # a hall is loud


class SlowPlayer(SilentPlayer):
    """Plays until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on, self.began = threading.Event(), threading.Event()

    def play(self, outcome: Outcome, wav: bytes) -> None:
        super().play(outcome, wav)
        self.began.set()
        self.go_on.wait(10)


@pytest.fixture
def slow():
    player = SlowPlayer()
    sounds = Sounds(player)
    yield player, sounds
    player.go_on.set()
    sounds.close()


def test_the_caller_never_waits(slow):
    player, sounds = slow
    begun = time.perf_counter()
    for _scan in range(1_000):
        sounds.play(Outcome.OK)
    assert time.perf_counter() - begun < 1.0
    assert len(player.played) <= 1


def test_of_many_that_wait_the_newest_is_heard(slow):
    player, sounds = slow
    sounds.play(Outcome.OK)
    assert player.began.wait(10)
    for outcome in (Outcome.ASK, Outcome.OK, Outcome.DUPLICATE):
        sounds.play(outcome)
    player.go_on.set()
    assert sounds.wait(10)
    assert player.played == [Outcome.OK, Outcome.DUPLICATE]


def test_an_error_is_heard_however_fast_the_scans_come(slow):
    player, sounds = slow
    sounds.play(Outcome.OK)
    assert player.began.wait(10)
    for outcome in (Outcome.ERROR, Outcome.OK, Outcome.OK):
        sounds.play(outcome)
    player.go_on.set()
    assert sounds.wait(10)
    assert player.played == [Outcome.OK, Outcome.ERROR]


def test_a_machine_without_sound_says_so_and_keeps_what_it_would_have_played():
    player = SilentPlayer()
    sounds = Sounds(player)
    sounds.play(Outcome.ERROR)
    assert sounds.wait(10)
    assert not sounds.available
    assert player.played == [Outcome.ERROR]
    sounds.close()


@pytest.mark.parametrize(("command", "available"), [(("true",), True), (("false",), False), (("/no/such/player",), False)])
def test_a_player_that_fails_is_not_called_available(command: tuple[str, ...], available: bool):
    player = ProgramPlayer(*command)
    player.play(Outcome.OK, sample(Outcome.OK))
    assert player.available is available


def test_this_machine_has_some_player():
    assert callable(player_here().play)


@pytest.mark.parametrize(
    ("platform", "there", "kind"),
    [
        ("win32", (), WindowsPlayer),
        ("darwin", ("afplay",), ProgramPlayer),
        ("linux", ("aplay", "paplay"), ProgramPlayer),
        ("linux", (), SilentPlayer),
    ],
)
def test_each_system_plays_by_its_own_means(platform: str, there: tuple[str, ...], kind: type[object]):
    assert type(player_here(platform, lambda name: f"/usr/bin/{name}" if name in there else None)) is kind


def test_closing_leaves_no_thread():
    before = set(threading.enumerate())
    sounds = Sounds(SilentPlayer())
    sounds.play(Outcome.OK)
    sounds.close()
    assert set(threading.enumerate()) <= before
