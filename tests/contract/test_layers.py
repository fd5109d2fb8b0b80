"""The folders keep to the table of who may know whom; and the reader that says so finds what is planted."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract import layers
from tests.contract.layers import EXCEPTIONS, ROOMS, breaches

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "service"


def planted(tmp_path: Path, file: str, source: str) -> list[str]:
    """What is found in a tree of this one module, without its name."""
    target = tmp_path / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(source)
    return [breach.why for breach in breaches(tmp_path)]


def test_nobody_knows_whom_they_may_not() -> None:
    found = [f"{breach.where}: {breach.why}" for breach in breaches(SERVICE)]
    assert not found, "\n".join(found)


def test_every_module_was_read_by_a_row_of_the_table() -> None:
    rooms = {path.name.removesuffix(".py") for path in SERVICE.iterdir() if path.suffix == ".py" or path.is_dir()}
    rooms -= {"__init__", "__pycache__"}
    assert rooms <= {row.split(".")[0] for row in ROOMS}


def test_every_row_of_one_module_or_package_has_it() -> None:
    for row in [row for row in ROOMS if "." in row]:
        path = SERVICE / row.replace(".", "/")
        assert path.with_suffix(".py").is_file() or path.is_dir(), row


def test_what_is_called_confidential_is_there_to_be_called() -> None:
    files = [*(SERVICE / "store").glob("*.py"), *(SERVICE / "operations").glob("*.py")]
    named = {name for file in files for name in re.findall(r"def (\w+)", file.read_text())}
    assert set(layers.CONFIDENTIAL) <= named


@pytest.mark.parametrize("late", layers.LATE, ids="-".join)
def test_what_is_late_is_late_still(late: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(layers.LATE, late)
    assert any("a hidden import of" in breach.why and late[1] in breach.why for breach in breaches(SERVICE))


@pytest.mark.parametrize("exception", EXCEPTIONS, ids="-".join)
def test_every_exception_is_still_needed(exception: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(layers.EXCEPTIONS, exception)
    module, imported = exception
    assert any(
        breach.where.startswith(f"{module.replace('.', '/')}.py:") and imported in breach.why
        for breach in breaches(SERVICE)
    )


@pytest.mark.parametrize(
    ("file", "source", "why"),
    [
        # past the gate
        ("analytics/scores.py", "from service.tally.tally import Tally", "may not import tally.tally.Tally"),
        ("analytics/scores.py", "from service import tally", "may not import tally"),
        ("analytics/scores.py", "from service import tally as t", "may not import tally"),
        ("analytics/scores.py", "import service.tally as t", "may not import tally"),
        ("analytics/scores.py", "import service.tally", "may not import the whole house"),
        ("analytics/scores.py", "import service", "may not import the whole house"),
        ("analytics/scores.py", "from service import *", "may not import *"),
        ("analytics/scores.py", "import json, service.tally as t", "may not import tally"),
        ("analytics/scores.py", "from service.release.gate import Tally", "may not import release.gate.Tally"),
        ("analytics/scores.py", "from service.release import gate", "may not import release.gate"),
        ("exports/tables.py", "from service.tally import count", "may not import tally.count"),
        ("pages/charts/new.py", "from service.pages.dashboard.told import Told", "may not import pages.dashboard"),
        ("pages/heat.py", "from service.store.results import sealed_content", "may not import store"),
        ("operations/report.py", "from service.tally import count", "may not import tally.count"),
        ("operations/report.py", "from service.store import responses", "may not import store.responses"),
        ("operations/report.py", "from service.store import invitations", "may not import store.invitations"),
        ("operations/report.py", "from service.operations.close import codec", "may not import operations.close"),
        ("operations/new.py", "from service.tally import tally", "may not import tally.tally"),
        ("operations/report.py", "results.sealed_content(tx, id)", "sealed_content is confidential"),
        ("operations/report.py", "from service.store.results import sealed_content", "sealed_content is confidential"),
        ("operations/publish.py", "responses.read_sealed(tx, id)", "read_sealed is confidential"),
        ("api/routes/reading.py", "from service.tally.tally import Tally", "may not import tally"),
        # the shell decides nothing and reads nothing
        ("api/routes/reading.py", "from service.store import pulses", "may not import store.pulses"),
        ("api/keyring.py", "from service.store.access import KeyRow", "may not import store.access"),
        ("api/routes/new.py", "from service.analytics.scores import scores", "may not import analytics"),
        ("commands/console.py", "from service.store import responses", "may not import store.responses"),
        ("commands/new.py", "from service.store.database import Database", "may not import store.database"),
        ("commands/new.py", "from service.tally import count", "may not import tally"),
        ("cli.py", "from service.operations import access", "may not import operations"),
        ("settings.py", "from service.store import database", "may not import store"),
        ("bootstrap.py", "from service.operations import access", "may not import operations"),
        # against the line
        ("errors.py", "from service.survey.pulse import Pulse", "may not import survey"),
        ("survey/pulse.py", "from service.tally import tally", "may not import tally"),
        ("tally/count.py", "from service.release.policy import Policy", "may not import release"),
        ("release/gate.py", "from service.analytics.scores import Score", "may not import analytics"),
        ("release/gate.py", "from service.store.database import Database", "may not import store"),
        ("store/results.py", "from service.operations import access", "may not import operations"),
        ("tokens/plain.py", "from service.survey.pulse import Pulse", "may not import survey"),
        ("demo/history.py", "from service.operations import prepare", "may not import operations"),
        ("demo/history.py", "from service.store.database import Database", "may not import store"),
        ("newroom/thing.py", "import json", "newroom.thing has no row in the table"),
        ("__init__.py", "from service.tally import tally", "may not import tally"),
        # other people's
        ("survey/pulse.py", "import fastapi", "may not import fastapi"),
        ("survey/pulse.py", "import pydantic", "may not import pydantic"),
        ("survey/pulse.py", "import numpy as np", "may not import numpy"),
        ("operations/report.py", "import sqlalchemy as sa", "may not import sqlalchemy"),
        ("operations/report.py", "from sqlalchemy.orm import Session", "may not import sqlalchemy"),
        ("operations/report.py", "from fastapi import HTTPException", "may not import fastapi"),
        ("api/app.py", "import asyncpg", "may not import asyncpg"),
        ("api/app.py", "import typer", "may not import typer"),
        ("commands/demo.py", "import fastapi", "may not import fastapi"),
        ("analytics/scores.py", "import psycopg", "may not import psycopg"),
        ("analytics/scores.py", "import pandas", "may not import pandas"),
        ("exports/text.py", "import jinja2", "may not import jinja2"),
        ("demo/history.py", "from scipy import stats", "may not import scipy"),
        ("analytics/scores.py", "from scipy import stats", "scipy belongs inside a function"),
        ("analytics/scores.py", "import sklearn.mixture", "sklearn belongs inside a function"),
        ("exports/arrow.py", "from pyarrow import parquet", "pyarrow belongs inside a function"),
        ("store/migrate.py", "from alembic import command", "alembic belongs inside a function"),
        ("commands/serving.py", "import uvicorn", "uvicorn belongs inside a function"),
        ("operations/analyse.py", "from service.exports.analysis import analysed", "exports.analysis"),
        (
            "operations/stored.py",
            "def f():\n    from service.exports.analysis import analysed",
            "a hidden import of exports",
        ),
        # hidden
        ("analytics/a.py", "def f():\n    from service.tally import tally", "may not import tally.tally"),
        ("analytics/a.py", "def f():\n    from service.survey import pulse", "a hidden import of survey.pulse"),
        ("analytics/a.py", "def f():\n    import numpy", "a hidden import of numpy"),
        ("analytics/a.py", "def f():\n    import json", "a hidden import of json"),
        ("analytics/a.py", "class A:\n    import numpy", "a hidden import of numpy"),
        ("analytics/a.py", "try:\n    import numpy\nexcept ImportError:\n    pass", "a hidden import of numpy"),
        ("analytics/a.py", "if TYPE_CHECKING:\n    from service.tally.tally import Tally", "may not import tally"),
        ("analytics/a.py", "if typing.TYPE_CHECKING:\n    import sqlalchemy", "may not import sqlalchemy"),
        ("analytics/a.py", "if TYPE_CHECKING:\n    pass\nelse:\n    import numpy", "a hidden import of numpy"),
        ("analytics/a.py", "from ..tally import tally", "a relative import"),
        ("analytics/a.py", "from . import scores", "a relative import"),
        ("analytics/a.py", "import importlib", "importlib imports what no reader can see"),
        ("analytics/a.py", "from importlib import import_module", "importlib imports what no reader can see"),
        ("api/a.py", "__import__('service.tally')", "__import__ runs what no reader can see"),
        ("api/a.py", "exec('import service.tally')", "exec runs what no reader can see"),
        ("api/a.py", "eval('x')", "eval runs what no reader can see"),
        ("api/a.py", "run = eval", "eval runs what no reader can see"),
        ("api/a.py", "import sys\nt = sys.modules['service.tally']", "sys.modules goes around the table"),
        ("api/a.py", "from sys import modules", "sys.modules goes around the table"),
        ("api/a.py", "import builtins", "builtins imports what no reader can see"),
        # pure is pure
        ("release/gate.py", "import random", "a pure room reaches for the world: random"),
        ("analytics/a.py", "from time import time", "a pure room reaches for the world: time"),
        ("tally/a.py", "import sqlite3", "a pure room reaches for the world: sqlite3"),
        ("survey/a.py", "from datetime import date\nday = date.today()", "a pure room reads the clock: today"),
        ("pages/a.py", "def f():\n    return datetime.now(UTC)", "a pure room reads the clock: now"),
        # one gate
        ("analytics/a.py", "made = Release(pulse='p')", "only release makes a Release"),
        ("operations/publish.py", "made = release.Release(pulse='p')", "only release makes a Release"),
        ("pages/a.py", "R = Release\nR()", "only release makes a Release"),
        ("pages/a.py", "from service.release.release import Release as R", "only release makes a Release"),
        ("exports/a.py", "made = object.__new__(Release)", "only release makes a Release"),
    ],
)
def test_a_planted_breach_is_found(tmp_path: Path, file: str, source: str, why: str) -> None:
    found = planted(tmp_path, file, source)
    assert any(reason.startswith(why) for reason in found), found


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("analytics/a.py", "from service.release.release import Release\ndef f(it: Release) -> list[Release]: ..."),
        ("analytics/a.py", "def f():\n    from scipy import stats\n    import sklearn.mixture"),
        ("store/migrate.py", "if TYPE_CHECKING:\n    from alembic.config import Config"),
        ("store/results.py", "import sqlalchemy as sa\nfrom service.store.tables import tally"),
        ("release/codec.py", "from service.release.release import Release\nmade = Release(pulse='p')"),
        ("operations/unsealing.py", "from service.seal.batch import columns\nresponses.read_sealed(tx, id)"),
        ("survey/a.py", "from importlib import resources\nimport re\nre.compile('a')\nfrom datetime import date"),
        ("api/a.py", "import re\nimport time\nPATTERN = re.compile('a')\ntime.time()"),
        ("__init__.py", '"""The house."""'),
    ],
)
def test_what_is_allowed_is_not_a_breach(tmp_path: Path, file: str, source: str) -> None:
    assert planted(tmp_path, file, source) == []


def test_a_breach_says_where_it_is(tmp_path: Path) -> None:
    planted(tmp_path, "analytics/scores.py", "import json\n\nimport pandas\n")
    assert [breach.where for breach in breaches(tmp_path)] == ["analytics/scores.py:3"]


def loaded_by(statement: str) -> set[str]:
    """Names of all modules that a new Python holds after the statement."""
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_web_process_starts_without_what_only_jobs_need() -> None:
    loaded = loaded_by("import service.bootstrap, service.api.app")
    assert "service.api.routes.reading" in loaded
    assert not loaded & {"scipy", "sklearn", "pyarrow", "alembic", "pandas", "matplotlib"}


@pytest.mark.parametrize("room", ["analytics", "exports", "pages"])
def test_right_of_the_gate_nothing_confidential_is_even_loaded(room: str) -> None:
    """The table is kept import by import; this asks for what they come to together."""
    modules = [f"service.{room}.{file.stem}" for file in (SERVICE / room).glob("*.py") if file.stem != "__init__"]
    loaded = loaded_by(f"import {', '.join(modules)}")
    assert set(modules) <= loaded
    assert not {name for name in loaded if name.startswith(("service.tally", "service.store", "sqlalchemy"))}
