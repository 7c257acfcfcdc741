"""Taking money and giving it back: every cent is kept, nothing is changed afterwards, and a job closes once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from paying import hand_over, job
from replays import late
from sqlalchemy import select

from app.kernel.clock import stamp_ms
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.records import ChangeRow
from app.kernel.standard import Retire, SaveRecord, Transition
from app.parties.erasing import EraseCustomer
from app.parts_issue.commands import IssuePart, ReturnPart
from app.payments.commands import AskPayment, RefundPayment, TakePayment
from app.payments.model import Payment
from app.payments.sums import Owed, owed
from app.work_orders.commands import CreateOrder
from app.work_orders.model import METHODS, WorkOrder
from world import World

PRICE = Money(11_900)


def state(world: World, order: UUID) -> str:
    return str(world.get(WorkOrder, order).state)


def sums(world: World, order: UUID) -> Owed:
    with world.session() as session:
        return owed(session, session.get_one(WorkOrder, order))


def of(world: World, order: UUID) -> list[Payment]:
    return [row for row in world.rows(Payment) if row.order_id == order]


def take(order: UUID, minor: int, channel: str = "card") -> TakePayment:
    return TakePayment(order=order, channel=channel, amount=Money(minor))


def closings(world: World, order: UUID) -> int:
    """How often the job came to be closed."""
    with world.session() as session:
        told = session.scalars(select(ChangeRow.after).where(ChangeRow.row_id == order))
        return sum((after or {}).get("state") == "CLOSED" for after in told)


# ---------------------------------------------------------------------------------------------------------------- taking


@pytest.mark.parametrize("channel", ["cash", "card", "transfer"])
def test_what_is_paid_at_the_counter_is_paid_at_once_and_closes_the_job(world: World, delivered: UUID, channel: str) -> None:
    world.done(take(delivered, 11_900, channel))
    (payment,) = of(world, delivered)
    assert (payment.state, payment.amount, payment.channel) == ("success", PRICE, channel)
    assert (state(world, delivered), closings(world, delivered)) == ("CLOSED", 1)


def test_a_payment_s_number_follows_from_its_command(world: World, delivered: UUID) -> None:
    ident = new_id()
    world.run(take(delivered, 100), id=ident)
    (payment,) = of(world, delivered)
    assert re.fullmatch(r"PAY-[0-9a-f]{12}", payment.number)
    again = world.run(take(delivered, 100), id=ident)
    assert again.again
    assert [one.number for one in of(world, delivered)] == [payment.number], "sent twice, paid once"
    for text in (payment.number, payment.number.upper()):
        assert world.app.meaning(text, world.actor).matches[0].id == payment.id


def test_a_job_is_paid_in_parts_and_closes_with_the_last(world: World, delivered: UUID) -> None:
    world.done(take(delivered, 5_000, "cash"))
    assert (state(world, delivered), sums(world, delivered).left) == ("DELIVERED", Money(6_900))
    world.done(take(delivered, 6_899))
    assert state(world, delivered) == "DELIVERED", "one cent is missing"
    world.done(take(delivered, 1, "cash"))
    assert (state(world, delivered), closings(world, delivered)) == ("CLOSED", 1)


@pytest.mark.parametrize("minor", [0, -1, -11_900])
def test_nobody_pays_nothing_or_less(world: World, delivered: UUID, minor: int) -> None:
    assert world.codes(take(delivered, minor)) == ["payments.amount"]
    assert of(world, delivered) == []


def test_a_way_to_pay_that_nobody_knows_is_refused(world: World, delivered: UUID) -> None:
    assert world.codes(take(delivered, 100, "shells")) == ["record.choice"]
    assert of(world, delivered) == []


def test_a_job_that_is_paid_takes_no_more_money_at_the_counter(world: World, ready: UUID) -> None:
    world.done(take(ready, 11_900))
    assert world.codes(take(ready, 1)) == ["payments.nothing_due"]
    assert state(world, ready) == "READY", "it is not handed over yet"


def test_what_is_paid_too_much_is_kept_and_put_before_somebody(world: World, ready: UUID) -> None:
    answer = world.done(take(ready, 12_000))
    assert [problem.code for problem in answer.problems] == ["payments.overpaid"]
    assert "1.00" in answer.problems[0].sentence
    assert sums(world, ready).due == Money(-100)
    assert world.discrepancies() == ["payments.overpaid"]


def test_a_deposit_comes_before_there_is_a_bill(world: World) -> None:
    order = world.done(CreateOrder(site=world.site, what="Engine")).row("work_order")
    assert world.done(take(order, 50_000)).problems == ()
    assert world.discrepancies() == []


def test_a_cancelled_job_takes_no_money(world: World) -> None:
    order = world.done(CreateOrder(site=world.site, what="Engine")).row("work_order")
    world.done(Transition(entity="work_order", id=order, move="cancel", reason="Sold"))
    assert world.codes(take(order, 100)) == ["work_orders.locked"]


def test_what_was_paid_is_never_changed_nor_taken_away(world: World, delivered: UUID) -> None:
    payment = world.done(take(delivered, 100)).row("payment")
    changed = SaveRecord(entity="payment", id=payment, fields={"amount": [100, 1]})
    assert world.codes(changed) == ["record.no_form"]
    assert world.codes(Retire(entity="payment", id=payment)) == ["record.no_form"]
    for move in ("confirm", "fail"):
        step = Transition(entity="payment", id=payment, move=move, reason="No")
        assert world.codes(step) == ([] if move == "confirm" else ["state.illegal"]), "paid is what it is already"
    assert [one.amount for one in of(world, delivered)] == [Money(100)]


# --------------------------------------------------------------------------------------------------------------- refunds


def back(payment: UUID, minor: int, reason: str = "Paid twice") -> RefundPayment:
    return RefundPayment(payment=payment, amount=Money(minor), reason=reason)


def test_a_refund_is_a_payment_of_its_own_with_a_minus(world: World, delivered: UUID) -> None:
    payment = world.done(take(delivered, 11_900)).row("payment")
    refund = world.get(Payment, world.done(back(payment, 1_900)).row("payment"))
    assert (refund.amount, refund.refund_of_id, refund.channel, refund.state) == (Money(-1_900), payment, "card", "success")
    assert refund.reason == "Paid twice"
    assert world.get(Payment, payment).amount == PRICE
    assert sums(world, delivered).paid == Money(10_000)
    assert state(world, delivered) == "CLOSED", "what is closed stays closed"


def test_all_refunds_of_a_payment_together_are_never_more_than_it_was(world: World, delivered: UUID) -> None:
    payment = world.done(take(delivered, 11_900)).row("payment")
    world.done(back(payment, 11_000))
    assert world.codes(back(payment, 901)) == ["payments.refund_over"]
    last = world.done(back(payment, 900)).row("payment")
    assert world.codes(back(payment, 1)) == ["payments.refund_over"]
    assert world.codes(back(last, 1)) == ["payments.no_refund"], "a refund is not refunded"
    assert sums(world, delivered).paid == Money(0)


@pytest.mark.parametrize(
    ("minor", "reason", "code"), [(0, "x", "payments.amount"), (-5, "x", "payments.amount"), (5, " ", "payments.reason")]
)
def test_a_refund_wants_an_amount_and_a_reason(world: World, delivered: UUID, minor: int, reason: str, code: str) -> None:
    payment = world.done(take(delivered, 500)).row("payment")
    assert world.codes(back(payment, minor, reason)) == [code]


def test_a_cashier_takes_money_and_a_manager_gives_it_back(world: World, delivered: UUID) -> None:
    cashier, manager = world.person("Cas", "CAS"), world.person("Mel", "MGR")
    payment = world.done(take(delivered, 11_900), cashier).row("payment")
    assert world.codes(back(payment, 100), cashier) == ["access.denied"]
    answer = world.run(back(payment, 100), cashier, cosigner=manager)
    assert answer.done
    assert world.done(back(payment, 100), manager).done


def test_an_advisor_asks_for_money_online_and_takes_none(world: World, delivered: UUID) -> None:
    advisor = world.person("Ada", "ADV")
    assert world.codes(take(delivered, 100), advisor) == ["access.denied"]
    world.done(AskPayment(order=delivered, amount=PRICE), advisor)
    assert [one.state for one in of(world, delivered)] == ["pending"]


# ------------------------------------------------------------------------------------------------- parts that come back


def with_a_part(world: World, price: Money = PRICE) -> UUID:
    """A job of 119.00 and a part of 9.00 that was handed over."""
    order = job(
        world, price=price, begun=lambda order: world.done(IssuePart(order=order, part=world.part, bin=world.bin, reason="Worn"))
    )
    hand_over(world, order)
    return order


def test_a_part_that_comes_back_from_a_closed_job_was_paid_too_much(world: World) -> None:
    order = with_a_part(world)
    world.done(take(order, 12_800))
    keeper = world.person("Kay", "KEE", place=world.warehouse)
    answer = world.done(ReturnPart(order=order, part=world.part, bin=world.bin), keeper)
    assert [problem.code for problem in answer.problems] == ["payments.overpaid"]
    assert (world.discrepancies(), sums(world, order).due) == (["payments.overpaid"], Money(-900))
    assert (state(world, order), closings(world, order)) == ("CLOSED", 1)


def test_a_part_that_was_all_there_was_to_pay_comes_back(world: World) -> None:
    order = with_a_part(world, Money(0))
    world.done(take(order, 900))
    world.done(ReturnPart(order=order, part=world.part, bin=world.bin))
    assert (world.discrepancies(), sums(world, order).due) == (["payments.overpaid"], Money(-900))


def test_a_part_that_comes_back_may_leave_nothing_to_pay_and_closes_the_job(world: World) -> None:
    order = with_a_part(world)
    world.done(take(order, 11_900))
    assert state(world, order) == "DELIVERED"
    world.done(ReturnPart(order=order, part=world.part, bin=world.bin), world.person("Kay", "KEE", place=world.warehouse))
    assert (state(world, order), closings(world, order), world.discrepancies()) == ("CLOSED", 1, [])


def test_a_part_that_comes_back_before_anybody_paid_is_only_off_the_bill(world: World) -> None:
    order = with_a_part(world)
    world.done(ReturnPart(order=order, part=world.part, bin=world.bin))
    assert (state(world, order), sums(world, order).due, world.discrepancies()) == ("DELIVERED", PRICE, [])


# ------------------------------------------------------------------------------------------------------------ the lock


def test_a_closed_job_takes_no_more_money_and_the_try_is_kept(world: World, delivered: UUID) -> None:
    world.done(take(delivered, 11_900))
    cashier = world.person("Cas", "CAS")
    assert world.codes(take(delivered, 100), cashier) == ["work_orders.locked"]
    assert world.codes(Transition(entity="work_order", id=delivered, move="cancel", reason="Sold")) == ["state.illegal"]
    assert closings(world, delivered) == 1


def test_closing_a_closed_job_is_nothing(world: World, delivered: UUID) -> None:
    world.done(take(delivered, 11_900))
    answer = world.done(Transition(entity="work_order", id=delivered, move="close"))
    assert answer.rows == ()
    assert closings(world, delivered) == 1


def test_a_job_is_not_closed_by_hand_before_it_is_paid(world: World, delivered: UUID) -> None:
    close = Transition(entity="work_order", id=delivered, move="close")
    assert world.codes(close) == ["payments.not_paid"]
    world.done(take(delivered, 11_899))
    assert world.codes(close) == ["payments.not_paid"]


def test_a_job_that_costs_nothing_closes_as_it_is_handed_over(world: World, another: Callable[..., UUID]) -> None:
    order = another(price=Money(0))
    assert (state(world, order), closings(world, order)) == ("CLOSED", 1)


def test_a_job_that_was_paid_before_closes_as_it_is_handed_over(world: World, ready: UUID) -> None:
    from app.work_orders.delivery import CheckDelivery

    world.done(take(ready, 11_900))
    world.done(CheckDelivery(order=ready, explained=True, method="card", amount=Money(0), hand_over=True))
    assert (state(world, ready), closings(world, ready)) == ("CLOSED", 1)


# ------------------------------------------------------------------------------------------------------------ cancelling


def test_money_goes_back_before_a_job_is_cancelled_and_a_manager_cancels_it(world: World, ready: UUID) -> None:
    advisor, manager = world.person("Ada", "ADV"), world.person("Mel", "MGR")
    payment = world.done(take(ready, 5_000)).row("payment")
    cancel = Transition(entity="work_order", id=ready, move="cancel", reason="Sold")
    assert world.codes(cancel, advisor) == ["payments.not_refunded", "work_orders.cancel_late"]
    world.done(back(payment, 5_000))
    assert world.codes(cancel, advisor) == ["work_orders.cancel_late"]
    assert world.run(cancel, advisor, cosigner=manager).done
    assert state(world, ready) == "CANCELLED"


def test_what_is_asked_for_online_is_settled_before_a_job_is_cancelled(world: World, ready: UUID) -> None:
    asked = world.done(AskPayment(order=ready, amount=PRICE)).row("payment")
    cancel = Transition(entity="work_order", id=ready, move="cancel", reason="Sold")
    assert world.codes(cancel) == ["payments.not_refunded"]
    world.done(Transition(entity="payment", id=asked, move="fail", reason="Left without paying"))
    assert world.codes(cancel) == []


def test_who_is_erased_is_named_by_no_refund(world: World, delivered: UUID) -> None:
    customer = world.save("customer", name="Ada")
    order = world.done(CreateOrder(site=world.site, what="Engine", customer=customer)).row("work_order")
    payment = world.done(take(order, 500)).row("payment")
    refund = world.done(back(payment, 500, "Ada was unhappy")).row("payment")
    world.done(EraseCustomer(customer=customer, reason="Asked for"))
    assert not world.get(Payment, refund).reason
    assert world.get(Payment, refund).amount == Money(-500)


# ------------------------------------------------------------------------------------------------- comes in late, twice


def later(world: World, command: Any) -> Any:
    return late(world, command, stamp_ms(world.app.clock.tick()) + 1)


def test_the_same_money_taken_at_two_terminals_is_kept_twice_and_asked_about(world: World, delivered: UUID) -> None:
    world.done(take(delivered, 11_900, "cash"))
    later(world, take(delivered, 11_900))
    assert [one.amount for one in of(world, delivered)] == [PRICE, PRICE]
    assert (state(world, delivered), closings(world, delivered)) == ("CLOSED", 1)
    assert world.discrepancies() == ["payments.overpaid"]


def test_a_made_up_payment_of_less_than_nothing_books_nothing(world: World, delivered: UUID) -> None:
    later(world, take(delivered, -11_900))
    assert of(world, delivered) == []
    assert world.discrepancies() == ["payments.amount"]


def test_a_refund_given_at_two_terminals_is_kept_twice_and_asked_about(world: World, delivered: UUID) -> None:
    payment = world.done(take(delivered, 11_900)).row("payment")
    world.done(back(payment, 11_900))
    later(world, back(payment, 11_900))
    assert sum(one.amount.minor for one in of(world, delivered)) == -11_900
    assert "payments.refund_over" in world.discrepancies()


def test_every_way_to_pay_has_its_word() -> None:
    assert [name for name, _label in METHODS] == ["cash", "card", "transfer", "online"]
