"""Random days of two terminals and a hub: what people do, how the line fails, and what must be true in the evening."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from replay_world import BINS, PARTS, Machine, Trio, Wire, named
from sqlalchemy import select

from app.access.model import Appointment
from app.kernel.commands import Command
from app.kernel.problems import Trouble
from app.kernel.records import APPLIED, CONFIRMED, QUESTIONED, WAITING, ChangeRow, EnvelopeRow, SyncEvent
from app.kernel.search import words_of
from app.kernel.standard import AddNote, Retire, SaveMany, SaveRecord, Transition
from app.kernel.states import Machine as States
from app.kernel.types import Quantity
from app.parts.model import Part
from app.parts_issue.commands import IssuePart, ReturnPart, UndoIssue, UndoReturn
from app.stock.commands import AdjustStock, CountStock, MoveStock, ReceiveStock, ReserveStock, ReverseMovement
from app.stock.model import StockLine
from app.work_orders.commands import AddService, AgreeOrder, AssignOrder, CreateOrder, PlanPart
from app.work_orders.health import RecordHealth
from app.work_orders.model import WorkOrder
from sync.protocol import Compare, Compared, Exchanged, Given, Hello, Peer, Pull, Push, Reborn, Renewed, Rows, Welcome
from sync.terminal.exchange import Limits

BOOKS = (
    "IssuePart",
    "ReturnPart",
    "UndoIssue",
    "UndoReturn",
    "ReceiveStock",
    "MoveStock",
    "CountStock",
    "AdjustStock",
    "ReverseMovement",
)


class Cut(Trouble):
    """The line went dead."""

    def __init__(self) -> None:
        super().__init__("test.cut", "The line went dead.")


@dataclass
class Unsteady:
    """A line that fails in one of the ways lines fail; `meanwhile` is what people do while the answer is on its way."""

    peer: Peer
    how: str
    at: int = 0
    meanwhile: Callable[[], None] = lambda: None

    def hello(self, hello: Hello) -> Welcome:
        return self.peer.hello(hello)

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        if self.how == "nothing arrives":
            raise Cut
        if self.how == "the hub dies on the way":
            self.peer.exchange(replace(push, envelopes=push.envelopes[: self.at]), pull)
            raise Cut
        answer = self.peer.exchange(push, pull)
        if self.how == "it arrives twice":
            answer = self.peer.exchange(push, pull)
        if self.how == "the answer is lost":
            raise Cut
        self.meanwhile()
        if self.how == "the answer breaks off":
            pages = Breaking(answer.pages[: self.at])
            pages.whole = answer.pages
            return replace(answer, pages=pages)
        return answer

    def compare(self, compare: Compare) -> Compared:
        return self.peer.compare(compare)

    def rows(self, rows: Rows) -> Given:
        return self.peer.rows(rows)

    def reborn(self, reborn: Reborn) -> Renewed:
        return self.peer.reborn(reborn)


class Breaking(tuple[Any, ...]):
    """Pages that stop coming."""

    whole: tuple[Any, ...] = ()

    def __iter__(self) -> Iterator[Any]:
        yield from super().__iter__()
        raise Cut

    def __bool__(self) -> bool:
        return True


FAILURES = ("nothing arrives", "the hub dies on the way", "it arrives twice", "the answer is lost", "the answer breaks off")


class Day:
    """One random day, the same for the same seed."""

    def __init__(self, trio: Trio, seed: int) -> None:
        self.trio = trio
        self.dice = random.Random(seed)
        self.seed = seed
        self.told: list[str] = []
        self.cut = 0
        self.weights = (60, self.dice.choice((6, 15, 30)), 8, 2, 3)  # some days the line is mostly down
        self.again = self.dice.choice((0, 2, 6, 6))

    def go(self, steps: int) -> Day:
        kinds = (self._work, self._exchange, self._office, self._restart, self._staff)
        for _step in range(steps):
            self.trio.wall.ms += self.dice.choice((0, 1, 40, 2_000, 60_000, 900_000))
            self.dice.choices(kinds, self.weights)[0]()
        return self

    # ----------------------------------------------------------------------------------------------------- what happens

    def _work(self) -> None:
        terminal = self.dice.choice(self.trio.terminals)
        self._act(terminal, self.dice.choice(("Ann", "Ben")))

    def _act(self, terminal: Machine, name: str) -> None:
        command = self._command(terminal)
        if command is not None:
            answer = terminal.run(command, self.trio.person(name))
            self._tell(f"{self._name(terminal)} {name} {command} -> {answer.status} {[one.code for one in answer.problems]}")

    def _exchange(self) -> None:
        terminal = self.dice.choice(self.trio.terminals)
        how = self.dice.choice(FAILURES) if self.dice.random() < 0.35 else ""
        limits = Limits(
            self.dice.choice((0, 1, 1, 2, 3, 8, 500)), self.dice.randint(1, 50), self.dice.choice((1, 2, 20)), self.again
        )
        busy = self.dice.random() < 0.3
        line = Unsteady(Wire(self.trio.peer), how, self.dice.randint(0, 2))
        line.meanwhile = (lambda: self._act(terminal, "Ann")) if busy else line.meanwhile
        try:
            outcome = str(self.trio.exchange(terminal, limits, line))
        except Cut:
            self.cut += 1
            outcome = how
        self._tell(f"{self._name(terminal)} exchanges {limits}: {outcome}")
        own_work_stands(self.trio, terminal)

    def _office(self) -> None:
        """The office at the hub keeps masters and moves jobs."""
        hub = self.trio.hub
        command = self.dice.choice((self._edit_part, self._move_order, self._many, self._receive))(hub)
        if command is not None:
            answer = hub.run(command, self.trio.program)
            self._tell(f"hub {command} -> {answer.status} {[one.code for one in answer.problems]}")

    def _staff(self) -> None:
        """Someone's appointment ends at the hub, or begins again."""
        hub, name = self.trio.hub, self.dice.choice(("Ann", "Ben"))
        held = [row for row in hub.all(Appointment) if row.person_id == named("person", name)]
        fields = {"person_id": [None, named("person", name).hex], "role_id": [None, named("role", "ALL").hex]}
        command = Retire(entity="appointment", id=held[0].id) if held else SaveRecord(entity="appointment", fields=fields)
        self._tell(f"hub {command} -> {hub.run(command, self.trio.program).status}")

    def _restart(self) -> None:
        machine = self.dice.choice(self.trio.machines)
        machine.restart()
        self._tell(f"{self._name(machine)} restarts")

    def _tell(self, sentence: str) -> None:
        self.told.append(sentence)

    def _name(self, machine: Machine) -> str:
        return "hub" if machine is self.trio.hub else "left" if machine is self.trio.left else "right"

    # ------------------------------------------------------------------------------------------------------- what people do

    def _command(self, on: Machine) -> Command | None:
        kinds: tuple[tuple[Callable[[Machine], Command | None], int], ...] = (
            (self._issue, 18), (self._return, 6), (self._undo, 6), (self._reverse, 4), (self._receive, 4), (self._move_stock, 4),
            (self._count, 5), (self._adjust, 3), (self._plan, 9), (self._order, 4), (self._move_order, 10), (self._assign, 8),
            (self._service, 3), (self._agree, 4), (self._health, 2), (self._note, 4), (self._edit_part, 16), (self._new_part, 9),
            (self._many, 2), (self._retire, 2), (self._reserve, 4), (self._edit_order, 10),
        )  # fmt: skip
        makers, weights = zip(*kinds, strict=True)
        return self.dice.choices(makers, weights)[0](on)

    def _pick(self, on: Machine, entity: type[Any]) -> Any:
        """A row; mostly one of the first two, so that people meet."""
        there = on.all(entity)
        return self.dice.choice(there[:2] if self.dice.random() < 0.7 else there) if there else None

    def _part(self, on: Machine) -> UUID:
        """One of the three parts of the first morning, or one that somebody has just made."""
        return named("part", self.dice.choice(PARTS)) if self.dice.random() < 0.7 else on.all(Part)[-1].id

    def _bin(self) -> UUID:
        return named("bin", self.dice.choice(BINS))

    def _some(self, most: int = 4) -> Quantity:
        return Quantity(self.dice.randint(1, most))

    def _why(self) -> str:
        return self.dice.choice(("", "More were needed", "Found here"))

    def _issue(self, on: Machine) -> Command | None:
        order = self._pick(on, WorkOrder).id
        return IssuePart(order=order, part=self._part(on), bin=self._bin(), quantity=self._some(3), reason=self._why())

    def _return(self, on: Machine) -> Command | None:
        return ReturnPart(order=self._pick(on, WorkOrder).id, part=self._part(on), bin=self._bin(), quantity=self._some(2))

    def _line(self, on: Machine, *kinds: str) -> StockLine | None:
        lines = [line for line in on.all(StockLine) if line.kind in kinds]
        return self.dice.choice(lines) if lines else None

    def _undo(self, on: Machine) -> Command | None:
        line = self._line(on, "issue", "return")
        if line is None:
            return None
        return UndoIssue(line=line.id) if line.kind == "issue" else UndoReturn(line=line.id)

    def _reverse(self, on: Machine) -> Command | None:
        line = self._line(on, "receipt", "adjust", "transfer_in", "issue")
        return ReverseMovement(line=line.id, reason="Wrong") if line else None

    def _receive(self, on: Machine) -> Command | None:
        return ReceiveStock(part=self._part(on), bin=self._bin(), quantity=self._some())

    def _move_stock(self, on: Machine) -> Command | None:
        return MoveStock(part=self._part(on), out=self._bin(), into=self._bin(), quantity=self._some(2), reason=self._why())

    def _count(self, on: Machine) -> Command | None:
        return CountStock(part=self._part(on), bin=self._bin(), counted=Quantity(self.dice.randint(0, 7)))

    def _adjust(self, on: Machine) -> Command | None:
        change = Quantity(self.dice.choice((-60, -2, 1, 3)))
        return AdjustStock(part=self._part(on), bin=self._bin(), change=change, reason="Damaged")

    def _plan(self, on: Machine) -> Command | None:
        return PlanPart(order=self._pick(on, WorkOrder).id, part=self._part(on), quantity=Quantity(self.dice.randint(0, 4)))

    def _order(self, on: Machine) -> Command | None:
        return CreateOrder(
            site=named("site", "M"), what=self.dice.choice(("Clutch", "Fork")), checked_in=self.dice.random() < 0.7
        )

    def _move_order(self, on: Machine) -> Command | None:
        order = self._pick(on, WorkOrder)
        states: States = on.registry.machines[WorkOrder]
        moves = [move for move in states.open_moves(order.state) if move.name != "cancel" or self.dice.random() < 0.4]
        move = self.dice.choice(moves or states.moves)
        return Transition(entity="work_order", id=order.id, move=move.name, reason="Agreed")

    def _assign(self, on: Machine) -> Command | None:
        person = named("person", self.dice.choice(("Ann", "Ben", "Eve")))
        return AssignOrder(order=self._pick(on, WorkOrder).id, person=person, bay=self.dice.choice(("", "1", "2")))

    def _service(self, on: Machine) -> Command | None:
        return AddService(order=self._pick(on, WorkOrder).id, what="Replace", hours=self._some())

    def _agree(self, on: Machine) -> Command | None:
        return AgreeOrder(order=self._pick(on, WorkOrder).id, how="By phone")

    def _health(self, on: Machine) -> Command | None:
        return RecordHealth(order=self._pick(on, WorkOrder).id, odometer=self.dice.randint(1, 9) * 1000)

    def _note(self, on: Machine) -> Command | None:
        entity = self.dice.choice((WorkOrder, Part))
        there = on.all(entity)
        return AddNote(entity=entity.__tablename__, id=self.dice.choice(there).id, text=f"Note {self.dice.randint(1, 99)}")

    def _edit(self, entity: str, row: Any, field: str, value: Any) -> Command:
        return SaveRecord(entity=entity, id=row.id, fields={field: [getattr(row, field), value]})

    def _edit_part(self, on: Machine) -> Command | None:
        field = self.dice.choice(("name", "description", "category"))
        return self._edit("part", self._pick(on, Part), field, f"{field} {self.dice.randint(1, 5)}")

    def _edit_order(self, on: Machine) -> Command | None:
        return self._edit("work_order", self._pick(on, WorkOrder), "what", f"Noise {self.dice.randint(1, 5)}")

    def _new_part(self, on: Machine) -> Command | None:
        code = f"N-{self.dice.randint(1, 2)}"
        return SaveRecord(entity="part", fields={"code": [None, code], "name": [None, f"New {code}"]})

    def _many(self, on: Machine) -> Command | None:
        rows = [{"code": f"M-{self.dice.randint(1, 6)}", "name": f"Many {self.dice.randint(1, 9)}"} for _one in range(3)]
        return SaveMany(entity="part", rows=list({row["code"]: row for row in rows}.values()))

    def _retire(self, on: Machine) -> Command | None:
        parts = [row for row in on.all(Part) if row.code not in PARTS]
        return Retire(entity="part", id=self.dice.choice(parts).id) if parts else None

    def _reserve(self, on: Machine) -> Command | None:
        return ReserveStock(
            part=self._part(on), warehouse=named("warehouse", "W"), source=self._pick(on, WorkOrder).id,
            quantity=Quantity(self.dice.randint(0, 3)),
        )  # fmt: skip


def own_work_stands(trio: Trio, terminal: Machine) -> None:
    """What someone booked here, and the hub has not had yet, is to be seen here: whatever came down meanwhile."""
    booked = select(ChangeRow.envelope_id).where(ChangeRow.entity.in_(("stock_line", "discrepancy")))
    waiting = select(EnvelopeRow.id, EnvelopeRow.number, EnvelopeRow.command).where(
        EnvelopeRow.state == WAITING, EnvelopeRow.command.in_(BOOKS), EnvelopeRow.id.not_in(booked)
    )
    with terminal.session() as session:
        hidden = session.execute(waiting).all()
    if hidden:
        with trio.hub.session() as session:
            arrived = set(session.scalars(select(EnvelopeRow.id)))
        unseen = [(number, command) for ident, number, command in hidden if ident not in arrived]
        assert not unseen, f"work that waits is no longer to be seen: {unseen}"


@contextmanager
def lived_through(seed: int, day: Day, most: int = 0) -> Iterator[None]:
    """What goes wrong here is told with its seed, and with all that was done that day, or the last `most` of it."""
    try:
        yield
    except BaseException as error:
        raise AssertionError(f"seed {seed}: {error}\n" + "\n".join(day.told[-most:])) from error
    finally:
        day.trio.stop()


# ------------------------------------------------------------------------------------------------------------- the evening


def evening(trio: Trio, *, verdicts: bool = True) -> None:
    """Everyone exchanges until nothing moves; then all that the laws of replay promise must be so. A hub that was put back
    from a backup may judge a command otherwise than it did before: then the `verdicts` need not be the same."""
    trio.quiesce()
    assert not trio.mishaps.told, trio.mishaps.told[0]
    _all_alike(trio)
    _nothing_left(trio)
    _no_fact_lost(trio)
    if verdicts:
        _verdicts_kept(trio)
    _search_in_step(trio)


def nothing_mended(trio: Trio) -> None:
    """Where no store was copied or put back, all came right by itself: what a comparison had to mend would be a bug."""
    for terminal in trio.terminals:
        with terminal.session() as session:
            mended = [(one.kind, one.detail) for one in session.scalars(select(SyncEvent))]
        assert not mended, f"a comparison had to mend {mended}"


def _all_alike(trio: Trio) -> None:
    truth, folded = trio.hub.image(), trio.hub.balances()
    for terminal in trio.terminals:
        image = terminal.image()
        for name, lines in truth.items():
            assert image[name] == lines, f"{name} differs: {sorted(set(image[name]) ^ set(lines))}"
        assert terminal.balances() == folded, "balances differ"
    for machine in trio.machines:
        before = machine.balances()
        assert machine.rebuilt() == before, "balances are not the fold of their ledger"


def _nothing_left(trio: Trio) -> None:
    for terminal in trio.terminals:
        assert terminal.waiting() == []
        assert terminal.leftovers() == 0, "something still waits to be replaced"


def _no_fact_lost(trio: Trio) -> None:
    with trio.hub.session() as session:
        booked = set(session.execute(select(ChangeRow.envelope_id, ChangeRow.entity).distinct()).all())
    for terminal in trio.terminals:
        ours, theirs = terminal.envelopes(), trio.hub.envelopes(terminal.station.id)
        lacking = {one.number for one in ours} ^ {one.number for one in theirs}
        assert not lacking, f"the hub has {len(theirs)} of {len(ours)} commands of {terminal.station.id}: {sorted(lacking)}"
        assert [one.content for one in ours] == [one.content for one in theirs], "the hub has another text of a command"
        assert trio.hub.broken_chain(terminal.station.id) is None
        assert terminal.broken_chain(terminal.station.id) is None
        for one in theirs:
            if '"authority":"fact"' in one.content:
                assert one.state in (APPLIED, QUESTIONED), f"the fact {one.command} is {one.state}"
            if one.command in BOOKS:
                ident = UUID(json.loads(one.content)["id"])  # one that came under another identity before has an own id here
                assert {(ident, "stock_line"), (ident, "discrepancy")} & booked, f"{one.command} left no trace"


def _verdicts_kept(trio: Trio) -> None:
    for terminal in trio.terminals:
        for ours, theirs in zip(terminal.envelopes(), trio.hub.envelopes(terminal.station.id), strict=True):
            assert _as_here(theirs) == (ours.state, ours.problems, ours.feed_seq)


def _as_here(theirs: EnvelopeRow) -> tuple[str, list[Any], int | None]:
    return CONFIRMED if theirs.state == APPLIED else theirs.state, theirs.problems, theirs.feed_seq


def _search_in_step(trio: Trio) -> None:
    for machine in trio.machines:
        wanted = {}
        for entity in machine.registry.synced():
            if entity.__about__.search:
                with machine.session() as session:
                    wanted |= {row.id: words_of(row) for row in session.scalars(select(entity)) if words_of(row)}
        assert machine.searched() == wanted, "search is out of step"
