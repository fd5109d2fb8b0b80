"""Cases made from the contract and against it: `python -m tests.fuzz.schema --cases N --seed S`.

Every operation with every kind of key: no reply from 500 on but a 503 that says when to come again, and each as the
contract says: its status, its content type, its shape. `REDWOOD_FUZZ_CASES` has the test run as many.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig

from service.api.app import create_app
from service.bootstrap import Runtime, runtime
from service.operations import access
from service.settings import Settings
from service.store.database import Database
from service.store.migrate import upgrade
from tests.doors import AtOnce

Headers = dict[str, str]

#: What must hold of every reply, besides that nothing of ours breaks: only documented statuses, types and shapes.
KEPT = {"status_code_conformance", "content_type_conformance", "response_schema_conformance"}

UNITS = [{"id": "all", "headcount": 0}, {"id": "north", "parent": "all", "headcount": 12}]


def keys_of_every_kind(database: Database, organisation: str) -> dict[str, Headers]:
    """Headers by what is said of the key."""

    def key(*scopes: str, unit: str | None = None) -> Headers:
        return {"Authorization": f"Bearer {access.create_key(database, organisation, list(scopes), unit, 'fuzz')}"}

    return {
        "every scope": key(*access.SCOPES),
        "none": {},
        "unknown": {"Authorization": "Bearer rw_unknown"},
        "malformed": {"Authorization": "Basic \u00e9"},
        "bound": key(*access.SCOPES, unit="north"),
        **{scope: key(scope) for scope in access.SCOPES},
    }


def fuzz(app: Any, keys: dict[str, Headers], cases: int, seed: int, known: dict[str, str]) -> Counter[int]:
    """How often each status came, over about `cases` cases shared out over operations and kinds of keys.

    `known` gives parameters of paths a value that is there, for about every other case. Raises what schemathesis finds.
    """
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=SchemathesisConfig.from_dict({"seed": seed}))
    checks = [check for check in CHECKS.get_all() if check.__name__ in KEPT]
    assert len(checks) == len(KEPT)
    operations = [result.ok() for result in schema.get_all_operations()]
    statuses = Counter[int]()

    def attempt(case: Any, kind: str, there: bool) -> None:
        if there:
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        reply = case.call(headers=keys[kind])
        statuses[reply.status_code] += 1
        assert reply.status_code < 500 or "retry-after" in reply.headers, reply.status_code
        case.validate_response(reply, checks=checks)

    # Most operations show more to whoever may do everything: about half of all cases are theirs.
    kinds = st.one_of(st.just(next(iter(keys))), st.sampled_from(list(keys)))
    for operation in operations:
        drawn = given(case=operation.as_strategy(), kind=kinds, there=st.booleans())(attempt)
        hypothesis.seed(seed)(_times(max(1, round(cases / len(operations))))(drawn))()
    return statuses


def _times(cases: int) -> settings:
    return settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def prepared(parts: Runtime) -> tuple[Any, dict[str, Headers], dict[str, str]]:
    """The application on a migrated database, its keys, and an open pulse to be asked about."""
    organisation = access.create_organisation(parts.database, "Fuzzed Works")
    keys = keys_of_every_kind(parts.database, organisation)
    app = create_app(parts, AtOnce(parts.database))
    pulse = asyncio.run(_open_pulse(app, keys["every scope"]))
    return app, keys, {"pulse": pulse, "unit": "north", "id": "five-blocks"}


async def _open_pulse(app: Any, key: Headers) -> str:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://redwood", headers=key) as client:
        (await client.put("/v1/roster", json={"units": UNITS})).raise_for_status()
        pulse: str = (
            (await client.post("/v1/pulses", json={"instrument": "five-blocks"})).raise_for_status().json()["id"]
        )
        (await client.post(f"/v1/pulses/{pulse}/invitations")).raise_for_status()
        (await client.post(f"/v1/pulses/{pulse}/open")).raise_for_status()
    return pulse


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=5_000)
    options.add_argument("--seed", type=int, default=7)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        parts = runtime(Settings(database_url=f"sqlite:///{place / 'redwood.db'}", custody=f"file:{place / 'keys'}"))
        upgrade(parts.database)
        begun = time.perf_counter()
        app, keys, known = prepared(parts)
        statuses = fuzz(app, keys, chosen.cases, chosen.seed, known)
        took = time.perf_counter() - begun
        asyncio.run(parts.close())
    print(f"seed {chosen.seed}: {statuses.total()} cases in {took:.0f} s, {dict(statuses)}")


if __name__ == "__main__":
    main()
