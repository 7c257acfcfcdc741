"""odoo: what stands where in the company's Odoo, what waits for it and what somebody must settle."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel import money, types  # noqa: F401

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "odoo_artifact",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("run_id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odoo_artifact")),
    )
    op.create_index(op.f("ix_odoo_artifact_run_id"), "odoo_artifact", ["run_id"], unique=False)
    op.create_table(
        "odoo_cursor",
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("whole_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "name", name=op.f("pk_odoo_cursor")),
    )
    op.create_table(
        "odoo_difference",
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("part_id", types.Id(), nullable=False),
        sa.Column("bin_id", types.Id(), nullable=False),
        sa.Column("lot", sa.String(length=60), nullable=True),
        sa.Column("ours", types.QuantityType(), nullable=False),
        sa.Column("theirs", types.QuantityType(), nullable=False),
        sa.Column("as_of", types.UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("settled_how", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odoo_difference")),
    )
    op.create_index(op.f("ix_odoo_difference_bin_id"), "odoo_difference", ["bin_id"], unique=False)
    op.create_index(op.f("ix_odoo_difference_part_id"), "odoo_difference", ["part_id"], unique=False)
    op.create_table(
        "odoo_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odoo_event")),
    )
    op.create_index("ix_odoo_event_sha", "odoo_event", ["org_id", "sha"], unique=True)
    op.create_table(
        "odoo_health",
        sa.Column("database", sa.String(length=120), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("version", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("told_at", types.UtcTime(), nullable=True),
        sa.Column("answered_at", types.UtcTime(), nullable=True),
        sa.Column("sent_at", types.UtcTime(), nullable=True),
        sa.Column("taken_at", types.UtcTime(), nullable=True),
        sa.Column("compared_at", types.UtcTime(), nullable=True),
        sa.Column("message", sa.String(length=500), nullable=True),
        sa.Column("hint", sa.String(length=500), nullable=True),
        sa.Column("detail", types.Json(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odoo_health")),
    )
    op.create_table(
        "odoo_instance",
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("db", sa.String(length=120), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("company", sa.BigInteger(), nullable=False),
        sa.Column("secret_a", sa.String(length=64), nullable=False),
        sa.Column("secret_b", sa.String(length=64), nullable=False),
        sa.Column("places", types.Json(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("set_up_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_odoo_instance")),
    )
    op.create_table(
        "odoo_letter",
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("row_id", types.Id(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("said", sa.String(length=500), nullable=False),
        sa.Column("hint", sa.String(length=500), nullable=True),
        sa.Column("detail", types.Json(), nullable=True),
        sa.Column("since", types.UtcTime(), nullable=False),
        sa.Column("owner_id", types.Id(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odoo_letter")),
    )
    op.create_index(op.f("ix_odoo_letter_owner_id"), "odoo_letter", ["owner_id"], unique=False)
    op.create_index(op.f("ix_odoo_letter_row_id"), "odoo_letter", ["row_id"], unique=False)
    op.create_table(
        "odoo_link",
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("row_id", types.Id(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odoo_link")),
    )
    op.create_index("ix_odoo_link_name", "odoo_link", ["org_id", "name"], unique=False)
    op.create_index(op.f("ix_odoo_link_row_id"), "odoo_link", ["row_id"], unique=False)
    op.create_table(
        "odoo_mapping",
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("row_id", types.Id(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("taken", sa.String(length=64), nullable=False),
        sa.Column("base", types.Json(), nullable=True),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "entity", "row_id", name=op.f("pk_odoo_mapping")),
    )
    op.create_index("ix_odoo_mapping_number", "odoo_mapping", ["org_id", "model", "number"], unique=False)
    op.create_table(
        "odoo_match",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("ours", sa.String(length=80), nullable=False),
        sa.Column("ours_title", sa.String(length=255), nullable=True),
        sa.Column("theirs", sa.BigInteger(), nullable=True),
        sa.Column("theirs_name", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odoo_match")),
    )
    op.create_table(
        "odoo_run",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("began", types.UtcTime(), nullable=False),
        sa.Column("ended", types.UtcTime(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("counts", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odoo_run")),
    )
    op.create_index("ix_odoo_run_began", "odoo_run", ["org_id", "began"], unique=False)
    op.create_table(
        "odoo_run_line",
        sa.Column("run_id", types.Id(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("told", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "place", name=op.f("pk_odoo_run_line")),
    )
    op.create_table(
        "odoo_thing",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odoo_thing")),
    )
    op.create_index("ix_odoo_thing_kind", "odoo_thing", ["org_id", "kind", "name"], unique=False)
    op.create_table(
        "odoo_waiting",
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("row_id", types.Id(), nullable=False),
        sa.Column("since", types.UtcTime(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("again_at", types.UtcTime(), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("said", types.Json(), nullable=True),
        sa.Column("owner_id", types.Id(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "entity", "row_id", name=op.f("pk_odoo_waiting")),
    )
    op.create_index("ix_odoo_waiting_again", "odoo_waiting", ["org_id", "entity", "again_at"], unique=False)
    op.drop_index(op.f("ix_payment_order_id"), table_name="payment")
    op.create_index("ix_payment_order", "payment", ["order_id", "org_id"], unique=False)
    op.add_column("work_order", sa.Column("prices", sa.String(length=32), nullable=True))
