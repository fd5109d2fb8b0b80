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
            "POST /v1/pulses/{pulse}/open",
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
        ("GET /healthz", "GET /readyz", "GET /v1/audit"),
    ),
)
