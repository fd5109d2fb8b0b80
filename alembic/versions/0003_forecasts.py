"""Leaders' forecasts, and the mean gaps that are fixed when they are first read."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecast",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("blocks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pulse_id"], ["pulse.id"], name=op.f("fk_forecast_pulse_id")),
        sa.PrimaryKeyConstraint("pulse_id", "unit_id", name=op.f("pk_forecast")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "forecast_gaps",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pulse_id"], ["pulse.id"], name=op.f("fk_forecast_gaps_pulse_id")),
        sa.PrimaryKeyConstraint("pulse_id", name=op.f("pk_forecast_gaps")),
    )


def downgrade() -> None:
    op.drop_table("forecast_gaps")
    op.drop_table("forecast")
