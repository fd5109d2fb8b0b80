"""Sessions of people whom an OpenID provider knows, who hold no key."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("session") as batch:
        batch.alter_column("api_key_id", existing_type=sa.String(length=16), nullable=True)
        batch.add_column(sa.Column("principal", sa.Text(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM session WHERE api_key_id IS NULL")
    with op.batch_alter_table("session") as batch:
        batch.drop_column("principal")
        batch.alter_column("api_key_id", existing_type=sa.String(length=16), nullable=False)
