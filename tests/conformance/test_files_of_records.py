"""Every entity goes out into a file by its declaration, without its secrets, and comes in again without a change."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from samples import Samples, by_hand

from app.capabilities import registry as whole_registry
from app.kernel.entity import Entity, Has, fields_of
from app.kernel.exchange.exports import export_file
from app.kernel.exchange.running import import_file
from world import World

REGISTRY = whole_registry()
LISTED = [
    pytest.param(entity, id=name)
    for name, entity in REGISTRY.entities.items()
    if Has.EXPORT in entity.__about__.has and by_hand(REGISTRY, entity)
]


@pytest.mark.parametrize("entity", LISTED)
def test_a_record_goes_out_without_its_secrets_and_comes_in_as_it_was(bare: World, tmp_path: Path, entity: type[Entity]) -> None:
    bare.save("organisation", id=bare.org, name="Moto Keller")
    name, file = entity.__tablename__, tmp_path / "out.csv"
    ident = Samples(bare).record(entity)
    before = bare.get(entity, ident)
    export_file(bare.app, bare.actor, name, file)
    with file.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert len(rows) >= 1
    secret = [getattr(before, field.name) for field in fields_of(entity).values() if field.secret]
    assert not [value for value in secret if value and value in file.read_text("utf-8")]
    if entity.__about__.natural:
        summary = import_file(bare.app, bare.actor, name, file)
        assert (summary.made, summary.changed) == (0, 0), header
