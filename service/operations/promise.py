"""What a respondent is promised and told of those who read: every sentence once, whichever document carries it."""

from __future__ import annotations

from typing import Any

from service.release.policy import Policy

KEPT_UNTIL = "closing, when all answers are added up by group and then destroyed"
FINAL = "a response cannot be changed or withdrawn, because nobody can find it again"


def privacy(policy: Policy) -> dict[str, Any]:
    """The privacy contract of a questionnaire."""
    return {
        "threshold": policy.threshold,
        "distribution_threshold": policy.distribution,
        "stored": ["your answers", "your unit", "the bands you state"],
        "not_stored": ["your name", "your address or device", "the time you answered"],
        "kept_until": KEPT_UNTIL,
        "shown": "only groups of at least the threshold, and nothing from which a smaller group can be worked out",
        "final": FINAL,
    }


def rule(policy: Policy) -> str:
    return (
        f"No figure, and no sum or difference of figures, stands on fewer than {policy.threshold} people. Where nearly "
        "everybody gave the highest or the lowest answer, a mean is shown as a bound, or not at all."
    )


def readers(policy: Policy) -> list[dict[str, str]]:
    """Who may read what, and when, in the order of a pulse's life."""
    return [
        {
            "who": "nobody",
            "what": "anything about answers, through the service",
            "when": "until the pulse has closed and been released",
        },
        {
            "who": "who holds a key of the organisation for results",
            "what": f"how many have answered, in steps of {policy.threshold} people",
            "when": "while the pulse is open",
        },
        {
            "who": "who holds the database and the pulse's close key, which is kept apart from it",
            "what": "single answers with their unit and bands; nothing that leads from them to your invitation if your "
            "token was an unlinkable one, unless by when you came while few others did",
            "when": "while the pulse is open; later only from copies made before, if the key could not be destroyed",
        },
        {
            "who": "who holds your invitation and the database",
            "what": "whether the invitation was used; if you answered with the invitation itself, could with the "
            "pulse's secret besides try guesses at what you sent",
            "when": "while the pulse is open",
        },
        {
            "who": "who holds a key of the organisation for results or analytics; a key bound to a unit reads only "
            "that unit's part",
            "what": "the figures of the release, and what is computed from them",
            "when": "after the release, which never changes",
        },
        {
            "who": "anybody",
            "what": "what the service's own attack on the release tried, and what it got",
            "when": "after the release",
        },
    ]
