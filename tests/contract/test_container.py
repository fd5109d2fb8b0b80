"""Dockerfile and compose.yaml, read without an engine: what they name exists, and what they promise stands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from typer.main import get_command
from typer.testing import CliRunner

from service.cli import app
from service.settings import Settings
from tests.postgres import OPTIONS

ROOT = Path(__file__).parents[2]
VARIABLES = {f"REDWOOD_{name.upper()}" for name in Settings.model_fields}
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY|://[^/\s@]*:[^/\s@]*@")


class Instruction(NamedTuple):
    word: str
    rest: str


def instructions(text: str) -> list[Instruction]:
    """A Dockerfile's instructions: comments dropped, continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def stages(found: list[Instruction]) -> list[list[Instruction]]:
    starts = [place for place, it in enumerate(found) if it.word == "FROM"]
    return [found[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def ignored(path: str, rules: list[str]) -> bool:
    """Whether a path inside the folder is kept from the builder: the last rule that fits it or a parent decides."""
    parts = path.split("/")
    parents = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    verdict = False
    for rule in rules:
        pattern = rule.removeprefix("!")
        if any(_fits(parent, pattern) for parent in parents):
            verdict = not rule.startswith("!")
    return verdict


def _fits(path: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatchcase(path.rpartition("/")[2], pattern.removeprefix("**/"))
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)


PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
FOUND = instructions((ROOT / "Dockerfile").read_text())
BROWSER, BUILD, FINAL = stages(FOUND)
RULES = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def of(stage: list[Instruction], word: str) -> list[str]:
    return [it.rest for it in stage if it.word == word]


def variables(stage: list[Instruction]) -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(of(stage, "ENV"))))


def copied() -> list[str]:
    """What is copied out of the folder, not out of another stage."""
    return [source for rest in of(FOUND, "COPY") if not rest.startswith("--from") for source in rest.split()[:-1]]


def test_the_readers_read() -> None:
    found = instructions("FROM a\n# RUN no\nENV A=1 \\\n    # between\n    B=2\nUSER x\n")
    assert found == [("FROM", "a"), ("ENV", "A=1      B=2"), ("USER", "x")]
    rules = ["*", "!service", "**/*.py[co]"]
    assert not ignored("service/api/app.py", rules)
    assert ignored("service/api/app.pyc", rules)
    assert ignored("tests/doors.py", rules)
    assert ignored(".git", rules)


# The image


def test_everything_copied_is_there_and_sent() -> None:
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert not ignored(source, RULES), source


def test_what_the_wheel_is_made_of_is_copied() -> None:
    project = PYPROJECT["project"]
    wheel = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = {project["readme"], *project["license-files"], *wheel["packages"], *wheel["force-include"]}
    assert {*wanted, "pyproject.toml", "constraints.txt", "browser"} == set(copied())


def test_the_browsers_part_is_built_from_what_is_locked_and_lies_where_pages_look() -> None:
    [run] = of(BROWSER, "RUN")
    assert re.findall(r"npm .*? ci --ignore-scripts|node \S+", run) == [
        "npm --prefix browser ci --ignore-scripts",
        "node browser/build.js",
    ]
    for name in ("build.js", "package-lock.json", "unlinkable.js", "unlinkable.sha256"):
        assert not ignored(f"browser/{name}", RULES)
        assert (ROOT / "browser" / name).is_file()
    assert ignored("browser/node_modules/esbuild/lib/main.js", RULES)
    [taken] = [rest for rest in of(BUILD, "COPY") if rest.startswith("--from=browser ")]
    made = "service/pages/static/unlinkable.js"
    assert taken.split()[1:] == [f"{of(BROWSER, 'WORKDIR')[0]}/{made}", made]
    words = [it.rest for it in BUILD]
    assert words.index("service service") < words.index(taken) < words.index(of(BUILD, "RUN")[2])
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["artifacts"] == [made]


def test_nothing_private_is_sent() -> None:
    for path in (".git/HEAD", ".venv/bin/python", "redwood.db", "service/redwood.db", "redwood-demo.db.json", ".env"):
        assert ignored(path, RULES), path
    sent = [file for file in (ROOT / "service").rglob("*") if file.is_file()]
    for file in sent:
        wanted = file.suffix not in {".pyc", ".db"}
        assert ignored(file.relative_to(ROOT).as_posix(), RULES) is not wanted, file


def test_only_the_hashed_lock_is_installed() -> None:
    installs = [rest for rest in of(FOUND, "RUN") if "pip install" in rest]
    assert len(installs) == 2
    assert "--require-hashes -r constraints.txt" in installs[0]
    assert {"--no-deps", "--no-build-isolation", "."} <= set(installs[1].split())
    names = re.findall(r"^([\w-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    removed = {word for rest in of(BUILD, "RUN") if "uninstall" in rest for word in rest.split()}
    assert "hatchling" in names, "the lock must hold what builds the wheel"
    assert {"hatchling", "pip"} <= removed


def test_the_final_stage_builds_nothing() -> None:
    for rest in of(FINAL, "RUN"):
        assert not re.search(r"\b(apt|apt-get|pip|gcc|make|curl|wget|git)\b", rest), rest
    assert of(FINAL, "COPY") == ["--from=build /venv /venv"]
    assert of(FINAL, "FROM")[0] == of(BUILD, "FROM")[0].removesuffix(" AS build")


def test_it_is_a_python_the_project_takes() -> None:
    least = PYPROJECT["project"]["requires-python"].removeprefix(">=3.")
    used = of(FINAL, "FROM")[0].removeprefix("python:3.").removesuffix("-slim")
    assert int(used) >= int(least)


def test_it_runs_as_a_number_that_is_not_root() -> None:
    user = of(FINAL, "USER")[-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    owner, group = user.split(":")
    assert len(of(FINAL, "VOLUME")) == 2
    for volume in of(FINAL, "VOLUME"):
        made = [rest for rest in of(FINAL, "RUN") if rest.endswith(volume)]
        assert made == [f"install -d -o {owner} -g {group} -m 700 {volume}"]
    last = max(place for place, it in enumerate(FINAL) if it.word in {"RUN", "COPY"})
    assert [it.word for it in FINAL].index("USER") > last


def test_its_settings_are_settings_and_no_secrets() -> None:
    given = {name: value for name, value in variables(FINAL).items() if name.startswith("REDWOOD_")}
    assert set(given) <= VARIABLES
    values: dict[str, Any] = {name.removeprefix("REDWOOD_").lower(): value for name, value in given.items()}
    settings = Settings(**values)
    assert settings.database_url.startswith(f"sqlite:///{of(FINAL, 'VOLUME')[0]}/")
    assert settings.custody == f"file:{of(FINAL, 'VOLUME')[1]}"
    assert of(FINAL, "EXPOSE") == [str(settings.port)]
    for name, value in {**variables(BUILD), **variables(FINAL)}.items():
        assert not SECRET.search(f"{name}={value}"), name
    assert not of(FOUND, "ARG")


def test_what_it_runs_is_a_command_with_these_options() -> None:
    program, *words = json.loads(of(FINAL, "CMD")[0])
    assert program == "redwood"
    assert not of(FINAL, "ENTRYPOINT")
    names = [word for word in words if not word.startswith("-")]
    help = CliRunner().invoke(app, [*names, "--help"])
    assert help.exit_code == 0
    command: Any = get_command(app)
    for name in names:
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known


def test_its_health_is_asked_of_a_path_that_answers() -> None:
    options, _, command = of(FINAL, "HEALTHCHECK")[0].partition(" CMD ")
    assert {word.partition("=")[0] for word in options.split()} == {
        "--interval",
        "--timeout",
        "--start-period",
        "--retries",
    }
    program, flag, code = json.loads(command)
    assert (program, flag) == ("python", "-c")
    compile(code, "healthcheck", "exec")
    asked = re.search(r"'GET', '(/\w+)'", code)
    assert asked is not None
    contract = json.loads((ROOT / "openapi/openapi.json").read_text())
    assert "204" in contract["paths"][asked[1]]["get"]["responses"]
    assert set(re.findall(r"REDWOOD_\w+", code)) <= set(variables(FINAL))


def test_the_health_check_tells_well_from_ill(tmp_path: Path) -> None:
    """The very line, against a port where nothing listens."""
    code = json.loads(of(FINAL, "HEALTHCHECK")[0].partition(" CMD ")[2])[2]
    done = subprocess.run(
        [sys.executable, "-c", code], env={"REDWOOD_PORT": "1"}, cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"ConnectionRefusedError" in done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it lies when installed: beside the library that has its migrations' name."""
    folder = tmp_path_factory.mktemp("wheel")
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(folder))
    site = folder / "site"
    with zipfile.ZipFile(wheel) as content:
        content.extractall(site)
    library = find_spec("alembic")
    assert library is not None
    assert library.origin is not None
    (site / "alembic").symlink_to(Path(library.origin).parent)
    return site


def test_the_wheel_holds_all_that_is_not_code(site: Path) -> None:
    kept = [file for file in (ROOT / "service").rglob("*") if file.suffix in {".html", ".css", ".js", ".svg", ".toml"}]
    assert kept
    for file in kept:
        assert (site / file.relative_to(ROOT)).read_bytes() == file.read_bytes()
    [licence] = site.glob("*.dist-info/licenses/LICENSE")
    assert "Apache License" in licence.read_text()


def test_the_wheel_finds_its_migrations(site: Path) -> None:
    newest = max(file.name for file in (ROOT / "alembic/versions").glob("*.py")).partition("_")[0]
    program = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "import service.store.migrate as it\n"
        "print(it.__file__, it.newest())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=site, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(site / "service/store/migrate.py"), newest]


# compose.yaml


def test_services_refer_to_what_there_is() -> None:
    for name, service in SERVICES.items():
        assert ("build" in service) != ("image" in service), name
        for other, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert "healthcheck" in SERVICES[other]
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in COMPOSE["volumes"]


def test_redwood_waits_for_its_database_and_finds_it() -> None:
    redwood = SERVICES["redwood"]
    assert (ROOT / redwood["build"] / "Dockerfile").is_file()
    [database] = redwood["depends_on"]
    address = re.sub(r"\$\{[^}]*\}", "x", redwood["environment"]["REDWOOD_DATABASE_URL"])
    given = SERVICES[database]["environment"]
    assert address == f"postgresql://{given['POSTGRES_USER']}:x@{database}/{given['POSTGRES_DB']}"
    assert Settings(database_url=address).database_url == address
    assert set(redwood["networks"]) & set(SERVICES[database]["networks"])


def test_keys_have_a_volume_that_the_database_has_not() -> None:
    """Redwood may write nowhere else, and the folder in it is the one the image made for its account only."""
    redwood = SERVICES["redwood"]
    place = Settings(custody=redwood["environment"]["REDWOOD_CUSTODY"]).custody.removeprefix("file:")
    assert place in of(FINAL, "VOLUME")
    [volume] = redwood["volumes"]
    name, _, target = volume.partition(":")
    assert target == place
    assert name in COMPOSE["volumes"]
    [database] = redwood["depends_on"]
    assert not any(it.startswith(f"{name}:") for it in SERVICES[database]["volumes"])


def test_every_variable_of_ours_is_a_setting() -> None:
    named = set(re.findall(r"REDWOOD_[A-Z_]+", (ROOT / "compose.yaml").read_text()))
    assert named
    assert named <= VARIABLES


def test_nothing_is_published_beyond_this_machine() -> None:
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name
    [published] = SERVICES["redwood"]["ports"]
    assert published.endswith(f":{of(FINAL, 'EXPOSE')[0]}")
    [database] = SERVICES["redwood"]["depends_on"]
    assert "ports" not in SERVICES[database]
    assert all(COMPOSE["networks"][network]["internal"] for network in SERVICES[database]["networks"])


def test_a_password_must_be_chosen() -> None:
    text = (ROOT / "compose.yaml").read_text()
    used = re.findall(r"\$\{?POSTGRES_PASSWORD[^}]*\}?", text)
    assert len(used) == 2
    assert all(it.startswith("${POSTGRES_PASSWORD:?") for it in used)


def test_the_database_keeps_nothing_in_its_logs() -> None:
    database = SERVICES["database"]
    program, *words = database["command"]
    assert program == "postgres"
    assert set(words[::2]) == {"-c"}
    options = dict(word.split("=") for word in words[1::2])
    assert OPTIONS.items() <= options.items(), "the tests' server and this one forget alike"
    assert database["image"].partition(":")[2].split("-")[0] == "18"
    assert "pg_isready" in database["healthcheck"]["test"][1]


def test_redwood_may_do_little() -> None:
    redwood = SERVICES["redwood"]
    assert redwood["read_only"] is True
    assert redwood["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in redwood["security_opt"]
    assert not {"privileged", "user", "cap_add"} & set(redwood)
