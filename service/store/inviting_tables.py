"""The tables of the inviting side: people, and when and how they are asked. None of answers refers to one of them.

Who needs every table there is takes `metadata` from here: it holds those of `tables` too.
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
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from service.store.tables import metadata

__all__ = [
    "delivery",
    "directory",
    "hook",
    "mailing",
    "mailing_round",
    "membership",
    "metadata",
    "person",
    "person_group",
    "schedule",
]

#: How units are made of people, how many changes of people there were and are counted in the roster, and what was odd
#: when they were last counted, in numbers.
directory = Table(
    "directory",
    metadata,
    Column("organisation_id", ForeignKey("organisation.id"), primary_key=True),
    Column("mapping", Text, nullable=True),
    Column("changes", BigInteger, nullable=False),
    Column("derived", BigInteger, nullable=False),
    Column("report", Text, nullable=True),
)

#: People, for inviting them: no table of answers refers to this one, or is ever joined with it. `folded_name` is the
#: user name as it is compared, without its case; a group's likewise.
person = Table(
    "person",
    metadata,
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False),
    Column("id", String(36), nullable=False),
    Column("user_name", Text, nullable=False),
    Column("folded_name", Text, nullable=False),
    Column("external_id", Text, nullable=True),
    Column("active", Boolean, nullable=False),
    Column("document", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("organisation_id", "id"),
    UniqueConstraint("organisation_id", "folded_name"),
    Index("ix_person_external_id", "organisation_id", "external_id"),
)

person_group = Table(
    "person_group",
    metadata,
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False),
    Column("id", String(36), nullable=False),
    Column("name", Text, nullable=False),
    Column("folded_name", Text, nullable=False),
    Column("external_id", Text, nullable=True),
    Column("document", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("organisation_id", "id"),
    Index("ix_person_group_folded_name", "organisation_id", "folded_name"),
    Index("ix_person_group_external_id", "organisation_id", "external_id"),
)

#: `member_id` is a person's or a group's.
membership = Table(
    "membership",
    metadata,
    Column("organisation_id", String(16), nullable=False),
    Column("group_id", String(36), nullable=False),
    Column("member_id", String(36), nullable=False),
    PrimaryKeyConstraint("organisation_id", "group_id", "member_id"),
    ForeignKeyConstraint(
        ["organisation_id", "group_id"], ["person_group.organisation_id", "person_group.id"], ondelete="CASCADE"
    ),
    Index("ix_membership_member_id", "organisation_id", "member_id"),
)

#: Where others are told of a pulse's steps; the secret they know us by is in custody.
hook = Table(
    "hook",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
)

#: What is still to be told, was told (then without its body), or was given up. `sealed` says whether the body is.
delivery = Table(
    "delivery",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("hook_id", ForeignKey("hook.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("event", String(40), nullable=False),
    Column("pulse_id", String(16), nullable=True),
    Column("body", LargeBinary, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("state", String(9), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=True, index=True),
    Column("trouble", Text, nullable=True),
)

#: Addresses with their invitations, sealed to a secret in custody that goes when the pulse closes. `round` is the last
#: one that was sent, 0 before the first; no time of a letter that was, and no order.
mailing = Table(
    "mailing",
    metadata,
    Column("pulse_id", String(16), nullable=False),
    Column("id", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("round", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=True),
    Column("failed", Boolean, nullable=False),
    PrimaryKeyConstraint("pulse_id", "id"),
    sqlite_with_rowid=False,
)

#: Each time everybody of a pulse is written to: the first, and reminders. Nothing of anybody in particular.
mailing_round = Table(
    "mailing_round",
    metadata,
    Column("pulse_id", String(16), nullable=False),
    Column("number", Integer, nullable=False, autoincrement=False),
    Column("on_day", Date, nullable=False),
    Column("until", Date, nullable=True),
    Column("next_at", BigInteger, nullable=True),
    Column("done", Boolean, nullable=False),
    PrimaryKeyConstraint("pulse_id", "number"),
)

#: When pulses begin and for how long, and what each is. `round` is how many began and `last_on` the day of the rule
#: that the last one was for; nobody else works on it before the second `not_before`.
schedule = Table(
    "schedule",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("hand_over", String(8), nullable=False),
    Column("baseline_every", Integer, nullable=False),
    Column("draft", Text, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("round", Integer, nullable=False),
    Column("last_on", Date, nullable=True),
    Column("next_on", Date, nullable=True),
    Column("pulse_id", String(16), nullable=True),
    Column("trouble", Text, nullable=True),
    Column("tries", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
)
