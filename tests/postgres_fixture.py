"""PostgreSQL for tests: one server for each test process, and for each test a fresh database copied from a template.

`tests/conftest.py` loads this and overrides `postgres_tables` to make the tables of the template.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from app.kernel.postgres import Embedded, passing_folder, with_driver
from app.kernel.problems import Trouble


class Databases:
    """Makes and drops databases on one server, under names that no other test process uses."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._admin = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._names = (f"fettle_{os.getpid()}_{number}" for number in count())

    def create(self, template: str = "template0") -> URL:
        """A new database, alike to the template, that nobody else has a connection to."""
        name = next(self._names)
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._url.set(database=name)

    def drop(self, url: URL) -> None:
        self._run(f"DROP DATABASE {url.database} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))


def _started() -> Embedded:
    """A server in the first folder that no other test process is using."""
    for number in count():
        embedded = Embedded(passing_folder(f"tests-{number}", quick=True), lasting=False)
        try:
            embedded.start()
        except Trouble as trouble:
            if trouble.problem.code != "postgres.in_use":
                raise
        else:
            return embedded
    raise AssertionError("there is always a next folder")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Databases]:
    """The server: the one that DATABASE_URL names, else one of our own for this test process."""
    named = os.environ.get("DATABASE_URL")
    if named:
        yield Databases(with_driver(named))
        return
    embedded = _started()
    try:
        yield Databases(embedded.url())
    finally:
        embedded.stop()


@pytest.fixture(scope="session")
def postgres_tables() -> Callable[[URL], None]:
    """What makes the tables in the template; none, unless a conftest says so."""
    return lambda _url: None


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Databases, postgres_tables: Callable[[URL], None]) -> Iterator[URL]:
    """The database that each test's is copied from; its tables are made once."""
    url = postgres_server.create()
    postgres_tables(url)
    yield url
    postgres_server.drop(url)


@pytest.fixture
def postgres(postgres_server: Databases, postgres_template: URL) -> Iterator[URL]:
    """A fresh database with the tables in it, for one test."""
    url = postgres_server.create(postgres_template.database or "")
    yield url
    postgres_server.drop(url)
