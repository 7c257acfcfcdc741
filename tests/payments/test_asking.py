"""What people ask about money, on both kinds of database: who is to pay, what was paid, and who tried what is locked."""

from __future__ import annotations

from typing import Any

import pytest
from paying import given_out, hand_over, job

from app.kernel.money import Money
from app.payments.commands import AskPayment, RefundPayment, TakePayment
from app.work_orders.commands import AddService
from world import World


@pytest.fixture
def counter(anywhere: World) -> World:
    """One job that is paid in part, one that waits for the provider, and one that is closed and was tried on."""
    world = anywhere.furnish()
    world.first, world.second, world.third = (given_out(world) for _count in range(3))  # type: ignore[attr-defined]
    paid = world.done(TakePayment(order=world.first, channel="cash", amount=Money(1_900))).row("payment")  # type: ignore[attr-defined]
    world.done(RefundPayment(payment=paid, amount=Money(900), reason="Too much"))
    world.done(AskPayment(order=world.second, amount=Money(11_900)))  # type: ignore[attr-defined]
    world.done(TakePayment(order=world.third, channel="card", amount=Money(11_900)))  # type: ignore[attr-defined]
    world.run(AddService(order=world.third, what="One more thing"))  # type: ignore[attr-defined]
    return world


def rows(world: World, query: str, **more: Any) -> list[dict[str, Any]]:
    """The rows, the same whichever column they are sorted by."""
    found = world.app.ask(query, world.actor, **more).rows
    with world.app.read(world.actor) as session:
        columns = world.app.asked(session, query, world.actor, more).columns
    for column in columns:
        sorted_so = world.app.ask(query, world.actor, sort=column.name, **more).rows
        assert {row["id"] for row in sorted_so} == {row["id"] for row in found}, column.name
    return found


def test_who_is_to_pay_and_what_was_paid_since(counter: World) -> None:
    there = {row["id"]: (row["amount"], row["paid"]) for row in rows(counter, "to_pay")}
    assert there == {counter.first: (Money(11_900), Money(1_000)), counter.second: (Money(11_900), Money(0))}  # type: ignore[attr-defined]


def test_a_deposit_is_not_taken_off_what_was_told_at_the_hand_over_a_second_time(anywhere: World) -> None:
    world = anywhere.furnish()
    order = job(world)
    world.done(TakePayment(order=order, channel="card", amount=Money(1_900)))
    hand_over(world, order)
    (row,) = rows(world, "to_pay")
    assert (row["amount"], row["paid"]) == (Money(10_000), Money(0))


def test_what_was_paid_given_back_and_is_not_confirmed(counter: World) -> None:
    assert [row["amount"].minor for row in rows(counter, "order_payments", order=counter.first)] == [1_900, -900]  # type: ignore[attr-defined]
    assert len(rows(counter, "payments")) == 4
    assert [row["reason"] for row in rows(counter, "payments", refunds=True)] == ["Too much"]
    assert [row["state"] for row in rows(counter, "payments", pending=True)] == ["pending"]


def test_who_tried_what_is_locked(counter: World) -> None:
    (told,) = rows(counter, "refused_tries")
    assert (told["command"], told["code"]) == ("AddService", "work_orders.locked")
