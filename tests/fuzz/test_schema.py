"""The contract against itself with every kind of key: a few hundred cases, or as many as `REDWOOD_FUZZ_CASES` says."""

from __future__ import annotations

import asyncio
import os

import pytest

from service.bootstrap import runtime
from service.settings import Settings
from tests.fuzz.schema import fuzz, prepared

CASES = int(os.environ.get("REDWOOD_FUZZ_CASES", "250"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_reply_is_as_the_contract_says(database_url: str) -> None:
    parts = runtime(Settings(database_url=database_url))
    app, keys, known = prepared(parts)
    statuses = fuzz(app, keys, CASES, 7, known)
    asyncio.run(parts.close())
    assert statuses.total() >= CASES * 0.8
    assert {200, 401, 403, 404, 422} <= set(statuses)
