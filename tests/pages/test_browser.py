"""A real browser with script: the code after the # reaches the questionnaire without being typed."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from service.api.app import create_app
from service.bootstrap import runtime
from service.settings import Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture
def token(doors: Any) -> str:
    doors.ok("PUT", "/v1/roster", {"units": [{"id": "works", "name": "Works", "parent": None, "headcount": 6}]})
    pulse = doors.ok("POST", "/v1/pulses", {"instrument": "five-blocks", "items": ["WB1", "PS1"]})["id"]
    invited = doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{pulse}/open")
    return str(invited[0]["tokens"][0])


@pytest.fixture
def address(database_url: str, doors: Any) -> Iterator[str]:
    assert doors  # has migrated the database
    app = create_app(runtime(Settings(database_url=database_url)))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def test_the_code_after_the_hash_opens_the_questionnaire(address: str, token: str, tmp_path: Path) -> None:
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--user-data-dir={tmp_path}",
        "--virtual-time-budget=10000",
        "--dump-dom",
        f"{address}/answer#{token}",
    ]
    page = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert 'name="item.PS1"' in page
    assert f'name="token" value="{token}"' in page
