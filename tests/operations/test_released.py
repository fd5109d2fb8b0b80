"""The schema `released` holds what the API answers a key of the whole organisation; a role reads that and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, text

from service.errors import Conflict, InvalidQuery, NotFound
from service.exports.columns import TABLE
from service.exports.method import METHOD
from service.operations import access, audit, bi
from service.operations.doctor import examine
from service.operations.released import TABLES, refresh
from service.operations.stir import stir
from service.store import findings, released
from service.store.database import Database
from service.store.migrate import downgrade, upgrade
from service.store.snapshot import snapshot
from service.store.tables import hold
from tests.operations.test_report import pulse

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tables.md").read_text("utf-8")

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def made(doors: Any) -> list[str]:
    made = [pulse(doors, {"north": 15, "south": south}) for south in (15, 21)]
    for it in made:
        doors.ok("GET", f"/v1/changes?pulse={it}")  # computed because somebody asks
    return made


def columns(name: str) -> list[str]:
    return [column.name for column in TABLE[name].columns]


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def stored(doors: Any, name: str) -> list[dict[str, Any]]:
    said = ", ".join(f'"{column}"' for column in columns(name))
    with doors.parts.database.read() as tx:
        rows = tx.execute(text(f"SELECT {said} FROM released.{name}")).all()
    return [{key: plain(value) for key, value in row._mapping.items()} for row in rows]


def answered(doors: Any, made: list[str], name: str) -> list[dict[str, Any]]:
    """By the API: trends as they stand, everything else of each pulse."""
    paths = ["/v1/trends?"] if name == "trends" else [f"/v1/{name}?pulse={it}&" for it in made]
    lines = [line for path in paths for line in doors.call("GET", f"{path}format=ndjson").text.splitlines()]
    return [json.loads(line) for line in lines]


def in_order(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row) for row in rows)


def test_every_table_is_what_the_api_answers_row_by_row(doors: Any, made: list[str]) -> None:
    for name in TABLES:
        shown = answered(doors, made, name)
        assert shown, name
        assert in_order(stored(doors, name)) == in_order(shown), name


def test_trends_of_the_newest_pulse_take_the_place_of_those_before(doors: Any) -> None:
    made = []
    for south in (15, 21):
        made.append(pulse(doors, {"north": 15, "south": south}))
        doors.ok("GET", "/v1/changes")
        shown = answered(doors, made, "trends")
        assert {row["pulse"] for row in shown} == set(made)
        assert in_order(stored(doors, "trends")) == in_order(shown)


def test_columns_and_their_comments_are_the_dictionarys(doors: Any, made: list[str]) -> None:
    refresh(doors.parts.database)
    query = "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute WHERE attnum > 0 AND attrelid = "
    with doors.parts.database.read() as tx:
        for name in TABLES:
            found = tx.execute(text(f"{query}CAST('released.{name}' AS regclass) ORDER BY attnum")).all()
            assert [column for column, _ in found] == ["organisation", "as_of", *columns(name)]
            for column, (_, comment) in zip(TABLE[name].columns, found[2:], strict=True):
                assert comment == (f"[{column.unit}] {column.description}" if column.unit else column.description)


def test_forgotten_with_the_findings_and_filled_again(doors: Any, made: list[str]) -> None:
    database = doors.parts.database
    before = {name: in_order(stored(doors, name)) for name in TABLES}
    with database.begin() as tx:
        findings.forget_later(tx, made[0])
    assert {row["pulse"] for row in stored(doors, "results")} == {made[0]}
    assert stored(doors, "trends") == []
    assert refresh(database) == []  # its findings are due: there is nothing to fill it with
    doors.ok("GET", "/v1/changes")
    assert {name: in_order(stored(doors, name)) for name in TABLES} == before
    assert refresh(database) == []
    with database.begin() as tx:  # as one that looked for what is missing before this was filled
        assert released.claim(tx, released.Missing(doors.organisation, made[0]), METHOD) is False


def test_releases_from_before_the_schema_are_filled(doors: Any, made: list[str]) -> None:
    database = doors.parts.database
    before = {name: in_order(stored(doors, name)) for name in TABLES}
    downgrade(database, "0010")
    with database.read() as tx:
        assert not tx.scalar(text("SELECT 1 FROM pg_namespace WHERE nspname = 'released'"))
    upgrade(database)
    assert sorted(refresh(database)) == sorted(made)
    assert {name: in_order(stored(doors, name)) for name in TABLES} == before


@pytest.fixture
def role(doors: Any, made: list[str]) -> Iterator[tuple[str, str]]:
    """A name that no other test's database knows, and its address."""
    name = f"bi_{made[0]}"
    given = bi.grant(doors.parts.database, access.operator(doors.organisation), name)
    url = make_url(doors.parts.settings.database_url)
    yield name, f"host={url.host} port={url.port} dbname={url.database} user={name} password={given.password}"
    with doors.parts.database.begin() as tx:
        tx.exec_driver_sql(f"DROP OWNED BY {name}; ")
        tx.exec_driver_sql(f"DROP ROLE {name}")


def as_role(address: str, statement: str) -> list[Any]:
    with psycopg.connect(address, autocommit=True) as connection:
        done = connection.execute(statement.encode())
        return done.fetchall() if done.description else []


REFUSED = {
    "another table": "SELECT * FROM public.release",
    "keys": "SELECT * FROM public.api_key",
    "what is not filled": "SELECT * FROM released.filled",
    "writing": "SET TRANSACTION READ WRITE; DELETE FROM released.results",
    "giving itself an organisation": "SET TRANSACTION READ WRITE; UPDATE released.reader SET organisation = 'x'",
    "a table of its own there": "SET TRANSACTION READ WRITE; CREATE TABLE released.mine (it int)",
    "a table of its own": "SET TRANSACTION READ WRITE; CREATE TABLE public.mine (it int)",
    "a file": "SELECT pg_read_file('/etc/passwd')",
    "a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "the owner": "SET ROLE redwood",
    "the owner's session": "SET SESSION AUTHORIZATION redwood",
    "past row security": "SET row_security = off; SELECT * FROM released.results",
    "being a superuser": "SET TRANSACTION READ WRITE; ALTER ROLE current_user SUPERUSER",
    "the server's settings": "ALTER SYSTEM SET log_statement = 'all'",
    "what others wait for": "SET TRANSACTION READ WRITE; SELECT * FROM public.hold FOR UPDATE",
    "the table of that": "BEGIN; LOCK TABLE public.hold IN ACCESS SHARE MODE",
    "the revision": "BEGIN; LOCK TABLE public.alembic_version IN ACCESS SHARE MODE",
    "a temporary table": "SET TRANSACTION READ WRITE; CREATE TEMP TABLE mine (it int)",
    "a large object": "SET TRANSACTION READ WRITE; SELECT lo_from_bytea(0, 'mine')",
    "an empty one": "SET TRANSACTION READ WRITE; SELECT lo_create(0)",
    "its policy": "SET TRANSACTION READ WRITE; ALTER TABLE released.results DISABLE ROW LEVEL SECURITY",
}


def test_a_role_reads_its_organisation_and_is_refused_everything_else(
    doors: Any, made: list[str], role: tuple[str, str]
) -> None:
    name, address = role
    database = doors.parts.database
    other = access.create_organisation(database, "Other Works")
    with database.begin() as tx:
        tx.execute(text("CREATE TEMP TABLE theirs ON COMMIT DROP AS SELECT * FROM released.results"))
        tx.execute(text("UPDATE theirs SET organisation = :other"), {"other": other})
        inside = tx.execute(text("INSERT INTO released.results SELECT * FROM theirs")).rowcount
        tx.execute(text("INSERT INTO released.reader VALUES ('bi_theirs', :other)"), {"other": other})
    assert as_role(address, "SELECT count(*), min(organisation), max(organisation) FROM results") == [
        (inside, doors.organisation, doors.organisation)
    ]
    assert as_role(address, "SELECT role FROM released.reader") == [(name,)]
    assert as_role(address, re.search(r"```sql\n(.*?)```", PAGE, re.DOTALL)[1])  # type: ignore[index]
    for what, statement in REFUSED.items():
        with pytest.raises(psycopg.Error) as refused:
            as_role(address, statement)
        assert refused.value.sqlstate in {"42501", "0A000", "22023"}, (what, refused.value)
    assert as_role(address, "SHOW statement_timeout") == [("1min",)]
    bi.revoke(database, access.operator(doors.organisation), name)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role(address, "SELECT * FROM released.results")


def test_a_role_that_may_more_or_reads_another_organisation_is_not_taken(
    doors: Any, made: list[str], role: tuple[str, str]
) -> None:
    database, who = doors.parts.database, access.operator(doors.organisation)
    assert bi.grant(database, who, role[0]).password is None  # once more: nothing new to tell
    other = access.operator(access.create_organisation(database, "Other Works"))
    with pytest.raises(Conflict, match="another organisation"):
        bi.grant(database, other, role[0])
    with pytest.raises(NotFound):
        bi.revoke(database, other, role[0])
    with pytest.raises(Conflict, match="superuser"):
        bi.grant(database, who, "redwood")
    with database.begin() as tx:
        tx.exec_driver_sql(f"GRANT pg_read_all_data TO {role[0]}")
    with pytest.raises(Conflict, match="member"):
        bi.grant(database, who, role[0])
    for name in ("pg_mine", "Mine", 'a"b', "a; DROP", ""):
        with pytest.raises(InvalidQuery):
            bi.grant(database, who, name)


#: Advisory locks anybody may take who may connect, and these held up three things once.
ADVISORY = """
SELECT pg_advisory_lock(7214771), pg_advisory_lock(hashtextextended('audit {organisation}', 0)),
pg_advisory_lock(hashtextextended('redwood migrations', 0))
"""


def test_no_lock_that_a_role_may_take_holds_anything_up(doors: Any, made: list[str], role: tuple[str, str]) -> None:
    database = doors.parts.database
    with ThreadPoolExecutor(1) as aside, psycopg.connect(role[1], autocommit=True) as held:
        held.execute(ADVISORY.format(organisation=doors.organisation).encode())
        held.execute(b"BEGIN")
        held.execute(b"SELECT * FROM released.results, released.trends, released.changes, released.reader LIMIT 1")
        who = access.operator(doors.organisation)
        pulse(doors, {"north": 15, "south": 15})
        assert aside.submit(stir, database).result(60) is True
        aside.submit(audit.record_all, database, [audit.Deed(who, "read", "it")]).result(60)
        aside.submit(upgrade, database).result(60)
        with snapshot(database) as rows:
            assert list(rows(hold))
    sources = [it for room in ("service", "alembic") for it in (ROOT / room).rglob("*.py")]
    assert sources
    assert [
        it.name for it in sources if "pg_advisory" in it.read_text("utf-8") or "pg_try_adv" in it.read_text("utf-8")
    ] == []


@pytest.fixture
def owned(database_url: str, postgres_server: Any) -> Iterator[tuple[str, str]]:
    """A database whose owner is no superuser: the administrator's address of it, and the owner's."""
    url = postgres_server.create_database()
    name = make_url(url).database
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE owner_{name} LOGIN CREATEROLE".encode())
        admin.execute(f"ALTER DATABASE {name} OWNER TO owner_{name}".encode())
        yield url, url.replace("redwood@", f"owner_{name}@")
        postgres_server.drop_database(url)
        admin.execute(f"DROP ROLE IF EXISTS bi_{name}, owner_{name}".encode())


def test_what_the_account_may_not_take_from_everybody_it_says(owned: tuple[str, str]) -> None:
    database, administered = Database(owned[1]), Database(owned[0])
    name = database.url.database
    upgrade(database)
    who = access.operator(access.create_organisation(database, "Owned Works"))
    assert bi.grant(database, who, f"bi_{name}").may == ("store large objects",)
    with administered.begin() as tx:
        tx.exec_driver_sql(f"GRANT TEMP ON DATABASE {name} TO PUBLIC")
        tx.exec_driver_sql(f"ALTER DATABASE {name} OWNER TO redwood")
        tx.exec_driver_sql("GRANT CREATE ON SCHEMA public TO PUBLIC")
    left = ("make temporary tables", "store large objects", "make tables in the schema public")
    assert bi.grant(database, who, f"bi_{name}").may == left
    assert bi.grant(administered, who, f"bi_{name}").may == left[2:]
    # Whose tables they are goes on making temporary ones, which is how it stirs.
    with database.begin() as tx:
        tx.exec_driver_sql("CREATE TEMP TABLE stirred (it int)")
    for it in (database, administered):
        it.dispose()


def test_doctor_says_that_a_role_is_better_off_elsewhere(doors: Any, role: tuple[str, str]) -> None:
    def found() -> list[tuple[str, bool]]:
        findings = examine(
            doors.parts.database, doors.parts.custody, "127.0.0.1", 0, secure_cookies=True, known_password=False
        )
        return [(it.verdict, role[0] in it.words) for it in findings if it.what == "bi roles"]

    assert found() == [("ok", True)]
    with psycopg.connect(role[1]):
        assert found() == [("unsafe", True)]
    bi.revoke(doors.parts.database, access.operator(doors.organisation), role[0])
    assert found() == []


def test_it_is_recorded(doors: Any, role: tuple[str, str]) -> None:
    assert [it["subject"] for it in doors.rows("/v1/audit") if it["deed"] == "bi role granted"] == [f"role {role[0]}"]
