"""Of each unit, by day: whose people it took over when units were renamed, merged or split."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unit_version", sa.Column("before", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("unit_version", "before")
