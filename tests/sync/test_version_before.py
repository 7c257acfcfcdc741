"""A terminal of the version before is brought up to date with its work still waiting: all of it reaches the hub."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from replay_chance import evening
from replay_world import Machine, Trio, Wall, memory
from sqlalchemy import Engine

from app.kernel.records import PARKED, WAITING
from app.migrations import upgrade
from app.work_orders.model import HealthRecord, PartLine, ServiceLine
from sync.terminal.exchange import Limits

DATA = Path(__file__).resolve().parents[1] / "data"
STEP, EVENING = "0004", 1_790_009_000_000  # the step at which both stand, and the time of day after all that was done
CHANGED = ("AddService", "CreateOrder", "IssuePart", "RecordHealth", "UndoIssue")  # they say more since
WAITS = 107  # commands, of 24 kinds: all that somebody does at a terminal all day


def store(name: str) -> Engine:
    """A store that the last program of that step left, brought up to date by this one."""
    made = memory()
    upgrade(made, STEP)
    with gzip.open(DATA / f"{name}_{STEP}.ndjson.gz", "rt", encoding="utf-8") as file, made.begin() as connection:
        raw: Any = connection.connection.driver_connection
        for table in ("alembic_version", "digest", "feed_head"):
            raw.execute(f"DELETE FROM {table}")  # noqa: S608
        for table, columns, values in map(json.loads, file):
            told = [bytes.fromhex(one["hex"]) if isinstance(one, dict) else one for one in values]
            names = ", ".join(f'"{column}"' for column in columns)
            raw.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", told)  # noqa: S608
    upgrade(made)
    return made


@pytest.fixture
def trio() -> Iterator[Trio]:
    """The hub and its terminal as they were then, and a second terminal that has fetched nothing yet."""
    fresh = memory()
    upgrade(fresh)
    made = Trio(store("hub"), store("terminal"), fresh, Wall(EVENING))
    yield made
    made.stop()


def kinds(machine: Machine) -> Counter[str]:
    return Counter(machine.waiting())


def test_what_waited_is_still_there_and_agrees_with_itself(trio: Trio) -> None:
    left = trio.left
    assert sum(kinds(left).values()) == WAITS
    assert set(CHANGED) <= kinds(left).keys()
    assert left.broken_chain(left.station.id) is None
    assert left.balances() == left.rebuilt()


@pytest.mark.parametrize("limits", [Limits(), Limits(commands=1, rows=20, pages=2), Limits(commands=7, again=2)])
def test_what_waited_reaches_the_hub_and_in_the_evening_all_hold_the_same(trio: Trio, limits: Limits) -> None:
    """The fewer commands go up at once, the more often the rest is taken back and done again by this program."""
    trio.quiesce(limits)
    evening(trio)
    states = Counter(row.state for row in trio.left.envelopes())
    assert (states[WAITING], states[PARKED], states.total()) == (0, 0, WAITS)
    assert trio.left.image() == trio.right.image() == trio.hub.image()


def test_who_was_written_down_before_is_found_however_their_numbers_are_written(trio: Trio) -> None:
    for machine in (trio.hub, trio.left):
        for text, entity in (("mab12", "vehicle"), ("M AB-12", "vehicle"), ("01701", "customer")):
            match = machine.app.meaning(text, trio.program).match
            assert match is not None, text
            assert match.entity == entity


@pytest.mark.parametrize("entity", [PartLine, ServiceLine, HealthRecord])
def test_what_is_new_stands_as_its_step_of_the_history_says(trio: Trio, entity: type[Any]) -> None:
    rows = trio.left.all(entity)
    assert rows
    assert {getattr(row, "kind", "handover") for row in rows} == {"handover"}
    assert {getattr(row, "optional", False) for row in rows} == {False}
