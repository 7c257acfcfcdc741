"""Fingerprints: equal where the rows are equal, different after any difference, on both databases."""

from __future__ import annotations

from app.kernel.exchange.fingerprints import Fingerprint, fingerprint
from app.kernel.standard import SaveRecord
from world import World


def taken(world: World) -> dict[str, Fingerprint]:
    with world.session() as session:
        return fingerprint(session, world.app.registry)


def test_every_synced_entity_has_one(world: World) -> None:
    found = taken(world)
    assert found.keys() == world.app.registry.entities.keys()
    assert found["part"]["count"] == 5
    assert found["stock_line"]["count"] == 5
    assert all(len(one["sha256"]) == 64 for one in found.values())


def test_nothing_changes_it_but_a_change(world: World) -> None:
    before = taken(world)
    assert taken(world) == before
    world.done(SaveRecord(entity="part", id=world.part, fields={"name": ["Brake pads front", "Brake pads"]}))
    after = taken(world)
    assert {name for name in before if before[name] != after[name]} == {"part"}


def test_a_retired_record_still_counts(world: World) -> None:
    before = taken(world)["part"]
    world.gone("part", world.part)
    after = taken(world)["part"]
    assert (after["count"], after["sha256"] == before["sha256"]) == (before["count"], False)


def test_both_databases_take_the_same(bare: World, hub: World) -> None:
    for world in (bare, hub):
        world.save("organisation", id=bare.org, name="Öse & Söhne")
    with bare.session() as here, hub.session() as there:
        from app.kernel.exchange.fingerprints import lines_of
        from app.organisations.model import Organisation

        [ours], [theirs] = list(lines_of(here, Organisation)), list(lines_of(there, Organisation))
    assert ours.split('"name"')[1].split('"org_id"')[0] == theirs.split('"name"')[1].split('"org_id"')[0]
    assert ours.count('"') == theirs.count('"')
