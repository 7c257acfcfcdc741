"""Paid online: believed only when it is signed, booked once, and never closing a job by hope alone."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.kernel.access import Actor
from app.kernel.commands import Answer
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.records import DeniedRow, Discrepancy
from app.kernel.standard import Transition
from app.kernel.upkeep import SetSetting
from app.payments.commands import RefundPayment, TakePayment
from app.payments.hearing import HearProvider
from app.payments.model import Payment
from app.payments.provider import PROVIDERS, WINDOW, Sandbox, signed
from app.payments.states import PAYMENT
from app.work_orders.model import WorkOrder
from world import World, refusal

PRICE = Money(11_900)
SECRET = b"sandbox"


@pytest.fixture(autouse=True)
def online(world: World) -> None:
    world.done(SetSetting(key="payments.provider", value="sandbox"))


@pytest.fixture
def asked(world: World, delivered: UUID) -> UUID:
    return world.done(TakePayment(order=delivered, channel="online", amount=PRICE)).row("payment")


def state(world: World, order: UUID) -> str:
    return str(world.get(WorkOrder, order).state)


def told(
    world: World, payment: UUID, /, *, reference: str = "TX-1", secret: bytes = SECRET, late: int = 0, **more: Any
) -> HearProvider:
    """What the provider sends."""
    said = {"payment": world.get(Payment, payment).number, "reference": reference, "amount": 11_900, "status": "paid"}
    body = json.dumps(said | more)
    at = world.app.clock.now() - timedelta(seconds=late)
    return HearProvider(provider="sandbox", body=body, signature=signed(secret, body, at))


def codes(answer: Answer) -> list[str]:
    return [problem.code for problem in answer.problems]


def test_what_is_asked_for_online_waits_and_closes_nothing(world: World, delivered: UUID, asked: UUID) -> None:
    assert world.get(Payment, asked).state == "pending"
    assert state(world, delivered) == "DELIVERED"
    close = Transition(entity="work_order", id=delivered, move="close")
    assert world.codes(close, world.person("Cas", "CAS")) == ["payments.unconfirmed"]


def test_money_on_its_way_back_does_not_hide_as_much_that_is_on_its_way_here(world: World, delivered: UUID) -> None:
    half = Money(5_000)
    first = world.done(TakePayment(order=delivered, channel="online", amount=half)).row("payment")
    world.done(told(world, first, amount=half.minor))
    world.done(RefundPayment(payment=first, amount=half, reason="the wrong card"))
    world.done(TakePayment(order=delivered, channel="online", amount=half))
    world.done(TakePayment(order=delivered, channel="cash", amount=Money(6_900)))
    assert sorted(row.amount.minor for row in world.rows(Payment) if row.state == "pending") == [-5_000, 5_000]
    assert state(world, delivered) == "DELIVERED"
    close = Transition(entity="work_order", id=delivered, move="close")
    assert "payments.unconfirmed" in world.codes(close, world.person("Cas", "CAS"))


def test_the_provider_s_word_settles_it_and_closes_the_job(world: World, delivered: UUID, asked: UUID) -> None:
    world.done(told(world, asked))
    payment = world.get(Payment, asked)
    assert (payment.state, payment.provider, payment.provider_ref) == ("success", "sandbox", "sandbox:TX-1")
    assert payment.settled_at is not None
    assert state(world, delivered) == "CLOSED"


def test_told_twice_it_is_already_processed(world: World, asked: UUID) -> None:
    world.done(told(world, asked))
    for _again in range(2):
        answer = world.done(told(world, asked))
        assert (codes(answer), answer.rows) == (["payments.already_processed"], ())
    assert len(world.rows(Payment)) == 1


def test_a_manager_lets_the_customer_go_before_it_is_confirmed(world: World, delivered: UUID, asked: UUID) -> None:
    cashier, manager = world.person("Cas", "CAS"), world.person("Mel", "MGR")
    close = Transition(entity="work_order", id=delivered, move="close")
    assert world.run(close, cashier, cosigner=manager).done
    assert state(world, delivered) == "CLOSED"
    world.done(told(world, asked))
    assert world.get(Payment, asked).state == "success", "the money is heard of later"


def test_what_a_manager_closed_on_trust_and_never_came_is_told_and_can_still_be_paid(
    world: World, delivered: UUID, asked: UUID
) -> None:
    cashier, manager = world.person("Cas", "CAS"), world.person("Mel", "MGR")
    assert world.run(Transition(entity="work_order", id=delivered, move="close"), cashier, cosigner=manager).done
    card = TakePayment(order=delivered, channel="card", amount=PRICE)
    assert world.codes(card, cashier) == ["work_orders.locked"], "it may still come"
    world.done(told(world, asked, status="failed"))
    assert world.discrepancies() == ["work_orders.locked", "payments.never_came"]
    assert [card.row_id for card in world.rows(Discrepancy) if card.code == "payments.never_came"] == [asked]
    world.done(card, cashier)
    assert world.codes(card, cashier) == ["work_orders.locked"]
    assert state(world, delivered) == "CLOSED"


# --------------------------------------------------------------------------------------------------------------- forged


def refused(world: World, command: HearProvider, actor: Actor | None = None) -> str:
    (code,) = world.codes(command, actor)
    return code


def test_a_forged_word_is_refused_and_kept_with_who_and_when(world: World, delivered: UUID, asked: UUID) -> None:
    eve = world.person("Eve", "MGR")
    forged = told(world, asked, secret=b"guessed")
    assert refused(world, forged, eve) == "payments.forged"
    changed = told(world, asked)
    lifted = HearProvider(provider="sandbox", body=changed.body.replace("11900", "11901"), signature=changed.signature)
    assert refused(world, lifted, eve) == "payments.forged"
    for odd in ("", "v1=abc", "t=1,v1=", "t=²,v1=ff", "t=1=2,v1=x", "ä", f"t={'9' * 5000},v1=ff"):
        assert refused(world, HearProvider(provider="sandbox", body=changed.body, signature=odd), eve) == "payments.forged"
    assert (world.get(Payment, asked).state, state(world, delivered)) == ("pending", "DELIVERED")
    with world.session() as session:
        kept = session.scalars(select(DeniedRow).where(DeniedRow.command == "HearProvider")).all()
    assert {(row.actor_id, tuple(row.codes)) for row in kept} == {(eve.id, ("payments.forged",))}
    assert all(row.body["body"] for row in kept)


@pytest.mark.parametrize("late", [WINDOW + 5, -WINDOW - 5])
def test_an_old_word_is_not_heard_again(world: World, asked: UUID, late: int) -> None:
    assert refused(world, told(world, asked, late=late)) == "payments.stale"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"payment": "PAY-000000000000"}, "payments.unknown"),
        ({"amount": 11_901}, "payments.another_amount"),
        ({"amount": -1}, "payments.unreadable"),
        ({"amount": True}, "payments.unreadable"),
        ({"amount": "119"}, "payments.unreadable"),
        ({"status": "perhaps"}, "payments.unreadable"),
        ({"reference": " "}, "payments.unreadable"),
        ({"reference": "x" * 81}, "payments.unreadable"),
    ],
)
def test_what_does_not_fit_what_was_asked_for_books_nothing(world: World, asked: UUID, more: dict[str, Any], code: str) -> None:
    assert refused(world, told(world, asked, **more)) == code
    assert world.get(Payment, asked).state == "pending"


@pytest.mark.parametrize("body", ["", "[]", "{", "null", '{"payment": 1}', "[" * 4000, "[" * 5000])
def test_any_body_at_all_is_answered_in_words(world: World, body: str) -> None:
    command = HearProvider(provider="sandbox", body=body, signature=signed(SECRET, body, world.app.clock.now()))
    assert refused(world, command) == "payments.unreadable"


def test_a_double_counts_only_where_it_was_chosen(world: World, asked: UUID) -> None:
    world.done(SetSetting(key="payments.provider", value=""))
    assert refused(world, told(world, asked)) == "payments.provider"
    assert refused(world, HearProvider(provider="other", body="", signature="")) == "payments.provider"


def test_the_double_says_that_it_is_one_and_has_the_hub_s_secret() -> None:
    assert "no money moves" in PROVIDERS["sandbox"].label
    assert PROVIDERS["sandbox"].page("PAY-1", PRICE) == "https://sandbox.invalid/pay/PAY-1?amount=11900"
    assert Sandbox({"FETTLE_PAYMENTS_SECRET_SANDBOX": "other"}).secret == b"other"
    own = Sandbox({"FETTLE_PAYMENTS_SECRET_SANDBOX": "other"})
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert refusal(lambda: own.hear("{}", signed(SECRET, "{}", now), now)) == "payments.forged"


# -------------------------------------------------------------------------------------------------------- other endings


def test_what_was_not_paid_is_asked_for_again(world: World, delivered: UUID, asked: UUID) -> None:
    world.done(told(world, asked, status="failed"))
    assert world.get(Payment, asked).state == "failed"
    assert codes(world.done(told(world, asked, status="failed"))) == ["payments.already_processed"]
    again = world.done(TakePayment(order=delivered, channel="online", amount=PRICE)).row("payment")
    world.done(told(world, again, reference="TX-2"))
    assert state(world, delivered) == "CLOSED"


def test_money_that_comes_after_it_was_given_up_is_kept(world: World, delivered: UUID, asked: UUID) -> None:
    world.done(Transition(entity="payment", id=asked, move="fail", reason="Left without paying"))
    world.done(TakePayment(order=delivered, channel="cash", amount=PRICE))
    assert state(world, delivered) == "CLOSED"
    world.done(told(world, asked))
    assert codes(world.done(told(world, asked))) == ["payments.already_processed"]
    paid = [one for one in world.rows(Payment) if one.state == "success"]
    assert sum(one.amount.minor for one in paid) == 2 * PRICE.minor
    assert world.get(Payment, asked).state == "failed", "nothing that was is changed"


def test_who_pays_cash_while_it_waits_is_closed_once_somebody_says_it_was_not_paid(
    world: World, delivered: UUID, asked: UUID
) -> None:
    world.done(TakePayment(order=delivered, channel="cash", amount=PRICE))
    assert state(world, delivered) == "DELIVERED"
    world.done(Transition(entity="payment", id=asked, move="fail", reason="Paid cash"))
    assert world.codes(Transition(entity="work_order", id=delivered, move="close")) == []


def test_what_was_paid_online_goes_back_online_and_waits(world: World, asked: UUID) -> None:
    world.done(told(world, asked))
    refund = world.done(RefundPayment(payment=asked, amount=PRICE, reason="Complaint")).row("payment")
    assert world.get(Payment, refund).state == "pending"
    assert refused(world, told(world, refund, reference="TX-9")) == "payments.unknown"
    world.done(Transition(entity="payment", id=refund, move="confirm", reason="Sent in the provider's portal"))
    assert world.get(Payment, refund).state == "success"


LEGAL = {("pending", "success"), ("pending", "failed")}


def test_a_payment_goes_the_ways_that_are_laid_out_and_no_others() -> None:
    states = ("pending", "success", "failed")
    drawn = {(one, move.target) for one in states for move in PAYMENT.open_moves(one)}
    assert drawn == LEGAL
    assert {pair for pair in itertools.product(states, states) if pair not in LEGAL} >= {
        ("success", "failed"),
        ("failed", "success"),
    }


def test_only_a_manager_says_by_hand_that_money_came(world: World, asked: UUID) -> None:
    cashier = world.person("Cas", "CAS")
    confirm = Transition(entity="payment", id=asked, move="confirm", reason="I saw it")
    assert world.codes(confirm, cashier) == ["access.denied"]
    assert world.codes(Transition(entity="payment", id=asked, move="confirm")) == ["state.reason"]
    assert world.codes(Transition(entity="payment", id=new_id(), move="confirm", reason="x")) == ["row.missing"]
