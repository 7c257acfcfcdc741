"""Rows by organisation at the hub: every table is guarded, whoever forgets to say for whom sees nothing, and no connection
remembers the last one it served."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import URL, Boolean, Engine, LargeBinary, String, Table, delete, func, insert, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

import app.capabilities  # noqa: F401  # names every table
from app.kernel import outbox, rls
from app.kernel import postgres as server
from app.kernel.entity import Base
from app.kernel.ids import new_id
from app.kernel.money import Money, MoneyType
from app.kernel.problems import Trouble
from app.kernel.records import EnvelopeRow, TenantRow
from app.kernel.standard import AddNote, SaveRecord
from app.kernel.types import DayType, Id, Json, Quantity, QuantityType, UtcTime, moment
from app.migrations import upgrade
from app.parts.model import Part
from world import World, open_hub

OURS, THEIRS = new_id(), new_id()
GUARDED = [table for table in Base.metadata.sorted_tables if "org_id" in table.c and table.name not in rls.SHARED]
UNIQUE = count(1)
THREADS, LOOKS = 200, 3
PROBES, AT_ONCE = 1_000_000, 1000


@pytest.fixture
def owner(postgres: URL) -> Iterator[Engine]:
    engine = server.owner_engine(postgres)
    yield engine
    engine.dispose()


@pytest.fixture
def hub_engine(postgres: URL) -> Iterator[Engine]:
    """The hub's own engine: it acts as the role that owns nothing."""
    engine = server.engine(postgres)
    yield engine
    engine.dispose()


def told(engine: Engine, question: str, **values: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(question), values))


def serving(engine: Engine, *orgs: UUID) -> Session:
    return Session(engine, info={"orgs": frozenset(orgs)})


def row_of(table: Table, org: UUID) -> dict[str, Any]:
    """A row that nothing but the rule of organisations could object to."""
    row = {
        column.name: _value(column.type) for column in table.columns if not column.nullable and column.autoincrement is not True
    }
    return row | {"org_id": org}


def _value(kind: Any) -> Any:
    number = next(UNIQUE)
    values = {
        MoneyType: Money(number),
        DayType: moment(number).date(),
        Id: new_id(),
        Json: {},
        Boolean: False,
        LargeBinary: b"x",
        UtcTime: moment(number),
        QuantityType: Quantity(1),
    }
    plain = str(number)[-(kind.length or 9) :] if isinstance(kind, String) else number
    return values.get(type(kind), plain)


def filled(engine: Engine) -> None:
    """One row of either organisation in every table."""
    for org in (OURS, THEIRS):
        with serving(engine, org) as session:
            for table in GUARDED:
                session.execute(insert(table).values(row_of(table, org)))
            session.commit()


def owners(session: Session, table: Table) -> set[UUID]:
    return set(session.scalars(select(table.c.org_id)))


# ------------------------------------------------------------------------------------------------------------ every table


CATALOGUE = """SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
  EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped) AS owned,
  (SELECT array_agg(p.polcmd::text || p.polpermissive::text || p.polroles::text) FROM pg_policy p
    WHERE p.polrelid = c.oid) AS policies,
  (SELECT bool_and(pg_get_expr(p.polqual, p.polrelid) = pg_get_expr(p.polwithcheck, p.polrelid)
      AND pg_get_expr(p.polqual, p.polrelid) LIKE '(org_id = ANY (%current_setting(''app.orgs''%')
    FROM pg_policy p WHERE p.polrelid = c.oid) AS both,
  ARRAY(SELECT g FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) g
    WHERE has_table_privilege('fettle_app', c.oid, g)) AS granted
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f', 'm')"""
ALL = ["SELECT", "INSERT", "UPDATE", "DELETE"]


def test_every_table_with_an_organisation_is_guarded_for_whatever_is_done_to_it(owner: Engine) -> None:
    tables = [one for one in told(owner, CATALOGUE) if one.owned and one.name not in rls.SHARED]
    assert {table.name for table in GUARDED} | {"search"} == {one.name for one in tables}
    for one in tables:  # one rule, for every verb, that lets in and binds everybody
        assert (one.forced, one.policies, one.both, one.granted) == (True, ["*true{0}"], True, ALL), one.name


def test_every_other_table_is_on_a_list_that_says_why(owner: Engine) -> None:
    free = {one.name: one for one in told(owner, CATALOGUE) if not one.owned or one.name in rls.SHARED}
    assert {**rls.SHARED, **rls.CLOSED}.keys() == free.keys(), "give it an org_id, or say in app/kernel/rls.py why it has none"
    assert not rls.SHARED.keys() & rls.CLOSED.keys()
    for name, one in free.items():
        grants = [] if name in rls.CLOSED else ["SELECT"] if name == "alembic_version" else ALL
        assert (one.granted, one.policies) == (grants, None), name


def test_the_hub_acts_as_one_who_owns_nothing_and_whom_no_rule_passes_by(owner: Engine, hub_engine: Engine) -> None:
    assert told(hub_engine, "SELECT current_user") == [(rls.ROLE,)]
    asked = "SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = :role"
    assert told(owner, asked, role=rls.ROLE) == [(False,) * 5]
    assert told(owner, "SELECT relname FROM pg_class WHERE relowner = 'fettle_app'::regrole") == []
    assert told(owner, "SELECT roleid::regrole FROM pg_auth_members WHERE member = 'fettle_app'::regrole") == []


def test_nothing_in_the_database_looks_past_the_rules(owner: Engine) -> None:
    views = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
        AND coalesce(reloptions, '{}') && ARRAY['security_invoker=true'] IS NOT TRUE"""
    assert told(owner, views) == []
    assert told(owner, "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef") == []


def test_what_somebody_took_away_is_there_again_after_the_next_start(owner: Engine) -> None:
    with owner.begin() as connection:
        for statement in (
            "ALTER TABLE part NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE part ADD COLUMN looked_at bigint",
            "ALTER POLICY of_organisation_1 ON bin RENAME TO of_organisation_0",
            "REVOKE INSERT ON site FROM fettle_app",
            "GRANT SELECT ON touch TO fettle_app",
            "CREATE TABLE shelf (id bigserial PRIMARY KEY, org_id uuid)",
            "CREATE TABLE stray (id bigint)",
        ):
            connection.execute(text(statement))
    upgrade(owner)
    found = {one.name: one for one in told(owner, CATALOGUE)}
    for name in ("part", "bin", "site", "shelf"):
        assert (found[name].forced, found[name].policies, found[name].both, found[name].granted) == (
            True,
            ["*true{0}"],
            True,
            ALL,
        )
    assert (found["touch"].granted, found["stray"].granted) == ([], []), "what nobody spoke of is closed"


def test_a_start_that_finds_all_in_order_changes_nothing(owner: Engine) -> None:
    with owner.begin() as connection:
        assert [*rls.lacking(connection)] == []


# ----------------------------------------------------------------------------------------------------- two organisations


def test_whoever_says_for_nobody_sees_nothing_and_writes_nothing(hub_engine: Engine) -> None:
    filled(hub_engine)
    for table in GUARDED:
        with serving(hub_engine) as session:
            assert owners(session, table) == set(), table.name
            assert session.execute(delete(table)).rowcount == 0, table.name  # type: ignore[attr-defined]
            with pytest.raises(ProgrammingError, match="row-level security"):
                session.execute(insert(table).values(row_of(table, OURS)))


def test_nobody_sees_changes_or_removes_what_is_another_s(hub_engine: Engine) -> None:
    filled(hub_engine)
    with serving(hub_engine, OURS) as session:
        for table in GUARDED:
            assert owners(session, table) == {OURS}, table.name
            theirs = table.c.org_id == THEIRS
            assert session.execute(table.update().where(theirs).values(org_id=OURS)).rowcount == 0, table.name  # type: ignore[attr-defined]
            assert session.execute(delete(table).where(theirs)).rowcount == 0, table.name  # type: ignore[attr-defined]


def test_nobody_writes_for_another_nor_gives_a_row_away(hub_engine: Engine) -> None:
    filled(hub_engine)
    for table in GUARDED:
        for wrong in (insert(table).values(row_of(table, THEIRS)), table.update().values(org_id=THEIRS)):
            with serving(hub_engine, OURS) as session, pytest.raises(ProgrammingError, match="row-level security"):
                session.execute(wrong)


def test_whoever_works_for_both_sees_both(hub_engine: Engine) -> None:
    filled(hub_engine)
    with serving(hub_engine, OURS, THEIRS) as session:
        assert [table.name for table in GUARDED if owners(session, table) != {OURS, THEIRS}] == []


def test_for_whom_one_works_may_be_said_in_the_midst_of_it(hub_engine: Engine) -> None:
    filled(hub_engine)
    with serving(hub_engine) as session:
        assert session.scalar(select(func.count()).select_from(Part)) == 0
        rls.serve(session, {OURS})
        assert set(session.scalars(select(Part.org_id))) == {OURS}
        with session.begin_nested() as inner:
            rls.serve(session, {THEIRS})
            assert set(session.scalars(select(Part.org_id))) == {THEIRS}
            inner.rollback()
        assert set(session.scalars(select(Part.org_id))) == {OURS}, "what was said inside ends with it"


def test_an_id_that_is_another_s_is_refused_and_tells_nothing_of_them(hub: World) -> None:
    ours, theirs = hub.furnish(), World(hub.app).furnish()
    first = ours.done(AddNote(entity="part", id=ours.part, text="Ours"))
    for again in (
        theirs.run(AddNote(entity="part", id=theirs.part, text="Theirs"), id=first.id),
        theirs.run(SaveRecord(entity="part", id=ours.part, fields={"code": [None, "N-1"], "name": [None, "New"]})),
    ):
        assert [problem.code for problem in again.problems] == ["command.id_taken"]
    assert ours.get(Part, ours.part).name == "Brake pads front"
    assert theirs.done(AddNote(entity="part", id=theirs.part, text="Theirs")).rows, "the chain goes on"


def test_the_list_of_those_whom_the_hub_serves_keeps_itself(hub: World) -> None:
    hub.furnish()
    other = World(hub.app).furnish()
    with hub.session() as session:
        assert set(session.scalars(select(TenantRow.org_id))) == {hub.org, other.org}
        rls.serve_all(session)
        assert set(session.scalars(select(Part.org_id))) == {hub.org, other.org}


def test_the_hub_s_own_chain_goes_on_for_everybody_after_a_restart(postgres: URL) -> None:
    first = World(open_hub(postgres)).furnish()
    World(first.app).furnish()
    station = first.app.station
    first.close()
    world = World(open_hub(postgres, station=station)).furnish()
    with world.session() as session:
        rls.serve_all(session)
        numbers = session.scalars(select(EnvelopeRow.number).where(EnvelopeRow.terminal_id == station.id)).all()
        assert sorted(numbers) == [*range(1, len(numbers) + 1)]
        assert outbox.verify_chain(session, station.id) is None
    world.close()


# ------------------------------------------------------------------------------------------------------ one connection


def ended_well(session: Session) -> None:
    session.commit()


def taken_back(session: Session) -> None:
    session.rollback()


def broken(session: Session) -> None:
    with pytest.raises(ProgrammingError):
        session.execute(text("SELECT no_such_thing"))


def left_open(_session: Session) -> None:
    """Its owner only lets go of it."""


@pytest.mark.parametrize("end", [ended_well, taken_back, broken, left_open])
def test_a_connection_remembers_nobody_whom_it_served(hub_engine: Engine, end: Any) -> None:
    filled(hub_engine)
    before = "SELECT pg_backend_pid(), coalesce(current_setting('app.orgs', true), '')"
    with serving(hub_engine, OURS) as session:
        process, _orgs = session.execute(text(before)).one()
        assert set(session.scalars(select(Part.org_id))) == {OURS}
        end(session)
    with serving(hub_engine) as session:
        assert session.execute(text(before)).one() == (process, ""), "the same connection, for nobody"
        assert session.scalar(select(func.count()).select_from(Part)) == 0
    with serving(hub_engine, THEIRS) as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) == process
        assert set(session.scalars(select(Part.org_id))) == {THEIRS}


def many_parts(engine: Engine, each: int) -> dict[UUID, list[UUID]]:
    """So many parts of either organisation, and their ids."""
    table: Any = Part.__table__
    made: dict[UUID, list[UUID]] = {}
    for org in (OURS, THEIRS):
        rows = [row_of(table, org) for _ in range(each)]
        with serving(engine, org) as session:
            session.execute(insert(table), rows)
            session.commit()
        made[org] = [row["id"] for row in rows]
    return made


def found(engine: Engine, org: UUID, idents: list[UUID]) -> int:
    with serving(engine, org) as session:
        there = session.scalars(select(Part.org_id).where(Part.id.in_(idents))).all()
        random.choice((session.commit, session.rollback, session.close))()
        assert set(there) <= {org}
        return len(there)


def patient(engine: Engine) -> None:
    """Of two hundred who share its connections the last may wait long, where the machine has other work."""
    engine.pool._timeout = 600  # type: ignore[attr-defined]


def test_two_hundred_at_once_each_see_their_own_alone(hub_engine: Engine) -> None:
    parts = many_parts(hub_engine, 5)
    everything = parts[OURS] + parts[THEIRS]
    patient(hub_engine)

    def look(turn: int) -> list[int]:
        return [found(hub_engine, (OURS, THEIRS)[(turn + one) % 2], everything) for one in range(LOOKS)]

    with ThreadPoolExecutor(THREADS) as pool:
        assert {tuple(one) for one in pool.map(look, range(THREADS))} == {(5,) * LOOKS}


@pytest.mark.prove
def test_of_a_million_looks_at_another_s_rows_none_succeeds(hub_engine: Engine) -> None:
    parts = many_parts(hub_engine, AT_ONCE)
    patient(hub_engine)

    def look(turn: int) -> tuple[int, int]:
        mine, other = (OURS, THEIRS) if turn % 2 else (THEIRS, OURS)
        return found(hub_engine, mine, parts[other]), found(hub_engine, mine, parts[mine])

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(look, range(PROBES // AT_ONCE))) == {(0, AT_ONCE)}


# --------------------------------------------------------------------------------------------- plans, and who owns them


BY_KEY = (
    "SELECT * FROM part WHERE id = '{id}'",
    "SELECT * FROM part WHERE org_id = '{org}' AND code = 'P-1'",
    "SELECT * FROM part WHERE org_id = '{org}' ORDER BY name LIMIT 50",
    "SELECT * FROM envelope WHERE terminal_id = '{id}' ORDER BY number DESC LIMIT 1",
    "SELECT * FROM feed WHERE org_id = '{org}' AND seq > 5 AND seq <= 50 ORDER BY seq LIMIT 20",
    "SELECT * FROM change WHERE envelope_id IN ('{id}')",
    "SELECT * FROM balance WHERE part_id = '{id}' AND bin_id = '{id}'",
    "SELECT * FROM stock_line WHERE part_id = '{id}' AND bin_id = '{id}' ORDER BY stamp",
    "SELECT row FROM search WHERE vector @@ CAST('brak:*' AS tsquery) AND org_id = '{org}'",
)


@pytest.mark.parametrize("question", BY_KEY)
def test_what_is_asked_by_its_key_is_found_by_its_index(hub_engine: Engine, question: str) -> None:
    with serving(hub_engine, OURS) as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(session.scalars(text("EXPLAIN " + question.format(id=new_id(), org=OURS))))
    assert "Seq Scan" not in plan
    assert "Index" in plan


@pytest.fixture
def plain_owner(postgres_server: Any) -> Iterator[URL]:
    """A database whose owner is nobody special, as where somebody else runs the server."""
    url: URL = postgres_server.create()
    if url.password or not url.query.get("host"):
        pytest.skip("here people sign in by password")
    name = f"keeper_{new_id().hex}"
    admin = server.owner_engine(url)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
        connection.execute(text(f"ALTER DATABASE {url.database} OWNER TO {name}"))
    yield url.set(username=name)
    with admin.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} OWNER TO CURRENT_USER"))
        connection.execute(text(f"DROP OWNED BY {name}"))
        connection.execute(text(f"DROP ROLE {name}"))
    admin.dispose()
    postgres_server.drop(url)


def test_an_owner_who_may_not_take_the_role_is_told_what_an_administrator_runs(plain_owner: URL, owner: Engine) -> None:
    engine = server.owner_engine(plain_owner)
    with pytest.raises(Trouble, match="no role fettle_app") as trouble:
        upgrade(engine)
    sql = trouble.value.problem.advice.partition("“")[2].partition("”")[0].split("; ")
    with owner.begin() as connection:
        for statement in sql[1:]:  # here there is the role already
            connection.execute(text(statement))
    upgrade(engine)
    assert sql[0].startswith("CREATE ROLE fettle_app NOLOGIN")
    engine.dispose()


def test_also_the_tables_owner_sees_only_whom_they_work_for(plain_owner: URL, owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text(f"GRANT fettle_app TO {plain_owner.username}"))
    engine = server.owner_engine(plain_owner)
    upgrade(engine)
    filled(engine)
    with serving(engine) as session:
        assert [table.name for table in GUARDED if owners(session, table)] == []
    with engine.begin() as connection:
        rls.begin(connection)
        assert set(connection.scalars(select(Part.org_id))) == {OURS, THEIRS}, "a step of the history reaches all"
    engine.dispose()


def test_a_database_that_was_never_set_up_lets_nobody_in(postgres_server: Any) -> None:
    """The rules come with the tables: a hub that starts without them does not run unguarded."""
    url: URL = postgres_server.create()
    engine = server.engine(url)
    with pytest.raises((OperationalError, ProgrammingError)), engine.connect() as connection:
        connection.execute(select(Part.id))
    engine.dispose()
    postgres_server.drop(url)
