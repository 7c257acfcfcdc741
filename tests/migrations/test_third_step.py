"""The third step of the tables' history keeps what stood in stores and hubs that were worked with before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel import postgres as server
from app.kernel.ids import new_id
from app.kernel.store import Store
from app.kernel.types import moment
from app.migrations import upgrade
from app.organisations.model import Organisation

OURS, THEIRS = new_id(), new_id()


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database as the second step left it."""
    if request.param == "sqlite":
        store = Store.create(tmp_path / "store.fettle", bytes(range(32)))
        upgrade(store.writer, "0002")
        yield store.writer
        store.close()
        return
    databases: Any = request.getfixturevalue("postgres_server")
    url = databases.create()
    engine = server.owner_engine(url)
    upgrade(engine, "0002")
    yield engine
    engine.dispose()
    databases.drop(url)


def ident(connection: Connection, one: UUID) -> Any:
    return one.bytes if connection.dialect.name == "sqlite" else one


def serves(connection: Connection, *orgs: UUID) -> None:
    if connection.dialect.name == "postgresql":
        told = ",".join(org.hex for org in orgs)
        connection.execute(text("SELECT set_config('app.orgs', :told, true)"), {"told": f"{{{told}}}"})


def belongs(engine: Engine, *orgs: UUID) -> None:
    """Whose database it is."""
    with Session(engine) as session:
        session.add_all(Organisation(id=org, org_id=org, name="Moto", stamp=1, made_at=moment(0), made_by=org) for org in orgs)
        session.commit()


def envelope(connection: Connection, terminal: UUID, number: int) -> None:
    names = "id, terminal_id, number, command, org_id, actor_id, stamp, content, state, problems, chain"
    places = ":id, :terminal, :number, 'AddNote', :org, :org, 1, '{}', 'applied', '[]', ''"
    told = {"id": ident(connection, new_id()), "terminal": ident(connection, terminal), "org": ident(connection, OURS)}
    connection.execute(text(f"INSERT INTO envelope ({names}) VALUES ({places})"), {**told, "number": number})  # noqa: S608


def test_each_organisation_goes_on_behind_the_numbers_that_all_of_them_took_together(before: Engine) -> None:
    belongs(before, *((OURS, THEIRS) if before.dialect.name == "postgresql" else (OURS,)))
    with before.begin() as connection:
        row = "INSERT INTO number_lease (series, period, next, last, static) VALUES ('work_order:M', '2026-11-20', 7, 9, 3)"
        connection.execute(text(row))
    upgrade(before)
    with before.begin() as connection:
        serves(connection, OURS, THEIRS)
        rows = connection.execute(text("SELECT org_id, series, period, next, last, static FROM number_lease")).all()
        owners = {OURS, THEIRS} if before.dialect.name == "postgresql" else {OURS.bytes}
        assert {row[0] for row in rows} == owners
        assert {tuple(row[1:]) for row in rows} == {("work_order:M", "2026-11-20", 7, 9, 3)}


def test_commands_that_stood_under_one_number_are_all_kept_and_no_further_one_gets_in(before: Engine) -> None:
    terminal, other = new_id(), new_id()
    belongs(before, OURS)
    with before.begin() as connection:
        for whose, number in ((terminal, 1), (terminal, 2), (terminal, 2), (other, 2), (terminal, 3)):
            envelope(connection, whose, number)
    upgrade(before)
    with before.begin() as connection:
        serves(connection, OURS)
        told = {"terminal": ident(connection, terminal)}
        numbers = connection.scalars(text("SELECT number FROM envelope WHERE terminal_id = :terminal ORDER BY number"), told)
        assert list(numbers) == [-3, 1, 2, 3]
    with before.begin() as connection:
        serves(connection, OURS)
        with pytest.raises(IntegrityError):
            envelope(connection, terminal, 3)
