"""The reference in the order of a pulse's life, so that its examples can be tried from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chapter:
    """Calls by "METHOD path", and a few words for whom they are."""

    id: str
    title: str
    lead: str
    calls: tuple[str, ...]


CHAPTERS = (
    Chapter(
        "managers",
        "Set up a pulse",
        "For managers and HR systems. The examples that would replace your roster only say what would change: they "
        "carry dry_run.",
        (
            "PUT /v1/roster",
            "POST /v1/roster/import",
            "GET /v1/roster",
            "POST /v1/instruments",
            "GET /v1/instruments",
            "GET /v1/instruments/{id}",
            "POST /v1/pulses",
            "GET /v1/pulses",
            "GET /v1/pulses/{pulse}",
            "POST /v1/pulses/{pulse}/invitations",
        ),
    ),
    Chapter(
        "inviting",
        "Hand invitations over, and be told",
        "For managers and the systems they connect. The first call answers with an id: have it at hand as HOOK for the "
        "others. Letters by e-mail need a mail server and a directory; here invitations go to a system that hands them "
        "out, so that there is nobody to remind.",
        (
            "POST /v1/hooks",
            "GET /v1/hooks",
            "POST /v1/hooks/{hook}/rotate",
            "POST /v1/hooks/{hook}/test",
            "POST /v1/pulses/{pulse}/letters",
            "GET /v1/pulses/{pulse}/letters",
            "GET /v1/hooks/{hook}/deliveries",
            "DELETE /v1/hooks/{hook}",
            "POST /v1/pulses/{pulse}/open",
            "POST /v1/pulses/{pulse}/reminders",
        ),
    ),
    Chapter(
        "people",
        "Know whom to invite",
        "For HR systems that hand over people as a file; those that speak SCIM find it at /scim/v2. Units and "
        "headcounts are made of people, nobody of them is ever beside an answer. These examples change nothing.",
        ("PUT /v1/directory", "POST /v1/people/import", "GET /v1/directory", "DELETE /v1/people"),
    ),
    Chapter(
        "schedules",
        "Keep a cadence",
        "For managers who ask in turns. The first call answers with an id: have it at hand as SCHEDULE for the others.",
        (
            "POST /v1/schedules",
            "GET /v1/schedules",
            "GET /v1/schedules/{schedule}",
            "PATCH /v1/schedules/{schedule}",
            "DELETE /v1/schedules/{schedule}",
        ),
    ),
    Chapter(
        "front-ends",
        "Answer",
        "For front ends. The token is all that is needed; no key, no cookie, and nothing is kept of who called. An "
        "invitation is either sent with the answers as it is, or exchanged once for a token that nobody can tie to it.",
        (
            "GET /v1/pulses/{pulse}/questionnaire",
            "GET /v1/pulses/{pulse}/exposure",
            "GET /v1/pulses/{pulse}/issuer",
            "POST /v1/pulses/{pulse}/tokens",
            "POST /v1/pulses/{pulse}/responses",
        ),
    ),
    Chapter(
        "leads",
        "Forecast your team's answers",
        "For leads, with a key bound to exactly the lead's unit.",
        (
            "PUT /v1/pulses/{pulse}/forecasts/{unit}",
            "GET /v1/pulses/{pulse}/forecasts/{unit}",
            "DELETE /v1/pulses/{pulse}/forecasts/{unit}",
        ),
    ),
    Chapter(
        "ending",
        "Close and release",
        "For managers. Neither step can be undone.",
        ("POST /v1/pulses/{pulse}/close", "POST /v1/pulses/{pulse}/release"),
    ),
    Chapter(
        "hr-systems",
        "Read what is released",
        "For HR systems. Every figure is what the release lets through; what it withholds says so in its status.",
        (
            "GET /v1/results",
            "GET /v1/heatmap",
            "GET /v1/pulses/{pulse}/participation",
            "GET /v1/pulses/{pulse}/release",
            "GET /v1/pulses/{pulse}/attack-report",
            "GET /v1/dictionary",
        ),
    ),
    Chapter(
        "data-teams",
        "Read findings",
        "For data teams. Findings are computed from releases only. While those of a new release are being computed, "
        "these calls answer 503 with Retry-After.",
        (
            "GET /v1/trends",
            "GET /v1/changes",
            "GET /v1/alerts",
            "GET /v1/clusters",
            "GET /v1/archetypes",
            "GET /v1/quality",
            "GET /v1/items",
            "GET /v1/agreement",
            "GET /v1/drivers",
            "GET /v1/interdependence",
            "GET /v1/coordination",
            "GET /v1/pulses/{pulse}/forecasts",
            "GET /v1/pulses/{pulse}/findings",
        ),
    ),
    Chapter(
        "operators",
        "Keep it running",
        "For operators and their probes, and for whoever watches over who reads.",
        ("GET /healthz", "GET /readyz", "GET /metrics", "GET /v1/audit"),
    ),
)
