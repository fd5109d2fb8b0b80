"""Runs an operation in a process that dies at a given point: `python -m tests.faults.dying`, a line of JSON for each.

One process loads everything and forks for each operation: what dies is a copy that had nothing to do but this.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

from service.bootstrap import custody_of
from service.operations import close, prepare, publish
from service.operations.access import operator
from service.operations.keys import finish_closes
from service.settings import from_environment
from service.store.database import Database

#: What a killed process ends with, told from any other end.
DIED = 77


def dies(place: str, after: bool) -> None:
    """Let the function at `place` (module:name, or module:holder.name) be the last that is begun, or finished."""
    module, _, path = place.partition(":")
    *holders, name = path.split(".")
    holder: Any = importlib.import_module(module)
    for it in holders:
        holder = getattr(holder, it)
    function = getattr(holder, name)

    def last(*args: Any, **named: Any) -> None:
        if after:
            function(*args, **named)
        os._exit(DIED)

    setattr(holder, name, last)


def run(operation: str, url: str, organisation: str, pulse: str) -> None:
    database, custody = Database(url), custody_of(from_environment())
    who, today = operator(organisation), datetime.now(UTC).date()
    if operation == "open":
        prepare.open_pulse(database, custody, who, pulse, today)
    elif operation == "close":
        close.close_pulse(database, custody, who, pulse, today)
    elif operation == "finish":
        finish_closes(database, custody)
    else:
        publish.release_pulse(database, who, pulse)


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            dies(asked.pop("place"), asked.pop("after"))
            run(**asked)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
