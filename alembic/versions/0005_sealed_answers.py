"""Responses sealed a batch, unlinkable tokens beside invitations, and what is public of a pulse's keys."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Responses of before lie open, and there is no key to seal them to: they must be counted first.
    if op.get_bind().execute(sa.text("SELECT count(*) FROM pulse WHERE state = 'open'")).scalar_one():
        raise RuntimeError("Close every open pulse with the version that opened it, then migrate.")
    op.add_column("pulse", sa.Column("tokens", sa.Text(), nullable=False, server_default='["plain"]'))
    op.add_column("pulse", sa.Column("fingerprint", sa.String(length=64), nullable=True))
    op.add_column("pulse", sa.Column("sealed_to", sa.String(length=64), nullable=True))
    op.add_column("pulse", sa.Column("close_key", sa.LargeBinary(), nullable=True))
    op.add_column("pulse", sa.Column("close_tag", sa.LargeBinary(), nullable=True))
    op.add_column("pulse", sa.Column("restored", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("invitation", sa.Column("evaluated", sa.LargeBinary(), nullable=True))
    op.create_index("ix_invitation_unit", "invitation", ["pulse_id", "unit"])
    op.drop_table("response")
    op.create_table(
        "redemption",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("nullifier", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pulse_id", "nullifier", name=op.f("pk_redemption")),
        sqlite_with_rowid=False,
        postgresql_partition_by="LIST (pulse_id)",
    )
    op.create_index("ix_redemption_unit", "redemption", ["pulse_id", "unit"])
    op.create_table(
        "response",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pulse_id", "id", name=op.f("pk_response")),
        sqlite_with_rowid=False,
        postgresql_partition_by="LIST (pulse_id)",
    )
    if op.get_bind().dialect.name == "postgresql":
        # What is analysed is sampled into a catalogue, where samples outlive the rows.
        for table, columns in _NEVER_SAMPLED.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


_NEVER_SAMPLED = {
    "invitation": ("evaluated",),
    "redemption": ("pulse_id", "nullifier", "unit", "receipt"),
    "response": ("pulse_id", "id", "sealed"),
}


def downgrade() -> None:
    op.drop_table("response")
    op.drop_table("redemption")
    op.create_table(
        "response",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pulse_id", "id", name=op.f("pk_response")),
        sqlite_with_rowid=False,
        postgresql_partition_by="LIST (pulse_id)",
    )
    op.drop_index("ix_invitation_unit", "invitation")
    op.drop_column("invitation", "evaluated")
    op.drop_column("pulse", "restored")
    op.drop_column("pulse", "close_tag")
    op.drop_column("pulse", "close_key")
    op.drop_column("pulse", "sealed_to")
    op.drop_column("pulse", "fingerprint")
    op.drop_column("pulse", "tokens")
