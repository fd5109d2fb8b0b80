"""People and groups, as a directory or a file names them, for inviting and for headcounts."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NEVER_SAMPLED = {
    "person": ("id", "user_name", "folded_name", "external_id", "document", "created_at", "changed_at"),
    "person_group": ("id", "name", "folded_name", "external_id", "document", "created_at", "changed_at"),
    "membership": ("group_id", "member_id"),
}


def upgrade() -> None:
    op.create_table(
        "directory",
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=True),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("derived", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_directory_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_directory")),
    )
    op.create_table(
        "person",
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_person_organisation_id")),
        sa.UniqueConstraint("organisation_id", "folded_name", name=op.f("uq_person_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_person")),
    )
    op.create_index("ix_person_external_id", "person", ["organisation_id", "external_id"])
    op.create_table(
        "person_group",
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_person_group_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_person_group")),
    )
    op.create_index("ix_person_group_folded_name", "person_group", ["organisation_id", "folded_name"])
    op.create_index("ix_person_group_external_id", "person_group", ["organisation_id", "external_id"])
    op.create_table(
        "membership",
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("group_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "group_id"],
            ["person_group.organisation_id", "person_group.id"],
            name=op.f("fk_membership_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "group_id", "member_id", name=op.f("pk_membership")),
    )
    op.create_index("ix_membership_member_id", "membership", ["organisation_id", "member_id"])
    if op.get_bind().dialect.name == "postgresql":
        # What is analysed is sampled into a catalogue, where samples outlive the rows.
        for table, columns in _NEVER_SAMPLED.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def downgrade() -> None:
    op.drop_table("membership")
    op.drop_table("person_group")
    op.drop_table("person")
    op.drop_table("directory")
