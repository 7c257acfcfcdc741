"""A mechanic, a supervisor and a day that tests go through hour by hour."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.kernel.access import Actor
from app.kernel.clock import Clock
from app.kernel.types import millis
from app.labor.model import Stint
from app.work_orders.commands import CreateOrder
from world import World

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 9, 21)  # a Monday


def at(hour: int, minute: int = 0, days: int = 0) -> datetime:
    """A moment of that day by the clock on the workshop's wall."""
    return datetime(DAY.year, DAY.month, DAY.day + days, hour, minute, tzinfo=BERLIN)


class Hands:
    """The clock on the wall, which a test sets."""

    def __init__(self, world: World) -> None:
        self.ms = millis(at(8))
        world.app.clock = world.app.dispatcher.clock = Clock(lambda: self.ms)

    def go(self, hour: int, minute: int = 0, days: int = 0) -> None:
        self.ms = millis(at(hour, minute, days))


def day_of(world: World, who: Actor) -> list[tuple[str, str, str, str]]:
    """What somebody's clock holds: kind, from, until (– while it runs) and how, in the order of the day."""
    rows = [row for row in world.rows(Stint) if row.person_id == who.id and not row.retired]
    return [(one.kind, told(one.started), told(one.ended), one.source) for one in sorted(rows, key=lambda row: row.started)]


def told(moment: datetime | None) -> str:
    return "–" if moment is None else moment.astimezone(BERLIN).strftime("%H:%M")


@dataclass
class Floor:
    """The workshop with its people: Kim and Lee are mechanics, Sue is a supervisor; and two jobs that are open."""

    world: World
    hands: Hands
    kim: Actor
    lee: Actor
    sue: Actor
    job: UUID
    other: UUID


def opened(world: World) -> Floor:
    hands = Hands(world)
    kim, lee, sue = world.person("Kim", "MEC"), world.person("Lee", "MEC"), world.person("Sue", "SUP")
    other = world.done(CreateOrder(site=world.site, what="Chain")).row("work_order")
    return Floor(world, hands, kim, lee, sue, world.order, other)


@contextmanager
def no_change(world: World) -> Iterator[None]:
    """What is refused leaves the clock as it was."""
    before = images(world)
    yield
    assert images(world) == before


def images(world: World) -> list[tuple[Any, ...]]:
    return sorted((row.id, row.kind, row.started, row.ended, row.retired) for row in world.rows(Stint))
