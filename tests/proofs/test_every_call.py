"""Killed in any call to the disk that a command makes, the program has done the command whole or not at all, and goes on."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from counts import Count
from killing import Shop, commands, furnished
from striking import Counter, NoTrace, fed, holds, noted

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("strace") is None, reason="the calls are counted by strace"
)
NAME = "kills in every call"
LONGEST = 5000  # calls of one command, which may be the one that writes a full journal back


def every_call(shop: Shop, line: dict[str, Any], first: int, step: int, count: Count) -> int:
    """One command, sent again and again until it is answered: killed in one of its first calls, then some further on each time.

    In how many of them it was killed.
    """
    for times, nth in enumerate(range(first, LONGEST, step)):
        answered = noted(shop, line, Counter(shop).struck(line, nth))
        holds(shop)
        count(NAME, "kill -9")
        if answered:
            return times
    raise AssertionError(f"{line} never comes to an end")


def script(folder: Path, before: int, number: int, step: int, seed: int, count: Count) -> None:
    """So many commands after some that nobody disturbs, each killed in every fifth of its calls, or whatever `step` is: one from
    the first on, the next from the second. So of any five commands every call is met."""
    shop, dice = furnished(folder / "store"), random.Random(seed)
    fed(shop, commands(shop, dice, before))
    try:
        lines = commands(shop, dice, number)
        struck = [every_call(shop, line, 1 + place % step, step, count) for place, line in enumerate(lines)]
    except NoTrace as error:
        pytest.skip(f"nobody may trace here: {error}")
    assert max(struck) > 3, "a command that writes nothing proves nothing"
    count(NAME, "commands", number)
    count(NAME, "calls killed in", sum(struck))
    for what in ("lost", "double", "half-done"):
        count(NAME, what, 0)


def test_killed_in_any_of_its_calls_a_command_is_done_whole_or_not_at_all(memory: Path, count: Count) -> None:
    script(memory, 0, 1, 3, 0, count)


@pytest.mark.prove
@pytest.mark.parametrize("part", range(20))
def test_of_two_hundred_commands_killed_in_their_calls_none_is_half_done(memory: Path, count: Count, part: int) -> None:
    script(memory, part * 5, 10, 5, 100 + part, count)
