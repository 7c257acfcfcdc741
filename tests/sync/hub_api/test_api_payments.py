"""A payment provider tells the hub what was paid: without a login, believed by its signature alone, booked once."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from paying import PRICE, given_out

from app.kernel.upkeep import SetSetting
from app.payments.commands import AskPayment
from app.payments.model import Payment
from app.payments.provider import WINDOW, signed
from app.work_orders.model import WorkOrder
from sync.hub import api
from world import World

SECRET = b"a secret of this hub's own"
PATH = "/api/v1/payments/sandbox/callback"


@dataclass
class Shop:
    """A workshop at the hub in which a job waits for money that was asked for online."""

    served: Any
    world: World
    order: UUID
    payment: UUID

    def told(self, *, secret: bytes = SECRET, late: int = 0, path: str = PATH, **more: Any) -> Any:
        number = self.world.get(Payment, self.payment).number
        body = json.dumps({"payment": number, "reference": "TX-1", "amount": PRICE.minor, "status": "paid", **more})
        at = self.served.hub.app.clock.now() - timedelta(seconds=late)
        return self.sent(body, signed(secret, body, at), path)

    def sent(self, body: str, signature: str, path: str = PATH) -> Any:
        return self.served.client.request("POST", path, content=body, headers={"Fettle-Signature": signature})

    @property
    def states(self) -> tuple[str, str]:
        return str(self.world.get(Payment, self.payment).state), str(self.world.get(WorkOrder, self.order).state)


@pytest.fixture
def shop(served: Any, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("FETTLE_PAYMENTS_SECRET_SANDBOX", SECRET.decode())
    world = served.world
    world.done(SetSetting(key="payments.provider", value="sandbox"))
    order = given_out(world)
    return Shop(served, world, order, world.done(AskPayment(order=order, amount=PRICE)).row("payment"))


def code(told: Any) -> tuple[int, str]:
    return told.status_code, told.json()["code"]


def test_what_the_provider_tells_closes_the_job_and_nobody_need_be_logged_in(shop: Shop) -> None:
    told = shop.told()
    assert (told.status_code, told.json()) == (200, {"status": "done", "problems": []})
    assert shop.states == ("success", "CLOSED")


def test_told_twice_it_is_processed_already_and_booked_once(shop: Shop) -> None:
    shop.told()
    again = shop.told()
    assert (again.status_code, [one["code"] for one in again.json()["problems"]]) == (200, ["payments.already_processed"])
    assert len(shop.world.rows(Payment)) == 1


def test_a_payment_that_is_not_known_is_to_be_told_again(shop: Shop) -> None:
    assert code(shop.told(payment="PAY-000000000000")) == (404, "payments.unknown")
    assert shop.states == ("pending", "DELIVERED")


def test_a_message_that_is_not_the_provider_s_books_nothing(shop: Shop) -> None:
    assert code(shop.told(secret=b"sandbox")) == (403, "payments.forged"), "the secret that everybody knows is none here"
    assert code(shop.told(late=WINDOW + 5)) == (403, "payments.stale")
    assert code(shop.sent("{}", "")) == (403, "payments.forged")
    assert code(shop.told(amount=1)) == (422, "payments.another_amount")
    assert code(shop.told(status="perhaps")) == (400, "payments.unreadable")
    assert shop.states == ("pending", "DELIVERED")


def test_a_forged_message_finds_out_nothing_of_what_there_is(shop: Shop) -> None:
    known, unknown = shop.told(secret=b"guessed"), shop.told(secret=b"guessed", payment="PAY-000000000000")
    assert [one.json()["title"] for one in (known, unknown)] == [known.json()["title"]] * 2


def test_without_a_secret_of_the_hub_nothing_is_heard(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FETTLE_PAYMENTS_SECRET_SANDBOX")
    assert code(shop.told(secret=b"sandbox")) == (404, "payments.closed")
    assert code(shop.told(path="/api/v1/payments/paypal/callback")) == (404, "payments.closed")


def test_who_has_not_chosen_the_provider_hears_nothing_from_it(shop: Shop) -> None:
    shop.world.done(SetSetting(key="payments.provider", value=""))
    assert code(shop.told()) == (404, "payments.unknown")


def test_each_organisation_gets_its_own_payments(shop: Shop) -> None:
    other = World(shop.served.hub.app, shop.served.other.org)
    other.site = other.save("site", code="R", name="Rad", zone="Europe/Berlin")
    other.done(SetSetting(key="payments.provider", value="sandbox"))
    order = given_out(other)
    theirs = Shop(shop.served, other, order, other.done(AskPayment(order=order, amount=PRICE)).row("payment"))
    assert theirs.told(reference="TX-2").status_code == 200
    assert (theirs.states, shop.states) == (("success", "CLOSED"), ("pending", "DELIVERED"))
    assert shop.told().status_code == 200


def test_a_message_is_small_and_who_sends_many_is_slowed_down(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code(shop.sent(" " * 20_000, "")) == (413, "api.size")
    monkeypatch.setattr(api, "STRANGERS", 1.0)
    with closing(type(shop.served.client)(shop.served.hub, "192.0.2.9")) as line:
        codes = [line.request("POST", PATH, content="{}").json()["code"] for _turn in range(4)]
    assert codes == ["payments.forged"] * 2 + ["api.too_many"] * 2
