"""What transactions hold so that others wait for them."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "hold",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_hold")),
    )
    # Made for the first time, a row is waited for also by who would rather go on.
    op.bulk_insert(table, [{"name": "stirring"}])


def downgrade() -> None:
    op.drop_table("hold")
