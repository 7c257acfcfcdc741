"""A till of many years: what was paid for one job is looked up by that job, never by passing over all that was ever paid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from app.payments.sums import owed, paid_before
from app.work_orders.model import WorkOrder
from world import World

NOON = 1 << 60  # a stamp after all others


@contextmanager
def plans(world: World) -> Iterator[list[str]]:
    """How SQLite, which was never told any sizes, goes about finding payments."""
    found: list[str] = []

    def listen(connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "FROM payment" in statement:
            plan = connection.connection.dbapi_connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.extend(line[3] for line in plan if " payment " in line[3])

    event.listen(world.app.read_engine, "before_cursor_execute", listen)
    yield found
    event.remove(world.app.read_engine, "before_cursor_execute", listen)


def sums(world: World, order: UUID) -> None:
    with world.session() as session:
        owed(session, session.get_one(WorkOrder, order))
        paid_before(session, order, NOON)


ASKED: dict[str, Callable[[World, UUID], object]] = {
    "the jobs to be paid": lambda world, _order: world.app.ask("to_pay", world.actor),
    "the payments of a job": lambda world, order: world.app.ask("order_payments", world.actor, order=order),
    "the sums of a job": sums,
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_what_was_paid_for_a_job_is_looked_up_by_the_job(
    world: World, delivered: UUID, ask: Callable[[World, UUID], object]
) -> None:
    with plans(world) as found:
        ask(world, delivered)
    assert found
    assert all(line.startswith("SEARCH payment USING INDEX ix_payment_order (order_id=?") for line in found), found
