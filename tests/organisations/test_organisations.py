"""Organisations: whose rows these are."""

from __future__ import annotations

import pytest

from app.kernel.standard import SaveRecord
from app.organisations.model import Organisation
from world import World


def test_an_organisation_is_its_own_and_starts_with_the_usual(bare: World) -> None:
    bare.save("organisation", id=bare.org, name="Moto Keller")
    ours = bare.get(Organisation, bare.org)
    assert (ours.org_id, ours.kind, ours.currency, ours.prices_with_tax) == (bare.org, "owner", "EUR", True)


def test_a_supplier_belongs_to_us(bare: World) -> None:
    bare.save("organisation", id=bare.org, name="Moto Keller")
    supplier = bare.save("organisation", name="Bremsen AG", kind="supplier", parent_id=bare.org.hex)
    assert bare.get(Organisation, supplier).org_id == bare.org


@pytest.mark.parametrize(("fields", "code"), [({"kind": "friend"}, "record.choice"), ({"currency": "EURO"}, "record.too_long")])
def test_what_does_not_fit_is_refused(bare: World, fields: dict[str, str], code: str) -> None:
    asked = {"name": "Moto Keller", **fields}
    assert bare.codes(SaveRecord(entity="organisation", fields={name: [None, value] for name, value in asked.items()})) == [code]


def test_only_an_administrator_changes_the_organisation(bare: World) -> None:
    bare.save("organisation", id=bare.org, name="Moto Keller")
    renamed = SaveRecord(entity="organisation", id=bare.org, fields={"name": ["Moto Keller", "Moto Meier"]})
    assert bare.codes(renamed, bare.person("Mo", "MGR")) == ["access.denied"]
    assert bare.codes(renamed, bare.person("Ada", "ADM")) == []
