"""Two processes of the hub on one database: what comes through the one and the other at once is done once, and adds up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from replay_chance import Day, evening
from replay_world import LEFT, ORG, ZONE, Trio, Wire, morning, named, template
from sqlalchemy import URL

from app.assemble import App
from app.kernel import postgres as server
from app.kernel.commands import Command
from app.kernel.dispatch import Station
from app.kernel.ids import new_id
from app.kernel.standard import AddNote, Note, SaveRecord, Transition
from app.kernel.types import Quantity
from app.kernel.writer import Writer
from app.parts.model import Part
from app.parts_issue.commands import IssuePart, ReturnPart, UndoIssue
from app.stock.commands import CountStock, MoveStock
from app.stock.model import StockLine
from app.work_orders.model import WorkOrder
from sync.hub.feed import Reach
from sync.hub.peer import HubPeer
from sync.protocol import Pull
from sync.terminal import push
from sync.terminal.exchange import exchange

ROUNDS, COMMANDS = 6, 12


@dataclass
class Town:
    """A hub of two processes, each with a terminal of its own."""

    trio: Trio
    second: App

    @property
    def peers(self) -> tuple[HubPeer, HubPeer]:
        return self.trio.peer, HubPeer(self.second, {one.station.id: Reach(ORG) for one in self.trio.terminals}.get)

    def at_once(self, *those: Callable[[], Any]) -> list[Any]:
        """Lets all begin in the same moment, each in a thread of its own."""
        start = threading.Barrier(len(those))

        def begun(one: Callable[[], Any]) -> Any:
            start.wait()
            return one()

        with ThreadPoolExecutor(len(those)) as pool:
            return [future.result() for future in [pool.submit(begun, one) for one in those]]


@pytest.fixture
def town(postgres: URL) -> Iterator[Town]:
    engines = server.engine(postgres), server.engine(postgres)
    trio = morning(engines[0], template(engines[0]))
    second = App(Writer(engines[1]), engines[1], engines[1], Station(new_id(), ZONE, hub=True))
    yield Town(trio, second)
    second.close()
    trio.stop()
    for engine in engines:
        engine.dispose()


def acts(trio: Trio, place: int) -> Command:
    """What people at two counters do all day with one part, one bin and one job."""
    order, part, bin = trio.left.all(WorkOrder)[0].id, named("part", "P-1"), named("bin", "A")
    lines = [line for line in trio.left.all(StockLine) if line.kind == "issue"]
    match place % 6:
        case 0 | 1:
            return IssuePart(order=order, part=part, bin=bin, reason="They are here")
        case 2:
            return ReturnPart(order=order, part=part, bin=bin)
        case 3:
            return MoveStock(part=part, out=bin, into=named("bin", "B"), reason="Nearer")
        case 4 if lines:
            return UndoIssue(line=lines[place % len(lines)].id)
        case _:
            return CountStock(part=part, bin=bin, counted=Quantity(50 + place))


def test_what_two_counters_do_to_one_bin_at_once_adds_up(town: Town) -> None:
    trio = town.trio
    for turn in range(ROUNDS):
        for place in range(COMMANDS):
            trio.wall.ms += 1000
            for number, (terminal, name) in enumerate(zip(trio.terminals, ("Ann", "Ben"), strict=True)):
                terminal.run(acts(trio, turn + place + number), trio.person(name))
        town.at_once(
            *(lambda at=at, peer=peer: exchange(at.app, Wire(peer)) for at, peer in zip(trio.terminals, town.peers, strict=True))
        )
    evening(trio)
    given = [row.state for terminal in trio.terminals for row in terminal.envelopes()]
    assert set(given) <= {"confirmed", "questioned"}, "a fact is never refused, and nothing was parked"
    assert trio.hub.broken_chain(LEFT) is None


@pytest.mark.parametrize("seed", range(2))
def test_random_days_through_two_processes_end_with_everyone_equal(town: Town, seed: int) -> None:
    trio = town.trio
    day = Day(trio, seed)
    for _turn in range(5):
        for _step in range(8):
            trio.wall.ms += 60_000
            for terminal, name in zip(trio.terminals, ("Ann", "Ben"), strict=True):
                day._act(terminal, name)
        town.at_once(
            *(lambda at=at, peer=peer: exchange(at.app, Wire(peer)) for at, peer in zip(trio.terminals, town.peers, strict=True))
        )
    evening(trio)


def test_one_terminal_that_reaches_both_processes_at_once_is_heard_once(town: Town) -> None:
    trio = town.trio
    for _count in range(60):
        order = trio.left.all(WorkOrder)[0].id
        trio.left.done(
            IssuePart(order=order, part=named("part", "P-1"), bin=named("bin", "A"), reason="Here"), trio.person("Ann")
        )
    with trio.left.session() as session:
        sent = push.batch(session, LEFT, 500)
    answers = town.at_once(*(lambda peer=peer: Wire(peer).exchange(sent, Pull(10**6)) for peer in town.peers * 2))
    assert {answer.last_number for answer in answers} == {60}
    assert all(len(answer.verdicts) == 60 for answer in answers)
    assert len(trio.hub.envelopes(LEFT)) == 60
    assert len([line for line in trio.hub.all(StockLine) if line.kind == "issue"]) == 60
    assert trio.hub.broken_chain(LEFT) is None
    evening(trio)


def test_one_code_goes_to_one_part_whoever_asks_first(town: Town) -> None:
    for count in range(8):
        new = SaveRecord(entity="part", fields={"code": [None, f"N-{count}"], "name": [None, "New"]})
        answers = town.at_once(
            *(lambda app=app, new=new: app.run(new, town.trio.program) for app in (town.trio.hub.app, town.second))
        )
        assert sorted(answer.status for answer in answers) == ["done", "refused"]
        assert [problem.code for answer in answers for problem in answer.problems] == ["record.taken"]
    codes = [part.code for part in town.trio.hub.all(Part)]
    assert len(codes) == len(set(codes))


def test_a_job_goes_only_where_its_moves_lead(town: Town) -> None:
    trio = town.trio
    order = trio.left.all(WorkOrder)[0].id
    cancel = Transition(entity="work_order", id=order, move="cancel", reason="Sold")
    issue = IssuePart(order=order, part=named("part", "P-1"), bin=named("bin", "A"), reason="Here")
    town.at_once(
        lambda: town.second.run(cancel, trio.program),
        lambda: trio.hub.app.run(cancel, trio.program),
        lambda: trio.hub.app.run(issue, trio.program),
    )
    state = next(row.state for row in trio.hub.all(WorkOrder) if row.id == order)
    issued = any(line.kind == "issue" and line.source_id == order for line in trio.hub.all(StockLine))
    assert (state == "CANCELLED") != issued, "who comes second is told so: what was handed out is not cancelled away"


def test_both_processes_give_numbers_of_their_own(town: Town) -> None:
    apps = (town.trio.hub.app, town.second)

    def save(app: App, count: int) -> UUID:
        fields = {"name": [f"Part P-{count}", f"{app.station.id}"]}
        return app.run(SaveRecord(entity="part", id=named("part", f"P-{count}"), fields=fields), town.trio.program).id

    for count in (1, 2, 3):
        town.at_once(*(lambda app=app, count=count: save(app, count) for app in apps))
    for app in apps:
        assert town.trio.hub.broken_chain(app.station.id) is None


def test_a_command_given_to_both_processes_at_once_is_done_once_and_answered_alike(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ident = town.trio.person("Ann"), new_id()
    command = AddNote(entity="part", id=named("part", "P-1"), text="Rusty")
    asked = town.second.dispatcher._known

    def before_the_other_committed(*_given: Any) -> None:
        monkeypatch.setattr(town.second.dispatcher, "_known", asked)
        assert town.trio.hub.app.run(command, ann, ident).done

    monkeypatch.setattr(town.second.dispatcher, "_known", before_the_other_committed)
    answer = town.second.run(command, ann, ident)
    assert (answer.done, answer.again, answer.problems) == (True, True, ())
    assert [row.text for row in town.trio.hub.all(Note)] == ["Rusty"]
    other = town.second.run(AddNote(entity="part", id=named("part", "P-1"), text="Bent"), ann, ident)
    assert [problem.code for problem in other.problems] == ["command.id_taken"]


def test_two_processes_under_one_name_give_no_number_twice(town: Town, postgres: URL) -> None:
    """Somebody has copied the folder of a hub's process, and started the copy beside it."""
    engine, first = server.engine(postgres), town.trio.hub.app
    copy = App(Writer(engine), engine, engine, first.station)
    try:
        ann = town.trio.person("Ann")
        notes = [AddNote(entity="part", id=named("part", "P-1"), text=str(count)) for count in range(6)]
        for count, note in enumerate(notes):
            answer = (copy, first)[count % 2].run(note, ann)
            assert answer.done, answer.problems
        assert town.trio.hub.broken_chain(first.station.id) is None
        assert sorted(row.text for row in town.trio.hub.all(Note)) == [str(count) for count in range(6)]
    finally:
        copy.close()
        engine.dispose()
