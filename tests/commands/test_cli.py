"""The shell: every command of the contract, `--json` everywhere, one line of error, exit codes 1 and 2."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from pyarrow import ipc, parquet
from sqlalchemy import text

from service import cli
from service.commands import console
from service.custody.folder import Folder
from service.errors import CustodyFailed
from service.store import pulses
from service.survey.pulse import Band, Pool

CSV = "id,name,parent,headcount\nall,Everyone,,0\na,Alder,all,8\nb,Birch,all,9\n"
TOML = """
id = "own"
version = "1"
[scale]
low = 1
high = 4
[[items]]
id = "Q1"
block = "one"
text = "It works."
"""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Shell = Callable[..., Said]


@pytest.fixture
def redwood(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], empty_database_url: str, tmp_path: Path
) -> Iterator[Shell]:
    monkeypatch.setenv("REDWOOD_DATABASE_URL", empty_database_url)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roster.csv").write_text(CSV)
    (tmp_path / "own.toml").write_text(TOML)
    (tmp_path / "ragged.csv").write_text("id,Q1\na,1,2\n")
    (tmp_path / "latin.csv").write_bytes(b"id,Q1\n\xe9,1\n")

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["redwood", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def ready(redwood: Shell) -> Shell:
    for words in (
        ("migrate",),
        ("organisation", "create", "Shell Works"),
        ("roster", "import", "roster.csv", "--apply"),
        ("instrument", "import", "own.toml", "--apply"),
    ):
        assert redwood(*words).code == 0
    return redwood


def test_a_pulse_from_the_shell_alone(ready: Shell) -> None:
    pulse = ready("pulse", "create", "--instrument", "own", "--json").json["id"]
    issued = ready("invitations", pulse, "--csv").out.splitlines()
    assert issued[0] == "unit,token"
    assert len(issued) == 1 + 17
    assert ready("pulse", "open", pulse, "--json").json["state"] == "open"
    assert ready("pulse", "close", pulse, "--json").json["state"] == "closed"
    released = ready("pulse", "release", pulse, "--json").json
    assert released["release_digest"].startswith("sha256:")
    assert ready("attack", pulse, "--json").json["passed"] is True
    rows = ready("export", "results", "--json").json["data"]
    assert {row["status"] for row in rows} == {"suppressed"}
    assert ready("export", "results", "--by", "tenure").code == 1
    assert ready("export", "trends", "--format", "csv", "--out", "trends.csv").code == 0
    assert Path("trends.csv").read_text().startswith("series,unit")
    assert ready("export", "results", "--format", "parquet", "--out", "results.parquet").code == 0
    assert parquet.read_table("results.parquet").to_pylist() == rows
    assert ready("export", "results", "--format", "arrow", "--out", "results.arrow").code == 0
    assert ipc.open_stream(Path("results.arrow").read_bytes()).read_all().to_pylist() == rows


@pytest.mark.parametrize("format", ["parquet", "arrow"])
@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_columns_are_not_poured_into_a_terminal(ready: Shell, monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    said = ready("export", "trends", "--format", format)
    assert (said.code, said.out) == (2, "")
    assert "--out" in said.err
    assert ready("export", "trends", "--format", format, "--out", "trends").code == 0


@pytest.mark.parametrize("format", ["parquet", "arrow"])
@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_a_format_whose_library_is_missing_is_told(ready: Shell, monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    said = ready("export", "trends", "--format", format, "--out", "trends")
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert "`tables`" in said.err
    assert not Path("trends").exists()


def test_bands_crosses_pools_and_classes_from_the_shell(ready: Shell) -> None:
    Path("classes.csv").write_text("unit,band,value,invited\na,tenure,0-1y,3\na,tenure,1y+,5\nb,site,north,9\n")
    bands = ("--band", "tenure=0-1y,1y+", "--band", "site=north, south", "--cross", "site,tenure")
    pools = ("--pool", "small=a, b")
    pulse = ready("pulse", "create", *bands, *pools, "--classes", "classes.csv", "--json").json["id"]
    with console.database() as target, target.read() as tx:
        made = pulses.pulse_by_id(tx, pulse)
    assert made.families == (("tenure",), ("site",), ("site", "tenure"))
    assert made.bands == (Band("tenure", ("0-1y", "1y+")), Band("site", ("north", "south")))
    assert made.pools == (Pool("small", "small", ("a", "b")),)
    assert made.classes == {"a": {"tenure": {"0-1y": 3, "1y+": 5}}, "b": {"site": {"north": 9}}}


def test_classes_of_more_people_than_a_unit_has_are_told_before_anybody_is_invited(ready: Shell) -> None:
    Path("classes.csv").write_text("unit,band,value,invited\na,tenure,0-1y,9\n")
    words = ("--instrument", "own", "--band", "tenure=0-1y,1y+", "--classes", "classes.csv", "--json")
    pulse = ready("pulse", "create", *words).json["id"]
    for words in (("invitations", pulse), ("pulse", "open", pulse)):
        said = ready(*words)
        assert (said.code, said.err.count("\n")) == (1, 1)
    assert "classes[0][0]" in ready("invitations", pulse).err


def test_a_key_is_made_listed_and_revoked(ready: Shell) -> None:
    secret = ready("key", "create", "--scope", "results", "--unit", "a", "--label", "HR").out.strip()
    listed = ready("key", "list", "--json")
    assert secret not in listed.out
    (key,) = listed.json["keys"]
    made = {"made_on": str(datetime.now(UTC).date()), "ends_at": None, "state": "good"}
    assert key == {"id": key["id"], "scopes": ["results"], "unit": "a", "label": "HR", **made}
    assert ready("key", "revoke", key["id"]).code == 0
    assert ready("key", "list", "--json").json == {"keys": []}
    assert ready("key", "revoke", key["id"]).code == 1


def test_a_key_ends_and_is_rotated(ready: Shell) -> None:
    soon = datetime.now(UTC).date() + timedelta(days=3)
    ready("key", "create", "--scope", "results", "--label", "HR", "--expires", str(soon))
    (key,) = ready("key", "list", "--json").json["keys"]
    assert (key["ends_at"], key["state"]) == (f"{soon + timedelta(days=1)}T00:00:00Z", "ends soon")
    assert f"ENDS SOON {soon}  HR" in ready("key", "list").out
    said = ready("key", "rotate", key["id"], "--expires", str(soon + timedelta(days=400)), "--json").json
    assert said["key"].startswith("rw_")
    (other,) = ready("key", "list", "--json").json["keys"]
    assert (other["id"], other["label"], other["state"], said["instead_of"]) == (said["id"], "HR", "good", key["id"])
    assert ready("key", "rotate", key["id"]).code == 1
    assert ready("key", "create", "--scope", "results", "--expires", "2020-01-01").code == 1
    assert ready("key", "create", "--scope", "results", "--expires", "tomorrow").code == 2


def test_the_audit_log_is_printed_and_verified(ready: Shell) -> None:
    ready("key", "create", "--scope", "results")
    said = ready("audit", "--verify", "--json").json
    assert [it["deed"] for it in said["entries"]] == [
        "organisation made",
        "roster replaced",
        "instrument imported",
        "key made",
        "read",
    ]
    assert {it["who"] for it in said["entries"]} == {"operator"}
    assert said["head"] == {name: said["entries"][-1][name] for name in ("number", "hash")}
    assert (said["holds"], said["broken"]) == (True, None)
    printed = ready("audit", "--since", str(datetime.now(UTC).date() + timedelta(days=1))).out
    assert printed.startswith("Head: 6 "), "of a day without entries only the head"
    with console.database() as target, target.begin() as tx:
        drop = "DROP TRIGGER audit_unchanged" if target.is_sqlite else "ALTER TABLE audit DISABLE TRIGGER audit_kept"
        tx.execute(text(drop))
        tx.execute(text("UPDATE audit SET who = 'nobody' WHERE number = 2"))
    broken = ready("audit", "--verify")
    assert (broken.code, "breaks at entry 2" in broken.out) == (1, True)


def test_a_key_is_bound_to_no_unit_there_never_was(ready: Shell) -> None:
    refused = ready("key", "create", "--scope", "results", "--unit", "marmalade")
    assert (refused.code, "unit: must be in a roster" in refused.err, "marmalade" in refused.err) == (1, True, False)
    assert ready("key", "list", "--json").json == {"keys": []}
    ready("pulse", "create", "--pool", "small=a, b")
    assert ready("key", "create", "--scope", "results", "--unit", "small").code == 0


def test_imports_are_dry_runs_until_told_otherwise(redwood: Shell) -> None:
    redwood("migrate")
    redwood("organisation", "create", "Shell Works")
    said = redwood("roster", "import", "roster.csv")
    assert said.out == (
        "Would change: 3 added, 0 moved, 0 renamed, 0 resized, 0 left, 0 replacing, 0 merged, 0 split.\n"
    )
    assert redwood("roster", "import", "roster.csv", "--json").json["added"] == ["all", "a", "b"]
    assert redwood("roster", "import", "roster.csv", "--apply", "--json").json["applied"] is True
    assert redwood("roster", "import", "roster.csv").out.startswith("Would change: 0 added, 0 moved")
    assert "not imported" in redwood("instrument", "import", "own.toml").out
    assert redwood("pulse", "create", "--instrument", "own").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("pulse", "open", "nosuchpulse"),
        ("pulse", "close", "nosuchpulse"),
        ("attack", "nosuchpulse"),
        ("invitations", "nosuchpulse"),
        ("roster", "import", "missing.csv"),
        ("roster", "import", "own.toml"),
        ("instrument", "import", "roster.csv"),
        ("pulse", "create", "--band", "tenure"),
        ("pulse", "create", "--band", "tenure=a,b", "--band", "tenure=c,d"),
        ("pulse", "create", "--band", "tenure=a,a"),
        ("pulse", "create", "--cross", "tenure,site"),
        ("pulse", "create", "--pool", "nights"),
        ("pulse", "create", "--pool", "nights=a"),
        ("pulse", "create", "--classes", "missing.csv"),
        ("pulse", "create", "--classes", "latin.csv"),
        ("pulse", "create", "--classes", "roster.csv"),
        ("key", "create", "--scope", "everything"),
        ("organisation", "create", "Shell Works"),
        ("export", "results", "--pulse", "nosuchpulse"),
        ("replay", "roster.csv", "--unit", "team", "--block", "x:1-5:Q*", "--key", "rw_x"),
        ("replay", "roster.csv", "--unit", "id", "--block", "x", "--key", "rw_x"),
        ("replay", "roster.csv", "--unit", "id", "--block", "x:1-5:name", "--key", "rw_x"),
        ("replay", "ragged.csv", "--unit", "id", "--block", "x:1-5:Q*", "--key", "rw_x"),
        ("replay", "latin.csv", "--unit", "id", "--block", "x:1-5:Q*", "--key", "rw_x"),
    ],
)
@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)  # on the other none of them says another word
def test_an_error_is_one_line_on_stderr_and_exit_code_1(ready: Shell, words: tuple[str, ...]) -> None:
    said = ready(*words)
    assert said.code == 1
    assert said.out == ""
    assert said.err.startswith("redwood: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("words", [("migrate",), ("key", "list"), ("serve", "--migrate")])
def test_a_database_that_cannot_be_reached_is_told_in_one_line(
    redwood: Shell, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    Path("noise.db").write_bytes(bytes(range(256)) * 80)
    for address in (
        "sqlite:///missing/redwood.db",
        "sqlite:///noise.db",
        "postgresql://redwood:hush@127.0.0.1:1/redwood",
    ):
        monkeypatch.setenv("REDWOOD_DATABASE_URL", address)
        said = redwood(*words)
        assert (said.code, said.err.count("\n")) == (1, 1), said.err
        assert "hush" not in said.err


def test_before_the_migration_every_command_says_so_in_one_line(redwood: Shell) -> None:
    said = redwood("organisation", "create", "Too Early")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "not migrated" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("pulse", "open"),
        ("export", "secrets"),
        ("export", "trends", "--by", "tenure"),
        ("nonsense",),
        ("key", "create"),
        ("serve", "--port", "99999"),
    ],
)
def test_a_usage_error_is_exit_code_2(redwood: Shell, words: tuple[str, ...]) -> None:
    assert redwood(*words).code == 2


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "abc"), ("PORT", "70000"), ("DATABASE_URL", "mysql://u:hush@h/d")]
)
def test_a_wrong_setting_is_named_and_its_value_is_not(
    redwood: Shell, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"REDWOOD_{name}", value)
    said = redwood("doctor")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert f"REDWOOD_{name}" in said.err
    assert value not in said.err


def test_the_doctor_tells_what_is_broken_and_what_is_unsafe(redwood: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    before = redwood("doctor", "--json")
    assert before.code == 1
    assert {it["what"] for it in before.json["findings"] if it["verdict"] == "broken"} <= {"database", "migrations"}
    assert not Path("redwood.db").exists()
    redwood("migrate")
    healthy = redwood("doctor", "--json")
    assert healthy.code == 0
    assert {finding["verdict"] for finding in healthy.json["findings"]} == {"ok"}
    assert redwood("scrub", "--json").json == {"scrubbed": True, "keys_left": [], "exports_left": []}
    for file in Path().glob("redwood.db*"):
        assert file.stat().st_mode & 0o077 == 0
        file.chmod(0o644)
        assert any(it["verdict"] == "unsafe" for it in redwood("doctor", "--json").json["findings"])
    monkeypatch.setenv("REDWOOD_HOST", "0.0.0.0")
    assert any(finding["verdict"] == "unsafe" for finding in redwood("doctor", "--json").json["findings"])


def _told(redwood: Shell, what: str) -> list[tuple[str, str]]:
    found = redwood("doctor", "--json").json["findings"]
    return [(it["verdict"], it["words"]) for it in found if it["what"] == what]


def test_the_doctor_tells_where_keys_lie_and_whose_are_gone_or_left(
    ready: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keys = tmp_path_factory.mktemp("apart") / "keys"
    monkeypatch.setenv("REDWOOD_CUSTODY", f"file:{keys}")
    pulse = ready("pulse", "create", "--instrument", "own", "--json").json["id"]
    ready("invitations", pulse)
    ready("pulse", "open", pulse)
    assert [verdict for verdict, _ in _told(ready, "keys")] == ["ok"]
    keys.chmod(0o755)
    [(verdict, words)] = _told(ready, "keys")
    assert (verdict, "chmod 700" in words) == ("unsafe", True)
    keys.chmod(0o700)

    kept = (keys / f"{pulse}.close").read_bytes()
    (keys / f"{pulse}.close").unlink()
    [(verdict, words)] = _told(ready, "keys")
    assert (verdict, pulse in words, ready("doctor").code) == ("broken", True, 1)
    refused = ready("pulse", "close", pulse)
    assert (refused.code, refused.err.count("\n"), "REDWOOD_CUSTODY" in refused.err) == (1, 1, True)

    (keys / f"{pulse}.close").write_bytes(kept)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "destroy", _away)
        closed = ready("pulse", "close", pulse, "--json").json
        assert (closed["state"], closed["keys_destroyed"]) == ("closed", False)
        assert [verdict for verdict, _ in _told(ready, "keys")] == ["unsafe"]
        assert ready("scrub").code == 1
    assert ready("scrub", "--json").json == {"scrubbed": True, "keys_left": [], "exports_left": []}
    assert list(keys.iterdir()) == []
    assert [verdict for verdict, _ in _told(ready, "keys")] == ["ok"]


def _away(*_: Any) -> bool:
    raise CustodyFailed("the disk is away")


def test_keys_made_from_the_environment_are_said_to_stay(ready: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER", "a master secret of more than 32 characters")
    monkeypatch.setenv("REDWOOD_CUSTODY", "env:MASTER")
    pulse = ready("pulse", "create", "--instrument", "own", "--json").json["id"]
    ready("invitations", pulse)
    ready("pulse", "open", pulse)
    assert "Its keys are not destroyed" in ready("pulse", "close", pulse).out
    left = ready("scrub", "--json")
    assert (left.code, left.json["keys_left"]) == (1, [pulse])
    assert {verdict for verdict, _ in _told(ready, "keys")} == {"unsafe"}
    monkeypatch.setenv("MASTER", "short")
    said = ready("doctor")
    assert (said.code, "REDWOOD_CUSTODY" in said.err, "short" in said.err.replace("too short", "")) == (1, True, False)


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_the_doctor_warns_of_keys_beside_the_data(ready: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDWOOD_CUSTODY", "file:keys")
    [(verdict, words)] = _told(ready, "keys")
    assert (verdict, "beside the data" in words) == ("unsafe", True)


def test_the_doctor_warns_of_keys_that_end_soon_and_of_a_password_everybody_tries(
    ready: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(UTC).date()
    ready("key", "create", "--scope", "results", "--expires", str(today + timedelta(days=90)))
    assert [verdict for verdict, _ in _told(ready, "access")] == ["ok"]
    ready("key", "create", "--scope", "results", "--expires", str(today + timedelta(days=9)))
    soon = [key["id"] for key in ready("key", "list", "--json").json["keys"] if key["state"] == "ends soon"]
    [(verdict, words)] = _told(ready, "access")
    assert (verdict, len(soon), soon[0] in words, str(today + timedelta(days=10)) in words) == ("unsafe", 1, True, True)
    assert _told(ready, "password") == []
    monkeypatch.setenv("REDWOOD_DATABASE_URL", "postgresql://redwood:redwood@127.0.0.1:1/redwood")
    [(verdict, words)] = _told(ready, "password")
    assert (verdict, "choose a random one" in words) == ("unsafe", True)


def test_a_demo_overwrites_no_file_that_is_not_its_own(redwood: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Path("mine.db")
    mine.write_text("precious")
    said = redwood("demo", "--file", "mine.db", "--no-serve")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert mine.read_text() == "precious"
    first = redwood("demo", "--file", "new.db", "--pulses", "1", "--no-serve", "--json")
    assert first.code == 0
    assert redwood("demo", "--file", "new.db", "--no-serve", "--json").json == first.json
    assert not list(Path().glob("*.making*"))
    said = redwood("demo", "--file", "new.db", "--no-serve")
    assert all(f"{who:<10}{key}   " in said.out for who, key in first.json["keys"].items())
    monkeypatch.setenv("REDWOOD_DATABASE_URL", "sqlite:///new.db")
    known = {it["label"]: (it["scopes"], it["unit"]) for it in redwood("key", "list", "--json").json["keys"]}
    assert known["demo: manager"] == (["analytics", "manage", "results", "scim"], None)
    assert known["demo: team lead"] == (["analytics", "results"], "field-service")
    monkeypatch.setenv("REDWOOD_PORT", "abc")
    wrong = redwood("demo", "--file", "new.db", "--no-serve")
    assert (wrong.code, wrong.err.count("\n")) == (1, 1)


def test_settings_show_where_a_value_comes_from_and_no_secret(redwood: Shell, empty_database_url: str) -> None:
    rows = {row["name"]: row for row in redwood("settings", "--json").json["settings"]}
    assert rows["REDWOOD_DATABASE_URL"] | {"value": "(set)", "source": "environment"} == rows["REDWOOD_DATABASE_URL"]
    assert rows["REDWOOD_PORT"]["source"] == "default"
    assert empty_database_url not in redwood("settings").out


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _leaves(inner, (*path, name))
    else:
        yield path, command


def test_every_command_takes_json_and_says_what_it_does() -> None:
    leaves = dict(_leaves(typer.main.get_command(cli.app)))
    assert len(leaves) >= 20
    for path, command in leaves.items():
        assert any("--json" in parameter.opts for parameter in command.params), path
        assert command.help, path
