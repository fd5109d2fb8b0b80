"""Webhooks from the shell."""

from __future__ import annotations

import pytest

from tests.commands.test_cli import Shell, ready, redwood

__all__ = ["ready", "redwood"]


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_webhooks_are_added_listed_and_deleted(ready: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ready("hook", "add", "http://127.0.0.1:1/", "--event", "pulse.closed", "--json").json
    assert made["secret"].startswith("whsec_")
    only = {"id": made["id"], "url": "http://127.0.0.1:1/", "events": ["pulse.closed"], "state": "active"}
    assert ready("hook", "list", "--json").json == {"hooks": [only]}
    assert ready("hook", "list").out == f"{made['id']}  active  pulse.closed  http://127.0.0.1:1/\n"
    usual = ready("hook", "add", "http://127.0.0.1:1/", "--json").json
    assert usual["events"] == ["pulse.opened", "pulse.closed", "pulse.released"]
    monkeypatch.setenv("REDWOOD_PRIVATE_HOOKS", "false")
    refused = ready("hook", "add", "https://127.0.0.1/")
    assert (refused.code, refused.out) == (1, "")
    assert "url: leads to a private address" in refused.err
    assert ready("hook", "delete", made["id"]).code == 0
    assert ready("hook", "delete", made["id"]).code == 1
