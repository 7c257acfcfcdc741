"""Grants: deny by default, for everywhere or for one place, and only of whoever is still here."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.access import SYSTEM, Actor, Grant, actor, denied, grants_match, system
from app.kernel.registry import Registry
from app.kernel.standard import capability as standard
from app.kernel.states import Machine, Move
from app.work_orders.model import WorkOrder

ORG, HERE, THERE = UUID(int=1), UUID(int=2), UUID(int=3)
NAMES = st.sampled_from(["stock.count", "stock.adjust", "stocktake.post", "parts.read"])


@pytest.mark.parametrize(
    ("held", "wanted", "fits"),
    [
        ("*", "stock.count", True),
        ("stock.count", "stock.count", True),
        ("stock.*", "stock.count", True),
        ("stock.*", "stocktake.post", False),
        ("stock.*", "stock", False),
        ("stock", "stock.count", False),
        ("stock.count", "stock.*", False),
        ("", "stock.count", False),
    ],
)
def test_a_grant_covers_itself_and_a_star_all_below_it(held: str, wanted: str, fits: bool) -> None:
    assert grants_match(held, wanted) is fits


def test_nobody_may_anything_that_nobody_gave_them() -> None:
    nobody = Actor(UUID(int=9), ORG)
    assert not nobody.can("parts.read")
    assert nobody.places("parts.read") == frozenset()


def test_a_grant_for_a_place_holds_there_alone() -> None:
    keeper = Actor(UUID(int=9), ORG, grants=frozenset({Grant("stock.*", HERE)}))
    assert keeper.can("stock.count")
    assert keeper.can("stock.count", HERE)
    assert not keeper.can("stock.count", THERE)
    assert keeper.places("stock.count") == {HERE}


def test_a_grant_for_everywhere_is_limited_by_no_other() -> None:
    keeper = Actor(UUID(int=9), ORG, grants=frozenset({Grant("stock.*", HERE), Grant("stock.count")}))
    assert keeper.places("stock.count") is None
    assert keeper.places("stock.adjust") == {HERE}


@given(st.frozensets(st.builds(Grant, NAMES, st.sampled_from([None, HERE, THERE]))), NAMES)
def test_whoever_is_not_active_may_nothing(grants: frozenset[Grant], wanted: str) -> None:
    someone = Actor(UUID(int=9), ORG, grants=grants)
    assert not replace(someone, active=False).can(wanted)
    assert someone.can(wanted) == (someone.places(wanted) != frozenset())


def test_the_program_itself_may_everything_in_one_organisation() -> None:
    program = system(ORG)
    assert (program.id, program.org_id, program.system) == (SYSTEM, ORG, True)
    assert program.can("anything.at_all", HERE)


def test_a_refusal_names_who_and_what_to_ask_for() -> None:
    problem = denied(actor(UUID(int=9), ORG, ["parts.read"], "Kim"), "stock.adjust")
    assert problem.sentence == "Kim may not do this."
    assert problem.advice == "Ask a colleague who may do it to sign it off."
    assert problem.values["grant"] == "stock.adjust"


def test_the_registry_lists_every_grant_there_is() -> None:
    registry = Registry([standard])
    assert {"kernel.read", "kernel.edit"} <= set(registry.grants())
    assert list(registry.grants()) == sorted(set(registry.grants()))


def test_a_machine_knows_its_states_and_the_ways_out_of_each() -> None:
    machine = Machine(
        WorkOrder,
        "OPEN",
        (
            Move("start", ("OPEN", "PAUSED"), "RUNNING", "x.y"),
            Move("pause", "RUNNING", "PAUSED", "x.y"),
            Move("end", "RUNNING", "DONE", "x.y"),
        ),
    )
    assert machine.states == ("OPEN", "PAUSED", "RUNNING", "DONE")
    assert [move.name for move in machine.open_moves("RUNNING")] == ["pause", "end"]
    assert machine.open_moves("DONE") == ()
    assert machine.move("fly") is None
    order = WorkOrder(number="M-1", state="DONE")
    problem = machine.illegal(order, machine.moves[0].target)
    assert problem.sentence == "M-1 is DONE: it cannot become RUNNING from there."


def test_what_was_found_of_somebody_is_not_believed_of_who_they_are_changed_into() -> None:
    somebody = actor(UUID(int=9), ORG, ["stock.count"])
    assert somebody.can("stock.count")
    assert not replace(somebody, active=False).can("stock.count")
