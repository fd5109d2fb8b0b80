"""The attack report as a page: what the shipped adversary knew, tried and got on one release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.pages.attack_words import Said, said_of
from service.pages.dashboard.frame import Frame
from service.pages.templating import render


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing tried on `figures` published figures; `tried` and `got` are the report's own words."""

    said: Said
    tried: str
    got: str
    figures: int
    passed: bool


def attack_report_page(report: Mapping[str, Any], frame: Frame | None) -> str:
    """`report` is the API's document, `frame` is for a signed-in reader of that release, None for anybody else."""
    frame = None if frame is None else replace(frame, asks=("pulse",))
    attempts = list(report["attempts"])
    return render(
        "attack_report.html" if frame is None else "dashboard/attack_report.html",
        frame=frame,
        around=None if frame is None else frame.around,
        report=report,
        tried=len(attempts),
        learnt=sum(not it["passed"] for it in attempts),
        alone=_attempts(attempts, "release"),
        inside=_attempts(attempts, "close"),
    )


def _attempts(attempts: Iterable[Mapping[str, Any]], when: str) -> list[Attempt]:
    return [
        Attempt(
            said=said_of(it["name"], it["what_was_tried"]),
            tried=it["what_was_tried"],
            got=it["got"],
            figures=it["figures_used"],
            passed=it["passed"],
        )
        for it in attempts
        if it["when"] == when
    ]
