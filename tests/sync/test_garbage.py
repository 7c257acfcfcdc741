"""While a turn makes thousands of objects nobody looks for garbage; afterwards it is looked for again, whoever else is at it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from sync.garbage import uncollected


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.enable()


def test_nobody_looks_until_the_outermost_turn_is_over() -> None:
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_turn_that_fails_is_over_too() -> None:
    with pytest.raises(ZeroDivisionError), uncollected():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_who_does_without_goes_on_to_do_without() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()


def test_it_is_looked_for_again_where_another_s_turn_ends_just_as_one_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    another, asks = uncollected(), gc.isenabled
    another.__enter__()
    ends = [another]

    def asked() -> bool:
        """It ends behind our question."""
        told = asks()
        if ends:
            ends.pop().__exit__(None, None, None)
        return told

    monkeypatch.setattr(gc, "isenabled", asked)
    with uncollected():
        pass
    monkeypatch.undo()
    if ends:
        another.__exit__(None, None, None)
    assert gc.isenabled()
