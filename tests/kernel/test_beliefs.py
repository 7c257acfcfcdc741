"""What a hub believes of an envelope, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.access.model import Appointment
from app.kernel.access import Actor, actor
from app.kernel.capture import WorkSession
from app.kernel.clock import Clock, stamp_of
from app.kernel.commands import Authority, Command, Envelope, encode
from app.kernel.dispatch import Station
from app.kernel.ids import new_id
from app.kernel.problems import Refused
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.stock.commands import CountStock, ReceiveStock
from app.stock.model import StockLine
from app.work_orders.model import WorkOrder
from world import World, open_app

NOW = 1_795_000_000_000
YEAR = 365 * 86_400_000


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[World]:
    station = Station(new_id(), zone="Europe/Berlin", hub=True)
    world = World(open_app(tmp_path / "hub" / "hub.fettle", station=station, clock=Clock(lambda: NOW)))
    yield world.furnish()
    world.close()


def told(
    hub: World, command: Command, who: Actor, *, ms: int = NOW, authority: Authority | None = None, version: int = 1
) -> Envelope:
    """What a terminal would send."""
    clock = Clock(lambda: ms)
    return Envelope(
        id=new_id(),
        command=type(command).__name__,
        version=version,
        body=encode(command),
        org_id=hub.org,
        actor_id=who.id,
        terminal_id=new_id(),
        stamp=stamp_of(ms),
        occurred_at=clock.now(),
        business_date=clock.now().date(),
        authority=authority or command.authority,
        drawn={"station": 1, "enrolled": True},
    )


def play(hub: World, envelope: Envelope) -> str:
    def act() -> str:
        with WorkSession(hub.app.dispatcher.engine, expire_on_commit=False, info={"orgs": {envelope.org_id}}) as session:
            verdict = hub.app.dispatcher.replay(session, envelope).verdict
            session.commit()
        return verdict

    return hub.app.writer.run(act)


def test_a_request_that_calls_itself_a_fact_is_still_refused(hub: World) -> None:
    """Somebody who may only look writes herself the rights of an administrator, and says that it happened."""
    viewer = hub.person("Vera", "VIE")
    hub.person("Anna", "ADM")
    role = next(row for row in hub.rows(Appointment) if row.person_id != viewer.id).role_id
    fields = {"person_id": [None, viewer.id.hex], "role_id": [None, role.hex]}
    appoint = SaveRecord(entity="appointment", fields=fields)
    before = len(hub.rows(Appointment))
    assert play(hub, told(hub, appoint, viewer, authority=Authority.FACT)) == "refused"
    assert len(hub.rows(Appointment)) == before


def test_a_count_from_a_clock_nine_years_ahead_does_not_hide_what_comes_after(hub: World) -> None:
    keeper, manager = hub.person("Kim", "KEE"), hub.person("Maria", "MGR")
    count = CountStock(part=hub.part, bin=hub.bin, counted=Quantity(10))
    assert play(hub, told(hub, count, keeper, ms=NOW + 9 * YEAR)) == "questioned"
    assert "clock.ahead" in hub.discrepancies()
    receipt = ReceiveStock(part=hub.part, bin=hub.bin, quantity=Quantity(7))
    play(hub, told(hub, receipt, manager, ms=NOW + 1000))
    assert hub.on_hand() == Quantity(17)


def test_a_clock_put_right_dates_the_work_right_again(tmp_path: Path) -> None:
    wall = [NOW + 9 * YEAR]
    world = World(open_app(tmp_path / "store" / "a.fettle", clock=Clock(lambda: wall[0]))).furnish()
    wall[0] = NOW
    order = world.get(WorkOrder, world.order)
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin))
    latest = max(row.made_at for row in world.rows(type(order)))
    assert latest.year == 2035
    assert min(line.made_at.year for line in world.rows(StockLine)) == 2026
    world.close()


def test_a_command_of_a_newer_program_is_not_run_as_if_it_were_ours(hub: World) -> None:
    keeper = hub.person("Kim", "KEE")
    issue = IssuePart(order=hub.order, part=hub.part, bin=hub.bin)
    with pytest.raises(Refused):
        hub.app.dispatcher.opened(told(hub, issue, keeper, version=99))


def test_nobody_signs_for_another_company(hub: World) -> None:
    keeper = hub.person("Kim", "KEE")
    stranger = actor(new_id(), new_id(), ["*"], "Boss of another company")
    answer = hub.run(
        IssuePart(order=hub.order, part=hub.part, bin=hub.bin, quantity=Quantity(5), reason="Many"), keeper, cosigner=stranger
    )
    assert [problem.code for problem in answer.problems] == ["parts_issue.far_over"]


def test_what_a_stranger_did_waits_for_someone_to_look(hub: World) -> None:
    issue = IssuePart(order=hub.order, part=hub.part, bin=hub.bin)
    assert play(hub, replace(told(hub, issue, hub.person("Kim", "KEE")), actor_id=new_id())) == "questioned"
