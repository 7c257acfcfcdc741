"""A disk that refuses the n-th write, for every n of a session: what was said to be saved is, the rest is once there is room."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from counts import Count
from faulty_disk import FULL, IOERR_WRITE, FaultyDisk, faulty_disk
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel import health
from app.kernel.commands import Answer, Command
from app.kernel.ids import new_id
from app.kernel.problems import Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.store_troubles import NOT_SAVED
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.stock.commands import MoveStock, ReceiveStock
from app.work_orders.commands import CreateOrder
from world import World, open_app

CUT_EVERY = 97  # of so many faults, at one the plug is pulled as well


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    with faulty_disk() as disk:
        yield disk


def session_of(world: World, dice: random.Random, number: int) -> list[Command]:
    """A morning's work."""
    makers: tuple[Callable[[], Command], ...] = (
        lambda: IssuePart(order=world.order, part=dice.choice(world.parts), bin=world.bin, quantity=Quantity(1), reason="x"),
        lambda: ReceiveStock(part=dice.choice(world.parts), bin=world.bin, quantity=Quantity(dice.randint(1, 9))),
        lambda: MoveStock(part=dice.choice(world.parts), out=world.bin, into=world.other_bin, quantity=Quantity(1), reason="x"),
        lambda: CreateOrder(site=world.site, what=f"Service {dice.randint(1, 99)}"),
    )
    return [maker() for maker in dice.choices(makers, (70, 12, 8, 10), k=number)]


class Stubborn:
    """Every command of a session, tried with the first write refused, then the second, until it goes through untouched."""

    def __init__(self, world: World, disk: FaultyDisk, code: int, folder: Path) -> None:
        self.world, self.disk, self.code, self.folder = world, disk, code, folder
        self.faults = self.cuts = self.said_too_much = self.saved_unsaid = 0
        self.done: list[UUID] = []
        self.codes: set[str] = set()

    def run(self, commands: list[Command]) -> None:
        for command in commands:
            self.through(command, new_id())

    def through(self, command: Command, ident: UUID) -> None:
        before = self.count()
        for after in range(10_000):
            answer = self.tried(command, ident, after)
            if answer is not None:
                assert answer.done, answer.problems
                self.done.append(ident)
                self.said_too_much += self.count() != before + 1
                return
            self.saved_unsaid += self.count() != before
            if self.faults % CUT_EVERY == 0:
                self.cut(command, ident)
        raise AssertionError("it never went through")

    def tried(self, command: Command, ident: UUID, after: int) -> Answer | None:
        """Its answer; None where it was refused by the disk, which has room again afterwards."""
        app, actor = self.world.app, self.world.actor
        self.disk.fail(after, self.code)
        try:
            return app.writer.submit(app.dispatcher.run, command, actor, ident).result()  # however long this machine takes
        except Trouble as trouble:
            self.codes.add(trouble.problem.code)
            self.faults += 1
            return None
        finally:
            self.disk.recover()

    def count(self) -> int:
        with self.world.session() as session:
            return session.scalar(select(func.count()).select_from(EnvelopeRow)) or 0

    def cut(self, command: Command, ident: UUID) -> None:
        """The plug is pulled as well: on the disk it may stand, for nobody was told either way; done again, it stands once."""
        copy = self.folder / f"cut-{self.cuts}"
        copy.mkdir()
        path = self.world.app.store.path  # type: ignore[attr-defined]
        for end in ("", "-wal"):
            shutil.copy(path.with_name(path.name + end), copy / f"terminal.fettle{end}")
        again = self.world.reopened(open_app(copy / "terminal.fettle", station=self.world.app.station))
        with closing(again):
            assert again.app.run(command, again.actor, ident).done
            with again.session() as session:
                wanted = select(func.count()).select_from(EnvelopeRow)
                assert session.scalar(wanted.where(EnvelopeRow.id == ident)) == 1
                assert session.scalar(wanted.where(EnvelopeRow.id.in_(self.done))) == len(self.done)
        shutil.rmtree(copy)
        self.cuts += 1

    def whole(self) -> None:
        """Looks through all of it once it was closed and opened again."""
        app = self.world.app
        path, station = app.store.path, app.station  # type: ignore[attr-defined]
        self.world.close()
        self.world.app = open_app(path, station=station)
        with Session(self.world.app.read_engine) as session:
            there = set(session.scalars(select(EnvelopeRow.id)))
            looks = [health.audit(session), health.links(session, self.world.app.registry)]
        engine, registry = self.world.app.dispatcher.engine, self.world.app.registry
        looks += [health.integrity(engine), self.world.app.writer.run(health.balances, engine, registry)]
        assert [one.name for one in looks if one.state != health.OK] == []
        assert set(self.done) <= there


def disk_proof(world: World, disk: FaultyDisk, number: int, code: int, folder: Path, count: Count) -> None:
    path, station = world.app.store.path, world.app.station  # type: ignore[attr-defined]
    world.close()
    world.app = open_app(path, station=station)  # its files are opened on this disk
    run = Stubborn(world, disk, code, folder)
    run.run(session_of(world, random.Random(number), number))
    run.whole()
    assert (run.said_too_much, run.saved_unsaid) == (0, 0)
    assert run.codes <= NOT_SAVED
    name = "full disk" if code == FULL else "failing disk"
    count(name, "commands", len(run.done))
    count(name, "writes refused", run.faults)
    count(name, "power cuts meanwhile", run.cuts)
    count(name, "saved though it was not said", run.saved_unsaid)
    count(name, "said and not saved", run.said_too_much)


@pytest.mark.parametrize("code", [FULL, IOERR_WRITE])
def test_whichever_write_the_disk_refuses_what_was_said_is_so(
    world: World, disk: FaultyDisk, tmp_path: Path, count: Count, code: int
) -> None:
    disk_proof(world, disk, 6, code, tmp_path, count)


@pytest.mark.prove
@pytest.mark.parametrize("code", [FULL, IOERR_WRITE])
def test_of_two_hundred_commands_whichever_write_the_disk_refuses_what_was_said_is_so(
    world: World, disk: FaultyDisk, tmp_path: Path, count: Count, code: int
) -> None:
    disk_proof(world, disk, 200, code, tmp_path, count)
