"""People, their roles and where these hold: shaped names, no ladder upwards, and always somebody who can help."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from app.access.model import Appointment, Person, Role
from app.kernel.access import Actor
from app.kernel.standard import Retire, SaveMany, SaveRecord
from app.parts_issue.commands import IssuePart
from world import World


def named(world: World, code: str) -> UUID:
    return next(role.id for role in world.rows(Role) if role.code == code)


def changed(world: World, row: Any, **fields: tuple[Any, Any]) -> SaveRecord:
    return SaveRecord(entity=row.__tablename__, id=row.id, fields={name: [old, new] for name, (old, new) in fields.items()})


def person(world: World, actor: Actor) -> Any:
    return world.get(Person, actor.id)


def appointment(world: World, actor: Actor) -> Any:
    return next(row for row in world.rows(Appointment) if row.person_id == actor.id)


def hire(name: str) -> SaveRecord:
    return SaveRecord(entity="person", fields={"username": [None, name.casefold()], "name": [None, name]})


def appoint(who: UUID, role: UUID, place: UUID | None = None) -> SaveRecord:
    return SaveRecord(
        entity="appointment",
        fields={
            "person_id": [None, who.hex],
            "role_id": [None, role.hex],
            "place_id": [None, place.hex if place else None],
        },
    )


# ------------------------------------------------------------------------------------------------------------ the roles


def test_a_new_organisation_gets_its_twelve_roles_once(bare: World) -> None:
    bare.person("Ada", "ADM")
    bare._roles()
    codes = [role.code for role in bare.rows(Role)]
    assert sorted(codes) == sorted(["MEC", "ADV", "KEE", "WHS", "QCI", "SUP", "PLN", "CAS", "FIN", "MGR", "ADM", "VIE"])


def test_a_role_opens_its_home_screen(bare: World) -> None:
    assert bare.person("Kim", "KEE").home == "KEE"


def test_nobody_may_do_anything_without_a_role(bare: World) -> None:
    bare.person("Ada", "ADM")
    newcomer = bare.app.current(Actor(bare.save("person", username="nia", name="Nia"), bare.org))
    assert newcomer.grants == frozenset()
    assert bare.codes(hire("Tom"), newcomer) == ["access.denied"]


def test_someone_with_two_roles_may_do_what_either_may(bare: World) -> None:
    both = bare.person("Bo", "CAS")
    bare.done(appoint(both.id, named(bare, "KEE")))
    assert bare.app.can(both, "work_orders.close")
    assert bare.app.can(both, "stock.receive")


@pytest.mark.parametrize("status", ["inactive", "pending", "locked"])
def test_who_is_not_active_may_do_nothing_from_that_moment(bare: World, status: str) -> None:
    admin, keeper = bare.person("Ada", "ADM"), bare.person("Kim", "KEE")
    bare.done(changed(bare, person(bare, keeper), status=("active", status)), admin)
    assert not bare.app.can(keeper, "stock.receive")


def test_a_person_taken_out_of_use_may_do_nothing(bare: World) -> None:
    admin, keeper = bare.person("Ada", "ADM"), bare.person("Kim", "KEE")
    bare.done(Retire(entity="person", id=keeper.id), admin)
    assert not bare.app.can(keeper, "stock.receive")


def test_a_role_taken_away_or_changed_counts_at_once(bare: World) -> None:
    admin, keeper = bare.person("Ada", "ADM"), bare.person("Kim", "KEE")
    role = bare.get(Role, named(bare, "KEE"))
    bare.done(changed(bare, role, grants=(role.grants, ["parts.read"])), admin)
    assert not bare.app.can(keeper, "stock.receive")
    assert bare.app.can(keeper, "parts.read")
    bare.done(Retire(entity="appointment", id=appointment(bare, keeper).id), admin)
    assert not bare.app.can(keeper, "parts.read")


# ------------------------------------------------------------------------------------------------------------ in places


def test_a_role_held_at_a_site_holds_in_its_store_rooms_and_nowhere_else(world: World) -> None:
    elsewhere = world.save("site", code="N", name="North", zone="Europe/Berlin")
    far = world.save("warehouse", site_id=elsewhere.hex, code="WN", name="North store")
    keeper = world.person("Kim", "KEE", place=world.site)
    assert keeper.can("stock.receive", world.site)
    assert keeper.can("stock.receive", world.warehouse)
    assert not keeper.can("stock.receive", elsewhere)
    assert not keeper.can("stock.receive", far)
    assert keeper.places("stock.receive") == {world.site, world.warehouse}


def test_a_store_room_built_later_counts_at_once(world: World) -> None:
    keeper = world.person("Kim", "KEE", place=world.site)
    annex = world.save("warehouse", site_id=world.site.hex, code="W2", name="Annex")
    assert world.app.current(keeper).can("stock.receive", annex)


def test_a_role_held_in_one_store_room_does_not_reach_the_next(world: World) -> None:
    second = world.save("warehouse", site_id=world.site.hex, code="W2", name="Second store")
    keeper = world.person("Kim", "KEE", place=world.warehouse)
    assert keeper.can("stock.receive", world.warehouse)
    assert not keeper.can("stock.receive", second)
    assert not keeper.can("stock.receive", world.site)


def test_who_works_in_one_store_room_sees_its_bins_only(world: World) -> None:
    second = world.save("warehouse", site_id=world.site.hex, code="W2", name="Second store")
    world.save("bin", warehouse_id=second.hex, code="Z-99")
    keeper = world.person("Kim", "KEE", place=world.warehouse)
    assert {row["code"] for row in world.app.ask("bin", keeper).rows} == {"A-01", "A-02", "Q-01"}
    assert {row["code"] for row in world.app.ask("warehouse", keeper).rows} == {"WH", "W2"}


def test_a_role_held_everywhere_beside_one_held_somewhere_holds_everywhere(world: World) -> None:
    keeper = world.person("Kim", "KEE", place=world.warehouse)
    world.done(appoint(keeper.id, named(world, "KEE")))
    assert world.app.current(keeper).places("stock.receive") is None


# ---------------------------------------------------------------------------------------------------- how it is written


@pytest.mark.parametrize("username", ["", "x", "Kim", "kim keller", "kim@home", "кim", "k" * 33, ".kim", "kim;--"])
def test_a_user_name_that_cannot_be_typed_anywhere_is_refused(bare: World, username: str) -> None:
    bare.person("Ada", "ADM")
    command = SaveRecord(entity="person", fields={"username": [None, username], "name": [None, "Kim"]})
    assert bare.codes(command)[0] in ("access.username", "record.too_long")


def test_two_people_never_share_a_user_name(bare: World) -> None:
    bare.person("Kim", "KEE")
    assert bare.codes(hire("Kim")) == ["record.taken"]


def test_a_person_needs_a_name(bare: World) -> None:
    assert bare.codes(SaveRecord(entity="person", fields={"username": [None, "kim"], "name": [None, " "]})) == ["access.name"]


@pytest.mark.parametrize("grants", ["stock.*", {"stock": True}, ["stock"], ["Stock.read"], [7], ["stock.read; drop"], ["*.*"]])
def test_grants_are_a_list_of_words(bare: World, grants: Any) -> None:
    fields = {"code": [None, "X"], "name": [None, "Extra"], "grants": [None, grants]}
    assert bare.codes(SaveRecord(entity="role", fields=fields)) == ["access.grant"]


# ---------------------------------------------------------------------------------------------------------- no ladder up


def test_a_manager_hires_and_appoints_up_to_the_own_rank(bare: World) -> None:
    bare.person("Ada", "ADM")
    manager = bare.person("Mo", "MGR")
    kim = bare.done(hire("Kim"), manager).row("person")
    bare.done(appoint(kim, named(bare, "KEE")), manager)
    bare.done(appoint(kim, named(bare, "MGR")), manager)
    assert bare.codes(appoint(kim, named(bare, "ADM")), manager) == ["access.beyond_you"]


def test_a_manager_does_not_become_administrator(bare: World) -> None:
    bare.person("Ada", "ADM")
    manager = bare.person("Mo", "MGR")
    own, role = appointment(bare, manager), bare.get(Role, named(bare, "MGR"))
    assert bare.codes(changed(bare, own, role_id=(own.role_id.hex, named(bare, "ADM").hex)), manager) == ["access.beyond_you"]
    assert bare.codes(changed(bare, role, grants=(role.grants, ["*"])), manager) == ["access.beyond_you"]
    rows = [{"code": "MGR", "name": "Manager", "grants": ["*"]}]
    assert bare.codes(SaveMany(entity="role", rows=rows), manager) == ["access.beyond_you"]


def test_a_manager_does_not_touch_the_administrator(bare: World) -> None:
    admin, manager = bare.person("Ada", "ADM"), bare.person("Mo", "MGR")
    bare.person("Ole", "ADM")
    held, role = appointment(bare, admin), bare.get(Role, named(bare, "ADM"))
    assert bare.codes(changed(bare, person(bare, admin), status=("active", "locked")), manager) == ["access.beyond_you"]
    assert bare.codes(changed(bare, role, grants=(["*"], [])), manager) == ["access.beyond_you"]
    assert bare.codes(changed(bare, held, role_id=(role.id.hex, named(bare, "VIE").hex)), manager) == ["access.beyond_you"]
    for entity, ident in (("person", admin.id), ("appointment", held.id), ("role", role.id)):
        assert bare.codes(Retire(entity=entity, id=ident), manager) == ["access.beyond_you"]


def test_a_manager_of_one_site_appoints_there_only(world: World) -> None:
    world.person("Ada", "ADM")
    elsewhere = world.save("site", code="N", name="North", zone="Europe/Berlin")
    manager = world.person("Mo", "MGR", place=world.site)
    kim = world.done(hire("Kim"), manager).row("person")
    world.done(appoint(kim, named(world, "KEE"), world.site), manager)
    world.done(appoint(kim, named(world, "KEE"), world.warehouse), manager)
    assert world.codes(appoint(kim, named(world, "KEE"), elsewhere), manager) == ["access.beyond_you"]
    assert world.codes(appoint(kim, named(world, "KEE")), manager) == ["access.beyond_you"]


def test_an_administrator_who_signs_it_off_lifts_the_limit(bare: World) -> None:
    admin, manager = bare.person("Ada", "ADM"), bare.person("Mo", "MGR")
    answer = bare.run(appoint(manager.id, named(bare, "ADM")), manager, cosigner=admin)
    assert answer.done


def test_who_looks_after_bins_does_not_build_store_rooms(world: World) -> None:
    keeper = world.person("Kim", "KEE")
    bin = SaveRecord(entity="bin", fields={"warehouse_id": [None, world.warehouse.hex], "code": [None, "B-01"]})
    room = SaveRecord(
        entity="warehouse", fields={"site_id": [None, world.site.hex], "code": [None, "W9"], "name": [None, "Own store"]}
    )
    lax = SaveRecord(entity="warehouse", id=world.warehouse, fields={"policy": ["warn", "allow"]})
    assert world.codes(bin, keeper) == []
    assert world.codes(room, keeper) == ["access.beyond_you"]
    assert world.codes(lax, keeper) == ["access.beyond_you"]
    empty = world.save("site", code="N", name="Not opened yet")
    assert world.codes(Retire(entity="site", id=empty), keeper) == ["access.beyond_you"]
    assert world.codes(room, world.person("Mo", "MGR")) == []


# ----------------------------------------------------------------------------------------------- always somebody to help


def test_the_last_administrator_stays(bare: World) -> None:
    admin = bare.person("Ada", "ADM")
    held, role = appointment(bare, admin), bare.get(Role, named(bare, "ADM"))
    last = ["access.last_administrator"]
    assert bare.codes(Retire(entity="person", id=admin.id), admin) == last
    assert bare.codes(changed(bare, person(bare, admin), status=("active", "inactive")), admin) == last
    assert bare.codes(Retire(entity="appointment", id=held.id), admin) == last
    assert bare.codes(Retire(entity="role", id=role.id), admin) == last
    assert bare.codes(changed(bare, role, grants=(["*"], ["parts.*"])), admin) == last


def test_a_manager_counts_as_somebody_who_can_help(bare: World) -> None:
    admin = bare.person("Ada", "ADM")
    bare.person("Mo", "MGR")
    bare.done(Retire(entity="person", id=admin.id), admin)


def test_the_last_two_administrators_do_not_leave_together(bare: World) -> None:
    admin = bare.person("Ada", "ADM")
    bare.person("Ole", "ADM")
    rows = [{"username": name, "name": name, "status": "inactive"} for name in ("ada", "ole")]
    assert bare.codes(SaveMany(entity="person", rows=rows), admin) == ["access.last_administrator"]
    assert {one.status for one in bare.rows(Person)} == {"active"}


def test_other_changes_to_the_last_administrator_are_fine(bare: World) -> None:
    admin = bare.person("Ada", "ADM")
    bare.done(changed(bare, person(bare, admin), email=("", "ada@keller.example")), admin)


# -------------------------------------------------------------------------------------------------------------- deny


def test_whoever_has_no_grant_is_refused_in_words_and_the_try_is_kept(world: World) -> None:
    viewer = world.person("Vi", "VIE")
    answer = world.run(IssuePart(order=world.order, part=world.part, bin=world.bin), viewer)
    assert answer.status == "refused"
    assert "Vi may not do this." in answer.problems[0].sentence
    assert world.on_hand().thousandths == 5000


def test_people_are_listed_for_those_who_may_see_them(bare: World) -> None:
    admin, mechanic = bare.person("Ada", "ADM"), bare.person("Max", "MEC")
    assert [row["name"] for row in bare.app.ask("people", admin).rows] == ["Ada", "Max"]
    held = {row["code"]: row["holders"] for row in bare.app.ask("roles", admin).rows}
    assert (held["ADM"], held["MEC"], held["KEE"]) == (1, 1, 0)
    assert [row["code"] for row in bare.app.ask("roles_held", admin, person=mechanic.id).rows] == ["MEC"]
    assert not bare.app.can(mechanic, "access.read")
