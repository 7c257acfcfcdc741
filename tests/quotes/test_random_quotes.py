"""Random days on which two terminals quote the same jobs without knowing of each other: everybody ends with the same versions,
no number is given twice, and at most one of them counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from replay_chance import Day, evening, lived_through, nothing_mended
from replay_world import Machine, Trio, morning

from app.kernel.commands import Command
from app.kernel.money import Money
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.quotes.commands import ConfirmQuote, DraftQuote, PublishQuote, RejectQuote
from app.quotes.model import Quote
from app.quotes.rules import OFFERED
from app.work_orders.commands import AddService, AgreeOrder
from app.work_orders.model import ServiceLine, WorkOrder
from app.work_orders.prices import SetPrice

STEPS, DAYS, TOGETHER = 28, 20, 10


class QuoteDay(Day):
    """A day at the counter."""

    def _command(self, on: Machine) -> Command | None:
        kinds: tuple[tuple[Callable[[Machine], Command | None], int], ...] = (
            (self._publish, 22), (self._draft, 5), (self._step, 6), (self._sign, 14), (self._refuse, 7), (self._price, 5),
            (self._some_service, 16), (self._agree, 4), (self._move_order, 10), (self._plan, 5),
        )  # fmt: skip
        makers, weights = zip(*kinds, strict=True)
        return self.dice.choices(makers, weights)[0](on)

    def _office(self) -> None:
        command = self.dice.choice((self._publish, self._move_order, self._sign))(self.trio.hub)
        if command is not None:
            answer = self.trio.hub.run(command, self.trio.program)
            self._tell(f"hub {command} -> {answer.status} {[one.code for one in answer.problems]}")

    def _job(self, on: Machine) -> Any:
        return on.all(WorkOrder)[self.dice.choice((0, 0, 1))].id

    def _publish(self, on: Machine) -> Command | None:
        return PublishQuote(order=self._job(on))

    def _draft(self, on: Machine) -> Command | None:
        return DraftQuote(order=self._job(on))

    def _some(self, most: int = 4) -> Quantity:
        return Quantity(self.dice.randint(1, most))

    def _some_service(self, on: Machine) -> Command | None:
        rate = Money(self.dice.choice((5000, 8000)))
        return AddService(order=self._job(on), what=f"Work {self.dice.randint(1, 99)}", hours=self._some(), rate=rate)

    def _any(self, on: Machine, *states: str) -> Any:
        there = [one.id for one in on.all(Quote) if one.state in states]
        return self.dice.choice(there) if there else None

    def _sign(self, on: Machine) -> Command | None:
        quote = self._any(on, "published", "draft")
        return ConfirmQuote(quote=quote, signer="Anna", strokes=[[[0.5, 0.25, 0]]]) if quote else None

    def _refuse(self, on: Machine) -> Command | None:
        quote = self._any(on, "published", "draft")
        return RejectQuote(quote=quote, reason="Too dear") if quote else None

    def _step(self, on: Machine) -> Command | None:
        quote = self._any(on, "draft")
        return Transition(entity="quote", id=quote, move="publish") if quote else None

    def _price(self, on: Machine) -> Command | None:
        lines = on.all(ServiceLine)
        price = Money(self.dice.randint(1, 9) * 1000)
        return SetPrice(entity="service_line", line=self.dice.choice(lines).id, price=price, reason="So") if lines else None

    def _agree(self, on: Machine) -> Command | None:
        return AgreeOrder(order=self._job(on), how="By phone")


def one_counts(trio: Trio) -> None:
    quotes = trio.hub.all(Quote)
    numbers = Counter(one.number for one in quotes)
    assert not [number for number, count in numbers.items() if count > 1], "a number was given twice"
    counts = Counter(one.order_id for one in quotes if one.state in OFFERED)
    assert not [order for order, count in counts.items() if count > 1], "two versions of a job count"
    for one in quotes:
        assert one.number.endswith(f"-Q{one.version}")
        assert one.net + one.tax == one.gross
        assert sum(line["gross"] for line in one.lines) == one.gross.minor


@pytest.mark.parametrize("first", range(0, DAYS, TOGETHER))
def test_a_random_day_of_quotes_ends_with_the_same_versions_everywhere(first: int) -> None:
    for seed in range(first, first + TOGETHER):
        trio = morning()
        day = QuoteDay(trio, seed)
        with lived_through(seed, day):
            evening(day.go(STEPS).trio)
            nothing_mended(trio)
            one_counts(trio)
