"""erased: a customer says when they were erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.kernel import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer", sa.Column("erased", types.UtcTime(), nullable=True))
