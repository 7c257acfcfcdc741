"""A hub with many parts to measure on. PostgreSQL fills it by itself, because the parts are only scenery."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from app.kernel import postgres
from app.kernel.ids import CROCKFORD, short
from app.kernel.measuring import tell
from app.kernel.postgres import Embedded
from app.migrations import HERE, upgrade

ORG = UUID("01a00000-0000-7000-8000-000000000001")
FIRST_PART = UUID("01a00000-0001-7000-8000-000000000000")
PARTS = 1_000_000
STAMP = 1 << 16  # of the scenery: older than any command
_LETTER = f"substr('{CROCKFORD}', ((n >> {{}}) & 31)::int + 1, 1)"
_SHORT = " || ".join([f"'{short(FIRST_PART)[:21]}'", *(_LETTER.format(shift) for shift in (20, 15, 10, 5, 0))])
_ID = f"('{str(FIRST_PART)[:24]}' || lpad(to_hex(n), 12, '0'))::uuid"
_CODE = "'P-' || lpad(n::text, 7, '0')"
_NAME = (
    "(ARRAY['Brake pad', 'Oil filter', 'Chain', 'Cable', 'Bolt', 'Seal', 'Lamp'])[n % 7 + 1] || ' ' || n % 97 || ' mm, lot ' || n"
)
_FILL = (
    f"""INSERT INTO part (id, org_id, stamp, made_at, made_by, retired, code, name, unit, tracking, core)
SELECT {_ID}, :org, :stamp, :now, :org, false, {_CODE}, {_NAME}, 'pcs', 'none', false FROM generate_series(0, :last) n""",  # noqa: S608, nothing of it was given by anybody
    f"INSERT INTO feed (entity, row_id, org_id, seq) SELECT 'part', {_ID}, :org, n / 500 + 1 FROM generate_series(0, :last) n",  # noqa: S608
    f"""INSERT INTO search (row, entity, org, words)
SELECT {_SHORT}, 'part', :short, lower(replace(replace({_CODE} || ' ' || {_NAME}, ',', ''), '-', ' '))
FROM generate_series(0, :last) n""",  # noqa: S608
    "UPDATE feed_head SET last = :last / 500 + 1",
)


def part(number: int) -> UUID:
    """The id of the n-th part."""
    return UUID(int=FIRST_PART.int + number)


@dataclass(frozen=True)
class Hall:
    """A database of its own, alike to the filled one, and the server it is on."""

    url: URL
    count: int

    def engine(self) -> Engine:
        return postgres.engine(self.url)


@contextmanager
def opened(count: int = PARTS) -> Iterator[Hall]:
    """A fresh copy of the hub with `count` parts; that one is made on first use and kept."""
    folder = _folder(count)
    with Embedded(folder) as server:
        if not (folder / "whole").exists():
            tell(f"A hub with {count:,} parts is made first, which can take minutes. It is kept in {folder}.")
            _run(server, "DROP DATABASE IF EXISTS hall WITH (FORCE)", "CREATE DATABASE hall")
            _fill(server.url("hall"), count)
            (folder / "whole").touch()
        _run(server, "DROP DATABASE IF EXISTS run WITH (FORCE)", "CREATE DATABASE run TEMPLATE hall STRATEGY file_copy")
        try:
            yield Hall(server.url("run"), count)
        finally:
            _run(server, "DROP DATABASE IF EXISTS run WITH (FORCE)")


def _folder(count: int) -> Path:
    """Where a hub of so many parts is kept. Older steps of the history made other tables."""
    steps = sorted((HERE / "versions").glob("*.py"))
    tables = sha256(b"".join(step.read_bytes() for step in steps)).hexdigest()[:12]
    return postgres.passing_folder(f"hall-{count}-{tables}")


def _run(server: Embedded, *statements: str) -> None:
    engine = create_engine(server.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _fill(url: URL, count: int) -> None:
    engine = postgres.engine(url)
    upgrade(engine)
    given = {"org": ORG, "short": short(ORG), "stamp": STAMP, "now": time.time_ns() // 1_000_000, "last": count - 1}
    with engine.begin() as connection:
        for statement in _FILL:
            connection.execute(text(statement), given)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
