"""The tables. Migrations must add up to exactly this; a test compares them on both databases.

`invitation`, `redemption` and `response` hold no time, no sequence and no foreign key. On SQLite they are WITHOUT ROWID
with random keys, because a rowid is an arrival order; on PostgreSQL they have one partition a pulse, so that
forgetting drops the files instead of leaving dead rows in them. Of an invitation, `receipt` is set once it was spent
on a response, `evaluated` once it was exchanged for an unlinkable token: never both. A row of `response` is a sealed
batch.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

organisation = Table(
    "organisation",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("unit_id", Text, nullable=True),
    Column("label", Text, nullable=False),
    Column("made_on", Date, nullable=True),
    Column("ends_at", BigInteger, nullable=True),
)

session = Table(
    "session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("api_key_id", ForeignKey("api_key.id", ondelete="CASCADE"), nullable=True),
    Column("ends_at", BigInteger, nullable=False),
    Column("principal", Text, nullable=True),
)

unit = Table(
    "unit",
    metadata,
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False),
    Column("number", Integer, nullable=False, autoincrement=False),
    Column("id", Text, nullable=False),
    PrimaryKeyConstraint("organisation_id", "number"),
    UniqueConstraint("organisation_id", "id"),
)

unit_version = Table(
    "unit_version",
    metadata,
    Column("organisation_id", String(16), nullable=False),
    Column("number", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent_id", Text, nullable=True),
    Column("headcount", Integer, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("before", Text, nullable=True),
    PrimaryKeyConstraint("organisation_id", "number", "valid_from"),
    ForeignKeyConstraint(["organisation_id", "number"], ["unit.organisation_id", "unit.number"]),
)

instrument = Table(
    "instrument",
    metadata,
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False),
    Column("id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("organisation_id", "id", "version"),
)

pulse = Table(
    "pulse",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("items", Text, nullable=False),
    Column("bands", Text, nullable=False),
    Column("crosses", Text, nullable=False),
    Column("classes", Text, nullable=False),
    Column("pools", Text, nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("tokens", Text, nullable=False, server_default='["plain"]'),
    Column("state", String(8), nullable=False),
    Column("roster", Text, nullable=True),
    Column("collected", Text, nullable=True),
    Column("policy_hash", String(71), nullable=True),
    Column("fingerprint", String(64), nullable=True),
    Column("sealed_to", String(64), nullable=True),
    Column("close_key", LargeBinary, nullable=True),
    Column("close_tag", LargeBinary, nullable=True),
    Column("restored", Boolean, nullable=False, server_default=false()),
    Column("opened_on", Date, nullable=True),
    Column("closed_on", Date, nullable=True),
    Column("number", Integer, nullable=True),
)

invitation = Table(
    "invitation",
    metadata,
    Column("pulse_id", String(16), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("unit", Integer, nullable=False),
    Column("receipt", LargeBinary, nullable=True),
    Column("evaluated", LargeBinary, nullable=True),
    PrimaryKeyConstraint("pulse_id", "digest"),
    Index("ix_invitation_unit", "pulse_id", "unit"),
    sqlite_with_rowid=False,
    postgresql_partition_by="LIST (pulse_id)",
)

redemption = Table(
    "redemption",
    metadata,
    Column("pulse_id", String(16), nullable=False),
    Column("nullifier", LargeBinary, nullable=False),
    Column("unit", Integer, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    PrimaryKeyConstraint("pulse_id", "nullifier"),
    Index("ix_redemption_unit", "pulse_id", "unit"),
    sqlite_with_rowid=False,
    postgresql_partition_by="LIST (pulse_id)",
)

response = Table(
    "response",
    metadata,
    Column("pulse_id", String(16), nullable=False),
    Column("id", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("pulse_id", "id"),
    sqlite_with_rowid=False,
    postgresql_partition_by="LIST (pulse_id)",
)

#: Releases that are made and not yet published.
sealed = Table(
    "sealed",
    metadata,
    Column("pulse_id", ForeignKey("pulse.id"), primary_key=True),
    Column("digest", String(71), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("attack_report", LargeBinary, nullable=False),
)

release = Table(
    "release",
    metadata,
    Column("pulse_id", ForeignKey("pulse.id"), primary_key=True),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("digest", String(71), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("attack_report", LargeBinary, nullable=False),
)

#: Of each released pulse: by which method its findings were computed, and the digest of each table.
analysis = Table(
    "analysis",
    metadata,
    Column("pulse_id", ForeignKey("pulse.id"), primary_key=True),
    Column("method", String(40), nullable=False),
    Column("digests", Text, nullable=False),
)

finding = Table(
    "finding",
    metadata,
    Column("pulse_id", ForeignKey("pulse.id"), nullable=False),
    Column("name", String(40), nullable=False),
    Column("part", Integer, nullable=False, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("pulse_id", "name", "part"),
)

#: What leads expect of their teams, given with consent: a unit's row is its lead's, and goes when that is withdrawn.
#: No time and no name; without a rowid there is no order of arrival either.
forecast = Table(
    "forecast",
    metadata,
    Column("pulse_id", ForeignKey("pulse.id"), nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("blocks", Text, nullable=False),
    PrimaryKeyConstraint("pulse_id", "unit_id"),
    sqlite_with_rowid=False,
)

#: The organisation's mean gaps as they were first read: fixed, so that no withdrawal can be told by what they change.
forecast_gaps = Table(
    "forecast_gaps",
    metadata,
    Column("pulse_id", ForeignKey("pulse.id"), primary_key=True),
    Column("content", Text, nullable=False),
)

#: Who read or did what: nothing of a respondent. Triggers refuse to change or delete an entry, and each holds the hash
#: of the one before in its own, so that whoever goes around the triggers is found out.
audit = Table(
    "audit",
    metadata,
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False),
    Column("number", BigInteger, nullable=False, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("who", String(16), nullable=False),
    Column("label", Text, nullable=False),
    Column("deed", String(24), nullable=False),
    Column("subject", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("organisation_id", "number"),
)

#: Rows that say nothing, for a transaction to hold until its end while others wait or let it be: `store.holds`.
hold = Table("hold", metadata, Column("name", String(32), primary_key=True))
