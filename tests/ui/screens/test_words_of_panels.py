"""What stands on a page where there is little: that there is nothing yet, and a moment as people at the site write it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from shop_floor import Terminal

from app.kernel.entity import fields_of
from app.kernel.types import millis
from app.labor.model import Shift, Stint
from ui.kit.declared import Place
from ui.kit.fields import FieldBox, TextBox
from ui.kit.list import Table
from ui.kit.nothing import NONE
from ui.kit.values import live_in
from world import World


def test_a_table_without_a_line_says_so(terminal: Terminal, world: World) -> None:
    owner = world.save("customer", name="Grace Hopper", phone="0170 999 111")
    bare = world.save("vehicle", customer_id=owner.hex, make="BMW", model="R 75", plate="M-X 1")
    terminal.window.floor.go(Place("page", "vehicle", bare))
    terminal.until(terminal.settled)
    table = next(one for one in terminal.window.findChildren(Table) if one.isVisible())
    assert table.rows.rowCount() == 0
    before = table.grab().toImage()
    table.rows.total = 1
    assert table.grab().toImage() != before, f"it said: {NONE}"


@pytest.mark.parametrize(("typed", "means"), [("2026-11-20 14:00", 14), ("2026-07-20 14:00", 13)])
def test_a_moment_is_typed_as_the_clock_on_the_wall_shows_it(terminal: Terminal, typed: str, means: int) -> None:
    live_in("Europe/London")
    box = TextBox(fields_of(Stint)["ended"], terminal.window.bench)
    box.set_value(typed)
    day = typed.partition(" ")[0]
    assert box.read() == millis(datetime.fromisoformat(f"{day}T{means:02}:00+00:00"))


def test_a_moment_that_nobody_touched_stays_to_the_millisecond(terminal: Terminal) -> None:
    live_in("UTC")
    kept = millis(datetime(2026, 11, 20, 14, 0, 31, 250_000, UTC))
    box = TextBox(fields_of(Stint)["ended"], terminal.window.bench)
    box.set_value(kept)
    assert (box.value(), box.read()) == ("2026-11-20 14:00", kept)


def test_where_a_field_is_the_only_one_it_can_be_the_others_close_up(terminal: Terminal, world: World) -> None:
    shift = world.save("shift", site_id=world.site.hex, name="Early", starts=360, ends=900, pause=30)
    terminal.window.floor.seat(world.person("Kim", "ADM"))
    terminal.window.floor.go(Place("form", Shift.__tablename__, shift))
    terminal.until(terminal.settled)
    boxes = [one for one in terminal.window.findChildren(FieldBox) if one.isVisible()]
    top = min(box.y() for box in boxes)
    assert len([box for box in boxes if box.y() == top]) == 2
