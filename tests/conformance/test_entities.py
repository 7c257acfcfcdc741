"""Every entity, by its declaration alone: its table, its links, how it is saved, read, audited, exported and found."""

from __future__ import annotations

from typing import Any

import pytest
from samples import LEFT_EMPTY, Samples, by_hand
from sqlalchemy import select

from app.capabilities import registry as whole_registry
from app.kernel import queries
from app.kernel.entity import Entity, Scope, Sync, fields_of
from app.kernel.ids import short
from app.kernel.records import ChangeRow
from app.kernel.rows import image, row_image, row_values, values
from app.kernel.scanning import KINDS, own_code
from app.kernel.standard import Retire, SaveRecord
from world import World

REGISTRY = whole_registry()
ENTITIES = [pytest.param(entity, id=name) for name, entity in REGISTRY.entities.items()]
WRITTEN = [pytest.param(entity, id=name) for name, entity in REGISTRY.entities.items() if by_hand(REGISTRY, entity)]
BY_COMMAND = [pytest.param(entity, id=name) for name, entity in REGISTRY.entities.items() if not by_hand(REGISTRY, entity)]
SEARCHED = [pytest.param(entity, id=name) for name, entity in REGISTRY.entities.items() if entity.__about__.search]
SCANNED = [pytest.param(entity, id=kind) for kind, entity in REGISTRY.scans.items()]
OWN_COLUMNS = {"id", "org_id", "stamp", "made_at", "made_by", "retired"}


# ---------------------------------------------------------------------------------------------------- the declaration


@pytest.mark.parametrize("entity", ENTITIES)
def test_what_an_entity_says_of_itself_names_its_own_fields(entity: type[Entity]) -> None:
    about = entity.__about__
    known = fields_of(entity).keys() | {"id"}
    assert set(about.title) <= known
    assert set(about.search) <= fields_of(entity).keys()
    assert set(about.natural) <= fields_of(entity).keys()
    assert about.title, "people must be able to name it"


@pytest.mark.parametrize("entity", ENTITIES)
def test_what_is_searched_is_no_secret(entity: type[Entity]) -> None:
    about = entity.__about__
    assert not [name for name in (*about.search, *about.title) if name != "id" and fields_of(entity)[name].secret]


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_scoped_entity_has_the_column_that_its_scope_reads(entity: type[Entity]) -> None:
    column = entity.__table__.columns[entity.__about__.scope.value]
    assert not column.nullable
    assert entity.__about__.scope is Scope.ORGANISATION or column.info["field"].target in ("site", "warehouse")


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_link_names_an_entity_there_is(entity: type[Entity]) -> None:
    targets = {field.target for field in fields_of(entity).values() if field.kind == "link" and field.target}
    assert targets <= REGISTRY.entities.keys()


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_choice_pairs_a_word_with_what_people_read(entity: type[Entity]) -> None:
    for field in fields_of(entity).values():
        words = [word for word, _label in field.choices]
        assert len(words) == len(set(words))
        assert all(label and len(word) <= field.size for word, label in field.choices)
        default = entity.__table__.columns[field.name].default
        if field.choices and default is not None:
            assert default.arg in words


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_column_is_declared_or_belongs_to_every_row(entity: type[Entity]) -> None:
    columns = {column.key for column in entity.__table__.columns}
    assert columns >= OWN_COLUMNS
    bare = columns - OWN_COLUMNS - fields_of(entity).keys()
    assert not bare, "a field that no form, list or export can show"


def test_every_entity_has_its_own_scan_prefix_and_the_grammar_knows_it() -> None:
    prefixes = [entity.__about__.scan for entity in REGISTRY.entities.values() if entity.__about__.scan]
    assert len(prefixes) == len(set(prefixes))
    assert set(prefixes) <= KINDS.keys()


def test_every_ledger_has_its_balance() -> None:
    ledgers = {entity for entity in REGISTRY.entities.values() if entity.__about__.sync is Sync.LEDGER}
    assert ledgers == REGISTRY.projections.keys()


# ----------------------------------------------------------------------------------------------------- a record's life


def wanted(entity: type[Entity], plain: dict[str, Any]) -> dict[str, Any]:
    """The fields that a new record was given, without those that a machine sets."""
    machine = REGISTRY.machines.get(entity)
    return {name: value for name, value in plain.items() if machine is None or name != machine.field}


@pytest.mark.parametrize("entity", WRITTEN)
def test_a_record_is_read_as_it_was_saved_and_its_making_is_told(bare: World, entity: type[Entity]) -> None:
    bare.save("organisation", id=bare.org, name="Moto Keller")
    samples = Samples(bare)
    plain = samples.fields(entity)
    ident = bare.save(entity.__tablename__, **plain)
    row = bare.get(entity, ident)
    assert {name: getattr(row, name) for name in wanted(entity, plain)} == {
        name: readable(entity, name, value) for name, value in wanted(entity, plain).items()
    }
    with bare.session() as session:
        told = session.scalars(select(ChangeRow).where(ChangeRow.row_id == ident)).one()
    assert told.before is None
    assert told.after == row_image(row)


def readable(entity: type[Entity], name: str, plain: Any) -> Any:
    from app.kernel.filling import read_value

    return read_value(fields_of(entity)[name], plain)


@pytest.mark.parametrize("entity", WRITTEN)
def test_the_required_fields_are_enough_and_one_less_is_refused(bare: World, entity: type[Entity]) -> None:
    bare.save("organisation", id=bare.org, name="Moto Keller")
    plain = Samples(bare).fields(entity, all=False)
    assert bare.save(entity.__tablename__, **plain)
    machine = REGISTRY.machines.get(entity)
    for name in plain:
        if entity.__table__.columns[name].default is None and (machine is None or machine.field != name):
            rest = {other: [None, value] for other, value in plain.items() if other != name}
            assert bare.codes(SaveRecord(entity=entity.__tablename__, fields=rest)) == ["record.missing"]


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_row_as_plain_data_is_the_same_row_again(bare: World, entity: type[Entity]) -> None:
    row = entity(**values(entity, any_image(entity)))
    assert values(entity, row_image(row)) == row_values(row)
    assert image(entity, row_values(row)) == any_image(entity)


def any_image(entity: type[Entity]) -> dict[str, Any]:
    """Plain data for every column, as the feed carries it."""
    plain: dict[str, Any] = {}
    for place, column in enumerate(entity.__table__.columns, start=1):
        kind = type(column.type).__name__
        plain[column.key] = {
            "Id": f"{place:032x}",
            "UtcTime": 1_790_000_000_000 + place,
            "DayType": "2026-11-20",
            "Json": {"a": place},
            "Boolean": True,
            "String": "word",
        }.get(kind, place)
    return plain


@pytest.mark.parametrize("entity", WRITTEN)
def test_every_record_is_listed_and_exported_until_it_is_retired(bare: World, entity: type[Entity]) -> None:
    bare.save("organisation", id=bare.org, name="Moto Keller")
    ident = Samples(bare).record(entity)
    assert ident in exported(bare, entity)
    if entity.__tablename__ == "organisation":
        return
    bare.done(Retire(entity=entity.__tablename__, id=ident))
    assert ident not in exported(bare, entity)
    assert bare.get(entity, ident).retired, "nothing is deleted"


def exported(world: World, entity: type[Entity]) -> dict[Any, dict[str, Any]]:
    with world.app.read(world.actor) as session:
        ask = queries.list_of(world.app.registry, entity)
        found = {row["id"]: row for row in queries.rows(session, ask)}
    secret = {name for name, field in fields_of(entity).items() if field.secret}
    assert not any(secret & row.keys() for row in found.values()), "secrets are never listed or exported"
    return found


@pytest.mark.parametrize("entity", SEARCHED)
def test_a_record_is_found_by_each_field_it_is_searched_by(anywhere: World, entity: type[Entity]) -> None:
    anywhere.save("organisation", id=anywhere.org, name="Moto Keller")
    samples = Samples(anywhere)
    ident = samples.record(entity)
    row = anywhere.get(entity, ident)
    fields = fields_of(entity)
    for name in (one for one in entity.__about__.search if getattr(row, one)):  # a step further on fills in the others
        if fields[name].kind == "extras":
            continue  # found by what was put together into it, and by nothing else in there
        value = getattr(row, name)
        words = next(iter(value.values())) if isinstance(value, dict) else value  # a name in each language
        found = anywhere.app.find(str(words), anywhere.actor, entity.__tablename__)
        assert ident in [one.id for one in found], name


@pytest.mark.parametrize("entity", SCANNED)
def test_a_record_s_own_label_opens_it(bare: World, entity: type[Entity]) -> None:
    bare.save("organisation", id=bare.org, name="Moto Keller")
    ident = Samples(bare).record(entity)
    meaning = bare.app.meaning(own_code(entity.__about__.scan, short(ident)), bare.actor)
    assert (meaning.kind, meaning.match and meaning.match.id) == ("row", ident)


@pytest.mark.parametrize("entity", BY_COMMAND)
def test_what_has_commands_of_its_own_is_not_written_by_hand(bare: World, entity: type[Entity]) -> None:
    bare.save("organisation", id=bare.org, name="Moto Keller")
    given = {name: field.by_command for name, field in fields_of(entity).items() if field.by_command}
    (code,) = bare.codes(SaveRecord(entity=entity.__tablename__))
    assert code in ("record.ledger", "record.no_form", "record.by_command")
    assert set(given.values()) <= REGISTRY.commands.keys(), "the command that sets it is there"


def test_only_a_pin_has_a_command_of_its_own() -> None:
    assert {("person", "pin")} == LEFT_EMPTY
