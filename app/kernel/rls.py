"""Rows by organisation: at the hub, PostgreSQL itself gives a transaction the rows of the organisations that it serves, and no
others.

A session says for whom it works in `session.info["orgs"]`; every transaction it begins tells the database, which forgets it
when that ends, so that a pooled connection never carries it to the next request. Where nothing was said there are no rows.
On a terminal, whose store is one organisation's, none of this runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session, SessionTransaction

from app.kernel.problems import Trouble
from app.kernel.records import TenantRow
from app.kernel.words import _

ROLE = "fettle_app"  # who the hub is to the database: it owns nothing, and no rule passes it by
POLICY = "of_organisation_1"  # a rule that is to change gets the next number: then `protect` replaces the old one
SERVED = "nullif(current_setting('app.orgs', true), '')::uuid[]"
RULE = f"org_id = ANY ((SELECT {SERVED})::uuid[])"  # the inner SELECT is asked once a statement, not once a row

SHARED: Mapping[str, str] = {
    "access_try": "counts wrong PINs at one station, also of people whom nobody knows",
    "alembic_version": "says at which step the tables stand",
    "feed_head": "holds the feed's last number, one for all",
    "feed_turn": "is empty but inside a transaction that numbers its rows",
    "meta": "tells what the database knows about itself",
    "request_seen": "knows requests that come again, whosever they are, for the minutes in which they could",
    "tenant": "lists whom the hub serves, for what must look at one after the other",
}
CLOSED: Mapping[str, str] = {
    "digest": "sums up what a terminal holds",
    "draft": "holds half filled forms, which stay at their terminal",
    "held_row": "holds rows of the hub's that a terminal cannot lay down yet",
    "sync_event": "tells what a terminal put right by itself",
    "touch": "tells what commands touched that wait at a terminal",
}
_READ_ALONE = ("alembic_version",)

LISTS_TENANTS = (
    """CREATE FUNCTION list_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tenant (org_id) VALUES (NEW.org_id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$""",
    "CREATE TRIGGER list_tenant AFTER INSERT ON organisation FOR EACH ROW EXECUTE FUNCTION list_tenant()",
    "INSERT INTO tenant (org_id) SELECT DISTINCT org_id FROM organisation",
)

_TELL = "SELECT set_config('app.orgs', %s, true)"
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('fettle tables'))")


# ---------------------------------------------------------------------------------------------------- for whom one works


def serve(session: Session, orgs: Collection[UUID]) -> None:
    """From here on the session works for these organisations, also in the transaction that it is in."""
    session.info["orgs"] = orgs
    if session.in_transaction() and _ours(session):
        _tell(session.connection(), orgs)


def serve_all(session: Session) -> None:
    """Lets a session work for everybody: for what belongs to no organisation alone, such as the hub's own chain, and to find
    out whose something is before anybody is served."""
    if _ours(session):
        serve(session, frozenset(session.scalars(select(TenantRow.org_id))))


def _ours(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def met_unseen(error: IntegrityError) -> bool:
    """Whether a row could not be made because its key is taken: by another organisation's row, since nobody here saw it."""
    return getattr(error.orig, "sqlstate", "") == "23505"  # unique_violation, see PostgreSQL's appendix of error codes


@event.listens_for(Session, "after_begin")
def _begun(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name == "postgresql" and not transaction.nested:
        orgs = session.info.get("orgs")
        if orgs:
            _tell(connection, orgs)


def _tell(connection: Connection, orgs: Collection[UUID]) -> None:
    connection.exec_driver_sql(_TELL, (_spoken(orgs),))


def telling(orgs: Collection[UUID]) -> str:
    """The same as a whole statement, for whoever hands over several at once; ids in hex need no quoting."""
    return f"SELECT set_config('app.orgs', '{_spoken(orgs)}', true)"


def _spoken(orgs: Collection[UUID]) -> str:
    return f"{{{','.join(org.hex for org in orgs)}}}"


# ---------------------------------------------------------------------------------------------------------- the rules


def begin(connection: Connection) -> None:
    """Before the tables are changed: nobody else changes them now, and every organisation's rows are within reach."""
    connection.execute(_LOCK)
    if connection.scalar(text("SELECT to_regclass('tenant')")) is not None:
        _tell(connection, connection.scalars(select(TenantRow.org_id)).all())


def protect(connection: Connection) -> None:
    """Brings role, grants and rules in line with the tables there are; where they are already, nothing is touched.

    A table with an `org_id` shows the app's role the rows of those it serves; one that `SHARED` names shows it all; any other
    is closed to it. Trouble, with the SQL for an administrator, when the owner may not make the role.
    """
    _make_role(connection)
    for statement in list(lacking(connection)):
        connection.exec_driver_sql(statement)


def lacking(connection: Connection) -> Iterator[str]:
    """What the tables lack of their grants and rules, as the SQL that puts it there."""
    yield from _opening(connection)
    yield from _ruling(connection)
    yield from connection.scalars(text(_TRUSTED)).all()


def _make_role(connection: Connection) -> None:
    found = connection.execute(
        text("SELECT rolsuper OR rolbypassrls AS free FROM pg_roles WHERE rolname = :role"), {"role": ROLE}
    )
    known = found.first()
    if known is None:
        _as_owner(connection, f"CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS")
    elif known.free:
        raise _no_role(connection)
    held = "SET" if (connection.dialect.server_version_info or (0,)) >= (16,) else "MEMBER"
    if not connection.scalar(text("SELECT pg_has_role(current_user, :role, :held)"), {"role": ROLE, "held": held}):
        _as_owner(connection, f"GRANT {ROLE} TO CURRENT_USER")


def _as_owner(connection: Connection, statement: str) -> None:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except ProgrammingError as error:
        raise _no_role(connection) from error


_TABLES = """SELECT format('%I', c.relname) AS quoted, c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
  EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped) AS owned,
  ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
  ARRAY(SELECT g FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) g
    WHERE has_table_privilege('fettle_app', c.oid, g)) AS granted
FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname"""
_SEQUENCES = """SELECT format('%I', c.relname) FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
  WHERE c.relnamespace = current_schema()::regnamespace AND NOT has_sequence_privilege('fettle_app', s.seqrelid, 'USAGE')"""
_SCHEMA = """SELECT format('GRANT USAGE ON SCHEMA %I TO fettle_app', current_schema())
  WHERE NOT has_schema_privilege('fettle_app', current_schema(), 'USAGE')"""

# An index is asked before the rule only with comparisons that tell nothing about rows one may not see. The full-text match
# is such a one, but PostgreSQL does not say so, and only a superuser may; without, a search reads its organisation's words.
_TRUSTED = """SELECT 'ALTER FUNCTION ts_match_vq(tsvector, tsquery) LEAKPROOF' FROM pg_proc p, pg_roles r
  WHERE p.oid = 'ts_match_vq(tsvector, tsquery)'::regprocedure AND NOT p.proleakproof
  AND r.rolname = current_user AND r.rolsuper"""


def _opening(connection: Connection) -> Iterator[str]:
    yield from connection.scalars(text(_SCHEMA)).all()
    for sequence in connection.scalars(text(_SEQUENCES)).all():
        yield f"GRANT USAGE ON SEQUENCE {sequence} TO {ROLE}"
    for table in connection.execute(text(_TABLES)).all():
        wanted = _grants(table)
        if set(wanted) - set(table.granted):
            yield f"GRANT {', '.join(wanted)} ON {table.quoted} TO {ROLE}"
        elif set(table.granted) - set(wanted):
            yield f"REVOKE ALL ON {table.quoted} FROM {ROLE}"


def _grants(table: Any) -> tuple[str, ...]:
    if table.name in _READ_ALONE:
        return ("SELECT",)
    return ("SELECT", "INSERT", "UPDATE", "DELETE") if table.owned or table.name in SHARED else ()


def _ruling(connection: Connection) -> Iterator[str]:
    for table in connection.execute(text(_TABLES)).all():
        if not table.owned or table.name in SHARED:
            continue
        if not table.forced:
            yield f"ALTER TABLE {table.quoted} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
        for old in set(table.policies) - {POLICY}:
            yield f"DROP POLICY {old} ON {table.quoted}"
        if POLICY not in table.policies:
            yield f"CREATE POLICY {POLICY} ON {table.quoted} USING ({RULE}) WITH CHECK ({RULE})"


def _no_role(connection: Connection) -> Trouble:
    user = connection.scalar(text("SELECT format('%I', current_user)"))
    return Trouble(
        "postgres.role",
        _("The database has no role {role} that this hub may take on; it keeps the organisations' rows apart."),
        _("Have an administrator of the database run “{sql}”, then start again."),
        {
            "role": ROLE,
            "sql": f"CREATE ROLE {ROLE} NOLOGIN; ALTER ROLE {ROLE} NOSUPERUSER NOBYPASSRLS; GRANT {ROLE} TO {user};",
        },
    )
