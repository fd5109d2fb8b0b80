"""A whole pulse by the generated client, as somebody else's program would: `journey URL KEY` prints what it read."""

from __future__ import annotations

import json
import sys

from redwood_client import AuthenticatedClient, Client
from redwood_client.api.manage import (
    close_pulse,
    create_pulse,
    issue_invitations,
    open_pulse,
    put_roster,
    release_pulse,
)
from redwood_client.api.read import get_results
from redwood_client.api.respond import respond
from redwood_client.models import (
    GetResultsResponse200,
    InvitationsReply,
    Problem,
    PulseBody,
    PulseReply,
    PutRosterDocument,
    RespondResponseBody,
    RespondResponseBodyAnswers,
    ResultsRow,
)


def pulse_of(reply: object) -> PulseReply:
    if not isinstance(reply, PulseReply):
        raise SystemExit(f"no pulse: {reply}")
    return reply


def mistaken(row: ResultsRow) -> object:
    """No column says who answered; were the types too loose to know, strict mode would object to the comment."""
    return row.person  # type: ignore[attr-defined]


def told(hr: AuthenticatedClient, anyone: Client) -> dict[str, object]:
    roster = {"units": [{"id": "acme", "headcount": 0}, {"id": "t1", "parent": "acme", "headcount": 6}]}
    put_roster.sync(client=hr, body=PutRosterDocument.from_dict(roster))
    body = PulseBody(instrument="five-blocks", items=["WB1", "PS1"])
    pulse = pulse_of(create_pulse.sync(client=hr, body=body)).id
    issued = issue_invitations.sync(pulse, client=hr, body=None)
    if not isinstance(issued, InvitationsReply):
        raise SystemExit(f"no invitations: {issued}")
    tokens = [token for entry in issued.invitations for token in entry.tokens]
    pulse_of(open_pulse.sync(pulse, client=hr))
    answers = RespondResponseBodyAnswers.from_dict({"WB1": 3, "PS1": 4})
    for token in tokens:
        sent = respond.sync_detailed(pulse, client=anyone, body=RespondResponseBody(token=token, answers=answers))
        if sent.status_code != 204:
            raise SystemExit(f"not taken: {sent.parsed}")
    refused = respond.sync(pulse, client=anyone, body=RespondResponseBody(token="spent", answers=answers))
    pulse_of(close_pulse.sync(pulse, client=hr))
    pulse_of(release_pulse.sync(pulse, client=hr))
    results = get_results.sync(client=hr, pulse=pulse, block="safety")
    missing = get_results.sync(client=hr, pulse="a" * 16)
    if not isinstance(results, GetResultsResponse200):
        raise SystemExit(f"no results: {results}")
    return {
        "invited": len(tokens),
        "refused": refused.type_ if isinstance(refused, Problem) else None,
        "n": max(row.n or 0 for row in results.data),
        "units": sorted({row.unit or "" for row in results.data}),
        "missing": missing.type_ if isinstance(missing, Problem) else None,
    }


if __name__ == "__main__":
    url, key = sys.argv[1:]
    with AuthenticatedClient(url, key) as hr, Client(url) as anyone:
        print(json.dumps(told(hr, anyone)))
