"""copies: terminals say out of which one they came, requests are known to all processes, numbers are counted apart, there
is one command to a number, and what runs low is found by its minimum."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("terminal", sa.Column("origin_id", types.Id(), nullable=True))
    op.create_index(op.f("ix_terminal_origin_id"), "terminal", ["origin_id"], unique=False)
    lacking = sa.text("least IS NOT NULL")
    op.create_index("ix_part_least", "part", ["org_id", "least"], sqlite_where=lacking, postgresql_where=lacking)
    _requests()
    _one_command_to_a_number()
    _leases_of_each()


def _requests() -> None:
    op.create_table(
        "request_seen",
        sa.Column("mark", types.Id(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_request_seen")),
    )
    op.create_index(op.f("ix_request_seen_until"), "request_seen", ["until"], unique=False)
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE request_seen SET UNLOGGED")  # each request is noted in it, and none after ten minutes


def _one_command_to_a_number() -> None:
    """Where two stood under one number, the later one is kept under one below zero, which no terminal gives."""
    op.execute(
        "UPDATE envelope SET number = -seq WHERE EXISTS (SELECT 1 FROM envelope AS earlier WHERE "
        "earlier.terminal_id = envelope.terminal_id AND earlier.number = envelope.number AND earlier.seq < envelope.seq)"
    )
    op.drop_index(op.f("ix_envelope_terminal"), table_name="envelope")
    op.create_index("ix_envelope_terminal", "envelope", ["terminal_id", "number"], unique=True)


def _leases_of_each() -> None:
    """What all organisations counted together each goes on counting from: so none gives a number twice."""
    connection = op.get_bind()
    organisation = sa.table("organisation", sa.column("org_id", types.Id()))
    orgs = connection.scalars(sa.select(organisation.c.org_id).distinct()).all()
    rows = connection.execute(sa.text("SELECT series, period, next, last, static FROM number_lease")).mappings().all()
    op.drop_table("number_lease")
    made = op.create_table(
        "number_lease",
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("series", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("static", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "series", "period", name=op.f("pk_number_lease")),
    )
    op.bulk_insert(made, [{**row, "org_id": org} for org in orgs for row in rows])
