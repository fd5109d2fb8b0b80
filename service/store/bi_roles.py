"""PostgreSQL roles that read the schema `released` and no other row, and change none, each of one organisation.

What every role of a server may do besides is taken from all of them where the account may: see `withhold`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from service.store.database import Connection

#: What a session of such a role begins with. It may set any of them otherwise: what it may not is a matter of
#: privileges alone.
_SETTINGS = {
    "statement_timeout": "'60s'",
    "default_transaction_read_only": "on",
    "idle_in_transaction_session_timeout": "'60s'",
    "search_path": "released",
}
_CONNECTIONS = 8
_PLAIN = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"

#: What PostgreSQL lets every role do that leaves something on the disk, and whether this one still may.
_LEAVES = {
    "make temporary tables": "has_database_privilege(:role, current_database(), 'TEMP')",
    "store large objects": "EXISTS(SELECT 1 FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace "
    "AND proname ~ '^(lo_|lowrite$)' AND has_function_privilege(:role, oid, 'EXECUTE'))",
    "make tables in the schema public": "has_schema_privilege(:role, 'public', 'CREATE')",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """A role that was let in. `connected` to this very server, now."""

    role: str
    connected: bool


def exists(tx: Connection, role: str) -> bool:
    return tx.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is not None


def powers(tx: Connection, role: str) -> list[str]:
    """What a role may beyond logging in, in words: nothing of this should read for a BI tool."""
    held = "rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
    flags = tx.execute(text(f"SELECT {held} FROM pg_roles WHERE rolname = :role"), {"role": role}).one()
    named = ["is a superuser", "sees past row security", "makes roles", "makes databases", "replicates"]
    found = [name for name, is_so in zip(named, flags, strict=True) if is_so]
    member = "SELECT 1 FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = :role)"
    owns = (
        "SELECT 1 FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND deptype IN ('o', 'a') AND refobjid = "
    )
    owns += "(SELECT oid FROM pg_roles WHERE rolname = :role) AND NOT (classid = 'pg_class'::regclass AND objid IN "
    owns += "(SELECT oid FROM pg_class WHERE relnamespace = 'released'::regnamespace)) AND NOT (classid = "
    owns += "'pg_namespace'::regclass AND objid = 'released'::regnamespace)"
    found += ["is a member of another role"] if tx.scalar(text(member), {"role": role}) else []
    found += ["owns or may use something else"] if tx.scalar(text(owns), {"role": role}) else []
    return found


def create(tx: Connection, role: str, password: str) -> None:
    """A role that may log in. The server is sent what it keeps of the password, never the password."""
    name, server = _name(tx, role), tx.connection.driver_connection.pgconn  # type: ignore[union-attr]
    verifier = server.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    tx.exec_driver_sql(f"CREATE ROLE {name} LOGIN {_PLAIN} CONNECTION LIMIT {_CONNECTIONS} PASSWORD '{verifier}'")


def grant(tx: Connection, role: str, organisation: str, tables: Sequence[str]) -> None:
    name, database = _name(tx, role), _name(tx, str(tx.scalar(text("SELECT current_database()"))))
    for setting, value in _SETTINGS.items():
        tx.exec_driver_sql(f"ALTER ROLE {name} IN DATABASE {database} SET {setting} = {value}")
    tx.exec_driver_sql(f"GRANT USAGE ON SCHEMA released TO {name}")
    for table in (*tables, "reader"):
        tx.exec_driver_sql(f"GRANT SELECT ON released.{table} TO {name}")
    said = "INSERT INTO released.reader VALUES (:role, :organisation) "
    said += "ON CONFLICT (role) DO UPDATE SET organisation = excluded.organisation"
    tx.execute(text(said), {"role": role, "organisation": organisation})


def withhold(tx: Connection, role: str) -> list[str]:
    """Take from every role what this account may take: temporary tables as the database's owner, large objects as a
    superuser. What the role still may do after that, in words."""
    database = _name(tx, str(tx.scalar(text("SELECT current_database()"))))
    owner = "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
    if tx.scalar(text(owner)):
        # Who stirs makes temporary tables, and may not be the database's owner.
        ours = tx.scalar(text("SELECT relowner::regrole::text FROM pg_class WHERE oid = 'organisation'::regclass"))
        tx.exec_driver_sql(f"GRANT TEMP ON DATABASE {database} TO {ours}")
        tx.exec_driver_sql(f"REVOKE TEMP ON DATABASE {database} FROM PUBLIC")
    if tx.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        storing = "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace "
        for function in tx.scalars(text(storing + "AND proname ~ '^(lo_|lowrite$)'")).all():
            tx.exec_driver_sql(f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC")
    return [words for words, may in _LEAVES.items() if tx.scalar(text(f"SELECT {may}"), {"role": role})]


def readers(tx: Connection) -> list[Reader]:
    """Those of every organisation, by name."""
    here = "EXISTS(SELECT 1 FROM pg_stat_activity WHERE usename = role AND datname = current_database())"
    query = f"SELECT role, {here} AS connected FROM released.reader WHERE role IN (SELECT rolname FROM pg_roles)"
    return [Reader(row.role, row.connected) for row in tx.execute(text(f"{query} ORDER BY role"))]


def organisation_of(tx: Connection, role: str) -> str | None:
    return tx.scalar(text("SELECT organisation FROM released.reader WHERE role = :role"), {"role": role})


def revoke(tx: Connection, role: str) -> None:
    """It may still log in, and sees nothing."""
    tx.execute(text("DELETE FROM released.reader WHERE role = :role"), {"role": role})
    if exists(tx, role):
        name, database = _name(tx, role), _name(tx, str(tx.scalar(text("SELECT current_database()"))))
        tx.exec_driver_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA released FROM {name}")
        tx.exec_driver_sql(f"REVOKE ALL ON SCHEMA released FROM {name}")
        tx.exec_driver_sql(f"ALTER ROLE {name} IN DATABASE {database} RESET ALL")


def _name(tx: Connection, name: str) -> str:
    """Quoted where it has to be."""
    return str(tx.scalar(text("SELECT quote_ident(:name)"), {"name": name}))
