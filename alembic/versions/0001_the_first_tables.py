"""The first tables: organisations, keys, rosters, instruments, pulses, collecting, releases."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NEVER_SAMPLED = {
    "invitation": ("pulse_id", "digest", "unit", "receipt"),
    "response": ("pulse_id", "id", "unit", "bands", "answers"),
}


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("pulse_id", "digest", name=op.f("pk_invitation")),
        postgresql_partition_by="LIST (pulse_id)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "response",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pulse_id", "id", name=op.f("pk_response")),
        postgresql_partition_by="LIST (pulse_id)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_api_key_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
    )
    op.create_table(
        "instrument",
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_instrument_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", "version", name=op.f("pk_instrument")),
    )
    op.create_table(
        "pulse",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("bands", sa.Text(), nullable=False),
        sa.Column("crosses", sa.Text(), nullable=False),
        sa.Column("classes", sa.Text(), nullable=False),
        sa.Column("pools", sa.Text(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("roster", sa.Text(), nullable=True),
        sa.Column("collected", sa.Text(), nullable=True),
        sa.Column("policy_hash", sa.String(length=71), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_pulse_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulse")),
    )
    op.create_index(op.f("ix_pulse_organisation_id"), "pulse", ["organisation_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_unit_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "number", name=op.f("pk_unit")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_unit_organisation_id")),
    )
    op.create_table(
        "release",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("attack_report", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_release_organisation_id")),
        sa.ForeignKeyConstraint(["pulse_id"], ["pulse.id"], name=op.f("fk_release_pulse_id")),
        sa.PrimaryKeyConstraint("pulse_id", name=op.f("pk_release")),
    )
    op.create_index(op.f("ix_release_organisation_id"), "release", ["organisation_id"], unique=False)
    op.create_table(
        "sealed",
        sa.Column("pulse_id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("attack_report", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["pulse_id"], ["pulse.id"], name=op.f("fk_sealed_pulse_id")),
        sa.PrimaryKeyConstraint("pulse_id", name=op.f("pk_sealed")),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("api_key_id", sa.String(length=16), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_session_api_key_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
    )
    op.create_table(
        "unit_version",
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "number"],
            ["unit.organisation_id", "unit.number"],
            name=op.f("fk_unit_version_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "number", "valid_from", name=op.f("pk_unit_version")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # What is analysed is sampled into a catalogue, where samples outlive the rows.
        for table, columns in _NEVER_SAMPLED.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def downgrade() -> None:
    op.drop_table("unit_version")
    op.drop_table("session")
    op.drop_table("sealed")
    op.drop_index(op.f("ix_release_organisation_id"), table_name="release")
    op.drop_table("release")
    op.drop_table("unit")
    op.drop_index(op.f("ix_pulse_organisation_id"), table_name="pulse")
    op.drop_table("pulse")
    op.drop_table("instrument")
    op.drop_table("api_key")
    op.drop_table("response")
    op.drop_table("organisation")
    op.drop_table("invitation")
