"""A disk that fills up while rows come down: nothing is laid down in part, and no work of one's own comes to nothing."""

from __future__ import annotations

from typing import Any

import pytest
from replay_chance import evening
from replay_world import Trio
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.kernel.standard import SaveRecord
from app.work_orders.commands import AssignOrder
from app.work_orders.model import WorkOrder
from sync.terminal import pull
from sync.terminal.exchange import Limits


def test_a_disk_that_is_full_when_work_is_done_again_leaves_all_as_it_was(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    order = trio.left.all(WorkOrder)[0].id
    trio.left.done(AssignOrder(order=order, bay="7"), trio.person("Ann"))
    trio.hub.done(SaveRecord(entity="work_order", id=order, fields={"what": ["Front brake", "Squeals"]}), trio.program)

    def full(*_all: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with trio.left.session() as session:
        before = pull.cursor(session)
    monkeypatch.setattr("app.kernel.outbox.keep_touches", full)
    with pytest.raises(OperationalError):
        trio.exchange(trio.left, Limits(commands=0))
    monkeypatch.undo()
    with Session(trio.left.engine) as session:
        assert pull.cursor(session) == before, "the rows come again"
    assert trio.left.get(WorkOrder, order).bay == "7"
    assert trio.left.get(WorkOrder, order).what == "Front brake"
    trio.exchange(trio.left, Limits(commands=0))
    assert (trio.left.get(WorkOrder, order).bay, trio.left.get(WorkOrder, order).what) == ("7", "Squeals")
    evening(trio)
