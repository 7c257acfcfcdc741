"""How deep screens lie: whatever is touched, row by row and button by button, nothing of a repair is three screens away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from pytestqt.qtbot import QtBot
from repair_loop import checked_in, set_up
from shop_floor import Terminal, at_work

from app.cores.commands import ReceiveCore, SendCore, ShelveCore
from app.cores.model import Core
from app.kernel.access import Actor
from app.kernel.money import Money
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.labor.commands import ClockOn
from app.parts_issue.commands import IssuePart
from app.payments.commands import TakePayment
from app.quotes.commands import ConfirmQuote, PublishQuote
from app.quotes.model import Quote
from app.stock.commands import ReceiveStock
from app.work_orders.commands import AddService
from app.work_orders.delivery import CheckDelivery
from app.work_orders.health import RecordHealth
from app.work_orders.model import WorkOrder
from app.work_orders.procedures import ChooseProcedure
from ui.cores import screens as old_parts
from ui.kit.declared import Board, Flow, FormScreen, ListScreen, PageScreen, Place
from ui.kit.list import Table
from ui.kit.page import RecordPage
from ui.kit.screen import Deed, Screen
from ui.labor import screens as clocks
from ui.payments import screens as money
from ui.quotes import screens as offers
from ui.services import screens as procedures
from ui.shell.sitting import Sitting
from ui.work_orders import screens as jobs
from world import World

DEEP = 2
SCANNED = (WorkOrder, Quote, Core)
LOOP = (jobs, offers, money, old_parts, clocks, procedures)
OWN = {("check_in", ""), ("mine", ""), ("sign", ""), ("pay", ""), ("hand_over", "")}
Kind = tuple[str, str]


@pytest.fixture
def floor(world: World, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """Somebody who may do everything, with a job in each state that there is work in."""
    everyone = world.person("Kim", "ADM")
    furnished(world, everyone)
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(everyone)
        terminal.until(terminal.settled)
        yield terminal


def furnished(world: World, everyone: Actor) -> None:
    loop = set_up(world)
    package = world.save("package", code="BRK", name="Brakes")
    world.save("package_item", package_id=package.hex, procedure_id=loop.procedure.hex, place=10)
    world.save("shift", name="Early", site_id=world.site.hex, starts=360, ends=840, pause=30)
    world.done(ClockOn(person=everyone.id, order=quoted(world, checked_in(loop), loop.procedure)))
    ready(world, quoted(world, checked_in(loop), loop.procedure))
    delivered(world, ready(world, quoted(world, checked_in(loop), loop.procedure)))
    for place, steps in enumerate(((), (shelved,), (shelved, sent))):
        old = old_part(world, f"CALIPER-{place}")
        for step in steps:
            world.done(step(world, old))
    world.done(AddService(order=world.order, what="Bleed the brake"))
    world.done(Transition(entity="work_order", id=world.order, move="diagnose"))
    world.done(PublishQuote(order=world.order))


def old_part(world: World, code: str) -> UUID:
    """What somebody was handed out, and has brought the old one of."""
    part = world.save("part", code=code, name="Caliper", price=20_000, core=True, deposit=5_000)
    world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(4)))
    world.done(IssuePart(order=world.order, part=part, bin=world.bin, quantity=Quantity(1), reason="extra"))
    world.done(ReceiveCore(order=world.order, part=part))
    made: Core = next(row for row in world.rows(Core) if row.part_id == part)
    return made.id


def shelved(world: World, core: UUID) -> ShelveCore:
    return ShelveCore(core=core, bin=world.bin)


def sent(_world: World, core: UUID) -> SendCore:
    return SendCore(core=core, supplier="Brembo")


def quoted(world: World, order: UUID, procedure: UUID) -> UUID:
    world.done(ChooseProcedure(order=order, procedure=procedure))
    quote = world.done(PublishQuote(order=order)).row("quote")
    world.done(ConfirmQuote(quote=quote, signer="Ada Lovelace"))
    return order


def ready(world: World, order: UUID) -> UUID:
    for move in ("begin", "finish"):
        if move == "finish":
            world.done(RecordHealth(order=order, battery=Quantity.parse("12.6")))
        world.done(Transition(entity="work_order", id=order, move=move))
    return order


def delivered(world: World, order: UUID) -> UUID:
    told = Money(9_900)  # the work at its fixed price; no part was taken
    world.done(CheckDelivery(order=order, explained=True, method="cash", amount=told, hand_over=True))
    world.done(TakePayment(order=order, channel="cash", amount=Money(1_000)))
    return order


class Walk:
    """Touches all there is to touch on every screen of the loop, each time anew from home, and remembers how deep it led."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.ways: dict[Place, tuple[Place, ...]] = {}
        self.deepest: dict[Kind, int] = {}

    def everywhere(self) -> None:
        doors = [one.opens for one in self.terminal.window.bench.declared.actions if one.opens is not None]
        tags = [Place("page", kind.__tablename__, row.id) for kind in SCANNED for row in self.terminal.world.rows(kind)]
        waiting: list[tuple[Place, ...]] = [(place,) for place in (*doors, *tags) if in_the_loop(place)]
        while waiting:
            way = waiting.pop(0)
            if way[-1] not in self.ways:
                self.ways[way[-1]] = way
                waiting += [(*way, place) for place in self.from_here(way) if in_the_loop(place)]

    def from_here(self, way: tuple[Place, ...]) -> list[Place]:
        """Where each row and each button of a screen leads."""
        self.go(way)
        acts = [partial(self.open_row, number) for number in range(len(self.screen.findChildren(Table)))]
        acts += [partial(self.press, way, one.label) for one in self.deeds() if one.live and not one.grave]
        return [place for act in acts for place in self.after(way, act)]

    def go(self, way: tuple[Place, ...]) -> None:
        for place in (Place("home"), *way):
            self.sitting.go(place)
        self.terminal.until(self.terminal.settled)

    def after(self, way: tuple[Place, ...], act: Callable[[], None]) -> list[Place]:
        """The place where an act led to, if it led anywhere."""
        if self.sitting.asking or self.screen.place != way[-1]:
            self.go(way)
        act()
        self.terminal.until(self.terminal.settled)
        place = self.screen.place
        kind = (place.kind, place.name)
        self.deepest[kind] = max(self.deepest.get(kind, 0), self.sitting.level)
        return [place] if place != way[-1] else []

    # ------------------------------------------------------------------------------------------------------ what is there

    @property
    def screen(self) -> Screen:
        found = self.terminal.window.floor.screen
        assert found is not None
        return found

    @property
    def sitting(self) -> Sitting:
        found = self.terminal.window.floor.sitting
        assert found is not None
        return found

    def deeds(self) -> list[Deed]:
        """The buttons in the bar."""
        return [one for one in (*self.screen.others, self.screen.primary) if one is not None]

    def press(self, way: tuple[Place, ...], label: str) -> None:
        """Presses it, unless what was done meanwhile has settled it."""
        if self.button(label) is None:
            self.go(way)
        deed = self.button(label)
        if deed is not None:
            deed.run()

    def button(self, label: str) -> Deed | None:
        return next((one for one in self.deeds() if one.label == label and one.live), None)

    def open_row(self, number: int) -> None:
        table = self.screen.findChildren(Table)[number]
        if isinstance(self.screen, RecordPage):
            self.screen._tabs.setCurrentWidget(table)
        self.terminal.until(self.terminal.settled)
        if table.rows.rowCount():
            table._open(table.rows.index(0, 0))


def in_the_loop(place: Place) -> bool:
    return (place.kind, place.name) in OWN | declared()


def declared() -> set[Kind]:
    """Every screen that the capabilities of the loop declare, as kind and name."""
    found = set()
    for screen in (one for capability in LOOP for one in capability.SCREENS):
        match screen:
            case ListScreen():
                found.add(("list", screen.name))
            case PageScreen():
                found.add(("page", screen.name))
            case FormScreen():
                found.add(("form", screen.name))
            case Flow():
                found.add(("flow", screen.id))
            case Board():
                found.add(("board", screen.id))
    return found


def test_nothing_of_the_repair_loop_lies_three_screens_away(floor: Terminal) -> None:
    walk = Walk(floor)
    walk.everywhere()
    walked = {(place.kind, place.name) for place in walk.ways}
    assert declared() | OWN <= walked
    assert {kind: deep for kind, deep in walk.deepest.items() if deep > DEEP} == {}


def test_the_way_back_leads_to_the_job_that_was_worked_at_and_not_to_one_looked_at_before(floor: Terminal) -> None:
    sitting = Walk(floor).sitting
    first, second, *_rest = (Place("page", "work_order", row.id) for row in floor.world.rows(WorkOrder))
    for place in (Place("home"), first, second, Place("hand_over", id=second.id)):
        sitting.go(place)
    floor.until(floor.settled)
    sitting.back()
    assert sitting.task is not None
    assert sitting.task.place == second
