"""A pulse's whole life by nothing but its pages, and what they say to whoever does a step twice, early, or unasked."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from service.errors import Unsafe
from service.operations import close, publish
from service.pages.dashboard.frame import Around
from service.pages.manage.form import form_of
from service.pages.manage.inviting import FIELDS, Inviting, Order, Way, invite_page, ordered
from service.pages.manage.life import SAID, path, said
from service.pages.manage.pulse import Known, pulse_page
from service.pages.manage.pulses import pulses_page
from service.pages.words import all_words
from service.survey.instrument_document import shipped
from service.survey.pulse import Pulse, State
from service.survey.roster import Unit

ROSTER = "id,name,parent,headcount\nworks,The <works>,,0\nnorth,North & co,works,9\nsouth,South,works,8\n"
#: Where the database makes no difference: the pages have no SQL of their own.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AROUND = Around("Harbour & Sons", "/manage", frozenset({"manage"}), bound=False, chosen={})


@dataclass
class Field:
    """What a browser sends of a form as it stands: `values`, and where only these may be chosen, the `offered`."""

    values: list[str] = field(default_factory=list)
    offered: set[str] | None = None


class Forms(HTMLParser):
    """Every form of a page: its action, its encoding, and its fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str], dict[str, Field], list[dict[str, str]]]] = []
        self._select: Field | None = None
        self._text: Field | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        it = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((it, {}, []))
            return
        if not self.found or (tag != "option" and tag != "button" and not it.get("name")):
            return
        _, fields, buttons = self.found[-1]
        if tag == "button":
            buttons.append(it)
        elif tag == "input" and it.get("type") in {"radio", "checkbox"}:
            known = fields.setdefault(it["name"], Field(offered=set()))
            assert known.offered is not None
            known.offered.add(it["value"])
            known.values += [it["value"]] if "checked" in it else []
        elif tag == "input" and it.get("type") != "file":
            fields[it["name"]] = Field([it.get("value", "")])
        elif tag == "select":
            self._select = fields[it["name"]] = Field(offered=set())
        elif tag == "option" and self._select is not None and self._select.offered is not None:
            self._select.offered.add(it["value"])
            if "selected" in it or not self._select.values:
                self._select.values = [it["value"]]
        elif tag == "textarea":
            self._text = fields[it["name"]] = Field([""])

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.values[0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            self._text.values[0] = self._text.values[0].removeprefix("\n")
            self._text = None
        if tag == "select":
            self._select = None


@dataclass
class Browser:
    """Reads pages and sends their forms as they stand, with what somebody fills in; follows where it is sent on."""

    doors: Any
    at: str = "/"
    reply: httpx.Response = field(default_factory=lambda: httpx.Response(200))

    @property
    def text(self) -> str:
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.reply.text)).split())

    def open(self, address: str, status: int = 200) -> Browser:
        return self._go("GET", address, status)

    def follow(self, words: str) -> Browser:
        """The link of these words, which there must be."""
        links = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', self.reply.text, re.DOTALL)
        (address,) = {href for href, inside in links if words in re.sub(r"<[^>]*>", "", inside)}
        return self.open(html.unescape(address))

    def send(
        self,
        action: str,
        filled: Mapping[str, str] | None = None,
        press: tuple[str, str] | None = None,
        status: int = 200,
    ) -> Browser:
        """The form with this action, with these fields filled in, by the button of this name and value."""
        (found,) = [it for it in Forms(self.reply.text).found if urlsplit(it[0]["action"]).path == action]
        form, fields, buttons = found
        for name, value in (filled or {}).items():
            assert name in fields, name
            offered = fields[name].offered
            assert offered is None or value in offered, (name, value)
            fields[name].values = [value]
        sent = [(name, value) for name, it in fields.items() for value in it.values]
        if press is not None:
            assert press in {(it.get("name"), it.get("value")) for it in buttons}
            sent.append(press)
        many = [(name, (None, value)) for name, value in sent]
        body: dict[str, Any] = {"files": many} if form.get("enctype") else {"data": _together(sent)}
        return self._go("POST", form["action"], status, **body)

    def _go(self, method: str, address: str, status: int, **body: Any) -> Browser:
        address = urljoin(self.at, address)
        self.reply = self.doors.run(self.doors.client.request(method, address, **body))
        self.at = address
        if self.reply.status_code == 303:
            return self._go("GET", self.reply.headers["location"], status)
        assert self.reply.status_code == status, self.text
        return self


def _together(sent: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in sent:
        found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def browser(doors: Any) -> Iterator[Callable[..., Browser]]:
    """Signed in with a new key of the given scopes."""

    def signed_in(*scopes: str, unit: str | None = None) -> Browser:
        doors.client.cookies.clear()
        key = doors.key(*scopes, unit=unit)["Authorization"].removeprefix("Bearer ")
        it = Browser(doors)
        it.reply = doors.run(doors.client.get("/dashboard/sign-in"))
        form = Forms(it.reply.text).found[0]
        doors.run(doors.client.post(form[0]["action"], data={"key": key}))
        return it

    yield signed_in
    doors.client.cookies.clear()


@pytest.fixture
def draft(doors: Any) -> str:
    doors.run(doors.client.put("/v1/roster", json=_units(), headers=doors.manager))
    body = {"instrument": "five-blocks", "items": ["WB1", "PS1"], "label": "Spring & more"}
    return str(doors.ok("POST", "/v1/pulses", body)["id"])


def _units() -> dict[str, Any]:
    rows = list(csv.DictReader(io.StringIO(ROSTER)))
    return {"units": [{**row, "parent": row["parent"] or None, "headcount": int(row["headcount"])} for row in rows]}


def codes(page: str) -> list[str]:
    """The codes of letters as a person types them."""
    return [re.sub(r"</?b>", "", it) for it in re.findall(r'<code class="typed"[^>]*>(.*?)</code>', page)]


def answer(doors: Any, link: str) -> dict[str, str]:
    """As a person without script does: the link is pasted, every statement answered, read over and sent.

    What was sent, but for the code.
    """
    phone = Browser(doors).open("/answer").send("/answer", {"token": link})
    fields = Forms(phone.reply.text).found[0][1]
    chosen = {name: "4" for name, it in fields.items() if name.startswith("item.") and "4" in (it.offered or ())}
    assert chosen
    phone.send("/answer/review", chosen)
    (found,) = [it for it in Forms(phone.reply.text).found if it[0]["action"] == "/answer/send"]
    phone.send("/answer/send")
    assert all_words()["en"]["done_title"] in phone.text
    return {name: it.values[0] for name, it in found[1].items() if it.values and name != "token"}


def test_from_an_empty_organisation_to_figures_by_pages_alone(doors: Any, browser: Callable[..., Browser]) -> None:
    desk = browser("manage", "results")
    desk.open("/manage").follow("Bring the roster").send("/manage/roster", {"text": ROSTER}, ("action", "check"))
    desk.send("/manage/roster", press=("action", "apply"))

    desk.open("/manage").follow("Set up a pulse")
    desk.send("/manage/pulses/new", {"label": "Spring & more"}, ("action", "create"))
    here = desk.at
    assert urlsplit(here).path == "/manage/pulse"
    assert "Nobody is invited yet" in desk.text

    desk.follow("Invite 9").send(
        "/manage/pulse/invite", {"way": "letters", "language": "de", "sure": "yes"}, status=201
    )
    letters = [f"http://redwood/answer#{code}" for code in codes(desk.reply.text)]
    assert len(letters) == 9
    assert desk.reply.headers["cache-control"] == "no-store"
    desk.open(here).follow("All that are left").send("/manage/pulse/invite", {"sure": "yes"}, status=201)
    listed = list(csv.DictReader(io.StringIO(desk.reply.text)))
    assert [it["unit"] for it in listed] == ["south"] * 8
    assert [it["link"] for it in listed] == [f"http://redwood/answer#{it['token']}" for it in listed]
    assert "Everybody is invited" in desk.open(here).text

    desk.follow("Open the pulse").send("/manage/pulse/open", {"sure": "yes"})
    assert "Invitations work from now on" in desk.text
    sent = answer(doors, letters[0])
    for link in [*letters[1:], *(it["link"] for it in listed)]:
        reply = doors.run(doors.client.post("/answer/send", data={**sent, "token": link}))
        assert reply.status_code == 200
    assert "at least 15 of 17" in desk.open(here).text
    desk.follow("Close the pulse").send("/manage/pulse/close", {"sure": "yes"})
    assert "Answers and invitations are destroyed" in desk.text
    desk.follow("Release the figures").send("/manage/pulse/release", {"sure": "yes"})
    assert "The figures are released" in desk.text
    desk.follow("Read the figures")
    assert urlsplit(desk.at).path == "/dashboard"
    assert "Spring & more" in desk.text


@ON_SQLITE
def test_no_step_is_taken_without_the_box_nor_twice(doors: Any, draft: str, browser: Callable[..., Browser]) -> None:
    desk = browser("manage", "results")
    here = f"/manage/pulse?pulse={draft}"
    doors.ok("POST", f"/v1/pulses/{draft}/invitations")
    for step, before, after in (
        ("open", "draft", "open"),
        ("close", "open", "closed"),
        ("release", "closed", "released"),
    ):
        address, action = f"/manage/pulse/{step}?pulse={draft}", f"/manage/pulse/{step}"
        asked = desk.open(address).reply
        assert "tick the box" in desk.send(action, status=422).text
        assert doors.ok("GET", f"/v1/pulses/{draft}")["state"] == before
        desk.send(action, {"sure": "yes"})
        assert desk.at == f"{here}&said={'opened' if step == 'open' else after}"
        assert doors.ok("GET", f"/v1/pulses/{draft}")["state"] == after
        # From a tab that was left open, and from its address.
        desk.reply = asked
        assert f"this pulse is {after} already" in desk.send(action, {"sure": "yes"}).text
        assert f"this pulse is {after} already" in desk.open(address).text
    assert "this pulse is released already" in desk.open(f"/manage/pulse/invite?pulse={draft}").text


@ON_SQLITE
def test_what_stands_in_the_way_of_opening_is_said(doors: Any, draft: str, browser: Callable[..., Browser]) -> None:
    desk = browser("manage")
    desk.open(f"/manage/pulse/open?pulse={draft}")
    assert "Nobody is invited yet" in desk.send("/manage/pulse/open", {"sure": "yes"}, status=409).text
    doors.ok("POST", f"/v1/pulses/{draft}/invitations")
    smaller = _units()
    smaller["units"][1]["headcount"] = 7
    doors.ok("PUT", "/v1/roster", smaller)
    assert "More invitations than people: north" in desk.open(f"/manage/pulse?pulse={draft}").text
    desk.open(f"/manage/pulse/open?pulse={draft}")
    assert "The roster shrank" in desk.send("/manage/pulse/open", {"sure": "yes"}, status=409).text
    assert doors.ok("GET", f"/v1/pulses/{draft}")["state"] == "draft"


@ON_SQLITE
@pytest.mark.parametrize("step", ["close", "release"])
def test_a_release_that_does_not_withstand_changes_nothing_and_says_so(
    doors: Any, draft: str, browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    for done in ("invitations", "open", *(["close"] if step == "release" else [])):
        doors.ok("POST", f"/v1/pulses/{draft}/{done}")

    def unsafe(*_: Any) -> None:
        raise Unsafe(["subtraction"])

    monkeypatch.setattr(close, "close_pulse", unsafe)
    monkeypatch.setattr(publish, "release_pulse", unsafe)
    desk = browser("manage").open(f"/manage/pulse/{step}?pulse={draft}")
    text = desk.send(f"/manage/pulse/{step}", {"sure": "yes"}, status=409).text
    assert "Nothing was changed" in text
    assert "What got through: subtraction" in text


@ON_SQLITE
def test_the_same_form_sent_again_issues_no_second_invitation(
    doors: Any, draft: str, browser: Callable[..., Browser]
) -> None:
    desk = browser("manage")
    asked = desk.open(f"/manage/pulse/invite?pulse={draft}&unit=north").reply
    order = {"way": "poster", "count": "4", "sure": "yes", "origin": "https://pulse.example/"}
    first = codes(desk.send("/manage/pulse/invite", order, status=201).reply.text)
    assert len(set(first)) == 4
    assert "https://pulse.example/answer" in desk.text
    assert "5 people of North & co still have no invitation" in desk.text
    desk.reply = asked
    again = desk.send("/manage/pulse/invite", order, status=409)
    assert codes(again.reply.text) == []
    assert "5 people have no invitation yet" in again.text
    left = doors.ok("POST", f"/v1/pulses/{draft}/invitations")["invitations"]
    assert {it["unit"]: len(it["tokens"]) for it in left} == {"north": 5, "south": 8}
    assert "Nobody is left here" in desk.open(f"/manage/pulse/invite?pulse={draft}&unit=north").text


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, ""),
        ({"origin": " http://127.0.0.1:8000/ "}, ""),
        ({"way": "letters", "count": "", "language": "ar"}, ""),
        ({"sure": ""}, "Tick the box"),
        ({"count": "0"}, "1 to 30 can be issued"),
        ({"count": "31"}, "1 to 30 can be issued"),
        ({"count": "19", "way": "letters"}, "1 to 18 can be issued"),
        ({"count": "25", "way": "poster"}, "1 to 24 can be issued"),
        ({"count": "9" * 5000}, "1 to 30 can be issued"),
        ({"count": "nine<b>"}, "1 to 30 can be issued"),
        ({"way": "<b>pigeon", "count": "3"}, "from those offered"),
        ({"way": "", "count": "3"}, "from those offered"),
        ({"language": "tlh<b>"}, "from those offered"),
        ({"origin": "https://pulse.example/path<b>"}, "The address is http"),
        ({"origin": ""}, "The address is http"),
    ],
)
def test_an_order_that_is_not_right_is_told_and_not_repeated(changed: dict[str, str], wrong: str) -> None:
    inviting = Inviting(_pulse(State.DRAFT, 1), Unit("north", "North", None, 33), 30, 3, "https://pulse.example")
    right = {"way": "list", "count": "30", "language": "en", "origin": "https://pulse.example", "sure": "yes"}
    order = ordered(form_of(list((right | changed).items()), once=FIELDS), inviting)
    if not wrong:
        assert isinstance(order, Order)
        assert order.count == (18 if order.way is Way.LETTERS else 30)
        return
    assert isinstance(order, list)
    (problem,) = order
    page = invite_page(AROUND, inviting, order)
    assert wrong in problem
    assert problem in page
    assert "b&gt;" not in page


def test_everybody_at_once_is_a_list_and_nothing_else() -> None:
    inviting = Inviting(_pulse(State.DRAFT, 1), None, 30, 3, "https://pulse.example")
    said = {"way": "letters", "origin": "https://pulse.example", "sure": "yes"}
    assert isinstance(ordered(form_of(list(said.items()), once=FIELDS), inviting), list)
    order = ordered(form_of(list((said | {"way": "list"}).items()), once=FIELDS), inviting)
    assert isinstance(order, Order)
    assert (order.way, order.count) == (Way.LIST, 30)


@ON_SQLITE
def test_participation_needs_its_own_scope_and_is_the_same_as_the_apis(
    doors: Any, draft: str, browser: Callable[..., Browser]
) -> None:
    issued = doors.ok("POST", f"/v1/pulses/{draft}/invitations")["invitations"]
    doors.ok("POST", f"/v1/pulses/{draft}/open")
    for token in issued[0]["tokens"][:6]:
        doors.ok("POST", f"/v1/pulses/{draft}/responses", {"token": token, "answers": {"WB1": 4}}, headers={})
    rows = doors.rows(f"/v1/pulses/{draft}/participation")
    text = browser("manage", "results").open(f"/manage/pulse?pulse={draft}").text
    for row in rows:
        assert (
            row["n"] is None
            or not row["n"]
            or f"at least {row['n']} of {row['headcount']} {round(row['rate'])} %" in text
        )
    assert [row["n"] for row in rows if row["n"]]
    text = browser("manage").open(f"/manage/pulse?pulse={draft}").text
    assert "needs the scope results" in text
    assert "at least" not in text.split("What holds for this pulse")[0].split("Who has answered so far")[1]


@ON_SQLITE
def test_other_keys_other_organisations_and_other_sites_find_nothing(
    doors: Any, draft: str, browser: Callable[..., Browser]
) -> None:
    addresses = ["/manage", *(f"/manage/pulse{step}?pulse={draft}" for step in ("", "/open", "/invite"))]
    for scopes, unit in ((("results", "analytics"), None), (("manage", "results"), "north")):
        desk = browser(*scopes, unit=unit)
        for address in addresses:
            desk.open(address, status=403)
    desk = browser("manage")
    for unknown in ("?pulse=aaaaaaaaaaaaaaaa", "?pulse=", "", f"/away?pulse={draft}", f"?pulse={draft}&unit=nowhere"):
        desk.open(f"/manage/pulse{unknown}", status=404)
    doors.ok("POST", f"/v1/pulses/{draft}/invitations")
    for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        sent = {"pulse": draft, "sure": "yes"}
        assert doors.run(doors.client.post("/manage/pulse/open", data=sent, headers=foreign)).status_code == 403
    assert doors.ok("GET", f"/v1/pulses/{draft}")["state"] == "draft"


def _pulse(state: State, place: int, **changed: Any) -> Pulse:
    instrument = shipped()["five-blocks"]
    items = tuple(item.id for item in instrument.items)
    made = Pulse(f"{place:016}", "org", f"Pulse <{place}>", "five-blocks", instrument, items, (), 5, state)
    return replace(made, **changed)


def test_every_state_has_its_heading_its_next_step_and_the_newest_first(elements: Callable[[str], Any]) -> None:
    days = [date(2025, month, 1) for month in range(1, 13)]
    done = [_pulse(State.RELEASED, n, number=n, opened_on=days[n], closed_on=days[n]) for n in (1, 3, 2)]
    others = [
        _pulse(State.DRAFT, 7),
        _pulse(State.OPEN, 8, opened_on=days[8]),
        _pulse(State.CLOSED, 9, number=4, opened_on=days[9], closed_on=days[9]),
    ]
    page = pulses_page(AROUND, [*done, *others], has_roster=True)
    said = re.findall(r"<h2[^>]*>(.*?)</h2>|Pulse &lt;(\d)&gt;</a>", page)
    assert [heading or number for heading, number in said] == [
        *("Open now", "8", "Closed, not released", "9", "Drafts", "7", "Released", "3", "2", "1")
    ]
    assert elements(page).text.count("Next: ") == 4


def test_an_empty_list_leads_to_the_roster_and_then_to_the_first_pulse() -> None:
    bare, ready = (pulses_page(AROUND, [], has_roster=has) for has in (False, True))
    assert 'class="button primary" href="/manage/roster"' in bare
    assert "/manage/pulses/new" not in bare
    assert 'class="button primary" href="/manage/pulses/new"' in ready


def test_a_long_history_stays_a_small_page() -> None:
    many = [
        _pulse(State.RELEASED, n, number=n, opened_on=date(2025, 1, 1), closed_on=date(2025, 1, 2)) for n in range(500)
    ]
    page = pulses_page(AROUND, many, has_roster=True)
    assert "And 400 earlier ones" in page
    assert len(page.encode()) < 60_000


def test_the_path_has_one_place_where_the_pulse_stands() -> None:
    for state in State:
        for invited in (False, True):
            places = [stop.place for stop in path(state, invited=invited)]
            assert places.count("here") == 1
            assert places == sorted(places, key=["past", "here", "ahead"].index)
    assert [stop.name for stop in path(State.DRAFT, invited=True) if stop.place == "here"] == ["Invited"]


def test_an_address_cannot_make_a_page_say_what_is_not_so() -> None:
    for word, (state, _) in SAID.items():
        assert [it for it in State if said(word, it)] == [state]
    assert not said("<b>", State.OPEN)
    known = Known(
        _pulse(State.CLOSED, 1, opened_on=date(2025, 1, 1), closed_on=date(2025, 1, 2)),
        "c0ffee",
        None,
        None,
        {},
        None,
        None,
    )
    assert 'role="status"' not in pulse_page(AROUND, known, "opened")
    assert "redwood scrub" in pulse_page(AROUND, known, "traces")
