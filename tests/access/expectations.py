"""Who may do what, a row a route: everybody else is refused, and a route without a row fails the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.access.world import Key

#: Bodies and queries hold `{pulse}` and `{unit}`, which are tried with everything there is and with something there
#: is not; other names of a path stand for one thing that is always there.
_STAND_INS = {
    "hook": "aaaaaaaaaaaaaaaa",
    "id": "five-blocks",
    "name": "results",
    "path:path": "Users",
    "step": "open",
    "schedule": "aaaaaaaaaaaaaaaa",
    # the base point of ristretto255, in base64url
    "element": "4vKuCmq8TnGohKlhxQBRX1jjC2qlgt2NtqZZReCNLXY",
}
_EVERY = "draft open closed released"


@dataclass(frozen=True)
class Row:
    """`needs` joins scopes with `&` (both) or `|` (either); `whole` asks for a key that is bound to no unit.

    `states` are those of a pulse the entitled are answered about, each with a status if it is not `status`; about
    others, as about pulses of others and about none at all, there is one answer. A state in `acts` is one in which
    the entitled would change something: only the others are tried there.
    """

    door: Literal["anyone", "key", "session", "scim"]
    needs: str = ""
    whole: bool = False
    #: Only with a key that is bound to exactly the unit asked for.
    leader: bool = False
    query: str = ""
    body: str = ""
    status: int = 200
    states: str = _EVERY
    by_state: Mapping[str, int] = field(default_factory=dict)
    acts: str = ""
    #: There is something only for keys that are bound to a unit.
    bound: bool = False
    #: States told apart from there being no pulse at all: that a pulse was open was told to everybody it asked.
    past: str = ""
    #: Everybody gets a page, who is signed in with a menu around it.
    framed: bool = False
    #: What it answers is another each time, for it tells of being asked.
    tells_of_itself: bool = False
    #: Who may only manage is sent on to what there is to manage.
    sent_on: bool = False

    def opens_to(self, key: Key) -> bool:
        """By scopes and binding alone; which units it sees is another matter."""
        if self.whole and key.unit is not None:
            return False
        return all(set(either.split("|")) & key.scopes for either in self.needs.split("&"))

    def address(self, path: str, **named: str) -> str:
        return _filled(path + self.query, named)

    def sent(self, **named: str) -> bytes:
        return _filled(self.body, named).encode()

    @property
    def headers(self) -> dict[str, str]:
        if not self.body:
            return {}
        is_json = self.body.startswith('{"') or self.body.startswith("{}")
        return {"content-type": "application/json" if is_json else "application/x-www-form-urlencoded"}


def _filled(text: str, named: Mapping[str, str]) -> str:
    for name, value in {**_STAND_INS, **named}.items():
        text = text.replace("{" + name + "}", value)
    return text


def _read(needs: str, query: str = "?pulse={pulse}&unit={unit}", *, whole: bool = False) -> Row:
    """A table of released figures."""
    return Row("key", needs, whole=whole, query=query, states="released")


def _page(
    needs: str = "results", query: str = "?pulse={pulse}&unit={unit}", *, whole: bool = False, status: int = 200
) -> Row:
    """A page about a release; a picture is 404 where there is nothing to draw, after every other question."""
    return Row("session", needs, whole=whole, query=query, states="released", status=status)


_ANALYST = "results&analytics"
_MANAGES = "manage"
_READS = "manage|results|analytics"
_ANSWER = "token={pulse}.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
_SPEND = '{"token": "{pulse}.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "answers": {"WB1": 3}}'
_EXCHANGE = '{"invitation": "{pulse}.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "blinded": "{element}"}'
_SCHEDULE = '{"label": "x", "rule": "none", "days": 5, "hand_over": "nobody", "pulse": {"instrument": "none"}}'
_FORECAST = '{"blocks": {"safety": 60.0}, "consent": true}'

#: Whatever has no key: what is asked, what it means, what was published of the adversary, and that the process lives.
_ANYONE = {
    "GET /": Row("anyone", status=303),
    "GET /healthz": Row("anyone", status=204),
    "GET /readyz": Row("anyone", status=204),
    "GET /metrics": Row("anyone"),
    "GET /openapi.json": Row("anyone"),
    "GET /docs": Row("anyone"),
    "GET /static/{name}": Row("anyone", status=404),
    "GET /attack-report": Row("anyone", query="?pulse={pulse}", states="released", framed=True),
    "GET /answer": Row("anyone"),
    "GET /answer/send": Row("anyone", status=303),
    "GET /answer/review": Row("anyone", status=303),
    "POST /answer": Row("anyone", body=_ANSWER, states="open"),
    "POST /answer/review": Row("anyone", body=_ANSWER + "&item.WB1=3", states="open"),
    "POST /answer/send": Row("anyone", body=_ANSWER + "&item.WB1=3", states="", status=403),
    "GET /dashboard/sign-in": Row("anyone"),
    "POST /dashboard/sign-in": Row("anyone", body="key=rw_unknown", status=401),
    "POST /dashboard/sign-out": Row("anyone", status=303),
    # There where a provider is configured: tests/signin
    "GET /dashboard/sign-in/provider": Row("anyone", status=404),
    "GET /dashboard/sign-in/callback": Row("anyone", status=404),
    "GET /dashboard/sign-in/done": Row("anyone", status=404),
    "GET /v1/dictionary": Row("anyone"),
    "GET /v1/pulses/{pulse}/questionnaire": Row("anyone", states="open", past="closed released"),
    "GET /v1/pulses/{pulse}/exposure": Row("anyone", query="?unit={unit}", states="open"),
    "GET /v1/pulses/{pulse}/issuer": Row("anyone", query="?unit={unit}", states="open"),
    "POST /v1/pulses/{pulse}/tokens": Row(
        "anyone", body=_EXCHANGE, states="open closed released", status=403, past="draft"
    ),
    "GET /v1/pulses/{pulse}/attack-report": Row("anyone", states="released"),
    "POST /v1/pulses/{pulse}/responses": Row("anyone", body=_SPEND, states="open closed released", status=403),
}

_READERS = {
    "GET /v1/results": _read("results"),
    "GET /v1/heatmap": _read("results"),
    "GET /v1/pulses/{pulse}/participation": Row("key", "results"),
    "GET /v1/pulses/{pulse}/release": _read("results", "", whole=True),
    "GET /v1/trends": Row("key", "analytics", query="?unit={unit}"),
    "GET /v1/changes": _read("analytics"),
    "GET /v1/alerts": _read("analytics"),
    "GET /v1/clusters": _read("analytics"),
    "GET /v1/agreement": _read("analytics"),
    "GET /v1/interdependence": _read("analytics"),
    "GET /v1/coordination": _read("analytics"),
    "GET /v1/archetypes": _read("analytics", "?pulse={pulse}", whole=True),
    "GET /v1/quality": _read("analytics", "?pulse={pulse}", whole=True),
    "GET /v1/items": _read("analytics", "?pulse={pulse}", whole=True),
    "GET /v1/drivers": _read("analytics", "?pulse={pulse}", whole=True),
    "GET /v1/pulses/{pulse}/findings": _read("analytics", "", whole=True),
    "GET /v1/pulses/{pulse}/forecasts": _read("analytics", "", whole=True),
    "GET /v1/pulses": Row("key", _READS),
    "GET /v1/pulses/{pulse}": Row("key", _READS),
}

#: A leader's own: to every other key, one of the whole organisation too, there is nothing here.
_LEADERS = {
    "PUT /v1/pulses/{pulse}/forecasts/{unit}": Row(
        "key", "results", leader=True, body=_FORECAST, by_state={"draft": 409, "released": 409}, acts="open closed"
    ),
    "GET /v1/pulses/{pulse}/forecasts/{unit}": Row("key", "results", leader=True, states="closed"),
    "DELETE /v1/pulses/{pulse}/forecasts/{unit}": Row("key", "results", leader=True, status=204, acts="closed"),
}

_MANAGERS = {
    "POST /v1/pulses": Row("key", _MANAGES, whole=True, body='{"instrument": "none"}', status=422),
    "POST /v1/pulses/{pulse}/invitations": Row("key", _MANAGES, whole=True, status=409, acts="draft"),
    "POST /v1/pulses/{pulse}/letters": Row("key", _MANAGES, whole=True, status=409),
    "GET /v1/pulses/{pulse}/letters": Row("key", _MANAGES, whole=True),
    "POST /v1/pulses/{pulse}/reminders": Row("key", _MANAGES, whole=True, status=409),
    "POST /v1/hooks": Row("key", _MANAGES, whole=True, body='{"url": "no address"}', status=422),
    "GET /v1/hooks": Row("key", _MANAGES, whole=True),
    "DELETE /v1/hooks/{hook}": Row("key", _MANAGES, whole=True, status=404),
    "POST /v1/hooks/{hook}/rotate": Row("key", _MANAGES, whole=True, status=404),
    "POST /v1/hooks/{hook}/test": Row("key", _MANAGES, whole=True, status=404),
    "GET /v1/hooks/{hook}/deliveries": Row("key", _MANAGES, whole=True, status=404),
    "POST /v1/pulses/{pulse}/open": Row("key", _MANAGES, whole=True, status=409),
    "POST /v1/pulses/{pulse}/close": Row("key", _MANAGES, whole=True, status=409, acts="open"),
    "POST /v1/pulses/{pulse}/release": Row("key", _MANAGES, whole=True, status=409, acts="closed"),
    "PUT /v1/roster": Row("key", _MANAGES, whole=True, body="{}", status=422),
    "POST /v1/roster/import": Row("key", _MANAGES, whole=True, body="id,headcount\n", status=422),
    "GET /v1/audit": Row("key", _MANAGES, whole=True, tells_of_itself=True),
    "GET /v1/roster": Row("key", _MANAGES, whole=True),
    "POST /v1/people/import": Row("key", "scim", whole=True, body="mail\n", status=422),
    "DELETE /v1/people": Row("key", _MANAGES, whole=True, query="?people=99", status=409),
    "GET /v1/directory": Row("key", _MANAGES, whole=True),
    "PUT /v1/directory": Row("key", _MANAGES, whole=True, body="{}", status=422),
    "POST /v1/instruments": Row("key", _MANAGES, whole=True, body="{}", status=422),
    "GET /v1/instruments": Row("key", _MANAGES),
    "GET /v1/instruments/{id}": Row("key", _MANAGES),
    "POST /v1/schedules": Row("key", _MANAGES, whole=True, body=_SCHEDULE, status=422),
    "GET /v1/schedules": Row("key", _MANAGES, whole=True),
    "GET /v1/schedules/{schedule}": Row("key", _MANAGES, whole=True, status=404),
    "PATCH /v1/schedules/{schedule}": Row("key", _MANAGES, whole=True, body="{}", status=404),
    "DELETE /v1/schedules/{schedule}": Row("key", _MANAGES, whole=True, status=404),
    "GET /manage/schedules": Row("session", _MANAGES, whole=True),
    "POST /manage/schedules": Row(
        "session", _MANAGES, whole=True, body="label=&hand_over=nobody&action=make", status=422
    ),
    "GET /manage": Row("session", _MANAGES, whole=True),
    "GET /manage/roster": Row("session", _MANAGES, whole=True, query="?below={unit}"),
    "GET /manage/roster.csv": Row("session", _MANAGES, whole=True),
    "GET /manage/roster/example.csv": Row("session", _MANAGES, whole=True),
    "POST /manage/roster": Row("session", _MANAGES, whole=True, body="text=&action=check", status=422),
    "GET /manage/people": Row("session", _MANAGES, whole=True),
    "POST /manage/people": Row("session", _MANAGES, whole=True, body="from=groups&action=check", status=422),
    "POST /manage/people/file": Row("session", "manage&scim", whole=True, body="columns=&action=check", status=422),
    "GET /manage/pulse": Row("session", _MANAGES, whole=True, query="?pulse={pulse}"),
    "GET /manage/pulse/invite": Row(
        "session", _MANAGES, whole=True, query="?pulse={pulse}", status=303, by_state={"draft": 200}
    ),
    "POST /manage/pulse/invite": Row(
        "session", _MANAGES, whole=True, body="pulse={pulse}&issued=99", status=303, by_state={"draft": 409}
    ),
    "POST /manage/letters": Row("session", _MANAGES, whole=True, body="pulse={pulse}", status=303),
    "POST /manage/reminders": Row("session", _MANAGES, whole=True, body="pulse={pulse}", status=303),
    "GET /manage/pulse/{step}": Row(
        "session", _MANAGES, whole=True, query="?pulse={pulse}", status=303, by_state={"draft": 200}
    ),
    "POST /manage/pulse/{step}": Row(
        "session", _MANAGES, whole=True, body="pulse={pulse}&sure=yes", status=303, by_state={"draft": 409}
    ),
    "GET /manage/pulses/new": Row("session", _MANAGES, whole=True),
    "POST /manage/pulses/new": Row("session", _MANAGES, whole=True, body="instrument=none+1&action=create", status=422),
}

_PAGES = {
    "GET /dashboard": Row("session", "results", query="?pulse={pulse}&unit={unit}", states="released", sent_on=True),
    "GET /dashboard/overview/blocks.svg": _page(),
    "GET /dashboard/tables/{name}.csv": _page(),
    "GET /dashboard/units": _page(query="?pulse={pulse}&branch={unit}"),
    "GET /dashboard/units/heatmap.svg": _page(query="?pulse={pulse}&branch={unit}"),
    "GET /dashboard/unit": _page(),
    "GET /dashboard/unit/blocks.svg": _page(),
    "GET /dashboard/unit/items.svg": _page(),
    "GET /dashboard/unit/trend.svg": _page(_ANALYST),
    "GET /dashboard/unit/trends.svg": _page(_ANALYST),
    "GET /dashboard/report": _page(),
    "GET /dashboard/changes": _page(_ANALYST, "?pulse={pulse}&branch={unit}"),
    "GET /dashboard/changes/changes.svg": _page(_ANALYST, "?pulse={pulse}&branch={unit}"),
    "GET /dashboard/lenses": _page(_ANALYST),
    "GET /dashboard/lenses/quadrant.svg": _page(_ANALYST, status=404),
    "GET /dashboard/lenses/fit.svg": _page(_ANALYST, status=404),
    "GET /dashboard/archetypes": _page(_ANALYST, "?pulse={pulse}"),
    "GET /dashboard/archetypes/map.svg": _page(_ANALYST, "?pulse={pulse}", whole=True, status=404),
    "GET /dashboard/archetypes/profiles.svg": _page(_ANALYST, "?pulse={pulse}", whole=True, status=404),
    "GET /dashboard/drivers": _page(_ANALYST, "?pulse={pulse}", whole=True),
    "GET /dashboard/drivers/shares.svg": _page(_ANALYST, "?pulse={pulse}", whole=True, status=404),
    "GET /dashboard/quality": _page(_ANALYST, "?pulse={pulse}", whole=True),
    "GET /dashboard/quality/coefficients.svg": _page(_ANALYST, "?pulse={pulse}", whole=True),
    "GET /dashboard/forecast": Row(
        "session", "results", bound=True, query="?pulse={pulse}", states="open closed released"
    ),
    "POST /dashboard/forecast": Row(
        "session", "results", bound=True, body="pulse={pulse}", states="open closed released", status=422
    ),
    "POST /dashboard/forecast/withdraw": Row(
        "session", "results", bound=True, body="pulse={pulse}", states="open released", status=303, acts="closed"
    ),
    "GET /dashboard/forecast/expected.svg": Row("session", "results", bound=True, query="?pulse={pulse}", states=""),
    "GET /dashboard/forecast/expected.csv": Row("session", "results", bound=True, query="?pulse={pulse}", states=""),
}

#: SCIM refuses in its own form, and one route takes whatever it asks for: what is under it is SCIM's library's to say.
_SCIM = {
    "GET /scim/v2/{path:path}": Row("scim", "scim", whole=True),
    "POST /scim/v2/{path:path}": Row("scim", "scim", whole=True, body="{}", status=400),
    "PUT /scim/v2/{path:path}": Row("scim", "scim", whole=True, body="{}", status=405),
    "PATCH /scim/v2/{path:path}": Row("scim", "scim", whole=True, body="{}", status=405),
    "DELETE /scim/v2/{path:path}": Row("scim", "scim", whole=True, status=405),
}

TABLE: dict[str, Row] = {**_SCIM, **_ANYONE, **_READERS, **_LEADERS, **_MANAGERS, **_PAGES}
