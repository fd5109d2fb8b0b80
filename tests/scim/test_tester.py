"""scim2-tester, in full, against the live service: on SQLite, for the contract of a storage is asked of both."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from tests.doors import Doors, standing


@pytest.fixture
def doors(migrated_file: Path, tmp_path: Path) -> Iterator[Doors]:
    file = shutil.copy(migrated_file, tmp_path / "redwood.db")
    with standing(f"sqlite:///{file}") as doors:
        yield doors


def through(doors: Doors) -> Callable[..., Iterable[bytes]]:
    """A blocking client's way to the service behind the doors: WSGI in front, what httpx sends behind."""

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers["Content-Type"] = environ.get("CONTENT_TYPE", "application/scim+json")
        address, body = f"{path}?{query}" if query else path, environ["wsgi.input"].read()
        sent = doors.client.build_request(environ["REQUEST_METHOD"], address, headers=headers, content=body)
        reply = doors.run(doors.client.send(sent))
        start(f"{reply.status_code} {reply.reason_phrase}", list(reply.headers.items()))
        return [reply.content]

    return app


def test_the_tester_finds_no_error(doors: Doors) -> None:
    client = WSGISCIMClient(through(doors), base_url="http://redwood/scim/v2", headers=doors.key("scim"))
    results = check_server(client)
    wrong = [it for it in results if it.status in {Status.ERROR, Status.CRITICAL}]
    assert not wrong, "\n".join(map(repr, wrong))
    assert not [it for it in results if it.status is Status.SKIPPED]
    assert len(results) > 50
