"""What is booked stays booked, what is undone is as if it had not been, and balances are what their ledger adds up to."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from app.kernel.capture import Capture, WorkSession
from app.kernel.commands import Command
from app.kernel.entity import Entity
from app.kernel.projections import Projection
from app.kernel.rows import row_image
from app.kernel.types import Quantity
from app.parts.model import Part
from app.parts_issue.commands import IssuePart, ReturnPart
from app.stock.commands import AdjustStock, CountStock, MoveStock, ReceiveStock
from app.stock.model import StockLine
from world import World


def some(world: World, chance: random.Random) -> Command:
    """Something that happens in a store room."""
    part, bin = chance.choice(world.parts), chance.choice([world.bin, world.other_bin])
    amount = Quantity(chance.randint(1, 4))
    why = "It was so"
    return chance.choice(
        [
            ReceiveStock(part=part, bin=bin, quantity=amount),
            IssuePart(order=world.order, part=part, bin=bin, quantity=Quantity(1), reason=why),
            IssuePart(order=world.order, part=part, bin=bin, quantity=amount, reason=why),
            ReturnPart(order=world.order, part=part, bin=bin),
            MoveStock(part=part, out=world.bin, into=world.other_bin, quantity=amount, reason=why),
            AdjustStock(part=part, bin=bin, change=-amount, reason=why),
            CountStock(part=part, bin=bin, counted=amount),
        ]
    )


def projections(world: World) -> list[Projection]:
    return [one for found in world.app.registry.projections.values() for one in found]


def balances(world: World, *, but_empty: bool = False) -> dict[str, set[Any]]:
    """Every balance there is, without those that stand at nothing where `but_empty`."""
    with world.session() as session:
        found = {one.table.name: session.execute(select(one.table)).all() for one in projections(world)}
    return {name: {tuple(row) for row in rows if not (but_empty and _is_empty(row, name))} for name, rows in found.items()}


def _is_empty(row: Any, _name: str) -> bool:
    return not any(value for value in row if isinstance(value, Quantity))


def rebuilt(world: World) -> dict[str, set[Any]]:
    with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
        for one in projections(world):
            world.app.writer.run(one.rebuild, session)
        world.app.writer.run(session.commit)
    return balances(world)


@pytest.mark.parametrize("seed", range(6))
def test_balances_are_what_a_rebuild_from_the_ledger_gives(world: World, seed: int) -> None:
    chance = random.Random(seed)
    done = sum(world.run(some(world, chance)).done for _turn in range(40))
    assert done > 15
    kept = balances(world)
    assert kept == rebuilt(world)


def test_balances_are_what_a_rebuild_gives_at_the_hub_too(hub: World) -> None:
    hub.furnish()
    chance = random.Random(7)
    for _turn in range(40):
        hub.run(some(hub, chance))
    kept = balances(hub)
    assert kept == rebuilt(hub)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_can_be_undone_is_as_if_it_had_not_been(world: World, seed: int) -> None:
    chance = random.Random(seed)
    undone = 0
    for _turn in range(25):
        command = some(world, chance)
        before = balances(world, but_empty=True), rows_but_ledgers(world)
        answer = world.run(command)
        back = command.undone_by(answer.id)
        if not answer.done or back is None:
            continue
        world.done(back)
        undone += 1
        assert (balances(world, but_empty=True), rows_but_ledgers(world)) == before, command
    assert undone > 3


def rows_but_ledgers(world: World) -> list[Any]:
    """Every row of the shared truth that is no ledger's and no finding, as plain data."""
    registry = world.app.registry
    plain = [one for name, one in registry.entities.items() if not registry.is_ledger(one) and name != "discrepancy"]
    with world.session() as session:
        return [row_image(row) for entity in plain for row in session.scalars(select(entity).order_by(entity.id))]


# ------------------------------------------------------------------------------------------------- what cannot be done


def in_a_work(world: World, act: Any) -> None:
    """Runs a piece of a handler in a work's own session."""

    def work() -> None:
        with WorkSession(world.app.dispatcher.engine, expire_on_commit=False, info={"orgs": {world.org}}) as session:
            session.info["capture"] = Capture(world.app.registry, world.app.clock.tick())
            act(session)
            session.flush()

    world.app.writer.run(work)


def test_a_ledger_line_never_changes(world: World) -> None:
    def change(session: Session) -> None:
        session.scalars(select(StockLine).limit(1)).one().quantity = Quantity(9)

    with pytest.raises(TypeError, match="post a reversal"):
        in_a_work(world, change)


def test_no_row_is_ever_deleted(world: World) -> None:
    with pytest.raises(TypeError, match="retired, never deleted"):
        in_a_work(world, lambda session: session.delete(session.get(Part, world.part)))


@pytest.mark.parametrize("entity", [Part, StockLine])
def test_a_handler_cannot_change_rows_past_the_capture(world: World, entity: type[Entity]) -> None:
    for statement in (update(entity).values(org_id=world.org), delete(entity)):
        with pytest.raises(TypeError, match="each change is captured"):
            in_a_work(world, lambda session, one=statement: session.execute(one))


def test_nor_can_it_by_naming_the_table(world: World) -> None:
    table: Table = Part.__table__  # type: ignore[assignment]
    for statement in (update(table).values(name="x"), delete(table), table.insert().values(name="x")):
        with pytest.raises(TypeError, match="each change is captured"):
            in_a_work(world, lambda session, one=statement: session.execute(one))


def test_a_question_never_writes(world: World) -> None:
    with world.app.read(world.actor) as session:
        with pytest.raises(TypeError, match="does not write"):
            session.execute(update(Part).values(name="x"))
        session.get_one(Part, world.part).name = "Something else"
        with pytest.raises(TypeError, match="does not write"):
            session.flush()
        with pytest.raises(TypeError, match="does not write"):
            session.commit()
