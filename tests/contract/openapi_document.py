"""The committed contract, written anew by `bin/openapi` and compared by a test."""

from __future__ import annotations

import json
from pathlib import Path

from service.api.app import create_app
from service.bootstrap import runtime
from service.settings import Settings

FILE = Path(__file__).parents[2] / "openapi" / "openapi.json"


def document() -> str:
    """The contract as the code has it; a database is named but never opened."""
    app = create_app(runtime(Settings(database_url="sqlite:///:memory:")))
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(document())
