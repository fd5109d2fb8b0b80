"""Requests nobody means well with, made by chance from a seed; all of them are to be refused, or answered unchanged."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tests.fuzz.serving import ITEMS, Target

#: Stands in everything that is sent; nothing that comes back, and no line of a log, may hold it.
MARK = "zq7canary"

Ending = Literal["whole", "half", "slow", "gone"]


@dataclass(frozen=True)
class Attack:
    """Bytes for one connection. `half`: the sender then says that no more comes; `slow`: they trickle; `gone`: the
    sender leaves without listening. `refused` where no answer may be a success."""

    name: str
    content: bytes
    ending: Ending = "whole"
    refused: bool = True


Chance = random.Random


def request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    said = {"Host": "redwood", **({"Content-Length": str(len(body))} if body else {}), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode("utf-8", "surrogateescape") + body


def syntax(chance: Chance, target: Target) -> Attack:
    """What is hardly HTTP."""
    path = f"/v1/pulses/{target.pulse}/responses"
    head = f"POST {path} HTTP/1.1\r\nHost: redwood\r\n"
    chunked = f"{head}Transfer-Encoding: chunked\r\n"
    tried: list[tuple[str, str | bytes, Ending]] = [
        ("no HTTP", MARK * 50 + "\r\n\r\n", "half"),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + chance.randbytes(200), "half"),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "half"),
        ("HTTP/0.9", f"GET /{MARK}\r\n\r\n", "half"),
        ("HTTP/9.9", f"GET /{MARK} HTTP/9.9\r\nHost: x\r\n\r\n", "half"),
        ("no host", f"GET /v1/{MARK} HTTP/1.1\r\nConnection: close\r\n\r\n", "half"),
        ("absolute", f"GET http://{MARK}/v1/results HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "half"),
        ("asterisk", f"OPTIONS * HTTP/1.1\r\nHost: {MARK}\r\nConnection: close\r\n\r\n", "half"),
        ("bare newlines", f"GET /{MARK} HTTP/1.1\nHost: x\nConnection: close\n\n", "half"),
        ("folded", f"GET /{MARK} HTTP/1.1\r\nHost: x\r\nX: a\r\n {MARK}\r\nConnection: close\r\n\r\n", "half"),
        ("no colon", f"GET /{MARK} HTTP/1.1\r\nHost: x\r\n{MARK}\r\n\r\n", "half"),
        ("NUL in a header", f"GET / HTTP/1.1\r\nHost: x\r\nX: {MARK}\0\r\n\r\n", "half"),
        ("thousands of headers", head + "".join(f"X-{n}: {MARK}\r\n" for n in range(3_000)) + "\r\n", "half"),
        ("an enormous header", f"{head}X: {MARK * 20_000}\r\n\r\n", "half"),
        ("an enormous address", f"GET /{MARK * 20_000} HTTP/1.1\r\nHost: x\r\n\r\n", "half"),
        ("two lengths", f"{head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{MARK}", "half"),
        ("a length below nothing", f"{head}Content-Length: -1\r\n\r\n{MARK}", "half"),
        ("a length that is none", f"{head}Content-Length: {MARK}\r\n\r\n{MARK}", "half"),
        ("an endless length", f"{head}Content-Length: {10**30}\r\n\r\n{MARK}", "half"),
        ("length and chunks", f"{chunked}Content-Length: 4\r\n\r\n0\r\n\r\n{MARK}", "half"),
        ("more was promised", f'{head}Content-Length: 5000\r\n\r\n{{"token": "{MARK}', "half"),
        ("more was promised, gone", f'{head}Content-Length: 5000\r\n\r\n{{"token": "{MARK}', "gone"),
        ("less was promised", f'{head}Content-Length: 3\r\nConnection: close\r\n\r\n{{"token": "{MARK}"}}', "half"),
        ("no chunk size", f"{chunked}\r\n{MARK}\r\n{MARK}\r\n0\r\n\r\n", "half"),
        ("a chunk below nothing", f"{chunked}\r\n-5\r\n{MARK}\r\n0\r\n\r\n", "half"),
        ("an enormous chunk", f"{chunked}\r\nffffffffffffffffff\r\n{MARK}\r\n0\r\n\r\n", "half"),
        (
            "words on a chunk",
            f"{chunked}Connection: close\r\n\r\n9;{MARK}={MARK}\r\n{MARK}\r\n0\r\n{MARK}: 1\r\n\r\n",
            "half",
        ),
        ("chunks without an end", f"{chunked}\r\n9\r\n{MARK}\r\n", "half"),
        ("an unknown coding", f"{head}Transfer-Encoding: {MARK}\r\n\r\n{MARK}", "half"),
        ("expecting", f"{head}Expect: {MARK}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}", "half"),
        ("upgrading", f"GET /{MARK} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", "half"),
        ("a slow head", f"GET /{MARK} HTTP/1.1\r\nHost: {MARK}\r\nConnection: close\r\n\r\n", "slow"),
        ("a slow body", f"{head}Content-Length: 30\r\nConnection: close\r\n\r\n{(MARK * 4)[:30]}", "slow"),
        ("half a head", f"{head}X: {MARK}", "half"),
        ("nothing", "", "half"),
    ]
    name, content, ending = chance.choice(tried)
    return Attack(name, content if isinstance(content, bytes) else content.encode(), ending)


def addresses(chance: Chance, target: Target) -> Attack:
    """Odd methods, paths, parameters and headers."""
    odd = ["%00", "%2e%2e%2f", "..", "%2F", "//", "%ff%fe", "%u0041", ";", "\\", "%0d%0aX:1", "%", "%zz", "\u00e9", "~"]
    root = chance.choice(["/", "/v1/", "/static/", "/dashboard/", "/manage/", f"/v1/pulses/{target.pulse}/", "/docs/"])
    path = root + "".join(chance.choice([*odd, MARK, "a" * 300]) for _ in range(chance.randint(1, 5)))
    if chance.random() < 0.6:
        path = chance.choice(READS).replace("{pulse}", chance.choice([target.pulse, MARK, "%00", "a" * 16]))
    names = ["pulse", "unit", "block", "item", "by", "from", "to", "lineage", "format", "limit", "cursor", "lang", MARK]
    values = [MARK, "%00", "", "-1", "9" * 400, "1e999", "%ff", "%ed%a0%80", "2024-13-45", "now", "json", "*", "a,b"]
    query = "&".join(f"{chance.choice(names)}={chance.choice(values)}" for _ in range(chance.choice([0, 1, 2, 5, 300])))
    method = chance.choice(["GET", "GET", "GET", "HEAD", "PROPFIND", "TRACE", "BREW", MARK, "OPTIONS", "get"])
    return Attack(
        f"{method[:8]} {path[:40]}",
        request(method, f"{path}?{query}", headers=_oddities(chance, target)),
        refused=False,
    )


def _oddities(chance: Chance, target: Target) -> dict[str, str]:
    said: dict[str, str] = {}
    if chance.random() < 0.5:
        key = target.keys["manage"]
        said["Authorization"] = chance.choice([f"Bearer {key}", f"bearer {key}", f"Bearer {MARK}", f"{MARK}", "Bearer"])
    if chance.random() < 0.3:
        ranges = [
            "*/*;q=0",
            f"{MARK}/{MARK}",
            "application/json;q=9",
            "text/html",
            ",,,;;;",
            "a/b;q=NaN",
            "*",
            "text/*" * 900,
        ]
        said["Accept"] = chance.choice(ranges)
    if chance.random() < 0.3:
        sent = next(iter(target.cookies.values()))
        jars = [
            f"redwood_session={MARK}",
            f"redwood_session={sent}; redwood_session={MARK}",
            "=;=;;",
            f'"{MARK}',
            f"{MARK}" * 900,
        ]
        said["Cookie"] = chance.choice(jars)
    if chance.random() < 0.2:
        said["If-None-Match"] = chance.choice(["*", MARK, '"', 'W/"', ",,,", '"' + MARK + '"'])
    if chance.random() < 0.2:
        said |= {
            "Accept-Language": MARK * 30,
            "X-Forwarded-For": MARK,
            "X-Forwarded-Host": MARK,
            "Forwarded": f"for={MARK}",
        }
    if chance.random() < 0.1:
        said["Host"] = chance.choice([MARK, "", "[::1", "a@b:99999"])
    return said


READS = [
    *(f"/v1/{name}" for name in ("results", "heatmap", "trends", "changes", "alerts", "clusters", "archetypes")),
    *(
        f"/v1/{name}"
        for name in ("quality", "items", "agreement", "drivers", "dictionary", "pulses", "roster", "audit")
    ),
    *(f"/v1/pulses/{{pulse}}/{name}" for name in ("questionnaire", "exposure", "issuer", "participation", "release")),
    *(f"/v1/pulses/{{pulse}}/{name}" for name in ("attack-report", "findings", "forecasts", "forecasts/n1")),
    *(
        f"/{name}"
        for name in ("answer", "attack-report", "dashboard", "dashboard/units", "manage", "manage/pulse", "docs")
    ),
]
WRITES = [
    ("POST", "/v1/pulses"),
    ("POST", "/v1/pulses/{pulse}/invitations"),
    ("POST", "/v1/instruments"),
    ("PUT", "/v1/roster"),
    ("POST", "/v1/roster/import"),
    ("PUT", "/v1/pulses/{pulse}/forecasts/n1"),
    ("POST", "/v1/pulses/{pulse}/responses"),
    ("POST", "/v1/pulses/{pulse}/tokens"),
]
FORMS = [
    *("/answer", "/answer/review", "/answer/send", "/dashboard/sign-in", "/dashboard/forecast"),
    *("/dashboard/forecast/withdraw", "/manage/roster", "/manage/pulses/new", "/manage/pulse/invite"),
    *("/manage/people", "/manage/people/file", "/manage/pulse/open", "/manage/pulse/close", "/manage/pulse/release"),
]


def bodies(chance: Chance, target: Target) -> Attack:
    """What is no JSON, or hardly."""
    method, path = chance.choice(WRITES)
    if chance.random() < 0.1:
        path = chance.choice([path, f"{path}/", path.upper()])
    good = json.dumps({"token": MARK, "answers": {MARK: 1}, "units": [{"id": MARK}], "instrument": MARK})
    deep = chance.choice([500, 5_000, 200_000])
    tried: list[bytes] = [
        good[: chance.randint(1, len(good) - 1)].encode(),
        b"[" * deep,
        b'{"a":' * deep + b"1" + b"}" * deep,
        b'{"answers": {"PS1": ' + b"9" * 6_000 + b'}, "token": "' + MARK.encode() + b'"}',
        f'{{"answers": {{"PS1": 1e400}}, "token": "{MARK}"}}'.encode(),
        f'{{"answers": {{"PS1": NaN}}, "token": "{MARK}", "units": -Infinity}}'.encode(),
        f'{{"token": "{MARK}\\u0000", "answers": {{"\\ud800": 1}}}}'.encode(),
        f'{{"token": "{MARK}\\ud83d", "units": [{{"id": "\\udfff{MARK}", "headcount": 1}}]}}'.encode(),
        f'{{"token": "a", "token": "{MARK}", "answers": {{"PS1": 1, "PS1": 2}}}}'.encode(),
        b"\xef\xbb\xbf" + good.encode(),
        good.encode("utf-16"),
        good.replace(MARK, f"{MARK}\u00e9").encode("latin-1"),
        b"\x1f\x8b\x08\x00" + chance.randbytes(80),
        chance.randbytes(chance.randint(1, 400)),
        b"null",
        b'"' + MARK.encode() + b'"',
        b"id,parent,headcount\n" + MARK.encode() + b",\x00,999999999999999999999999\n" * 3,
        b'id,headcount\n"' + MARK.encode() * 40_000,
        good.encode() + b" " * 20_000,
    ]
    types = [
        "application/json",
        "text/csv",
        "text/plain",
        f"{MARK}/{MARK}",
        "application/json; charset=utf-16",
        "",
        ";;",
    ]
    headers = {"Content-Type": chance.choice(types), **_oddities(chance, target)}
    if chance.random() < 0.2:
        headers["Content-Encoding"] = chance.choice(["gzip", "br", MARK])
    return Attack(
        f"{method} {path}", request(method, path.replace("{pulse}", target.pulse), chance.choice(tried), headers)
    )


def answers(chance: Chance, target: Target) -> Attack:
    """To the respondent's door: right tokens with wrong answers, and right answers with tokens wrong by a byte."""
    right = dict.fromkeys(ITEMS, 3)
    if chance.random() < 0.5:
        body = {"token": _mutated(chance, chance.choice([*target.invitations, *target.unlinkable])), "answers": right}
    else:
        wrong = [MARK, [], {}, True, 0, 6, -1, 10**30, 3.0, 2.5, "3", [3], {"a": MARK}]
        items = [*ITEMS, MARK, "", "PS1\0", "ps1", "WB2"]
        given = {chance.choice(items): chance.choice(wrong) for _ in range(chance.randint(1, 3))}
        body = {"token": chance.choice(target.invitations), "answers": {**right, **given}}
    if chance.random() < 0.3:
        body["bands"] = chance.choice([{MARK: MARK}, [], MARK, {"": ""}, {"tenure": None}])
    if chance.random() < 0.2:
        body[chance.choice([MARK, "unit", "pad"])] = chance.choice([1, None, [MARK]])
    if right == body["answers"] and body["token"] in {*target.invitations, *target.unlinkable}:
        body["token"] = MARK
    raw = json.dumps(body).encode()
    pulse = chance.choice([target.pulse] * 5 + ["a" * 16, MARK])
    return Attack(
        "answers", request("POST", f"/v1/pulses/{pulse}/responses", raw, {"Content-Type": "application/json"})
    )


def exchanges(chance: Chance, target: Target) -> Attack:
    invitation = _mutated(chance, chance.choice(target.invitations))
    points = ["A" * 43, "", MARK, "4vKuCmq8TnGohKlhxQBRX1jjC2qlgt2NtqZZReCNLXY", "_" * 43, "4vKu=", None, 7, MARK * 9]
    raw = json.dumps({"invitation": invitation, "blinded": chance.choice(points)}).encode()
    pulse = chance.choice([target.pulse] * 5 + ["a" * 16, MARK])
    return Attack("exchange", request("POST", f"/v1/pulses/{pulse}/tokens", raw, {"Content-Type": "application/json"}))


def _mutated(chance: Chance, token: str) -> str:
    """One character another, one more, one less, or another's end."""
    at = chance.randrange(len(token))
    other = chance.choice([it for it in string.ascii_letters + string.digits + "-_.=%\u00e9\0 " if it != token[at]])
    return chance.choice(
        [token[:at] + other + token[at + 1 :], token[:at] + other + token[at:], token[:at] + token[at + 1 :]]
    )


def forms(chance: Chance, target: Target) -> Attack:
    """Forms of other sites' pages with a cookie that is good, and of our own that no page of ours would send."""
    path = chance.choice(FORMS)
    elsewhere = chance.random() < 0.5
    cookie = "; ".join(f"{name}={value}" for name, value in target.cookies.items())
    said: dict[str, str] = {"Content-Type": "application/x-www-form-urlencoded"}
    if not path.startswith("/answer"):
        said["Cookie"] = cookie
    if elsewhere and "Cookie" in said:
        said |= chance.choice(ELSEWHERE)
        fields = [
            ("pulse", target.pulse),
            ("sure", "yes"),
            ("issued", "0"),
            ("action", "apply"),
            ("text", "id,headcount\nx,9\n"),
        ]
        body = "&".join(f"{name}={value}" for name, value in fields).replace("\n", "%0A").encode()
        return Attack(f"elsewhere {path}", request("POST", path, body, said))
    if chance.random() < 0.3:
        said["Content-Type"] = chance.choice(
            ["multipart/form-data", "multipart/form-data; boundary=" + MARK, "text/plain", MARK]
        )
    token, wrong = chance.choice(target.invitations), chance.choice(["6", "-1", MARK, "9" * 5_000, "3.0"])
    mutated = _mutated(chance, chance.choice([*target.invitations, *target.unlinkable]))
    tried = [
        b"token=" + MARK.encode() + b"&token=" + MARK.encode(),
        b"&".join(b"%s%d=1" % (MARK.encode(), number) for number in range(3_000)),
        b"token=%ff%fe&lang=" + MARK.encode(),
        f"token={mutated}&item.{MARK}={MARK}".encode(),
        f"token={mutated}&item.PS1=3".encode(),
        f"token={token}&item.PS1={wrong}".encode(),
        f"token={token}&item.PS1=3&band.{MARK}={MARK}".encode(),
        f"token={token}&item.PS1=3&{MARK}={MARK}&lang={MARK}".encode(),
        f"key={MARK}%00&{MARK}=".encode(),
        f"pulse={MARK}&sure=yes".encode(),
        f'--{MARK}\r\nContent-Disposition: form-data; name="{MARK}"; filename="../{MARK}"\r\n\r\n{MARK}'.encode(),
        chance.randbytes(300),
        MARK.encode() * 3_000,
    ]
    return Attack(f"form {path}", request("POST", path, chance.choice(tried), said))


ELSEWHERE = [
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Origin": f"https://{MARK}"},
    {"Origin": "http://redwood.elsewhere.example"},
    {"Origin": "http://redwood@elsewhere.example"},
    {"Origin": "http://redwood", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://redwood"},
    {"Sec-Fetch-Site": MARK},
    {"Origin": "", "Referer": "http://redwood/manage"},
]

FAMILIES: list[tuple[Callable[[Chance, Target], Attack], int]] = [
    (syntax, 2),
    (addresses, 4),
    (bodies, 3),
    (answers, 4),
    (exchanges, 2),
    (forms, 4),
]


def attacks(seed: int, count: int, target: Target) -> Iterator[Attack]:
    chance = random.Random(seed)
    families, weights = zip(*FAMILIES, strict=True)
    for _ in range(count):
        yield chance.choices(families, weights)[0](chance, target)
