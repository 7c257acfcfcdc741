"""Settling cards at the terminal: open, choose, confirm; by touch, by keys and by the DONE card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from replays import late
from shop_floor import Terminal, at_work, card, times

from app.kernel.access import Actor
from app.kernel.capture import Capture, WorkSession
from app.kernel.clock import stamp_ms
from app.kernel.commands import Envelope, encode
from app.kernel.events import Notice
from app.kernel.ids import new_id
from app.kernel.link import LinkDetails, LinkState
from app.kernel.problems import Problem
from app.kernel.records import Discrepancy
from app.kernel.saving import SaveRecord
from app.kernel.scan_log import Outcome
from app.kernel.standard import Transition
from app.kernel.types import moment
from app.kernel.work import give_back
from app.work_orders.commands import CreateOrder
from app.work_orders.model import WorkOrder
from ui.kit.declared import Place
from ui.shell.pill import Pill
from world import World


@pytest.fixture
def sue(world: World) -> Actor:
    return world.person("Sue", "SUP")


@pytest.fixture
def mia(world: World) -> Actor:
    return world.person("Mia", "MEC")


@pytest.fixture
def terminal(world: World, sue: Actor, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(sue)
        yield terminal


def parted(world: World, what: str) -> UUID:
    """A job that was cancelled here, and begun at another terminal."""
    order = world.done(CreateOrder(site=world.site, what=what)).row("work_order")
    world.done(Transition(entity="work_order", id=order, move="cancel", reason="Sold"))
    begin = Transition(entity="work_order", id=order, move="begin")
    late(world, begin, stamp_ms(world.app.clock.tick()) + 1, by=world.person(f"Ben{what}", "MEC").id)
    return order


def came_back(world: World, who: Actor, command: Any, problem: Problem) -> None:
    """The hub turned something down, and its rows have come."""
    now = world.app.clock.now()
    envelope = Envelope(
        id=new_id(), command=type(command).__name__, version=1, body=encode(command), org_id=world.org, actor_id=who.id,
        terminal_id=world.app.station.id, stamp=world.app.clock.tick(), occurred_at=now, business_date=now.date(),
        authority=command.authority,
    )  # fmt: skip

    def run() -> None:
        with WorkSession(world.app.dispatcher.engine, info={"orgs": {world.org}}) as session:
            session.info["capture"] = Capture(world.app.registry, envelope.stamp)
            give_back(session, envelope, problem, encode(command))
            session.commit()

    world.app.writer.run(run)
    world.app.notices.tell(Notice({"discrepancy": frozenset({envelope.id})}))


def pill(terminal: Terminal) -> Pill:
    return terminal.window.findChild(Pill)


def touch_pill(terminal: Terminal) -> None:
    found = pill(terminal)
    QTest.mouseClick(found, Qt.MouseButton.LeftButton, pos=found.rect().center())
    terminal.until(terminal.settled)


def confirm(terminal: Terminal, name: str) -> None:
    """Touches the filled button, which a choice may be called like."""
    buttons = terminal.window.bar.findChildren(QAbstractButton)
    button = next(one for one in buttons if one.isVisible() and one.accessibleName() == name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())


def press(terminal: Terminal, *keys: Qt.Key) -> None:
    screen = terminal.window.floor.screen
    assert screen is not None
    for key in keys:
        QTest.keyClick(screen, key)
        terminal.until(terminal.settled)


def state(world: World, order: UUID) -> str:
    return str(world.get(WorkOrder, order).state)


def waits(terminal: Terminal, count: int) -> None:
    """The pill says so many; from here on it counts."""
    terminal.until(lambda: pill(terminal).accessibleName().startswith(f"Needs you: {count}"))
    terminal.until(terminal.settled)
    terminal.begin()


# -------------------------------------------------------------------------------------------------------- three touches


def test_a_card_is_opened_chosen_and_confirmed_in_three_touches(terminal: Terminal, world: World) -> None:
    order = parted(world, "Horn")
    waits(terminal, 1)
    touch_pill(terminal)
    assert "Two people took" in terminal.words()
    terminal.touch("Ben")
    terminal.touch("Take “In progress”")
    terminal.until(lambda: state(world, order) == "IN_PROGRESS")
    assert terminal.touches == 3
    terminal.until(lambda: "Nothing needs you." in terminal.words())
    terminal.until(lambda: pill(terminal).accessibleName() == "Not enrolled")


def test_what_stands_already_is_kept_by_the_filled_button(terminal: Terminal, world: World) -> None:
    order = parted(world, "Horn")
    waits(terminal, 1)
    touch_pill(terminal)
    terminal.touch("Keep “Cancelled”")
    terminal.until(lambda: not world.app.count("attention", world.actor))
    assert (state(world, order), terminal.touches) == ("CANCELLED", 2)


def test_the_second_card_takes_three_touches_too(terminal: Terminal, world: World) -> None:
    first, second = parted(world, "Horn"), parted(world, "Chain")
    waits(terminal, 2)
    touch_pill(terminal)
    terminal.begin()
    terminal.touch(str(world.get(WorkOrder, first).number))
    terminal.touch("Ben")
    terminal.touch("Take “In progress”")
    terminal.until(lambda: state(world, first) == "IN_PROGRESS")
    assert (terminal.touches, state(world, second)) == (3, "CANCELLED")


def test_keys_walk_choose_and_confirm(terminal: Terminal, world: World) -> None:
    first, second = parted(world, "Horn"), parted(world, "Chain")
    waits(terminal, 2)
    terminal.window.floor.go(Place("attention"))
    terminal.until(terminal.settled)
    press(terminal, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return)
    terminal.until(lambda: state(world, second) == "IN_PROGRESS")
    terminal.until(terminal.settled)
    press(terminal, Qt.Key.Key_2, Qt.Key.Key_Return)
    terminal.until(lambda: state(world, first) == "IN_PROGRESS")
    assert terminal.touches == 0


def test_the_done_card_settles_what_is_seen(terminal: Terminal, world: World) -> None:
    order = parted(world, "Horn")
    waits(terminal, 1)
    terminal.window.floor.go(Place("attention"))
    terminal.until(terminal.settled)
    press(terminal, Qt.Key.Key_2)
    outcome, _said = terminal.scan(card("DONE"))
    terminal.until(lambda: state(world, order) == "IN_PROGRESS")
    assert outcome is Outcome.SUCCESS


def test_a_scanner_is_enough(terminal: Terminal, world: World) -> None:
    first, second = parted(world, "Horn"), parted(world, "Chain")
    waits(terminal, 2)
    assert terminal.scan(card("CARDS"))[0] is Outcome.SUCCESS
    terminal.until(terminal.settled)
    terminal.scan(card("NEXT"))
    assert terminal.scan(times(2))[1] == "Take “In progress”"
    terminal.scan(card("DONE"))
    terminal.until(lambda: state(world, second) == "IN_PROGRESS")
    assert (state(world, first), terminal.touches) == ("CANCELLED", 0)


def test_a_scanner_may_be_quicker_than_the_cards_are_drawn(terminal: Terminal, world: World) -> None:
    order = parted(world, "Horn")
    waits(terminal, 1)
    for text in (card("CARDS"), times(2), card("DONE")):
        terminal.shoot(text)
    terminal.until(lambda: state(world, order) == "IN_PROGRESS")
    assert Outcome.ERROR not in [outcome for outcome, _said in terminal.heard]


# ---------------------------------------------------------------------------------------------------- noted, and returned


def test_what_was_merely_noted_asks_nobody_and_is_put_back_from_its_own_list(terminal: Terminal, world: World) -> None:
    fields = [["Front brake", "Squeals when cold"], ["Front brake", "Squeals when warm"]]
    for pair in fields:
        world.done(SaveRecord(entity="work_order", id=world.order, fields={"what": pair}))
    terminal.window.floor.go(Place("attention"))
    terminal.until(terminal.settled)
    assert "Nothing needs you." in terminal.words()
    terminal.touch("Only noted")
    terminal.until(lambda: "Squeals when <u>cold</u>" in terminal.words())
    assert "Before: Front brake" in terminal.words()
    terminal.touch("Fettle, Squeals when cold" if terminal.find("Fettle, Squeals when cold") else "Fettle")
    press(terminal, Qt.Key.Key_1)
    terminal.touch("Take “Squeals when cold”")
    terminal.until(lambda: world.get(WorkOrder, world.order).what == "Squeals when cold")


def lost(world: World, count: int) -> list[UUID]:
    """On each of these jobs two people wrote what is wrong; the jobs."""
    orders = [world.done(CreateOrder(site=world.site, what="Horn")).row("work_order") for _number in range(count)]
    for order in orders:
        for said in ("Horn is mute", "Horn is hoarse"):
            world.done(SaveRecord(entity="work_order", id=order, fields={"what": ["Horn", said]}))
    return orders


def test_alike_ones_are_one_card_and_settled_in_one_act(terminal: Terminal, world: World) -> None:
    orders = lost(world, 3)
    terminal.window.floor.go(Place("attention"))
    terminal.until(terminal.settled)
    terminal.touch("Only noted")
    terminal.until(lambda: "3 alike" in terminal.words())
    assert all(str(world.get(WorkOrder, order).number) in terminal.words() for order in orders)
    confirm(terminal, "Settle it")
    terminal.until(lambda: {row.state for row in world.rows(Discrepancy)} == {"settled"})
    terminal.until(lambda: "Nothing was noted." in terminal.words())


def test_alike_ones_are_still_opened_one_by_one(terminal: Terminal, world: World) -> None:
    lost(world, 2)
    terminal.window.floor.go(Place("attention"))
    terminal.until(terminal.settled)
    terminal.touch("Only noted")
    terminal.until(lambda: "2 alike" in terminal.words())
    terminal.touch("One by one")
    terminal.until(lambda: "1 of 2" in terminal.words())
    press(terminal, Qt.Key.Key_1)
    confirm(terminal, "Take “Horn is mute”")
    terminal.until(
        lambda: "All that was noted" in [one.accessibleName() for one in terminal.window.bar.findChildren(QAbstractButton)]
    )
    terminal.until(lambda: sorted(row.state for row in world.rows(Discrepancy)) == ["open", "settled"])
    terminal.touch("All that was noted")
    terminal.until(terminal.settled)
    assert "alike" not in terminal.words(), "there is only one left"


def test_what_came_back_opens_its_form_filled_in(terminal: Terminal, world: World, sue: Actor) -> None:
    problem = Problem("record.hub_wins", "Somebody else changed it.", values={})
    tried = SaveRecord(entity="work_order", id=world.order, fields={"what": ["Front brake", "Rear brake"]})
    came_back(world, sue, tried, problem)
    waits(terminal, 1)
    touch_pill(terminal)
    assert "Rear brake" in terminal.words()
    confirm(terminal, "Do it again")
    terminal.until(lambda: terminal.window.floor.context == "form:work_order")
    terminal.until(lambda: terminal.find("Save work order") is not None)
    terminal.until(terminal.settled)
    terminal.touch("Save work order")
    terminal.until(lambda: world.get(WorkOrder, world.order).what == "Rear brake")
    assert terminal.touches == 3
    assert {row.state for row in world.rows(Discrepancy)} == {"settled"}


def test_what_came_back_is_let_go(terminal: Terminal, world: World, sue: Actor) -> None:
    came_back(world, sue, Transition(entity="work_order", id=world.order, move="quote"), Problem("x.y", "No."))
    waits(terminal, 1)
    touch_pill(terminal)
    terminal.touch("Let it go")
    press(terminal, Qt.Key.Key_Return)
    terminal.until(lambda: {row.chosen for row in world.rows(Discrepancy)} == {"let_go"})


def test_a_mechanic_is_not_asked_what_a_supervisor_decides(terminal: Terminal, world: World, mia: Actor) -> None:
    parted(world, "Horn")
    waits(terminal, 1)
    terminal.window.floor.seat(mia)
    terminal.until(lambda: pill(terminal).accessibleName() == "Not enrolled")
    touch_pill(terminal)
    assert terminal.window.floor.context == "sync"


# ------------------------------------------------------------------------------------------------------------ the hub's page


class Far:
    """A hub that cannot be reached; counts how often it was tried."""

    def __init__(self) -> None:
        self.tries = 0

    def state(self) -> LinkState:
        return LinkState("offline", since="14:02", waiting=3, asked=1, stuck=1)

    def listen(self, changed: Callable[[], None]) -> None:
        """It never changes."""

    def details(self) -> LinkDetails:
        gone = Problem("wire.unreachable", "The hub does not answer.", hint="It is tried again by itself.")
        return LinkDetails(hub="https://hub.example", last_done=moment(1_790_000_000_000), failure=gone)

    def try_now(self) -> None:
        self.tries += 1


def test_the_hub_s_page_says_why_nothing_goes_out_and_tries_when_asked(
    world: World, sue: Actor, qtbot: QtBot, tmp_path: Path
) -> None:
    far = Far()
    with at_work(world, qtbot.waitUntil, tmp_path, link=far) as terminal:
        terminal.window.floor.seat(sue)
        terminal.until(terminal.settled)
        touch_pill(terminal)
        words = terminal.words()
        for said in (
            "The hub is out of reach",
            "The hub does not answer.",
            "It is tried again by itself.",
            "https://hub.example",
        ):
            assert said in words
        assert "is not known here" in words, "it is long ago"
        assert "Nowhere but on this terminal" in words
        terminal.touch("Try now")
        assert far.tries == 1


def test_a_terminal_that_works_alone_says_so(terminal: Terminal) -> None:
    touch_pill(terminal)
    assert "This terminal works alone" in terminal.words()
    assert terminal.find("Try now") is None


def test_a_terminal_that_works_alone_may_join_a_hub(world: World, sue: Actor, mia: Actor, qtbot: QtBot, tmp_path: Path) -> None:
    asked: list[int] = []
    with at_work(world, qtbot.waitUntil, tmp_path, join=lambda: asked.append(1)) as terminal:
        terminal.window.floor.seat(mia)
        terminal.window.floor.go(Place("sync"))
        terminal.until(terminal.settled)
        assert terminal.find("Join a hub") is None, "a mechanic lets no machine in"
        terminal.window.floor.seat(sue)
        terminal.window.floor.go(Place("sync"))
        terminal.touch("Join a hub")
        terminal.until(lambda: asked == [1])
        terminal.until(lambda: "join a hub here" in terminal.words())


def test_with_gloves_on_a_small_screen_the_next_card_is_one_touch_away(
    world: World, sue: Actor, qtbot: QtBot, tmp_path: Path
) -> None:
    for what in ("Clutch", "Brake"):
        parted(world, what)
    with at_work(world, qtbot.waitUntil, tmp_path, density="glove", size=(1024, 600)) as terminal:
        terminal.window.floor.seat(sue)
        terminal.window.floor.go(Place("attention"))
        terminal.until(lambda: "1 of 2" in terminal.words())
        terminal.touch("Next card")
        assert "2 of 2" in terminal.words()
        terminal.touch("Next card")
        assert "1 of 2" in terminal.words()


LOW = Problem("room.low", "The disk is filling up: {free} MB are free.", hint="Make room on the disk.", values={"free": 900})


def test_a_disk_that_fills_up_needs_somebody_and_says_what_to_do(terminal: Terminal) -> None:
    terminal.window.floor.go(Place("attention"))
    terminal.until(lambda: "Nothing needs you." in terminal.words())
    terminal.window.show_room(LOW)
    words = terminal.words().splitlines()
    assert "The disk is filling up: 900 MB are free." in words
    assert "Make room on the disk." in words
    terminal.until(lambda: "Nothing else needs you." in terminal.words())
    terminal.touch("Only noted")
    terminal.until(lambda: "Nothing was noted." in terminal.words())
    terminal.touch("Needs you")
    terminal.until(lambda: "Nothing else needs you." in terminal.words())
    terminal.window.show_room(None)
    terminal.until(lambda: "Nothing needs you." in terminal.words())
