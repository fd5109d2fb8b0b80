"""A live server under a few hundred hostile requests of one seed; `python -m tests.fuzz.hostile` sends many more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.hostile import attack_all
from tests.fuzz.serving import served

REQUESTS = 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_breaks_is_told_back_or_is_changed(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path) as target:
        found = attack_all(target, seed=6, count=REQUESTS)
    assert not found.faults, "\n".join(found.faults[:5])
    assert found.statuses.total() == REQUESTS
    assert {400, 401, 403, 404, 405, 413, 422} <= set(found.statuses)
