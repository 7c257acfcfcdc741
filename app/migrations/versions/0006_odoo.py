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
    op.add_column("work_order", sa.Column("prices", sa.String(length=32), nullable=True))
