"""Findings: what was computed from a release, in parts that can be read one at a time."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "analysis",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("digests", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pulse_id"], ["pulse.id"], name=op.f("fk_analysis_pulse_id")),
        sa.PrimaryKeyConstraint("pulse_id", name=op.f("pk_analysis")),
    )
    op.create_table(
        "finding",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["pulse_id"], ["pulse.id"], name=op.f("fk_finding_pulse_id")),
        sa.PrimaryKeyConstraint("pulse_id", "name", "part", name=op.f("pk_finding")),
    )


def downgrade() -> None:
    op.drop_table("finding")
    op.drop_table("analysis")
