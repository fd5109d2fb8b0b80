"""What was tried on a release, on how many figures, and what came of it: stored with the release, readable by all.

What it says when something was got names no unit and no figure: a failed report must not be a release of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

#: `release`: from the published bytes alone, so that anybody can do it again. `close`: with the counts of who
#: answered, which nobody has afterwards.
When = Literal["close", "release"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing tried, on how many published figures, and what came of it; `passed` when nothing did."""

    name: str
    what_was_tried: str
    figures_used: int
    got: str
    passed: bool
    when: When = "release"


@dataclass(frozen=True, slots=True)
class Report:
    attempts: tuple[Attempt, ...]

    @property
    def passed(self) -> bool:
        return all(attempt.passed for attempt in self.attempts)

    @property
    def failed(self) -> Sequence[str]:
        """The names of what got through."""
        return [attempt.name for attempt in self.attempts if not attempt.passed]


def report_document(pulse: str, digest: str, report: Report) -> dict[str, object]:
    return {
        "pulse": pulse,
        "release": digest,
        "passed": report.passed,
        "attempts": [asdict(attempt) for attempt in report.attempts],
    }


def report_bytes(pulse: str, digest: str, report: Report) -> bytes:
    return json.dumps(report_document(pulse, digest, report), sort_keys=True).encode()
