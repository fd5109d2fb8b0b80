"""What the works council's page says can be run, runs, and comes to what was shown before anybody answered."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.operations.test_report import pulse

PAGE = (Path(__file__).parents[2] / "docs" / "works-council.md").read_text("utf-8")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_fingerprint_of_the_rules_can_be_made_again_by_anybody(doors: Any, tmp_path: Path) -> None:
    id = pulse(doors, {"north": 15, "south": 15})
    shown = doors.ok("GET", f"/v1/pulses/{id}")
    (tmp_path / "pulse.json").write_text(json.dumps(shown), "utf-8")
    (tmp_path / "release.json").write_bytes(doors.call("GET", f"/v1/pulses/{id}/release").content)
    script = next(it for it in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "redwood-policy" in it)
    done = subprocess.run(
        [sys.executable, "-c", dedent(f"   {script.strip()}")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == shown["policy_hash"]
