"""Each record says how far it is on its way to the hub: on its page, and in lists by a sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work
from sqlalchemy import delete, update

from app.kernel.events import Notice
from app.kernel.records import EnvelopeRow, TouchRow
from app.kernel.saving import SaveRecord
from ui.kit.declared import Place
from ui.kit.list import ListPage
from ui.shell.pill import Pill
from world import World


@pytest.fixture
def enrolled(world: World, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal that has a hub, which has confirmed all that was done so far."""
    keeper = world.person("Sue", "SUP")
    world.app.dispatcher.moved_to(replace(world.app.station, enrolled=True))
    answered(world)
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(keeper)
        yield terminal


def answered(world: World) -> None:
    """The hub has confirmed everything."""

    def run() -> None:
        with world.app.writer.sessions() as session:
            session.execute(update(EnvelopeRow).values(state="confirmed"))
            session.execute(delete(TouchRow))
            session.commit()

    world.app.writer.run(run)
    world.app.notices.tell(Notice({"work_order": frozenset({world.order})}))


def test_a_page_says_saved_here_until_the_hub_has_confirmed(enrolled: Terminal, world: World) -> None:
    enrolled.window.floor.go(Place("page", "work_order", world.order))
    enrolled.until(lambda: "Confirmed" in enrolled.words())
    fields = {"what": ["Front brake", "Rear brake"]}
    world.done(SaveRecord(entity="work_order", id=world.order, fields=fields))
    enrolled.until(lambda: "Saved here" in enrolled.words())
    answered(world)
    enrolled.until(lambda: "Saved here" not in enrolled.words())


def test_a_list_shows_a_sign_before_what_is_not_confirmed_and_says_it_to_a_screen_reader(
    enrolled: Terminal, world: World
) -> None:
    def first(role: Qt.ItemDataRole) -> object:
        screen = enrolled.window.floor.screen
        assert isinstance(screen, ListPage)
        return screen.table.rows.data(screen.table.rows.index(0, 0), role)

    enrolled.window.floor.go(Place("list", "work_order"))
    enrolled.until(lambda: first(Qt.ItemDataRole.DisplayRole) is not None)
    assert first(Qt.ItemDataRole.DecorationRole) is None
    world.done(SaveRecord(entity="work_order", id=world.order, fields={"what": ["Front brake", "Rear brake"]}))
    enrolled.until(lambda: first(Qt.ItemDataRole.DecorationRole) is not None)
    assert str(first(Qt.ItemDataRole.AccessibleTextRole)).endswith(", Saved here")


def test_a_record_with_a_card_needs_somebody(enrolled: Terminal, world: World) -> None:
    enrolled.window.floor.go(Place("page", "work_order", world.order))
    enrolled.until(lambda: "Confirmed" in enrolled.words())
    assert enrolled.window.findChild(Pill) is not None
    for said in ("Rear brake", "Both brakes"):
        world.done(SaveRecord(entity="work_order", id=world.order, fields={"what": ["Front brake", said]}))
    answered(world)
    enrolled.until(lambda: "Confirmed" in enrolled.words())
    assert "Needs you" not in enrolled.words().replace("Needs you: ", ""), "what is merely noted needs nobody"
