"""The receiver of docs/inviting.md is run as it stands there, and told by a live service."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from service.operations.delivering import WAITS
from tests.inviting.conftest import ITEMS
from tests.inviting.test_hooks import added, deliver, listed, make_due

DOCUMENT = (Path(__file__).parents[2] / "docs" / "inviting.md").read_text("utf-8")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_receiver_as_it_stands_there_verifies_and_does_things_once(
    doors: Any, drafted: str, tmp_path: Path
) -> None:
    (program,) = re.findall(r"<!-- receiver.py -->\n```python\n(.*?)```", DOCUMENT, re.DOTALL)
    (tmp_path / "receiver.py").write_text(program)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = added(doors, f"http://127.0.0.1:{port}/")
    environment = {**os.environ, "REDWOOD_HOOK_SECRET": made["secret"], "PORT": str(port)}
    command = [sys.executable, str(tmp_path / "receiver.py")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        _answers(port)
        doors.ok("POST", f"/v1/pulses/{drafted}/invitations")
        doors.ok("POST", f"/v1/pulses/{drafted}/open")
        deliver(doors)
        assert [it["state"] for it in listed(doors, made["id"])] == ["delivered"]
        other = doors.ok("POST", f"/v1/hooks/{made['id']}/rotate")["secret"]
        assert other != made["secret"]
        doors.ok("POST", f"/v1/hooks/{made['id']}/test")
        deliver(doors)
        assert [it["trouble"] for it in listed(doors, made["id"]) if it["event"] == "hook.test"] == ["status 401"]
        make_due(doors)
        running.terminate()
        said = (running.stdout.read() if running.stdout else b"").decode().splitlines()
    assert len(said) == 1
    assert said[0].startswith("pulse.opened ")
    assert drafted in said[0]
    assert ITEMS[0] not in said[0]


def _answers(port: int) -> None:
    for _ in range(1_000):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the receiver does not start")


def test_every_wait_said_there_is_the_one_that_holds() -> None:
    assert [5, 300, 1_800, *(3_600 * hours for hours in (2, 5, 10, 14, 20, 24))] == list(WAITS)
    assert "5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours" in " ".join(DOCUMENT.split())
