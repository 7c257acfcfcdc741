"""A hub with a hall full of parts: filled by the database itself within seconds, and kept to be copied for every bench.

The rows are as a real catalogue's imported by envelopes of 2,000: every id, code and number follows from its place, so that
two machines measure the same work.
"""
# ruff: noqa: S608 (every statement is of our own constants)

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from app import migrations
from app.kernel.clock import COUNTER_BITS
from app.kernel.digests import POST_MARK, WHOLE
from app.kernel.ids import CROCKFORD, derived_id
from app.kernel.postgres import Embedded, passing_folder
from app.kernel.problems import Trouble

PARTS = 1_000_000
TOGETHER = 2000  # rows of one envelope, and so of one number in the feed
BINS = 200  # in each warehouse
SITES = 2
START = 1_790_000_000_000  # milliseconds since 1970: a Monday in September 2026
MADE_BY = UUID(int=START << 80 | 7 << 76 | 2 << 62 | 1)
ORG = derived_id(MADE_BY, "organisation")
_HOLDS = ("organisation", "site", "warehouse", "bin", "part", "barcode", "stock_line")


@dataclass(frozen=True)
class Hall:
    """A filled hub: every tenth part has a barcode and lies in a bin, by turns in the one site's warehouse and the other's."""

    url: URL
    parts: int
    org: UUID
    sites: tuple[UUID, ...]
    warehouses: tuple[UUID, ...]
    rows: int  # of all entities together


def part_id(number: int) -> UUID:
    """The id of the n-th part, from 0; the same that the database makes for itself."""
    return _ident("part", number)


def hall_bin(number: int) -> UUID:
    """The id of the n-th bin; those of even numbers stand in the first site's warehouse."""
    return _ident("bin", number)


@contextmanager
def hall(parts: int = PARTS) -> Iterator[Hall]:
    """A hub of one's own with so many parts, gone afterwards. The first of its size takes a while; then it is a copy."""
    with _server() as server:
        model = _model(server, parts)
        admin = create_engine(server.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        own = f"{model}_own"
        _say(admin, f"DROP DATABASE IF EXISTS {own} WITH (FORCE)", f"CREATE DATABASE {own} TEMPLATE {model} STRATEGY FILE_COPY")
        try:
            yield _described(server.url(own), parts)
        finally:
            _say(admin, f"DROP DATABASE {own} WITH (FORCE)")


@contextmanager
def _server() -> Iterator[Embedded]:
    """A lasting server in the first folder that no other bench is using."""
    embedded = next(one for one in map(_started, count()) if one is not None)
    try:
        yield embedded
    finally:
        embedded.stop()


def _started(number: int) -> Embedded | None:
    embedded = Embedded(passing_folder(f"benches-{number}"))
    try:
        embedded.start()
    except Trouble as trouble:
        if trouble.problem.code != "postgres.in_use":
            raise
        return None
    return embedded


def _model(server: Embedded, parts: int) -> str:
    """The name of the filled database that others are copied from, made when there is none for these tables."""
    name = f"hall_{parts}_{_shape()}"
    admin = create_engine(server.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    known = "SELECT datname FROM pg_database WHERE starts_with(datname, :size)"
    with admin.connect() as connection:
        there = connection.scalars(text(known), {"size": f"hall_{parts}_"}).all()
    if name not in there:
        _say(admin, *(f"DROP DATABASE {old} WITH (FORCE)" for old in there))  # of tables that are no more
        _say(admin, f"CREATE DATABASE {name}_new TEMPLATE template0")
        engine = create_engine(server.url(f"{name}_new"), poolclass=NullPool)
        fill(engine, parts)
        engine.dispose()
        _say(admin, f"ALTER DATABASE {name}_new RENAME TO {name}")
    return name


def _shape() -> str:
    """What the tables and this module are, in eight letters: another shape is filled anew."""
    files = [*sorted((migrations.HERE / "versions").glob("*.py")), Path(__file__)]
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8]


def _say(admin: Engine, *statements: str) -> None:
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _described(url: URL, parts: int) -> Hall:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        as_ours(connection)
        rows = sum(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() or 0 for name in _HOLDS)
    sites, warehouses = (tuple(_ident(name, number) for number in range(SITES)) for name in ("site", "warehouse"))
    return Hall(url, parts, ORG, sites, warehouses, rows)


# ------------------------------------------------------------------------------------------------------------- filling


def fill(engine: Engine, parts: int) -> None:
    """Makes the tables and puts the rows there, their feed pointers and what search finds them by; indexes come last."""
    migrations.upgrade(engine)
    with engine.begin() as connection:
        as_ours(connection)
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
        later = _without_indexes(connection)
        for statement in (*_ROWS, *_BALANCES, *(_feed(name) for name in _HOLDS), _HEAD, _DIGEST, *map(_search, _SOUGHT)):
            connection.execute(
                text(statement), {name: value for name, value in _values(parts).items() if f":{name}" in statement}
            )
        for statement in later:
            connection.execute(text(statement))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def as_ours(connection: Connection) -> None:
    """Lets a transaction see the hall's rows: row-level security binds the tables' owner too."""
    connection.execute(text("SELECT set_config('app.orgs', :org, true)"), {"org": f"{{{ORG.hex}}}"})


def _values(parts: int) -> dict[str, Any]:
    return {"parts": parts, "org": ORG.hex, "by": MADE_BY.hex}


def _without_indexes(connection: Connection) -> list[str]:
    """Takes the plain indexes away, and returns how to make them again: filling first and sorting once is far quicker."""
    wanted = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(:names)"
    kept = "SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u')"
    bound = set(connection.scalars(text(kept)))
    found = [
        (name, made)
        for name, made in connection.execute(text(wanted), {"names": [*_HOLDS, "feed", "search"]})
        if name not in bound
    ]
    for name, _made in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    return [made for _name, made in found]


def _ident(entity: str, number: int) -> UUID:
    """A UUIDv7 of the envelope's millisecond, whose other bits follow from the row's place."""
    drawn = sha256(f"{entity}{number}".encode()).hexdigest()
    ms = START + number // TOGETHER * 50
    return UUID(f"{ms:012x}7{drawn[:3]}8{drawn[3:18]}")


def _id(entity: str, number: str) -> str:
    """The same in SQL."""
    drawn = f"encode(sha256(convert_to('{entity}' || ({number}), 'UTF8')), 'hex')"
    ms = f"lpad(to_hex({START} + ({number}) / {TOGETHER} * 50), 12, '0')"
    return f"({ms} || '7' || substr({drawn}, 1, 3) || '8' || substr({drawn}, 4, 15))::uuid"


def _drawn(place: int, most: int) -> str:
    """A number from 0 below `most`, drawn for a row: 28 of its digest's bits."""
    return f"(('x' || substr(d, {place * 7 + 1}, 7))::bit(28)::int % {most})"


def _one_of(place: int, words: str) -> str:
    some = words.split()
    return f"(ARRAY[{', '.join(repr(word) for word in some)}])[1 + {_drawn(place, len(some))}]"


_NOUNS = (
    "bearing bolt bushing caliper chain clutch coupling disc filter flange fork gasket gear hose lamp lever mirror nut pad "
    "piston pulley pump relay ring rotor seal sensor shaft spring washer"
)
_KINDS = "front rear left right inner outer upper lower forged flanged floating hardened metric reinforced sealed stainless"
_MAKERS = "Brembo Bosch Denso Gates Hella Mahle NGK Parker SKF Timken"
_GROUPS = "Brakes Cabin Consumables Electrical Engine Fasteners Hydraulics Transmission"
_STAMP = f"({START}::bigint + n / {TOGETHER} * 50) << {COUNTER_BITS}"
_COMMON = f"CAST(:org AS uuid), {_STAMP}, {START}::bigint + n / {TOGETHER} * 50, CAST(:by AS uuid), false"
_OWN = "id, org_id, stamp, made_at, made_by, retired"
_NAME = f"{_one_of(0, _KINDS)} || ' ' || {_one_of(1, _NOUNS)} || ' ' || {_drawn(2, 1000)}"
_ABOUT = (
    f"{_one_of(3, _KINDS)} || ' ' || {_one_of(1, _NOUNS)} || ' ' || {_drawn(4, 396)} || 'x' || {_drawn(5, 90)} || ' mm, fits "
    f"series ' || {_drawn(6, 900)} || '-' || {_drawn(7, 90)} || ', torque ' || {_drawn(8, 600)} || ' Nm'"
)
_MAKER = _one_of(0, _MAKERS)
_STOCKED = "(:parts + 9) / 10"
_ROWS = (
    f"INSERT INTO organisation ({_OWN}, name, kind, currency, prices_with_tax) "
    f"SELECT CAST(:org AS uuid), {_COMMON}, 'Moto Keller', 'owner', 'EUR', true FROM generate_series(0, 0) n",
    f"INSERT INTO site ({_OWN}, code, name, zone) SELECT {_id('site', 'n')}, {_COMMON}, 'S' || n, 'Workshop ' || n, "
    f"'Europe/Berlin' FROM generate_series(0, {SITES - 1}) n",
    f"INSERT INTO warehouse ({_OWN}, site_id, code, name, policy) SELECT {_id('warehouse', 'n')}, {_COMMON}, "
    f"{_id('site', 'n')}, 'W' || n, 'Store room ' || n, 'warn' FROM generate_series(0, {SITES - 1}) n",
    f"INSERT INTO bin ({_OWN}, warehouse_id, code, kind) SELECT {_id('bin', 'n')}, {_COMMON}, "
    f"{_id('warehouse', f'n % {SITES}')}, 'A-' || lpad((n / {SITES})::text, 3, '0'), 'pick' "
    f"FROM generate_series(0, {SITES * BINS - 1}) n",
    f"INSERT INTO part ({_OWN}, code, name, description, category, unit, mpn, cost, price, least, tracking, core) "
    f"SELECT {_id('part', 'n')}, {_COMMON}, 'P' || lpad(n::text, 7, '0') || '-' || lpad({_drawn(3, 100)}::text, 2, '0'), "
    f"{_NAME}, {_ABOUT}, {_one_of(5, _GROUPS)}, {_one_of(6, 'pcs set pair m kg l')}, "
    f"{_MAKER} || ' ' || lpad({_drawn(1, 100_000_000)}::text, 8, '0'), "
    f"10 + {_drawn(7, 90_000)}, (10 + {_drawn(7, 90_000)}) * 2, {_drawn(8, 20)} * 1000, 'none', false "
    "FROM (SELECT n, encode(sha256(convert_to('drawn' || n, 'UTF8')), 'hex') d FROM generate_series(0, :parts - 1) n) drawn",
    f"INSERT INTO barcode ({_OWN}, part_id, code, quantity) SELECT {_id('barcode', 'n')}, {_COMMON}, "
    f"{_id('part', 'n * 10')}, '40' || lpad(n::text, 11, '0'), 1000 FROM generate_series(0, {_STOCKED} - 1) n",
    f"INSERT INTO stock_line ({_OWN}, kind, part_id, bin_id, warehouse_id, quantity, unit) SELECT {_id('stock_line', 'n')}, "
    f"{_COMMON}, 'receipt', {_id('part', 'n * 10')}, {_id('bin', f'n % {SITES * BINS}')}, "
    f"{_id('warehouse', f'n % {SITES}')}, (1 + n % 50) * 1000, 'pcs' FROM generate_series(0, {_STOCKED} - 1) n",
)
_BALANCES = (
    "INSERT INTO balance (part_id, bin_id, org_id, on_hand, counted) "
    "SELECT part_id, bin_id, org_id, sum(quantity), 0 FROM stock_line GROUP BY 1, 2, 3",
)


# ---------------------------------------------------------------------------------------------------- feed and search


_PLACES = {"warehouse": "site_id", "bin": "warehouse_id", "stock_line": "warehouse_id"}
_DIGEST = (
    "INSERT INTO digest_line (org_id, seq, entity, place, count, sum) "
    f"SELECT org_id, seq, entity, place, count(*), sum(mark::numeric) % {WHOLE + 1} FROM feed GROUP BY 1, 2, 3, 4"
)
_HEAD = "UPDATE feed_head SET last = (SELECT max(seq) FROM feed)"
_SOUGHT = {
    "organisation": "name",
    "site": "code || ' ' || name",
    "warehouse": "code || ' ' || name",
    "bin": "code",
    "part": "code || ' ' || name || ' ' || mpn || ' ' || category",
}


def _feed(entity: str) -> str:
    """Points the feed to a table's rows: envelope after envelope, each entity behind those before it."""
    before = "(SELECT coalesce(max(seq), 0) FROM feed)"
    number = f"(row_number() OVER (ORDER BY id) - 1) / {TOGETHER}"
    place = _PLACES.get(entity, "NULL::uuid")
    mark = POST_MARK.format(entity=entity)
    return (
        "INSERT INTO feed (entity, row_id, org_id, seq, place, mark) "
        f"SELECT '{entity}', id, org_id, {before} + 1 + {number}, {place}, {mark} FROM {entity}"
    )


def _search(entity: str) -> str:
    """Puts a table's words where search looks: all are plain, so that this gives what `app.kernel.search.split` gives."""
    words = f"trim(regexp_replace(lower({_SOUGHT[entity]}), '[^a-z0-9]+', ' ', 'g'))"
    return (
        "INSERT INTO search (row, entity, org_id, words) "
        f"SELECT convert_from({_letters()}, 'UTF8'), '{entity}', org_id, words "
        f"FROM (SELECT org_id, {words} words, {_half(1)} hi, {_half(17)} lo FROM {entity} OFFSET 0) halves"
    )


def _half(place: int) -> str:
    return f"('x' || substr(replace(id::text, '-', ''), {place}, 16))::bit(64)::bigint"


def _letters() -> str:
    """The 26 letters of `app.kernel.ids.short`, two for every ten bits, out of the two halves of an id."""
    pairs = "".join(first + second for first in CROCKFORD for second in CROCKFORD).encode().hex()
    tens = ["(hi >> 56) & 255", *(f"(hi >> {shift}) & 1023" for shift in range(46, 5, -10))]
    tens += ["(hi & 63) << 4 | ((lo >> 60) & 15)", *(f"(lo >> {shift}) & 1023" for shift in range(50, -1, -10))]
    return " || ".join(f"substring('\\x{pairs}'::bytea, ({ten})::int * 2 + 1, 2)" for ten in tens)
