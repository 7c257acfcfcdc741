"""The cash drawer: one a desk for a shift, counted blind, and what differs is said."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from app.kernel.money import Money
from app.payments.commands import RefundPayment, TakePayment
from app.payments.drawers import CountDrawer, OpenDrawer
from app.payments.model import Drawer, Payment
from world import World


def opened(world: World, minor: int = 10_000) -> UUID:
    return world.done(OpenDrawer(site=world.site, began_with=Money(minor))).row("drawer")


def cash(world: World, order: UUID, minor: int) -> UUID:
    return world.done(TakePayment(order=order, channel="cash", amount=Money(minor))).row("payment")


def test_cash_goes_into_the_drawer_of_the_desk_and_nothing_else_does(world: World, delivered: UUID) -> None:
    drawer = opened(world)
    cash(world, delivered, 900)
    world.done(TakePayment(order=delivered, channel="card", amount=Money(1_000)))
    assert {row.channel: row.drawer_id for row in world.rows(Payment)} == {"cash": drawer, "card": None}


def test_a_drawer_holds_what_it_began_with_and_its_cash_less_what_was_given_back(world: World, delivered: UUID) -> None:
    drawer = opened(world)
    payment = cash(world, delivered, 1_900)
    world.done(RefundPayment(payment=payment, amount=Money(400), reason="Too much"))
    world.done(CountDrawer(drawer=drawer, counted=Money(11_500)))
    row = world.get(Drawer, drawer)
    assert (row.state, row.expected, row.counted, row.reason) == ("counted", Money(11_500), Money(11_500), "")
    assert world.discrepancies() == []


def test_the_count_is_blind_and_a_difference_wants_a_reason(world: World, delivered: UUID) -> None:
    drawer = opened(world)
    cash(world, delivered, 1_900)
    answer = world.run(CountDrawer(drawer=drawer, counted=Money(11_800)))
    assert [problem.code for problem in answer.problems] == ["payments.drawer_differs"]
    told = answer.problems[0].sentence + answer.problems[0].advice
    assert "119" not in told, "what it should hold is not told before it is counted"
    assert world.get(Drawer, drawer).expected is None
    world.done(CountDrawer(drawer=drawer, counted=Money(11_800), reason="A coin rolled under the desk"))
    row = world.get(Drawer, drawer)
    assert (row.expected, row.counted, row.reason) == (Money(11_900), Money(11_800), "A coin rolled under the desk")
    assert world.discrepancies() == ["payments.drawer_differs"]


def test_a_drawer_is_counted_once_and_the_next_shift_has_its_own(world: World, another: Callable[..., UUID]) -> None:
    first = opened(world)
    assert world.codes(OpenDrawer(site=world.site)) == ["payments.drawer_open"]
    world.done(CountDrawer(drawer=first, counted=Money(10_000)))
    assert world.codes(CountDrawer(drawer=first, counted=Money(10_000))) == ["payments.drawer_counted"]
    second = opened(world, 5_000)
    cash(world, another(), 11_900)
    world.done(CountDrawer(drawer=second, counted=Money(16_900)))


def test_nobody_is_sent_away_because_no_drawer_is_open(world: World, delivered: UUID) -> None:
    answer = world.done(TakePayment(order=delivered, channel="cash", amount=Money(900)))
    assert [problem.code for problem in answer.problems] == ["payments.drawer_opened"]
    (drawer,) = world.rows(Drawer)
    assert (drawer.began_with, drawer.state) == (Money(0), "open")
    assert world.done(TakePayment(order=delivered, channel="cash", amount=Money(900))).problems == ()
    assert len(world.rows(Drawer)) == 1


def test_a_drawer_never_holds_less_than_nothing(world: World) -> None:
    assert world.codes(OpenDrawer(site=world.site, began_with=Money(-1))) == ["payments.cash"]
    drawer = opened(world)
    assert world.codes(CountDrawer(drawer=drawer, counted=Money(-1), reason="?")) == ["payments.cash"]
