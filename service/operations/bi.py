"""Who may read the schema `released`: database roles for BI tools, given to one organisation and taken away."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from service.errors import Conflict, Fault, InvalidQuery, NotFound
from service.operations import audit
from service.operations.access import Principal
from service.operations.released import TABLES, describe
from service.store import bi_roles
from service.store.database import Database

_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Granted:
    """`password` only where the role was made, this once; `may` in words: what leaves something on the disk, and this
    account could not take away."""

    role: str
    password: str | None
    may: tuple[str, ...] = ()


def grant(database: Database, principal: Principal, role: str) -> Granted:
    """Let a role read the released tables of the principal's organisation; it is made where there is none.

    Raises InvalidQuery on SQLite and for a name that is none, Conflict for a role that may anything besides or reads
    another organisation.
    """
    principal.require("manage", whole=True)
    _require(database, role)
    password = None
    with database.begin() as tx:
        if not bi_roles.exists(tx, role):
            password = secrets.token_urlsafe(24)
            bi_roles.create(tx, role, password)
        elif powers := bi_roles.powers(tx, role):
            raise Conflict(f"This role {' and '.join(powers)}: choose one that may nothing but log in.")
        if bi_roles.organisation_of(tx, role) not in (None, principal.organisation):
            raise Conflict("This role reads another organisation: revoke that first, or choose another.")
        bi_roles.grant(tx, role, principal.organisation, TABLES)
        may = bi_roles.withhold(tx, role)
        describe(tx)
        audit.record(tx, principal, "bi role granted", f"role {role}")
    return Granted(role, password, tuple(may))


def revoke(database: Database, principal: Principal, role: str) -> None:
    """The role stays, and reads nothing any more. Raises NotFound where it does not read this organisation."""
    principal.require("manage", whole=True)
    _require(database, role)
    with database.begin() as tx:
        if bi_roles.organisation_of(tx, role) != principal.organisation:
            raise NotFound("role")
        bi_roles.revoke(tx, role)
        audit.record(tx, principal, "bi role revoked", f"role {role}")


def _require(database: Database, role: str) -> None:
    if database.is_sqlite:
        raise InvalidQuery([Fault("database", "must be PostgreSQL: SQLite has no roles to read by")])
    if not _ROLE.fullmatch(role) or role.startswith("pg_"):
        raise InvalidQuery(
            [Fault("role", "must be small letters, digits and _, and begin with none of pg_ or a digit")]
        )
