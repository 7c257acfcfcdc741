"""Every state machine, walked from end to end: each move from each state, with and without the right to it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from samples import Samples, by_hand
from sqlalchemy import update

from app.capabilities import registry as whole_registry
from app.kernel.access import Actor, Grant
from app.kernel.entity import fields_of
from app.kernel.ids import new_id
from app.kernel.standard import Moved, SaveRecord, Transition
from app.kernel.states import Machine
from world import World

REGISTRY = whole_registry()
MACHINES = [pytest.param(machine, id=machine.entity.__tablename__) for machine in REGISTRY.machines.values()]


@pytest.mark.parametrize("machine", MACHINES)
def test_the_states_are_the_choices_of_the_field(machine: Machine) -> None:
    words = {word for word, _label in fields_of(machine.entity)[machine.field].choices}
    assert set(machine.states) == words


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_can_be_reached_and_from_every_state_an_end_or_the_start(machine: Machine) -> None:
    reached, ahead = {machine.start}, [machine.start]
    while ahead:
        news = {move.target for move in machine.open_moves(ahead.pop())} - reached
        reached |= news
        ahead.extend(news)
    assert reached == set(machine.states)
    ends = set(machine.ends) or {machine.start}  # what goes round and round is taken out of use where it began
    assert all(_leads_to(machine, state, ends) for state in machine.states)


def _leads_to(machine: Machine, state: str, ends: set[str]) -> bool:
    seen, ahead = {state}, [state]
    while ahead:
        news = {move.target for move in machine.open_moves(ahead.pop())} - seen
        seen |= news
        ahead.extend(news)
    return bool(seen & ends)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_move_has_its_own_name_a_button_and_a_grant(machine: Machine) -> None:
    names = [move.name for move in machine.moves]
    assert len(names) == len(set(names))
    assert all(move.label and move.needs in REGISTRY.grants() for move in machine.moves)
    assert all(move.target not in move.sources or not isinstance(move.sources, tuple) for move in machine.moves)


@pytest.fixture
def record(bare: World, request: pytest.FixtureRequest) -> Any:
    """A record of the machine's entity, on a store whose moves have no gates and set nothing else going: that belongs to their
    capability's tests."""
    machine: Machine = request.getfixturevalue("machine")
    bare.save("organisation", id=bare.org, name="Moto Keller")
    bare.app.registry.machines[machine.entity] = replace(machine, moves=tuple(replace(one, gates=()) for one in machine.moves))
    made = Samples(bare).record(machine.entity)
    bare.app.registry.reactions.pop(Moved, None)
    return made


def stand(world: World, machine: Machine, ident: Any, state: str) -> None:
    """Puts a record into a state behind everyone's back."""
    table = machine.entity.__table__
    with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
        world.app.writer.run(session.execute, update(table).where(table.c.id == ident).values({machine.field: state}))
        world.app.writer.run(session.commit)


def state_of(world: World, machine: Machine, ident: Any) -> str:
    return str(getattr(world.get(machine.entity, ident), machine.field))


@pytest.mark.parametrize("machine", MACHINES)
def test_legal_moves_go_where_they_say_and_all_others_are_refused(bare: World, machine: Machine, record: Any) -> None:
    for state, move in itertools.product(machine.states, machine.moves):
        stand(bare, machine, record, state)
        step = Transition(entity=machine.entity.__tablename__, id=record, move=move.name, reason="Said so")
        codes = bare.codes(step)
        expected = [] if move.leaves(state) or state == move.target else ["state.illegal"]
        assert codes == expected, (state, move.name)
        assert state_of(bare, machine, record) == (state if expected else move.target)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_refused_move_lists_where_it_could_go(bare: World, machine: Machine, record: Any) -> None:
    for state, move in itertools.product(machine.states, machine.moves):
        if move.leaves(state) or state == move.target:
            continue
        stand(bare, machine, record, state)
        answer = bare.run(Transition(entity=machine.entity.__tablename__, id=record, move=move.name, reason="Said so"))
        assert all(one.target in answer.problems[0].advice for one in machine.open_moves(state))


@pytest.mark.parametrize("machine", MACHINES)
def test_a_move_wants_its_grant_and_where_it_says_so_a_reason(bare: World, machine: Machine, record: Any) -> None:
    for move in machine.moves:
        source = move.sources if isinstance(move.sources, str) else move.sources[0]
        stand(bare, machine, record, source)
        others = frozenset(Grant(one) for one in bare.app.registry.grants() if one != move.needs)
        step = Transition(entity=machine.entity.__tablename__, id=record, move=move.name)
        assert bare.codes(step, Actor(new_id(), bare.org, grants=others, system=True)) == ["access.denied"]
        mover = Actor(new_id(), bare.org, grants=frozenset({Grant(move.needs)}), system=True)
        assert bare.codes(step, mover) == (["state.reason"] if move.reason else [])


@pytest.mark.parametrize("machine", MACHINES)
def test_a_new_record_stands_at_the_start_and_no_form_moves_it(bare: World, machine: Machine, record: Any) -> None:
    name = machine.entity.__tablename__
    stand(bare, machine, record, machine.start)
    asked = SaveRecord(entity=name, id=record, fields={machine.field: [machine.start, machine.moves[0].target]})
    assert bare.codes(asked) == ["record.state" if machine.entity.__about__.form else "record.no_form"]
    if not by_hand(bare.app.registry, machine.entity):
        return
    samples = Samples(bare)
    samples.start_at(100)
    for state in machine.states:
        made = bare.save(name, **{**samples.fields(machine.entity), machine.field: state})
        assert state_of(bare, machine, made) == machine.start
