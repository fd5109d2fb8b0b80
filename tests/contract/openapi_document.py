"""The committed contract, written anew by `bin/openapi` and compared by a test; `bin/openapi --freeze` promises it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from service.api.app import create_app
from service.bootstrap import runtime
from service.settings import Settings

FILE = Path(__file__).parents[2] / "openapi" / "openapi.json"
#: What clients may rely on until there is a /v2; tests/contract/test_frozen.py says what that means.
FROZEN = FILE.with_name("frozen.json")


def document() -> str:
    """The contract as the code has it; a database is named but never opened."""
    app = create_app(runtime(Settings(database_url="sqlite:///:memory:")))
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def structure(node: Any, named: bool = False) -> Any:
    """A document without its words and examples, which may change any time; below `named` keys are names."""
    if isinstance(node, dict):
        names = {"properties", "paths", "schemas", "responses", "content"}
        return {
            key: structure(value, key in names and not named)
            for key, value in node.items()
            if named or key not in {"description", "summary", "title", "example", "examples", "info", "tags"}
        }
    return [structure(it) for it in node] if isinstance(node, list) else node


if __name__ == "__main__":
    FILE.write_text(document())
    if "--freeze" in sys.argv:
        bare = structure(json.loads(FILE.read_text()))
        FROZEN.write_text(json.dumps(bare, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
