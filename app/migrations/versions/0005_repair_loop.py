"""repair loop: taxes, procedures, the clock, quotes, payments and old parts; jobs say more of their lines and checks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel import money, types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "charge_line",
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("what", sa.String(length=255), nullable=False),
        sa.Column("amount", money.MoneyType(), nullable=False),
        sa.Column("tax_id", types.Id(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge_line")),
    )
    op.create_index(op.f("ix_charge_line_order_id"), "charge_line", ["order_id"], unique=False)
    op.create_table(
        "core",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("site_id", types.Id(), nullable=False),
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("part_id", types.Id(), nullable=False),
        sa.Column("quantity", types.QuantityType(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("deposit", money.MoneyType(), nullable=True),
        sa.Column("due", types.DayType(), nullable=True),
        sa.Column("bin_id", types.Id(), nullable=True),
        sa.Column("supplier", sa.String(length=120), nullable=True),
        sa.Column("credit", sa.String(length=80), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core")),
    )
    op.create_index(op.f("ix_core_order_id"), "core", ["order_id"], unique=False)
    op.create_index(op.f("ix_core_org_id_number"), "core", ["org_id", "number"], unique=False)
    op.create_index(op.f("ix_core_part_id"), "core", ["part_id"], unique=False)
    op.create_index(op.f("ix_core_site_id"), "core", ["site_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("explained", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("amount", money.MoneyType(), nullable=False),
        sa.Column("notes", sa.String(length=1000), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_order_id"), "delivery", ["order_id"], unique=False)
    op.create_table(
        "drawer",
        sa.Column("site_id", types.Id(), nullable=False),
        sa.Column("desk_id", types.Id(), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("began_with", money.MoneyType(), nullable=False),
        sa.Column("expected", money.MoneyType(), nullable=True),
        sa.Column("counted", money.MoneyType(), nullable=True),
        sa.Column("counted_at", types.UtcTime(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawer")),
    )
    op.create_index(op.f("ix_drawer_desk_id"), "drawer", ["desk_id"], unique=False)
    op.create_index(op.f("ix_drawer_org_id_number"), "drawer", ["org_id", "number"], unique=False)
    op.create_index(op.f("ix_drawer_site_id"), "drawer", ["site_id"], unique=False)
    op.create_table(
        "order_step",
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("service_id", types.Id(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=500), nullable=False),
        sa.Column("tools", sa.String(length=200), nullable=True),
        sa.Column("hazard", sa.String(length=200), nullable=True),
        sa.Column("torque", types.QuantityType(), nullable=True),
        sa.Column("tolerance", types.QuantityType(), nullable=True),
        sa.Column("measured", types.QuantityType(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("done_at", types.UtcTime(), nullable=True),
        sa.Column("done_by", types.Id(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_step")),
    )
    op.create_index(op.f("ix_order_step_order_id"), "order_step", ["order_id"], unique=False)
    op.create_table(
        "package",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package")),
    )
    op.create_index(op.f("ix_package_org_id_code"), "package", ["org_id", "code"], unique=False)
    op.create_table(
        "package_item",
        sa.Column("package_id", types.Id(), nullable=False),
        sa.Column("procedure_id", types.Id(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_item")),
    )
    op.create_index(op.f("ix_package_item_package_id"), "package_item", ["package_id"], unique=False)
    op.create_index(op.f("ix_package_item_procedure_id"), "package_item", ["procedure_id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("site_id", types.Id(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("amount", money.MoneyType(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("drawer_id", types.Id(), nullable=True),
        sa.Column("refund_of_id", types.Id(), nullable=True),
        sa.Column("quote_id", types.Id(), nullable=True),
        sa.Column("provider", sa.String(length=40), nullable=True),
        sa.Column("provider_ref", sa.String(length=120), nullable=True),
        sa.Column("settled_at", types.UtcTime(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    op.create_index(op.f("ix_payment_drawer_id"), "payment", ["drawer_id"], unique=False)
    op.create_index(op.f("ix_payment_order_id"), "payment", ["order_id"], unique=False)
    op.create_index(op.f("ix_payment_org_id_number"), "payment", ["org_id", "number"], unique=False)
    op.create_index(op.f("ix_payment_org_id_provider_ref"), "payment", ["org_id", "provider_ref"], unique=False)
    op.create_index(op.f("ix_payment_refund_of_id"), "payment", ["refund_of_id"], unique=False)
    op.create_index(op.f("ix_payment_site_id"), "payment", ["site_id"], unique=False)
    op.create_table(
        "procedure",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("make", sa.String(length=60), nullable=True),
        sa.Column("model", sa.String(length=80), nullable=True),
        sa.Column("method", sa.String(length=1000), nullable=True),
        sa.Column("hours", types.QuantityType(), nullable=False),
        sa.Column("price", money.MoneyType(), nullable=True),
        sa.Column("tax_code", sa.String(length=16), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure")),
    )
    op.create_index(op.f("ix_procedure_org_id_code"), "procedure", ["org_id", "code"], unique=False)
    op.create_table(
        "procedure_part",
        sa.Column("procedure_id", types.Id(), nullable=False),
        sa.Column("part_id", types.Id(), nullable=False),
        sa.Column("quantity", types.QuantityType(), nullable=False),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_part")),
    )
    op.create_index(op.f("ix_procedure_part_part_id"), "procedure_part", ["part_id"], unique=False)
    op.create_index(op.f("ix_procedure_part_procedure_id"), "procedure_part", ["procedure_id"], unique=False)
    op.create_table(
        "procedure_step",
        sa.Column("procedure_id", types.Id(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=500), nullable=False),
        sa.Column("tools", sa.String(length=200), nullable=True),
        sa.Column("hazard", sa.String(length=200), nullable=True),
        sa.Column("torque", types.QuantityType(), nullable=True),
        sa.Column("tolerance", types.QuantityType(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_step")),
    )
    op.create_index(op.f("ix_procedure_step_procedure_id"), "procedure_step", ["procedure_id"], unique=False)
    op.create_table(
        "quote",
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("site_id", types.Id(), nullable=False),
        sa.Column("number", sa.String(length=48), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("supplement", sa.Boolean(), nullable=False),
        sa.Column("inclusive", sa.Boolean(), nullable=False),
        sa.Column("lines", types.Json(), nullable=True),
        sa.Column("taxes", types.Json(), nullable=True),
        sa.Column("net", money.MoneyType(), nullable=False),
        sa.Column("tax", money.MoneyType(), nullable=False),
        sa.Column("gross", money.MoneyType(), nullable=False),
        sa.Column("published_at", types.UtcTime(), nullable=True),
        sa.Column("decided_at", types.UtcTime(), nullable=True),
        sa.Column("signer", sa.String(length=120), nullable=True),
        sa.Column("strokes", types.Json(), nullable=True),
        sa.Column("picture", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
    )
    op.create_index(op.f("ix_quote_order_id"), "quote", ["order_id"], unique=False)
    op.create_index(op.f("ix_quote_org_id_number"), "quote", ["org_id", "number"], unique=False)
    op.create_index(op.f("ix_quote_site_id"), "quote", ["site_id"], unique=False)
    op.create_table(
        "shift",
        sa.Column("site_id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("pause", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index(op.f("ix_shift_site_id"), "shift", ["site_id"], unique=False)
    op.create_table(
        "stint",
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("order_id", types.Id(), nullable=True),
        sa.Column("shift_id", types.Id(), nullable=True),
        sa.Column("day", types.DayType(), nullable=False),
        sa.Column("started", types.UtcTime(), nullable=False),
        sa.Column("ended", types.UtcTime(), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stint")),
    )
    op.create_index(op.f("ix_stint_order_id"), "stint", ["order_id"], unique=False)
    op.create_index(op.f("ix_stint_person_id"), "stint", ["person_id"], unique=False)
    op.create_index("ix_stint_time", "stint", ["person_id", "started"], unique=False)
    op.create_table(
        "tax_code",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("percent", types.QuantityType(), nullable=False),
        sa.Column("valid_from", types.DayType(), nullable=True),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("org_id", types.Id(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("made_at", types.UtcTime(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_code")),
    )
    op.add_column("health_record", sa.Column("kind", sa.String(length=32), nullable=False, server_default="handover"))
    op.add_column("health_record", sa.Column("rpm", sa.BigInteger(), nullable=True))
    op.add_column("health_record", sa.Column("coolant", types.QuantityType(), nullable=True))
    op.add_column("health_record", sa.Column("oil", types.QuantityType(), nullable=True))
    op.add_column("part", sa.Column("tax_code", sa.String(length=16), nullable=True))
    op.add_column("part_line", sa.Column("tax_id", types.Id(), nullable=True))
    op.add_column("part_line", sa.Column("procedure_id", types.Id(), nullable=True))
    op.add_column("part_line", sa.Column("optional", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("service_line", sa.Column("price", money.MoneyType(), nullable=True))
    op.add_column("service_line", sa.Column("tax_id", types.Id(), nullable=True))
    op.add_column("service_line", sa.Column("procedure_id", types.Id(), nullable=True))
