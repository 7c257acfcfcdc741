"""What a hub's process does now and then by itself, whatever else goes on."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from app.kernel.problems import Trouble
from sync.hub.tidying import Tidying

AWAY = Trouble("postgres.away", "The database is away.")


class Untidy:
    """A hub in whose way something comes the first time, such as that its database is away."""

    def __init__(self, falls: Exception = AWAY) -> None:
        self.falls = falls
        self.times = self.released = 0
        self.done = threading.Event()

    def release(self) -> None:
        self.released += 1
        if self.released == 1:
            raise self.falls

    def tidy(self) -> None:
        self.times += 1
        if self.times == 1:
            raise self.falls
        self.done.set()


@pytest.mark.parametrize("falls", [AWAY, KeyError("a mistake of the program's")], ids=["away", "a bug"])
def test_it_tidies_up_until_it_is_told_to_end_and_goes_on_after_a_failure(falls: Exception, caplog: Any) -> None:
    hub: Any = Untidy(falls)
    stopping = threading.Event()
    tidying = Tidying(hub, stopping, every=0.001)
    with caplog.at_level(logging.CRITICAL):
        tidying.start()
        assert hub.done.wait(10)
        stopping.set()
        tidying.join()
    assert hub.times >= 2
    assert hub.released == 2, "what was parked is run at the start, or as soon as the database is back; and then no more"


def test_a_hub_that_is_told_to_end_does_not_wait_for_all_that_was_parked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.hub.tidying.PATIENCE", 0.01)
    begun, going_on, stopping = threading.Event(), threading.Event(), threading.Event()

    class Long(Untidy):
        def release(self) -> None:
            begun.set()
            going_on.wait(20)

    tidying = Tidying(Long(), stopping)  # type: ignore[arg-type]
    tidying.start()
    assert begun.wait(10)
    stopping.set()
    tidying.join()
    assert not going_on.is_set()
    going_on.set()
