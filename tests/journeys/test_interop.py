"""A client in another language gets a token from a live server and answers; one that is lied to does not answer."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.api.app import create_app
from service.bootstrap import runtime
from service.operations import access
from service.settings import Settings
from tests.doors import AtOnce
from tests.journeys.test_replay import live
from tests.tokens.asking import token_of
from tests.tokens.between import Between, Lie, handler_of
from tests.tokens.lies import LIES, UNIT, everything, truth

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "examples" / "interop" / "Answer.java"
#: A run is short: what makes Java fast later makes it slow to begin.
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
VECTORS = ROOT / "tests" / "tokens" / "rfc9497.json"
#: The way from the one that answers to the fingerprint has siblings on both sides, and some where nobody stands.
HEADCOUNTS = {UNIT: 60, "hr": 6, "others": 6, "north": 6}
#: What a run ends with: answered, failed, called wrongly, not to be trusted.
ANSWERED, FAILED, MISCALLED, UNTRUSTED = range(4)

in_java = pytest.mark.skipif(shutil.which("java") is None, reason="wants a Java runtime")


def run(command: list[str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command, *words], capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """How the client is run: compiled once where there is a compiler, since some tests run it often."""
    if shutil.which("javac") is None:
        return [*JAVA, str(SOURCE)]
    classes = tmp_path_factory.mktemp("classes")
    subprocess.run(["javac", "-Xlint:all,-serial", "-Werror", "-d", str(classes), str(SOURCE)], check=True, timeout=120)
    return [*JAVA, "-cp", str(classes), "Answer"]


class World:
    """A live server on a real socket, and whoever manages its pulses."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._manager = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        units = [{"id": unit, "parent": "all", "headcount": people} for unit, people in HEADCOUNTS.items()]
        self._ask("PUT", "/v1/roster", {"units": [{"id": "all", "headcount": 0}, *units]})
        self.pulse, self.invitations = self.opened()

    def opened(self) -> tuple[str, list[str]]:
        pulse = self._ask("POST", "/v1/pulses", {"instrument": "five-blocks"})["id"]
        issued = self._ask("POST", f"/v1/pulses/{pulse}/invitations")["invitations"]
        self._ask("POST", f"/v1/pulses/{pulse}/open")
        return pulse, next(one["tokens"] for one in issued if one["unit"] == UNIT)

    def counted(self, pulse: str) -> tuple[int, float]:
        """What is released of the item everybody here answers: by how many, and their mean."""
        self._ask("POST", f"/v1/pulses/{pulse}/close")
        self._ask("POST", f"/v1/pulses/{pulse}/release")
        (row,) = self._ask("GET", f"/v1/results?pulse={pulse}&unit={UNIT}&item=WB1")["data"]
        return row["n"], row["mean"]

    def send(self, method: str, path: str, body: Any) -> httpx.Response:
        """As anybody, on a connection of its own."""
        return httpx.request(method, self.url + path, json=body, timeout=30)

    def fingerprint(self, pulse: str) -> str:
        asked = self.send("GET", f"/v1/pulses/{pulse}/questionnaire", None).json()
        return str(asked["privacy"]["tokens"]["fingerprint"])

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return self._manager.request(method, path, json=body).raise_for_status().json()

    def close(self) -> None:
        self._manager.close()


@pytest.fixture(scope="module")
def world(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    file = tmp_path_factory.mktemp("interop") / "redwood.db"
    shutil.copy(migrated_file, file)
    parts = runtime(Settings(database_url=f"sqlite:///{file}"))
    organisation = access.create_organisation(parts.database, "Interop Works")
    key = access.create_key(parts.database, organisation, ["manage", "results"], None, "test")
    with live(create_app(parts, AtOnce(parts.database))) as url:
        made = World(url, key)
        yield made
        made.close()


@in_java
def test_the_client_holds_to_the_rfc_s_vectors(client: list[str], tmp_path: Path) -> None:
    told = run([*JAVA, str(SOURCE)], "--vectors", str(VECTORS))
    assert (told.returncode, told.stdout.split()) == (0, ["A.1.2.1", "holds", "A.1.2.2", "holds", "A.1.2.3", "holds"])
    bent = tmp_path / "bent.json"
    bent.write_text(VECTORS.read_text("utf-8").replace("b58cfbe1", "b58cfbe2"), "utf-8")
    assert run(client, "--vectors", str(bent)).returncode == FAILED


@in_java
def test_answers_from_java_and_from_python_are_counted_beside_plain_ones(world: World, client: list[str]) -> None:
    pulse, invitations = world.opened()
    for place, invitation in enumerate(invitations[:10]):
        token = invitation if place % 2 else token_of(world.send, invitation)
        body = {"token": token, "answers": {"WB1": place % 5 + 1}}
        assert world.send("POST", f"/v1/pulses/{pulse}/responses", body).status_code == 204
    words = ["WB1=5", "WB2=", "--delay", "1", "--fingerprint", world.fingerprint(pulse)]
    said = run(client, world.url, invitations[10], *words)
    assert (said.returncode, said.stderr) == (ANSWERED, "")
    assert "Waiting" in said.stdout
    assert f"in unit {UNIT}" in said.stdout
    # Its invitation is used up, in either way.
    assert run(client, world.url, invitations[10], "WB1=5").returncode == FAILED
    plain = {"token": invitations[10], "answers": {"WB1": 5}}
    assert world.send("POST", f"/v1/pulses/{pulse}/responses", plain).status_code == 403
    assert world.counted(pulse) == (11, pytest.approx((30 + 5) / 11))


@in_java
def test_without_answers_it_tells_what_is_asked_and_uses_nothing_up(world: World, client: list[str]) -> None:
    invitation = world.invitations.pop()
    told = run(client, world.url, invitation)
    assert told.returncode == ANSWERED
    assert "WB1" in told.stdout
    assert run(client, world.url, invitation, "hush=4").returncode == MISCALLED
    assert token_of(world.send, invitation)


# Between client and server stands somebody who reads everything, and may lie.


@pytest.fixture
def between(world: World) -> Iterator[Callable[[Lie], Between]]:
    running: list[ThreadingHTTPServer] = []

    def start(lie: Lie) -> Between:
        made = Between(world.url, lie)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(made))
        running.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        made.url = f"http://127.0.0.1:{server.server_port}"
        return made

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@in_java
def test_what_travels_has_one_size_no_cookie_and_no_connection_in_common(
    world: World, client: list[str], between: Callable[[Lie], Between]
) -> None:
    middle = between(truth)
    invitations = [world.invitations.pop() for _ in range(2)]
    for invitation, answers in zip(invitations, (["WB1=4"], ["WB1=1", "WB2=2", "PS1=3", "PS2="]), strict=True):
        assert run(client, middle.url, invitation, *answers).returncode == ANSWERED
    assert middle.paths() == ["questionnaire", "tokens", "issuer", "responses"] * 2
    assert all("cookie" not in one.headers for one in middle.seen)
    assert len({one.connection for one in middle.seen}) == len(middle.seen)
    exchanged, answered = ([one for one in middle.seen if one.path.endswith(end)] for end in ("/tokens", "/responses"))
    assert [len(one.body) for one in answered] == [4096, 4096]
    assert len({len(one.body) for one in exchanged}) == 1
    # The secret of an invitation is sent once, to be exchanged; what is answered with shares nothing with it.
    for invitation in invitations:
        secret = invitation.partition(".")[2]
        assert [secret.encode() in one.body for one in middle.seen].count(True) == 1
        assert not any(secret in one.path for one in middle.seen)
    for one in answered:
        nonce, output = json.loads(one.body)["token"].split(".")[3:]
        assert not any(part.encode() in other.body for other in exchanged for part in (nonce, output))


#: A process each takes its time: one of each reason to refuse. The others are told to our own holder, below.
TOLD_IN_JAVA = [
    "another key's evaluation, shown as the published one's",
    "another key, to strangers too",
    "another key, a questionnaire of your own",
    "another key, beside the usual one",
    "another key, below every place",
    "a proof bent",
]


@in_java
@pytest.mark.parametrize("name", TOLD_IN_JAVA)
def test_a_client_that_is_lied_to_says_so_and_does_not_answer(
    world: World, client: list[str], between: Callable[[Lie], Between], name: str
) -> None:
    middle = between(LIES[name])
    said = run(client, middle.url, world.invitations.pop(), "WB1=4")
    assert said.returncode == UNTRUSTED, said.stdout + said.stderr
    assert "NOT ANSWERED" in said.stderr
    assert "responses" not in middle.paths()


def test_the_honest_way_has_both_sides_and_an_empty_one(world: World) -> None:
    steps = world.send("GET", f"/v1/pulses/{world.pulse}/issuer?unit={UNIT}", None).json()["path"]
    assert {step["side"] for step in steps} == {"left", "right"}
    assert "0" * 64 in {step["hash"] for step in steps}


@in_java
def test_one_who_lies_to_all_is_caught_by_a_fingerprint_from_elsewhere(
    world: World, client: list[str], between: Callable[[Lie], Between]
) -> None:
    middle = between(everything)
    elsewhere = world.fingerprint(world.pulse)
    said = run(client, middle.url, world.invitations.pop(), "WB1=4", "--fingerprint", elsewhere)
    assert (said.returncode, middle.paths()) == (UNTRUSTED, ["questionnaire"])


@pytest.mark.parametrize("name", [name for name in LIES if name != "another key, a questionnaire of your own"])
def test_our_own_holder_is_as_hard_to_lie_to(world: World, between: Callable[[Lie], Between], name: str) -> None:
    middle = between(LIES[name])
    with httpx.Client(base_url=middle.url, timeout=30) as http, pytest.raises((ValueError, AssertionError)):
        token_of(lambda method, path, body: http.request(method, path, json=body), world.invitations.pop())
    assert "tokens" in middle.paths()
