"""the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel import feed, money, search, types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_try",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("awake", sa.BigInteger(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("terminal_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_try")),
    )
    op.create_index("ix_access_try_person", "access_try", ["person_id", "id"], unique=False)
    op.create_index("ix_access_try_terminal", "access_try", ["terminal_id", "id"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("role_id", types.Id(), nullable=False),
        sa.Column("place_id", types.Id(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    op.create_index(op.f("ix_appointment_person_id"), "appointment", ["person_id"], unique=False)
    op.create_index(op.f("ix_appointment_place_id"), "appointment", ["place_id"], unique=False)
    op.create_index(op.f("ix_appointment_role_id"), "appointment", ["role_id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("row_id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_row_id"), "attachment", ["row_id"], unique=False)
    op.create_table(
        "badge",
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge")),
    )
    op.create_index("ix_badge_code_hash", "badge", ["code_hash"], unique=False)
    op.create_index(op.f("ix_badge_person_id"), "badge", ["person_id"], unique=False)
    op.create_table(
        "balance",
        sa.Column("part_id", types.Id(), nullable=False),
        sa.Column("bin_id", types.Id(), nullable=False),
        sa.Column("on_hand", types.QuantityType(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("part_id", "bin_id", name=op.f("pk_balance")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_balance_bin_id"), "balance", ["bin_id"], unique=False)
    op.create_table(
        "barcode",
        sa.Column("part_id", types.Id(), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("quantity", types.QuantityType(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barcode")),
    )
    op.create_index(op.f("ix_barcode_org_id_code"), "barcode", ["org_id", "code"], unique=False)
    op.create_index(op.f("ix_barcode_part_id"), "barcode", ["part_id"], unique=False)
    op.create_table(
        "bin",
        sa.Column("warehouse_id", types.Id(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("owner_id", types.Id(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bin")),
    )
    op.create_index("ix_bin_code", "bin", ["org_id", "code"], unique=False)
    op.create_index(op.f("ix_bin_owner_id"), "bin", ["owner_id"], unique=False)
    op.create_index(op.f("ix_bin_warehouse_id"), "bin", ["warehouse_id"], unique=False)
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("envelope_id", types.Id(), nullable=False),
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("row_id", types.Id(), nullable=False),
        sa.Column("before", types.Json(), nullable=True),
        sa.Column("after", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_envelope_id"), "change", ["envelope_id"], unique=False)
    op.create_index(op.f("ix_change_row_id"), "change", ["row_id"], unique=False)
    op.create_table(
        "customer",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=120), nullable=True),
        sa.Column("street", sa.String(length=255), nullable=True),
        sa.Column("zip", sa.String(length=16), nullable=True),
        sa.Column("city", sa.String(length=120), nullable=True),
        sa.Column("country", sa.String(length=60), nullable=True),
        sa.Column("company", sa.Boolean(), nullable=False),
        sa.Column("vat", sa.String(length=24), nullable=True),
        sa.Column("reference", sa.String(length=120), nullable=True),
        sa.Column("extra", types.Json(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_index(op.f("ix_customer_org_id_phone"), "customer", ["org_id", "phone"], unique=False)
    op.create_table(
        "denied_try",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("command", sa.String(length=64), nullable=False),
        sa.Column("actor_id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("codes", types.Json(), nullable=False),
        sa.Column("body", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denied_try")),
    )
    op.create_table(
        "discrepancy",
        sa.Column("envelope_id", types.Id(), nullable=False),
        sa.Column("command", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("hint", sa.String(length=500), nullable=True),
        sa.Column("detail", types.Json(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("settled", sa.String(length=500), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
    )
    op.create_index(op.f("ix_discrepancy_envelope_id"), "discrepancy", ["envelope_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("actor_id", types.Id(), nullable=False),
        sa.Column("form", sa.String(length=160), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("fields", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "form", name=op.f("pk_draft")),
    )
    op.create_table(
        "envelope",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("terminal_id", types.Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("command", sa.String(length=64), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("actor_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("problems", types.Json(), nullable=False),
        sa.Column("feed_seq", sa.BigInteger(), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_envelope")),
        sa.UniqueConstraint("id"),
    )
    op.create_index(
        "ix_envelope_due",
        "envelope",
        ["due"],
        unique=False,
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_index("ix_envelope_state", "envelope", ["state", "seq"], unique=False)
    op.create_index("ix_envelope_terminal", "envelope", ["terminal_id", "number"], unique=False)
    op.create_table(
        "feed",
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("row_id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("entity", "row_id", name=op.f("pk_feed")),
    )
    op.create_index(op.f("ix_feed_seq"), "feed", ["seq"], unique=False)
    op.create_index(op.f("ix_feed_turn"), "feed", ["turn"], unique=False)
    op.create_table(
        "feed_head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_head")),
    )
    op.create_table(
        "feed_turn",
        sa.Column("turn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("turn", name=op.f("pk_feed_turn")),
    )
    op.create_table(
        "health_record",
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("odometer", sa.BigInteger(), nullable=True),
        sa.Column("battery", types.QuantityType(), nullable=True),
        sa.Column("front_tyre", types.QuantityType(), nullable=True),
        sa.Column("rear_tyre", types.QuantityType(), nullable=True),
        sa.Column("notes", sa.String(length=1000), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_record")),
    )
    op.create_index(op.f("ix_health_record_order_id"), "health_record", ["order_id"], unique=False)
    op.create_table(
        "held_row",
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("row_id", types.Id(), nullable=False),
        sa.Column("image", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("entity", "row_id", name=op.f("pk_held_row")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "note",
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("row_id", types.Id(), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_row_id"), "note", ["row_id"], unique=False)
    op.create_table(
        "number_granted",
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("series", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "series", "period", name=op.f("pk_number_granted")),
    )
    op.create_table(
        "number_lease",
        sa.Column("series", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("static", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", "period", name=op.f("pk_number_lease")),
    )
    op.create_table(
        "organisation",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("parent_id", types.Id(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("prices_with_tax", sa.Boolean(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_index(op.f("ix_organisation_org_id_name"), "organisation", ["org_id", "name"], unique=False)
    op.create_index(op.f("ix_organisation_parent_id"), "organisation", ["parent_id"], unique=False)
    op.create_table(
        "part",
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("names", types.Json(), nullable=True),
        sa.Column("description", sa.String(length=5000), nullable=True),
        sa.Column("category", sa.String(length=120), nullable=True),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("mpn", sa.String(length=80), nullable=True),
        sa.Column("cost", money.MoneyType(), nullable=True),
        sa.Column("price", money.MoneyType(), nullable=True),
        sa.Column("least", types.QuantityType(), nullable=True),
        sa.Column("reorder", types.QuantityType(), nullable=True),
        sa.Column("most", types.QuantityType(), nullable=True),
        sa.Column("tracking", sa.String(length=32), nullable=False),
        sa.Column("core", sa.Boolean(), nullable=False),
        sa.Column("deposit", money.MoneyType(), nullable=True),
        sa.Column("extra", types.Json(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part")),
    )
    op.create_index("ix_part_mpn", "part", ["org_id", "mpn"], unique=False)
    op.create_index("ix_part_name", "part", ["org_id", "name"], unique=False)
    op.create_index(op.f("ix_part_org_id_code"), "part", ["org_id", "code"], unique=False)
    op.create_table(
        "part_bin",
        sa.Column("part_id", types.Id(), nullable=False),
        sa.Column("bin_id", types.Id(), nullable=False),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part_bin")),
    )
    op.create_index(op.f("ix_part_bin_bin_id"), "part_bin", ["bin_id"], unique=False)
    op.create_index(op.f("ix_part_bin_part_id"), "part_bin", ["part_id"], unique=False)
    op.create_table(
        "part_line",
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("part_id", types.Id(), nullable=False),
        sa.Column("planned", types.QuantityType(), nullable=False),
        sa.Column("price", money.MoneyType(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part_line")),
    )
    op.create_index(op.f("ix_part_line_order_id"), "part_line", ["order_id"], unique=False)
    op.create_index(op.f("ix_part_line_part_id"), "part_line", ["part_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("home", sa.String(length=3), nullable=True),
        sa.Column("pin", sa.String(length=255), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(op.f("ix_person_org_id_username"), "person", ["org_id", "username"], unique=False)
    op.create_table(
        "presence",
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("terminal_id", types.Id(), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("started", types.UtcTime(), nullable=False),
        sa.Column("ended", types.UtcTime(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence")),
    )
    op.create_index(op.f("ix_presence_person_id"), "presence", ["person_id"], unique=False)
    op.create_index(op.f("ix_presence_terminal_id"), "presence", ["terminal_id"], unique=False)
    op.create_table(
        "reservation",
        sa.Column("part_id", types.Id(), nullable=False),
        sa.Column("warehouse_id", types.Id(), nullable=False),
        sa.Column("source_id", types.Id(), nullable=False),
        sa.Column("quantity", types.QuantityType(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
    )
    op.create_index(op.f("ix_reservation_part_id"), "reservation", ["part_id"], unique=False)
    op.create_index(op.f("ix_reservation_source_id"), "reservation", ["source_id"], unique=False)
    op.create_index(op.f("ix_reservation_warehouse_id"), "reservation", ["warehouse_id"], unique=False)
    op.create_table(
        "role",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("grants", types.Json(), nullable=True),
        sa.Column("needs_pin", sa.Boolean(), nullable=False),
        sa.Column("home", sa.String(length=3), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
    )
    op.create_index(op.f("ix_role_org_id_code"), "role", ["org_id", "code"], unique=False)
    op.create_table(
        "scan_log",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("text", sa.String(length=4096), nullable=False),
        sa.Column("symbology", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("actor_id", types.Id(), nullable=True),
        sa.Column("context", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("said", sa.String(length=255), nullable=False),
        sa.Column("command_id", types.Id(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_log")),
    )
    op.create_index("ix_scan_log_org", "scan_log", ["org_id", "at"], unique=False)
    op.create_table(
        "service_line",
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("what", sa.String(length=255), nullable=False),
        sa.Column("hours", types.QuantityType(), nullable=False),
        sa.Column("rate", money.MoneyType(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_line")),
    )
    op.create_index(op.f("ix_service_line_order_id"), "service_line", ["order_id"], unique=False)
    op.create_table(
        "setting_value",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("place_id", types.Id(), nullable=True),
        sa.Column("value", types.Json(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_value")),
    )
    op.create_index(op.f("ix_setting_value_place_id"), "setting_value", ["place_id"], unique=False)
    op.create_table(
        "site",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_index(op.f("ix_site_org_id_code"), "site", ["org_id", "code"], unique=False)
    op.create_table(
        "stock_line",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("part_id", types.Id(), nullable=False),
        sa.Column("bin_id", types.Id(), nullable=False),
        sa.Column("warehouse_id", types.Id(), nullable=False),
        sa.Column("lot", sa.String(length=60), nullable=True),
        sa.Column("quantity", types.QuantityType(), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("cost", money.MoneyType(), nullable=True),
        sa.Column("source_id", types.Id(), nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=True),
        sa.Column("reverses_id", types.Id(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_line")),
    )
    op.create_index("ix_stock_line_balance", "stock_line", ["part_id", "bin_id", "stamp"], unique=False)
    op.create_index("ix_stock_line_bin", "stock_line", ["bin_id", "stamp"], unique=False)
    op.create_index("ix_stock_line_newest", "stock_line", ["stamp", "org_id"], unique=False)
    op.create_index(
        "ix_stock_line_reverses_id",
        "stock_line",
        ["reverses_id"],
        unique=False,
        sqlite_where=sa.text("reverses_id IS NOT NULL"),
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.create_index("ix_stock_line_usage", "stock_line", ["source_id", "part_id"], unique=False)
    op.create_table(
        "touch",
        sa.Column("row_id", types.Id(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wrote", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", "seq", name=op.f("pk_touch")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_touch_seq", "touch", ["seq"], unique=False)
    op.create_table(
        "usage",
        sa.Column("source_id", types.Id(), nullable=False),
        sa.Column("part_id", types.Id(), nullable=False),
        sa.Column("issued", types.QuantityType(), nullable=False),
        sa.Column("returned", types.QuantityType(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "part_id", name=op.f("pk_usage")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "vehicle",
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=True),
        sa.Column("vin", sa.String(length=24), nullable=True),
        sa.Column("make", sa.String(length=60), nullable=True),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=True),
        sa.Column("odometer", sa.BigInteger(), nullable=True),
        sa.Column("extra", types.Json(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
    )
    op.create_index(op.f("ix_vehicle_customer_id"), "vehicle", ["customer_id"], unique=False)
    op.create_index(op.f("ix_vehicle_org_id_plate"), "vehicle", ["org_id", "plate"], unique=False)
    op.create_index("ix_vehicle_vin", "vehicle", ["org_id", "vin"], unique=False)
    op.create_table(
        "warehouse",
        sa.Column("site_id", types.Id(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("policy", sa.String(length=32), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse")),
    )
    op.create_index(op.f("ix_warehouse_org_id_code"), "warehouse", ["org_id", "code"], unique=False)
    op.create_index(op.f("ix_warehouse_site_id"), "warehouse", ["site_id"], unique=False)
    op.create_table(
        "work_order",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("site_id", types.Id(), nullable=False),
        sa.Column("warehouse_id", types.Id(), nullable=True),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("vehicle_id", types.Id(), nullable=True),
        sa.Column("what", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("hold", sa.String(length=32), nullable=True),
        sa.Column("priority", sa.String(length=32), nullable=False),
        sa.Column("assignee_id", types.Id(), nullable=True),
        sa.Column("bay", sa.String(length=24), nullable=True),
        sa.Column("promised", types.UtcTime(), nullable=True),
        sa.Column("odometer", sa.BigInteger(), nullable=True),
        sa.Column("agreed_how", sa.String(length=80), nullable=True),
        sa.Column("agreed_at", types.UtcTime(), nullable=True),
        sa.Column("extra", types.Json(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order")),
    )
    op.create_index(op.f("ix_work_order_assignee_id"), "work_order", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_work_order_customer_id"), "work_order", ["customer_id"], unique=False)
    op.create_index(op.f("ix_work_order_org_id_number"), "work_order", ["org_id", "number"], unique=False)
    op.create_index(op.f("ix_work_order_site_id"), "work_order", ["site_id"], unique=False)
    op.create_index("ix_work_order_state", "work_order", ["org_id", "state"], unique=False)
    op.create_index(op.f("ix_work_order_vehicle_id"), "work_order", ["vehicle_id"], unique=False)
    op.create_index(op.f("ix_work_order_warehouse_id"), "work_order", ["warehouse_id"], unique=False)
    op.create_index("ix_part_code_any_case", "part", ["org_id", sa.text("upper(code)")])
    lite = op.get_context().dialect.name == "sqlite"
    for step in (search.LITE_TABLE,) if lite else (search.POST_TABLE, search.POST_INDEX):
        op.execute(step)
    for step in feed.LITE_NUMBERS_INSIDE_COMMIT if lite else feed.POST_NUMBERS_INSIDE_COMMIT:
        op.execute(step)
