"""A backlog never takes the last thread from whoever scans; where too many wait, the next one is told when to come again."""

from __future__ import annotations

import asyncio
import threading

import pytest

from app.kernel.problems import Refused
from sync.hub import lobby
from sync.hub.lobby import LONG, Lobby


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lobby, "BACKLOGS", 2)
    monkeypatch.setattr(lobby, "MOST_BACKLOGS", 3)


async def crowded(room: Lobby, free: threading.Event) -> list[asyncio.Task[bool]]:
    """Two backlogs on a thread each, and three that wait for one."""
    backlogs = [asyncio.create_task(room.served(LONG + 1, free.wait)) for _each in range(5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return backlogs


@pytest.mark.usefixtures("small")
def test_a_scan_is_served_while_backlogs_hold_all_their_threads() -> None:
    async def go() -> str:
        room, free = Lobby(), threading.Event()
        backlogs = await crowded(room, free)
        found = await room.served(LONG, lambda: "scanned")
        free.set()
        assert await asyncio.gather(*backlogs) == [True] * 5
        return found

    assert asyncio.run(go()) == "scanned"


@pytest.mark.usefixtures("small")
def test_where_too_many_backlogs_wait_the_next_one_is_told_when_to_come_again() -> None:
    async def go() -> Refused:
        room, free = Lobby(), threading.Event()
        backlogs = await crowded(room, free)
        try:
            with pytest.raises(Refused) as refused:
                await room.served(LONG + 1, free.wait)
        finally:
            free.set()
            await asyncio.gather(*backlogs)
        return refused.value

    problem = asyncio.run(go()).problems[0]
    assert problem.code == "wire.busy"
    assert problem.values["seconds"] == lobby.LATER
