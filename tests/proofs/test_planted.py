"""The list of planted bugs goes on with the program: each of them still has its place in it, and tests to find it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import plant
import pytest
from planted import PLANTED, Bug

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_a_bug_on_the_list_can_still_be_planted(bug: Bug) -> None:
    found = {(name, old): (ROOT / name).read_text("utf-8").count(old) for name, old, _new in bug.edits}
    assert set(found.values()) == {1}, found


def test_every_bug_has_a_name_of_its_own() -> None:
    assert [name for name, times in Counter(bug.name for bug in PLANTED).items() if times > 1] == []


@pytest.mark.parametrize("test", plant.tests_of(PLANTED))
def test_the_tests_that_are_to_find_them_are_there(test: str) -> None:
    path, _colons, name = test.partition("::")
    assert f"def {name.partition('[')[0]}" in (ROOT / path).read_text("utf-8")
