"""Places: sites with a time zone, store rooms with a policy, and bins whose codes never meet in one store room."""

from __future__ import annotations

from typing import Any

import pytest

from app.kernel.ids import short
from app.kernel.scanning import own_code
from app.kernel.standard import Retire, SaveRecord
from world import World


def save(entity: str, **fields: Any) -> SaveRecord:
    return SaveRecord(entity=entity, fields={name: [None, value] for name, value in fields.items()})


def a_bin(world: World, code: str, **more: Any) -> SaveRecord:
    return save("bin", **{"warehouse_id": world.warehouse.hex, "code": code, **more})


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "Asia/Kathmandu"])
def test_a_site_lies_in_a_time_zone(bare: World, zone: str) -> None:
    assert bare.codes(save("site", code="M", name="Main", zone=zone)) == []


@pytest.mark.parametrize("zone", ["Berlin", "CEST", "+02:00", "../etc/passwd"])
def test_what_is_no_time_zone_is_refused(bare: World, zone: str) -> None:
    assert len(bare.codes(save("site", code="M", name="Main", zone=zone))) == 1


def test_two_shelves_of_one_store_room_never_share_a_code_but_of_two_they_may(world: World) -> None:
    assert world.codes(a_bin(world, "A-01")) == ["places.bin_taken"]
    far = world.save("warehouse", site_id=world.site.hex, code="FAR", name="Far store")
    assert world.codes(a_bin(world, "A-01", warehouse_id=far.hex)) == []
    world.done(Retire(entity="bin", id=world.other_bin))
    assert world.codes(a_bin(world, "A-02")) == []


def test_a_bin_that_is_renamed_must_not_meet_another_either(world: World) -> None:
    renamed = SaveRecord(entity="bin", id=world.other_bin, fields={"code": ["A-02", "A-01"]})
    assert world.codes(renamed) == ["places.bin_taken"]
    assert world.codes(SaveRecord(entity="bin", id=world.bin, fields={"kind": ["pick", "bulk"]})) == []


def test_kinds_and_policies_are_chosen_from_those_there_are(world: World) -> None:
    assert world.codes(a_bin(world, "B-01", kind="attic")) == ["record.choice"]
    assert world.codes(SaveRecord(entity="warehouse", id=world.warehouse, fields={"policy": ["warn", "shrug"]})) == [
        "record.choice"
    ]


def test_a_bin_out_of_use_says_so_when_its_label_is_scanned(world: World) -> None:
    label = own_code("BN", short(world.other_bin))
    assert world.app.meaning(label, world.actor).kind == "row"
    world.done(Retire(entity="bin", id=world.other_bin))
    assert world.app.meaning(label, world.actor).kind == "refused"


def test_somebody_limited_to_a_site_opens_no_label_of_another(world: World) -> None:
    site = world.save("site", code="N", name="North")
    room = world.save("warehouse", site_id=site.hex, code="W2", name="North store")
    there = world.save("bin", warehouse_id=room.hex, code="N-01")
    keeper = world.person("Kim", "KEE", place=world.site)
    assert world.app.meaning(own_code("BN", short(world.bin)), keeper).kind == "row"
    assert world.app.meaning(own_code("BN", short(there)), keeper).kind == "unknown"
    assert world.app.meaning(own_code("WH", short(room)), keeper).kind == "unknown"


def test_somebody_limited_to_a_site_puts_up_no_bins_in_another_nor_takes_them_over(world: World) -> None:
    site = world.save("site", code="N", name="North")
    room = world.save("warehouse", site_id=site.hex, code="W2", name="North store")
    there = world.save("bin", warehouse_id=room.hex, code="N-01")
    keeper = world.person("Kim", "KEE", place=world.site)
    out = ["access.out_of_scope"]
    assert world.codes(a_bin(world, "A-09"), keeper) == []
    assert world.codes(a_bin(world, "N-02", warehouse_id=room.hex), keeper) == out
    taken = SaveRecord(entity="bin", id=there, fields={"warehouse_id": [room.hex, world.warehouse.hex]})
    given = SaveRecord(entity="bin", id=world.other_bin, fields={"warehouse_id": [world.warehouse.hex, room.hex]})
    assert (world.codes(taken, keeper), world.codes(given, keeper)) == (out, out)
    assert world.codes(Retire(entity="bin", id=there), keeper) == out


def test_a_place_in_which_something_is_in_use_stays_in_use(world: World) -> None:
    answer = world.run(Retire(entity="warehouse", id=world.warehouse))
    assert [problem.code for problem in answer.problems] == ["places.in_use"]
    assert answer.problems[0].sentence == "A-01 in WH Store room is still in use."
    assert world.codes(Retire(entity="site", id=world.site)) == ["places.in_use"]
    site = world.save("site", code="N", name="New")
    room = world.save("warehouse", site_id=site.hex, code="N1", name="New room")
    world.done(Retire(entity="warehouse", id=room))
    world.done(Retire(entity="site", id=site))
