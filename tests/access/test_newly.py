"""A new version reaches an organisation that was founded before it: its standard roles get what no role names yet."""

from __future__ import annotations

import json

from sqlalchemy import select

from app.access.model import Role
from app.access.newly import GrantNew, unnamed
from app.access.roles import ROLES
from app.kernel.records import EnvelopeRow
from app.kernel.standard import SaveRecord
from world import World

BEFORE = {"MEC": ["access.sign_in", "work_orders.read"], "CAS": ["access.sign_in"], "MGR": ["access.*", "work_orders.*"]}


def of_before(world: World) -> dict[str, Role]:
    """The roles of an organisation from before quotes, clocks and payments."""
    world.person("Mick", "MEC")
    for role in world.rows(Role):
        if role.code in {one.code for one in ROLES} and role.code != "ADM":
            few = BEFORE.get(role.code, ["access.sign_in"])
            world.done(SaveRecord(entity="role", id=role.id, fields={"grants": [role.grants, few]}))
    return {role.code: role for role in world.rows(Role)}


def test_what_no_role_names_comes_to_the_standard_roles(world: World) -> None:
    of_before(world)
    world.done(GrantNew())
    roles = {role.code: role for role in world.rows(Role)}
    for standard in ROLES:
        assert set(standard.grants) <= set(roles[standard.code].grants) | {"access.sign_in", "work_orders.read"}
    assert roles["MEC"].grants[:2] == BEFORE["MEC"], "what was there stays in its place"


def test_what_an_organisation_has_given_to_others_is_not_given_back(world: World) -> None:
    roles = of_before(world)
    viewer = roles["VIE"]
    world.done(SaveRecord(entity="role", id=viewer.id, fields={"grants": [viewer.grants, ["payments.take"]]}))
    assert not any("payments.take" in grants for grants in unnamed(world.rows(Role)).values())


def test_what_was_given_is_in_the_envelope_so_that_a_hub_of_another_version_gives_the_same(world: World) -> None:
    of_before(world)
    lacking = unnamed(world.rows(Role))
    answer = world.done(GrantNew())
    with world.session() as session:
        kept = session.scalars(select(EnvelopeRow.content).where(EnvelopeRow.id == answer.id)).one()
    assert json.loads(kept)["drawn"]["lacking"] == lacking


def test_a_second_time_there_is_nothing_new(world: World) -> None:
    of_before(world)
    world.done(GrantNew())
    assert world.codes(GrantNew()) == ["access.nothing_new"]


def test_only_who_may_change_roles_gives_them(world: World) -> None:
    of_before(world)
    assert world.codes(GrantNew(), world.person("Kim", "KEE")) == ["access.denied"]
