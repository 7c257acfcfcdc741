"""Each change is seen once: what it was and what it became, so that it can be told, and taken back to the very byte."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from app.kernel import outbox
from app.kernel.commands import Command
from app.kernel.records import ChangeRow, EnvelopeRow, TouchRow
from app.kernel.rows import row_image
from app.kernel.standard import AddNote, Retire, SaveMany, SaveRecord, Transition
from app.kernel.types import Quantity
from app.parts.commands import TeachCode
from app.parts.model import Part
from app.parts_issue.commands import IssuePart, ReturnPart
from app.stock.commands import AdjustStock, CountStock, MoveStock, ReceiveStock, ReserveStock
from app.work_orders.commands import AddService, CreateOrder, PlanPart
from app.work_orders.health import RecordHealth
from world import World


def changes(world: World, ident: UUID) -> list[tuple[str, Any, Any]]:
    with world.session() as session:
        rows = session.scalars(select(ChangeRow).where(ChangeRow.envelope_id == ident).order_by(ChangeRow.id))
        return [(row.entity, row.before, row.after) for row in rows]


def renamed(world: World, old: str, new: str) -> SaveRecord:
    return SaveRecord(entity="part", id=world.part, fields={"name": [old, new]})


def test_a_change_is_told_with_what_was_and_what_is(anywhere: World) -> None:
    world = anywhere.furnish()
    was = row_image(world.get(Part, world.part))
    answer = world.done(renamed(world, "Brake pads front", "Pads"))
    ((entity, before, after),) = changes(world, answer.id)
    assert (entity, before, after) == (
        "part",
        {"name": "Brake pads front", "stamp": was["stamp"]},
        {"name": "Pads", "stamp": world.get(Part, world.part).stamp},
    )


def test_a_new_row_was_nothing_before_and_is_told_whole(world: World) -> None:
    answer = world.done(SaveRecord(entity="part", fields={"code": [None, "NEW-1"], "name": [None, "New"]}))
    ((entity, before, after),) = changes(world, answer.id)
    assert (entity, before) == ("part", None)
    assert after == row_image(world.get(Part, answer.row("part")))


def test_a_save_that_changes_nothing_is_no_change(world: World) -> None:
    answer = world.done(renamed(world, "Brake pads front", "Brake pads front"))
    assert changes(world, answer.id) == []
    assert answer.rows == ()


def test_rows_that_a_waiting_command_read_and_wrote_are_remembered(world: World) -> None:
    answer = world.done(IssuePart(order=world.order, part=world.part, bin=world.bin))
    with world.session() as session:
        seq = session.scalars(select(EnvelopeRow.seq).where(EnvelopeRow.id == answer.id)).one()
        touched = {row.row_id: row.wrote for row in session.scalars(select(TouchRow).where(TouchRow.seq == seq))}
    assert touched[answer.row("stock_line")]
    assert {world.order, world.part, world.bin} <= {one for one, wrote in touched.items() if not wrote}


# --------------------------------------------------------------------------------------------------------- taken back

LOCAL = {"envelope", "change", "touch", "number_lease", "number_granted", "sqlite_sequence", "denied_try", "meta"}


def photograph(world: World) -> dict[str, list[Any]]:
    """Every table of the store, row by row, but the outbox itself and the number leases, which stand outside undo."""
    with world.session() as session:
        connection = session.connection()
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        kept = [name for name in names if name not in LOCAL and not name.startswith("search_")]
        seen = {name: sorted(connection.execute(text(f'SELECT * FROM "{name}"')).all(), key=repr) for name in kept}  # noqa: S608
    seen["digest"] = [line for line in seen["digest"] if tuple(line)[1:] != (0, 0)]  # of an entity that has no rows any more
    return seen


def chained(world: World) -> list[UUID]:
    """Every command of this terminal, in the order in which they were done."""
    with world.session() as session:
        return list(session.scalars(select(EnvelopeRow.id).order_by(EnvelopeRow.seq)))


def take_back(world: World, idents: list[UUID]) -> None:
    def run() -> None:
        with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
            seqs = list(session.scalars(select(EnvelopeRow.seq).where(EnvelopeRow.id.in_(idents))))
            outbox.take_back(session, world.app.registry, seqs)
            session.commit()

    world.app.writer.run(run)


MOVES = ("diagnose", "quote", "check_in", "cancel")


def anything(world: World, chance: random.Random, turn: int) -> Command:
    """Something that somebody in a workshop does."""
    part, bin = chance.choice(world.parts), chance.choice([world.bin, world.other_bin])
    few, why = Quantity(chance.randint(1, 3)), "Because"
    name = world.get(Part, part).name
    return chance.choice(
        [
            IssuePart(order=world.order, part=part, bin=bin, quantity=few, reason=why),
            ReturnPart(order=world.order, part=part, bin=bin),
            ReceiveStock(part=part, bin=bin, quantity=few),
            MoveStock(part=part, out=world.bin, into=world.other_bin, quantity=few, reason=why),
            CountStock(part=part, bin=bin, counted=few),
            AdjustStock(part=part, bin=bin, change=-few, reason=why),
            ReserveStock(part=part, warehouse=world.warehouse, source=world.order, quantity=few),
            CreateOrder(site=world.site, what=f"Job {turn}"),
            PlanPart(order=world.order, part=part, quantity=few),
            AddService(order=world.order, what="Oil", hours=few),
            RecordHealth(order=world.order, odometer=1000 + turn),
            Transition(
                entity="work_order", id=world.order, move=chance.choice(["diagnose", "quote", "check_in", "cancel"]), reason=why
            ),
            SaveRecord(entity="part", id=part, fields={"name": [name, f"{name} {turn}"], "mpn": [None, f"M{turn}"]}),
            SaveRecord(entity="customer", fields={"name": [None, f"Customer {turn}"]}),
            SaveMany(entity="part", rows=[{"code": f"N-{turn}-{one}", "name": "Many"} for one in range(3)]),
            Retire(entity="part", id=world.parts[4]),
            TeachCode(part=part, code=f"CODE{turn}"),
            AddNote(entity="work_order", id=world.order, text=f"Note {turn}"),
        ]
    )


@pytest.mark.parametrize("seed", range(8))
def test_what_is_taken_back_is_as_it_was_to_the_byte(world: World, seed: int) -> None:
    chance = random.Random(seed)
    for turn in range(10):
        world.run(anything(world, chance, turn))
    before, known = photograph(world), len(chained(world))
    done = [answer.id for turn in range(10, 25) if (answer := world.run(anything(world, chance, turn))).done]
    assert len(done) > 6
    assert photograph(world) != before
    since = chained(world)[known:]  # with what the program keeps by itself of tries on a job that is over
    assert set(done) <= set(since)
    take_back(world, since)
    assert photograph(world) == before


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1).filter(str.strip),
        "description": st.none() | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00")),
        "price": st.none() | st.integers(0, 10**9),
        "least": st.none() | st.sampled_from(["0", "0.001", "7.5", "9999999"]),
        "core": st.booleans(),
        "names": st.none() | st.dictionaries(st.sampled_from(["de", "el"]), st.text("abcä€", max_size=5)),
        "unit": st.sampled_from(["pcs", "m", "kg"]),
    },
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(edits=st.lists(VALUES, min_size=1, max_size=4))
def test_any_edits_of_a_record_can_be_taken_back(world: World, edits: list[dict[str, Any]]) -> None:
    before = photograph(world)
    done = []
    for edit in edits:
        now = row_image(world.get(Part, world.part))
        answer = world.run(
            SaveRecord(entity="part", id=world.part, fields={name: [now[name], new] for name, new in edit.items()})
        )
        done += [answer.id] if answer.done else []
    take_back(world, done)
    assert photograph(world) == before


# ------------------------------------------------------------------------------------------------------------ the chain


def broken_at(world: World) -> int | None:
    with world.session() as session:
        return outbox.verify_chain(session, world.app.station.id)


def meddle(world: World, *statements: Any) -> None:
    def run() -> None:
        with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
            for statement in statements:
                session.execute(statement)
            session.commit()

    world.app.writer.run(run)


def test_an_untouched_chain_holds(anywhere: World) -> None:
    assert broken_at(anywhere.furnish()) is None


def test_the_chain_finds_a_command_that_was_altered(anywhere: World) -> None:
    world = anywhere.furnish()
    with world.session() as session:
        content = session.scalars(select(EnvelopeRow.content).where(EnvelopeRow.number == 7)).one()
    meddle(world, update(EnvelopeRow).where(EnvelopeRow.number == 7).values(content=content.replace(":", ": ", 1)))
    assert broken_at(world) == 7


def test_the_chain_finds_a_command_that_was_taken_out(anywhere: World) -> None:
    world = anywhere.furnish()
    meddle(world, EnvelopeRow.__table__.delete().where(EnvelopeRow.number == 7))
    assert broken_at(world) == 8


def test_the_chain_finds_two_commands_that_were_swapped(anywhere: World) -> None:
    world = anywhere.furnish()
    swap = [(7, 1007), (8, 7), (1007, 8)]
    meddle(world, *(update(EnvelopeRow).where(EnvelopeRow.number == old).values(number=new) for old, new in swap))
    assert broken_at(world) == 7


def test_the_chain_finds_a_command_that_was_slipped_in(world: World) -> None:
    with world.session() as session:
        row = session.scalars(select(EnvelopeRow).where(EnvelopeRow.number == 5)).one()
        columns = {
            column.key: getattr(row, column.key) for column in EnvelopeRow.__table__.columns if column.key not in ("seq", "id")
        }
    last = len(world.outbox())
    meddle(world, EnvelopeRow.__table__.insert().values({**columns, "id": world.part, "number": last + 1}))
    assert broken_at(world) == last + 1
