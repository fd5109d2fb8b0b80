"""The matrix's world, built once: no refusal changes it, which a test of its own proves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.bootstrap import runtime
from service.settings import Settings
from tests.access.world import World, build


@pytest.fixture(scope="module")
def world(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    file = tmp_path_factory.mktemp("access") / "redwood.db"
    shutil.copy(migrated_file, file)
    built = build(runtime(Settings(database_url=f"sqlite:///{file}")))
    yield built
    built.loop.run_until_complete(built.parts.close())
    built.loop.close()
