"""The crawl: everything a running service says, with every key, is read, put together again, and audited as one."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest

from service.store.access import KeyRow, add_key
from service.tokens import keys as secrets
from tests.journeys.crawl_claims import (
    Published,
    Union,
    audits,
    check_audits,
    check_edges,
    check_intervals,
    check_row,
    check_truth,
    group_of,
    invited_verdict,
    quality,
)
from tests.journeys.crawl_pages import Browser, Page, opens_pages, signing_in
from tests.journeys.crawl_people import (
    BANDS,
    BLOCKS,
    ITEMS,
    LENS,
    POOLS,
    UNITS,
    Company,
    Group,
    Sheet,
    Truth,
    company,
    sheets,
)
from tests.journeys.crawl_shown import NEVER, TABLES, check_page
from tests.journeys.crawl_taken import PICTURED, check_shut, check_tables, check_taken
from tests.journeys.crawl_told import Told, as_of, course, told
from tests.journeys.crawl_view import View
from tests.journeys.crawl_world import running_sample, sample, world
from tests.journeys.crawling import IDENTITY, Call, Crawler, Heard, Key, Row

SEED = 7
SCOPES = ("collect", "manage", "results", "analytics", "scim")
BOUND = ("ops", "labs", "lab-b", "south", "few", "void")
#: How many optional parameters at once each key tries: one for those bound to a unit, none for the others.
_DEPTH = {"all": 2}
#: Pages that must not change while a pulse runs: of each kind one, and some more.
_PAGES = 14
#: What is said of a pulse and hangs on no answer, though it changes as its life goes on.
LIFE = {f"/v1/pulses{it}" for it in ("", "/{pulse}", "/{pulse}/questionnaire", "/{pulse}/exposure", "/{pulse}/issuer")}


@dataclass
class Service:
    """A running service, what the test knows to be true of its pulses, and what was told of each before its close."""

    doors: Any
    truths: dict[str, Truth] = field(default_factory=dict)
    told: dict[str, Union] = field(default_factory=dict)
    #: By key and pulse what trends said when that pulse was the last.
    courses: dict[str, dict[str, Sequence[Row]]] = field(default_factory=dict)

    def draft(self, staff: Company, **more: Any) -> str:
        items = list(ITEMS)
        self.doors.ok("PUT", "/v1/roster", staff.document())
        body = {"instrument": "five-blocks", "lenses": ["crawled"], "items": items, "bands": BANDS, "series": "crawl"}
        body |= {"crosses": [["tenure", "site"]], "pools": POOLS, "label": f"Pulse {len(self.truths) + 1}"}
        pulse: str = self.doors.ok("POST", "/v1/pulses", body | more)["id"]
        threshold = more.get("policy", {}).get("threshold", 5)
        self.truths[pulse] = Truth(staff, sheets(staff.people, SEED + len(self.truths)), threshold, POOLS)
        return pulse

    def open(self, pulse: str) -> dict[str, list[str]]:
        issued = self.doors.ok("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
        self.doors.ok("POST", f"/v1/pulses/{pulse}/open")
        return {entry["unit"]: list(entry["tokens"]) for entry in issued}

    def answer(self, pulse: str, tokens: Mapping[str, list[str]]) -> None:
        assert set(self.doors.run(self._answered(pulse, tokens))) == {204}

    async def _answered(self, pulse: str, tokens: Mapping[str, list[str]]) -> list[int]:
        async def send(token: str, sheet: Sheet) -> int:
            body = {"token": token, "answers": sheet.answers, "bands": sheet.person.stated}
            reply = await self.doors.client.post(f"/v1/pulses/{pulse}/responses", json=body)
            return int(reply.status_code)

        return await asyncio.gather(*(send(tokens[it.person.unit].pop(), it) for it in self.truths[pulse].sheets))

    def step(self, pulse: str, verb: str) -> None:
        self.doors.ok("POST", f"/v1/pulses/{pulse}/{verb}")

    def release(self, pulse: str, keys: Iterable[Key]) -> None:
        self.step(pulse, "release")
        for key in keys:
            self.courses.setdefault(key.name, {})[pulse] = course(self.doors, key)

    def told_to(self, key: Key) -> Told:
        courses = self.courses[key.name] if key.may("/v1/trends") else {}
        return told(self.doors, key, list(self.truths), courses)

    def crawl(self, keys: Mapping[Key, int]) -> Heard:
        heard = Crawler(self.doors, self._values()).crawl(keys)
        for rows in heard.rows.values():
            for row, call in rows.values():
                self._check_reach(row, call)
        return heard

    def _values(self) -> dict[str, list[str]]:
        today = date.today()  # noqa: DTZ011 - the service's own day, and one on either side
        days = [(today + timedelta(days=step)).isoformat() for step in (-1, 0, 1)]
        return {
            "pulse": list(self.truths),
            "unit": sorted({unit for truth in self.truths.values() for unit in truth.tree}),
            "block": BLOCKS,
            "item": list(ITEMS),
            "by": ["tenure", "site", "tenure,site", "site,tenure"],
            "table": ["trends"],
            "from": days,
            "to": days,
            "as_of": days[1:2],
            "id": ["five-blocks", "crawled"],
            "version": ["1"],
            "lang": ["en", "ar"],
            "limit": ["397"],
        }

    def _check_reach(self, row: Row, call: Call) -> None:
        """A key bound to a unit hears of nothing outside that unit as it stood in the pulse."""
        if call.key.unit is None or not {"pulse", "unit"} <= row.keys():
            return
        inside = self.truths[row["pulse"]].subtree(call.key.unit)
        assert row["unit"] is None or row["unit"] in inside, f"{call} speaks of {row['unit']}"
        assert row.get("parent") is None or row["parent"] in inside, f"{call} speaks of {row['parent']}"

    def texts(self, key: Key, running: str) -> dict[str, str]:
        """What pages say while a pulse is running, but for that pulse's own, which says who took part."""
        found = Browser(self.doors, key).pages(running_sample(self.truths), _PAGES)
        own = {"pulse": running}
        return {page.address: page.root.text for page in found if (page.path, page.asked) != ("/manage/pulse", own)}


@pytest.fixture
def service(doors: Any) -> Service:
    doors.ok("POST", "/v1/instruments", LENS)
    return Service(doors)


@pytest.fixture
def keys(doors: Any) -> dict[str, Key]:
    every = ("manage", "results", "analytics")
    made = [Key("nobody's", {}, frozenset())]
    made += [Key(scope, doors.key(scope), frozenset({scope})) for scope in SCOPES]
    made.append(Key("all", doors.key(*SCOPES), frozenset(SCOPES)))
    made += [Key(f"all of {unit}", _bound(doors, every, unit), frozenset(every), unit) for unit in BOUND]
    made.append(Key("results of shop", _bound(doors, ("results",), "shop"), frozenset({"results"}), "shop"))
    return {key.name: key for key in made}


def _bound(doors: Any, scopes: Iterable[str], unit: str) -> dict[str, str]:
    """A key as it is stored, whatever the roster says of its unit: one of these is a pool, and in no roster."""
    secret = secrets.new_secret()
    with doors.parts.database.begin() as tx:
        row = KeyRow(secrets.new_id(), doors.organisation, frozenset(scopes), unit, "test")
        add_key(tx, row, secrets.digest_of(secret))
    return {"Authorization": f"Bearer {secret}"}


# What is read is computed from a release's bytes, which are the same on both databases; a minute is enough.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_crawl(service: Service, keys: dict[str, Key]) -> None:
    staff = company(SEED)
    first = service.draft(staff, classes=staff.classes(UNITS))
    tokens = service.open(first)
    light = {keys["all"]: 1, keys["results"]: 0, keys["analytics"]: 0, keys["all of ops"]: 0, keys["nobody's"]: 0}
    _check_running(service, first, service.crawl(light), spent=0)
    service.answer(first, tokens)
    service.step(first, "close")
    service.release(first, keys.values())

    staff = staff.moved(leave=(4, 5), join={"ops-b": 1, "shop-a": 3}, few="south")
    second = service.draft(staff)
    _check_a_pulse_that_runs(service, keys, light, second)

    staff = staff.moved(leave=(16, 40, 70), join={"ops-c": 6, "deep": 2}, ops_d="lab")
    third = service.draft(staff, classes=staff.classes(("ops-a", "ops-b", "shop-a")), policy={"threshold": 6})
    service.answer(third, service.open(third))
    service.step(third, "close")
    service.release(third, keys.values())

    _check_everything(service, keys)


def _check_a_pulse_that_runs(service: Service, keys: Mapping[str, Key], light: Mapping[Key, int], pulse: str) -> None:
    """From opening to just before its release nothing that is said anywhere hangs on an answer but who took part."""
    tokens = service.open(pulse)
    empty, empty_texts = service.crawl(light), service.texts(keys["all"], pulse)
    service.answer(pulse, tokens)
    full, full_texts = service.crawl(light), service.texts(keys["all"], pulse)
    assert full_texts == empty_texts
    _check_who_took_part(service, keys["all"], pulse, full)
    assert full.refused == empty.refused
    assert full.documents == empty.documents
    assert _tables(full) == _tables(empty)
    _check_running(service, pulse, empty, spent=0)
    _check_running(service, pulse, full, spent=1)

    service.step(pulse, "close")
    closed = service.crawl(light)
    assert _but_managed(service.texts(keys["all"], pulse)) == _but_managed(full_texts)
    assert _tables(closed) == _tables(full)
    assert _but_life(closed) == _but_life(full)
    assert {call for call, status in closed.refused.items() if status == 404} >= {
        call for call, status in full.refused.items() if status == 404
    }
    rows = [row for row, _ in closed.said("participation") if row["pulse"] == pulse]
    assert {(row["status"], row["n"], row["headcount"], row["rate"]) for row in rows} == {
        ("suppressed", None, None, None)
    }
    service.release(pulse, keys.values())


def _but_managed(texts: Mapping[str, str]) -> dict[str, str]:
    """The pages of managing tell at which step of its life a pulse is."""
    return {address: text for address, text in texts.items() if not address.startswith("/manage")}


def _check_who_took_part(service: Service, key: Key, pulse: str, heard: Heard) -> None:
    """The manager's page of a pulse that runs says what the API says of it, and no more."""
    told = [(row, call.key.unit) for row, call in heard.said("participation") if row["pulse"] == pulse]
    rows = [row for row, unit in told if unit is None]
    reply = Browser(service.doors, key).get(f"/manage/pulse?pulse={pulse}")
    tables = [rows for headings, rows in Page(key, "/manage/pulse", reply.text).tables() if "Answered" in headings]
    assert [sorted(lines) for lines in tables] == [sorted([row["unit_name"], *_took_part(row)] for row in rows)]


def _took_part(row: Row) -> list[str]:
    if row["n"] is None:
        return ["·not stated"]
    said = f"at least {row['n']} of {row['headcount']}" if row["n"] else f"below the first step, of {row['headcount']}"
    return [said, f"{round(row['rate'])} %", ""]


def _tables(heard: Heard) -> list[tuple[Call, str, list[str]]]:
    return [(call, table, rows) for call, table, rows in heard.tables if table != "participation"]


def _but_life(heard: Heard) -> list[tuple[Call, Any]]:
    return [(call, document) for call, document in heard.documents if call.path not in LIFE]


def _check_running(service: Service, pulse: str, heard: Heard, spent: int) -> None:
    """Of an open pulse nothing is said but how many were invited, and in steps how many have answered."""
    truth, told = service.truths[pulse], service.told.setdefault(pulse, Union())
    for table in heard.rows:
        if table != "participation":
            assert pulse not in {row.get("pulse") for row, _ in heard.said(table)}, table
    rows = [row for row, _ in heard.said("participation") if row["pulse"] == pulse]
    assert {row["unit"] for row in rows} == set(truth.tree)
    for row in rows:
        if row["status"] == "ok":
            # In whole steps, and never so many that everybody has answered.
            step, people = truth.threshold, min(truth.people(group_of(row)), row["headcount"] - 1)
            assert row["n"] == spent * (people // step * step), row
            assert row["rate"] == pytest.approx(100 * row["n"] / row["headcount"])
            told.invited(row["unit"], row["headcount"])
    for call, document in heard.documents:
        if call.path.endswith("/exposure"):
            _check_exposure(document, truth, told)
    assert told.headcounts
    check_truth(told, truth)
    assert invited_verdict(told.headcounts, truth).safe


def _check_exposure(document: Row, truth: Truth, told: Union) -> None:
    for it in document["counted_in"]:
        inside = truth.subtree(it["unit"])
        assert document["unit"] in inside
        if not it["by"]:
            told.invited(it["unit"], it["invited"])
            continue
        wanted = list(zip(it["by"], it["bands"], strict=True))
        people = sum(
            person.unit in inside and all(getattr(person, band) == value for band, value in wanted)
            for person in truth.company.people
        )
        assert it["invited"] == people if it["exact"] else it["invited"] >= people, (document["unit"], it)


def _check_everything(service: Service, keys: Mapping[str, Key]) -> None:
    heard = service.crawl({key: _DEPTH.get(key.name, 1 if key.unit else 0) for key in keys.values()})
    published = _releases(service, heard)
    assert set(published) == set(service.truths)
    for table in ("results", "heatmap", "trends", "participation"):
        for row, _ in heard.said(table):
            check_row(table, row, published)
        check_intervals([row for row, _ in heard.said(table) if "score" in row and row.get("view") != "now"], published)
    _check_alike(heard)
    unions = _rebuilt(service, heard, published)
    _check_there_is_much_to_read(unions, heard)
    _check_pages(service, keys, published, unions)
    for pulse, union in unions.items():
        truth = service.truths[pulse]
        check_truth(union, truth)
        check_edges(union, truth)
        check_audits(union, truth)
        _check_the_audit_can_fail(union, truth)
    _check_checks_can_fail(heard, published)


def _releases(service: Service, heard: Heard) -> dict[str, Published]:
    """From the documents; their digests, and what the adversary got."""
    found: dict[str, Published] = {}
    for call, document in heard.documents:
        if call.path.endswith("/release"):
            known = found.setdefault(document["pulse"], Published(document))
            assert known.document == document
        if call.path.endswith("/attack-report"):
            assert document["passed"] is True
            assert not any(unit in json.dumps(document) for unit in ("ops-", "shop-", "lab-"))
    for pulse in found:
        reply = service.doors.call("GET", f"/v1/pulses/{pulse}/release")
        digest = sha256(reply.content).hexdigest()
        assert reply.headers["X-Release-Digest"] == f"sha256:{digest}"
    return found


def _check_alike(heard: Heard) -> None:
    """Who asks the same way hears the same, whatever the format and in however many pages; asking for less gives
    just the rows that fit."""
    alike: dict[tuple[Any, ...], list[str]] = {}
    for call, table, rows in heard.tables:
        asked = {name: value for name, value in call.asked if name not in ("format", "limit")}
        assert alike.setdefault((table, call.key.unit, *asked.items()), rows) == rows, str(call)
        found = list(map(json.loads, rows))
        names = [tuple(str(row[name]) for name in IDENTITY[table]) for row in found]
        assert len(set(names)) == len(names), str(call)
        for row in found:
            for name in asked.keys() & {"pulse", "unit", "block", "item"}:
                assert row[name] == asked[name], str(call)
            if "by" in asked:
                assert sorted(row["by"].split(",")) == sorted(asked["by"].split(",")), str(call)
    for table in ("results", "heatmap", "quality"):
        _check_filtered(heard, table)


def _check_filtered(heard: Heard, table: str) -> None:
    """Filters take rows away and change none, but for where the units that are left stand to each other."""
    calls = [
        (call, [_placeless(line) for line in rows])
        for call, its, rows in heard.tables
        if its == table and call.key.name == "all"
    ]
    every = {
        line for call, rows in calls for line in rows if {name for name, _ in call.asked} <= {"by", "pulse", "block"}
    }
    for call, rows in calls:
        assert every.issuperset(rows), str(call)


def _placeless(line: str) -> str:
    row = json.loads(line)
    return json.dumps({name: value for name, value in row.items() if name not in ("parent", "depth")})


def _rebuilt(service: Service, heard: Heard, published: Mapping[str, Published]) -> dict[str, Union]:
    """One union a pulse out of every source, each of which by itself is complete and says what the release says."""
    unions = {pulse: Union() for pulse in published}
    for table in ("results", "heatmap", "trends", "participation"):
        alone = {pulse: Union() for pulse in published}
        for row, _ in heard.said(table):
            if row.get("view") == "now":
                continue  # added up from units of the pulse, of which everything is taken by itself
            alone[row["pulse"]].take(table, row)
            unions[row["pulse"]].take(table, row)
        for pulse, union in alone.items():
            release = published[pulse].union
            assert union.people.items() <= release.people.items()
            if table == "results":
                assert union.items == release.items
            if table in ("results", "heatmap"):
                assert {block for _, block in union.blocks} >= {"wellbeing", "safety", "split"}
            if table == "participation":
                units = {group: n for group, n in release.people.items() if not group[1]}
                assert (union.people, union.headcounts) == (units, release.headcounts)
    for pulse, union in unions.items():
        release = published[pulse]
        for group, n in release.union.people.items():
            union.count(group, n)
        for unit, n in service.told[pulse].headcounts.items() if pulse in service.told else ():
            union.invited(unit, n)
        _join(union, service.truths[pulse], release.document["pooled"])
    for row, _ in heard.said("quality"):
        _check_quality(row, unions[row["pulse"]], service.truths[row["pulse"]])
    return unions


def _check_there_is_much_to_read(unions: Mapping[str, Union], heard: Heard) -> None:
    """Bounds, distributions, slices of every family, points of trends withheld: else the crawl would prove little."""
    figures = [it for union in unions.values() for it in union.items.items()]
    assert {by for (_, by, _), _ in (place for place, _ in figures)} >= {(), ("tenure",), ("site",), ("tenure", "site")}
    assert any(not figure.exact for _, figure in figures)
    assert any(figure.counts for _, figure in figures)
    assert any(figure.favourable is None and item == "PS1" for (_, item), figure in figures)
    suppressed = {(row["pulse"], row["unit"]) for row, _ in heard.said("trends") if row["status"] == "suppressed"}
    assert any((unit, (), ()) in unions[pulse].people for pulse, unit in suppressed)
    assert any(row["change"] is not None for row, _ in heard.said("trends"))
    assert any(row["status"] == "ok" for row, _ in heard.said("quality"))


def _join(union: Union, truth: Truth, pooled: Row | None) -> None:
    """The pooled moments are of everybody who is published."""
    assert pooled is not None
    everybody = frozenset().union(*(truth.members(group) for group in union.people))
    assert pooled["n"] == sum(truth.counts(None)[cell] for cell in everybody) >= 10 * truth.threshold
    union.joined[everybody] = pooled["n"]


def _check_quality(row: Row, union: Union, truth: Truth) -> None:
    if row["status"] == "ok":
        cells, groups = quality(union, truth, row["block"])
        assert (row["n"], row["groups"]) == (sum(truth.counts(None)[cell] for cell in cells), groups), row
        union.joined[cells] = row["n"]


def _check_pages(
    service: Service, keys: Mapping[str, Key], published: Mapping[str, Published], unions: Mapping[str, Union]
) -> None:
    """Every key's pages say what the API tells that key, which in turn is held against the releases."""
    whole = service.told_to(keys["all"])
    _check_told(whole, published, unions)
    found: Counter[tuple[str, str, str]] = Counter()
    for key in keys.values():
        if key.headers and not opens_pages(key):
            refused = signing_in(service.doors, key)
            assert (refused.status_code, "set-cookie" in refused.headers) == (403, False), key.name
        elif key.headers:
            own = service.told_to(key)
            _check_told(own, published, unions)
            found += _check_pages_of(service, key, own, whole)
    assert {table for table in TABLES if not found[table]} == NEVER
    _check_pages_can_fail(service, keys["all of ops"], whole)


def _check_told(told: Told, published: Mapping[str, Published], unions: Mapping[str, Union]) -> None:
    """What one key is told is what was heard, so that its pages add nothing to the union that is audited."""
    for name in ("results", "heatmap", "participation", *map(as_of, published)):
        table = name.partition(" ")[0]
        for row in told.rows.get(name, ()):
            check_row(table, row, published)
            if row["status"] in ("ok", "bound") and "block" in row and row.get("item") is None:
                assert (group_of(row), row["block"]) in unions[row["pulse"]].blocks or row["block"] == "kinds", row


def _check_pages_of(service: Service, key: Key, own: Told, whole: Told) -> Counter[tuple[str, str, str]]:
    browser, around = Browser(service.doors, key), world(service.doors, service.truths, key, whole)
    check_shut(browser, around, key)
    check_tables(browser, around, IDENTITY.keys() - {"dictionary"})
    found: Counter[tuple[str, str, str]] = Counter()
    kinds: Counter[str] = Counter()
    taken: set[str] = set()
    for page in browser.pages(sample(around, key)):
        kinds[page.path] += 1
        found += check_page(page, own, around)
        if page.path in PICTURED and "pulse" in page.chosen and kinds[page.path] % 4 == 1:
            check_taken(browser, View(page, own, around), taken)
    assert (kinds["/dashboard/unit"] > 0) == bool(taken) == ("results" in key.scopes), key.name
    return found


def _check_pages_can_fail(service: Service, key: Key, whole: Told) -> None:
    """One figure off by one, one that is withheld, a name from elsewhere, a number from nowhere: each is noticed."""
    own, around = service.told_to(key), world(service.doors, service.truths, key, whole)
    address = f"/dashboard/unit?block=safety&pulse={list(service.truths)[-1]}&unit=ops-a"
    source = Browser(service.doors, key).get(address).text
    check_page(Page(key, address, source), own, around)
    plants = [
        (r"<td>(\d+)\.\d</td>", lambda found: f"<td>{int(found[1]) + 1}.0</td>"),
        (r'<td class="suppressed"[^>]*>.*?</td>', lambda _: "<td>61 <small>±9</small></td>"),
        (r'<p class="lead">', lambda _: '<p class="lead">Unlike Unit alike: '),
        (r'<p class="lead">', lambda _: '<p class="lead">Of 7,777 people '),
        (r'<p class="lead">', lambda _: '<table><tr><th>Person</th><th>Said</th></tr></table><p class="lead">'),
    ]
    for pattern, planted in plants:
        changed = re.sub(pattern, planted, source, count=1, flags=re.DOTALL)
        assert changed != source, pattern
        with pytest.raises(AssertionError):
            check_page(Page(key, address, changed), own, around)


def _check_the_audit_can_fail(union: Union, truth: Truth) -> None:
    """One slice more, and not even one that is too small by itself, and the union is no longer safe."""
    withheld = [group for group in truth.groups if group not in union.people and group[1]]
    planted = [group for group in withheld if truth.people(group) >= truth.threshold]
    verdicts = (_with(union, truth, group) for group in planted)
    assert not all(verdicts)
    small = next(group for group in withheld if 0 < truth.people(group) < truth.threshold)
    assert not _with(union, truth, small)


def _with(union: Union, truth: Truth, group: Group) -> bool:
    more = Union(people={**union.people, group: truth.people(group)})
    return next(verdict.safe for what, verdict in audits(more, truth) if what == "respondents")


def _check_checks_can_fail(heard: Heard, published: Mapping[str, Published]) -> None:
    """A figure a little off, or one that the release withholds, is noticed."""
    ok = next(row for row, _ in heard.said("results") if row["status"] == "ok" and row["item"] == "PS1")
    hidden = next(row for row, _ in heard.said("results") if row["status"] == "suppressed" and row["item"] == "PS1")
    for row in ({**ok, "mean": ok["mean"] + 1e-6}, {**ok, "n": ok["n"] + 1}, {**hidden, "n": 5}):
        with pytest.raises(AssertionError):
            check_row("results", row, published)
