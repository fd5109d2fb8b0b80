"""The browser's part of unlinkable tokens: built from what is locked alone, and run by node against issuers of ours."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from service.pages.assets import assets
from service.tokens import fingerprint, unlinkable

ROOT = Path(__file__).parents[2]
BROWSER = ROOT / "browser"
MODULE = ROOT / "service/pages/static/unlinkable.js"
MODULES = BROWSER / "node_modules"
NODE = shutil.which("node")
BUILT = pytest.mark.skipif(NODE is None or not MODULE.exists(), reason="no node here, or the module is not built")
LOCKED = pytest.mark.skipif(NODE is None or not MODULES.exists(), reason="no node here, or nothing to build from")
PULSE, SEED, UNIT = "a" * 16, b"s" * 32, "فريق & Söhne"
UNITS = (UNIT, "north", "south", "west", "")
INVITATION = f"{PULSE}.{'i' * 43}"
KEYS = {unit: unlinkable.class_key(SEED, PULSE, unit).public_key for unit in UNITS}
ROOT_HASH = fingerprint.root(KEYS).hex()
#: Runs every case one after the other: `before` is what a browser has kept, or null.
DRIVER = """
import { begin, exchange, nameOf } from MODULE;
const { base, cases, invitation, fingerprints } = JSON.parse(process.argv[1]);
const seen = {};
const kept = begin();
for (const name of cases) {
  const fingerprint = fingerprints[name] || fingerprints.honest;
  const asked = [];
  const ask = (path, options) => (asked.push(options), fetch(`${base}/${name}${path}`, options));
  let token = null, failure = null;
  try {
    token = await exchange(ask, invitation, kept, fingerprint);
  } catch (error) {
    failure = error.name;
  }
  const again = name === "honest" ? await exchange(ask, invitation, kept, fingerprint) : null;
  seen[name] = { token, failure, again, asked };
}
console.log(JSON.stringify({ seen, kept, other: begin(), name: nameOf(invitation) }));
"""


def text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def issued(blinded: bytes, seed: bytes = SEED, unit: str = UNIT) -> dict[str, Any]:
    """What POST /v1/pulses/{id}/tokens answers."""
    issuer = unlinkable.class_key(seed, PULSE, unit)
    evaluated, proof = issuer.evaluate(blinded)
    steps = fingerprint.paths(KEYS)[unit]
    return {
        "pulse": PULSE,
        "unit": unit,
        "suite": "ristretto255-SHA512",
        "public_key": text(issuer.public_key),
        "fingerprint": ROOT_HASH,
        "path": [{"side": side, "hash": sibling.hex()} for side, sibling in steps],
        "evaluated": text(evaluated),
        "proof": text(proof),
    }


def tagged(blinded: bytes) -> dict[str, Any]:
    """Evaluated by a key made for one person, with the proof that belongs to it, under the published key's name."""
    mine = issued(blinded, b"t" * 32)
    return mine | {"public_key": text(KEYS[UNIT])}


def flipped(field: str, at: int = 5) -> Callable[[bytes], dict[str, Any]]:
    def change(blinded: bytes) -> dict[str, Any]:
        honest = issued(blinded)
        octets = bytearray(base64.urlsafe_b64decode(honest[field] + "=="))
        octets[at] ^= 1
        return honest | {field: text(bytes(octets))}

    return change


def turned(blinded: bytes) -> dict[str, Any]:
    honest = issued(blinded)
    first, *rest = honest["path"]
    return honest | {"path": [first | {"side": "left" if first["side"] == "right" else "right"}, *rest]}


def hashed(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


class Doubled:
    """A tree that holds one unit twice: where it belongs with the published key, beside that with another."""

    def __init__(self, deep: int) -> None:
        """`deep` is the step, from the root, at which the ways of the two part."""
        place, name = hashed(UNIT.encode()), UNIT.encode()
        self.rights = [bool(place[at // 8] >> (7 - at % 8) & 1) for at in range(deep + 1)]
        keys = (KEYS[UNIT], unlinkable.class_key(b"t" * 32, PULSE, UNIT).public_key)
        self.leaves = [hashed(b"\0", len(name).to_bytes(4, "big"), name, key) for key in keys]
        at, sibling = self.leaves[0], self.leaves[1]
        for right in reversed(self.rights):
            at, sibling = hashed(b"\1", *((sibling, at) if right else (at, sibling))), fingerprint.EMPTY
        self.root = at.hex()

    def issued(self, blinded: bytes, *, tagged: bool) -> dict[str, Any]:
        rights = [*self.rights[:-1], self.rights[-1] is not tagged]
        steps = [{"side": "left" if right else "right", "hash": fingerprint.EMPTY.hex()} for right in rights]
        steps[-1]["hash"] = self.leaves[not tagged].hex()
        return issued(blinded, b"t" * 32 if tagged else SEED) | {"fingerprint": self.root, "path": steps[::-1]}


#: By the case in which it is shown: at the root, further down, and in the last byte there is.
TREES = {"a unit in two places": Doubled(0), "and far down": Doubled(9), "and at the very end": Doubled(255)}
DOUBLED = {"one of two": Doubled(9).root} | {name: tree.root for name, tree in TREES.items()}


def showing(tree: Doubled) -> Callable[[bytes], dict[str, Any]]:
    return lambda blinded: tree.issued(blinded, tagged=True)


#: By case what the service answers to the blinded message.
FORGED: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "another key": lambda blinded: issued(blinded, b"t" * 32),
    "another key behind the published one": tagged,
    "another key and its own fingerprint": lambda it: (
        issued(it, b"t" * 32)
        | {
            "path": [],
            "fingerprint": fingerprint.root({UNIT: unlinkable.class_key(b"t" * 32, PULSE, UNIT).public_key}).hex(),
        }
    ),
    "wrong challenge": flipped("proof"),
    "wrong response": flipped("proof", 40),
    "other element": lambda it: (
        issued(it) | {"evaluated": issued(unlinkable.Holder.blind(b"n" * 32).blinded)["evaluated"]}
    ),
    "no element": lambda it: issued(it) | {"evaluated": text(b"\xff" * 32)},
    "identity": lambda it: issued(it) | {"evaluated": text(bytes(32))},
    "identity as key": lambda it: issued(it) | {"public_key": text(bytes(32))},
    "another fingerprint's name": lambda it: issued(it) | {"fingerprint": "0" * 64},
    "another unit's path": lambda it: issued(it) | {"path": issued(it, unit="north")["path"]},
    "another unit's name": lambda it: issued(it) | {"unit": "north"},
    "path turned": turned,
    **{name: showing(tree) for name, tree in TREES.items()},
    "path cut": lambda it: issued(it) | {"path": issued(it)["path"][:-1]},
    "path endless": lambda it: issued(it) | {"path": issued(it)["path"] * 100},
    "no path": lambda it: issued(it) | {"path": None},
    "no proof": lambda it: {name: value for name, value in issued(it).items() if name != "proof"},
    "another pulse": lambda it: issued(it) | {"pulse": "b" * 16},
    "another suite": lambda it: issued(it) | {"suite": "P384-SHA384"},
    "nothing at all": lambda _: {},
}
#: By case a status, a media type and a body that no service of ours gave, or gave for want of anything better.
TROUBLE = {
    "busy": (503, "application/problem+json", "{}"),
    "a proxy's refusal": (403, "text/html", "<p>no"),
    "a network's own page": (200, "text/html", "<p>sign in"),
    "moved": (307, "text/plain", ""),
}


class Issuing(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        case = self.path.split("/")[1].replace("%20", " ")
        assert self.path.endswith(f"/v1/pulses/{PULSE}/tokens")
        assert body.keys() == {"invitation", "blinded"}
        assert body["invitation"] == INVITATION
        blinded = base64.urlsafe_b64decode(body["blinded"] + "=")
        if case == "refused":
            self._reply(403, "application/problem+json; charset=utf-8", "{}")
        elif case == "one of two":
            self._reply(200, "application/json", json.dumps(TREES["and far down"].issued(blinded, tagged=False)))
        elif case in TROUBLE:
            self._reply(*TROUBLE[case])
        else:
            self._reply(200, "application/json", json.dumps(FORGED.get(case, issued)(blinded)))

    def _reply(self, status: int, type: str, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", type)
        self.send_header("Location", "/honest")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def ran() -> dict[str, Any]:
    """What the module made of every case, in one go of node."""
    assert NODE is not None
    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    told = {
        "base": f"http://127.0.0.1:{server.server_port}",
        "cases": ["honest", "refused", "one of two", *FORGED, *TROUBLE],
        "invitation": INVITATION,
        "fingerprints": {"honest": ROOT_HASH, **DOUBLED},
    }
    program = DRIVER.replace("MODULE", json.dumps(MODULE.as_uri()))
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", program, json.dumps(told)], capture_output=True, text=True, check=False
    )
    server.shutdown()
    thread.join()
    server.server_close()
    assert done.returncode == 0, done.stderr[-400:]
    return json.loads(done.stdout)


@BUILT
def test_the_token_is_the_one_the_service_knows_again(ran: dict[str, Any]) -> None:
    honest = ran["seen"]["honest"]
    assert honest["failure"] is None
    token = unlinkable.read(honest["token"])
    assert token is not None
    assert (token.pulse, token.unit) == (PULSE, UNIT)
    assert token.made_by(unlinkable.class_key(SEED, PULSE, UNIT))
    assert text(token.nonce) == ran["kept"]["nonce"]
    assert honest["again"] == honest["token"]


@BUILT
def test_it_asks_without_cookie_cache_or_referrer(ran: dict[str, Any]) -> None:
    for asked in ran["seen"]["honest"]["asked"]:
        assert (asked["credentials"], asked["cache"], asked["redirect"]) == ("omit", "no-store", "error")
        assert asked["referrerPolicy"] == "no-referrer"
        assert json.loads(asked["body"]) == {"invitation": INVITATION, "blinded": ran["kept"]["blinded"]}
    assert len({asked["body"] for asked in ran["seen"]["honest"]["asked"]}) == 1


@BUILT
@pytest.mark.parametrize("case", FORGED)
def test_what_was_not_made_with_the_published_key_is_caught(case: str, ran: dict[str, Any]) -> None:
    assert (ran["seen"][case]["failure"], ran["seen"][case]["token"]) == ("Forged", None)


@BUILT
def test_of_a_unit_that_stands_twice_the_key_in_its_own_place_is_the_only_one_taken(ran: dict[str, Any]) -> None:
    """Else what is caught above would be caught for another reason."""
    assert ran["seen"]["one of two"]["failure"] is None
    assert ran["seen"]["one of two"]["token"] == ran["seen"]["honest"]["token"]


@BUILT
def test_a_refusal_is_told_from_trouble_on_the_way(ran: dict[str, Any]) -> None:
    assert ran["seen"]["refused"]["failure"] == "Refused"
    for case in TROUBLE:
        assert ran["seen"][case]["token"] is None
        assert ran["seen"][case]["failure"] not in {None, "Refused", "Forged"}, case


@BUILT
def test_what_is_kept_is_new_each_time_and_its_name_gives_no_code_away(ran: dict[str, Any]) -> None:
    kept, other = ran["kept"], ran["other"]
    assert kept.keys() == {"nonce", "blind", "blinded"}
    assert not set(kept.values()) & set(other.values())
    assert {len(base64.urlsafe_b64decode(it + "=")) for it in (*kept.values(), *other.values())} == {32}
    assert ran["name"] == text(hashlib.sha256(b"redwood/invitation/1\0" + INVITATION.encode()).digest())


@BUILT
def test_it_is_small_and_served_beside_the_pages() -> None:
    assert len(MODULE.read_bytes()) < 60_000
    assert assets()["unlinkable.js"].media_type.startswith("text/javascript")
    assert "MIT License" in MODULE.read_text()


def test_what_it_is_built_from_is_locked() -> None:
    wanted = json.loads((BROWSER / "package.json").read_text())
    pins = wanted["dependencies"] | wanted["devDependencies"]
    lock = (BROWSER / "package-lock.json").read_text()
    packages = json.loads(lock)["packages"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pins.values())
    for name, version in pins.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert all(it["integrity"].startswith("sha512-") for place, it in packages.items() if place)
    assert not re.search(r"resolved|registry", lock)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """What there is to build from, elsewhere: a bundle lands beside it."""
    shutil.copytree(BROWSER, tmp_path / "browser", ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "browser/node_modules").symlink_to(MODULES)
    return tmp_path


def built(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = [NODE or "", str(folder / "browser/build.js"), *words]
    return subprocess.run(program, capture_output=True, text=True, check=False)


@LOCKED
def test_built_again_it_is_the_very_same(copied: Path) -> None:
    done = built(copied)
    assert (done.returncode, done.stderr) == (0, "")
    made = (copied / "service/pages/static/unlinkable.js").read_bytes()
    assert hashlib.sha256(made).hexdigest() == (BROWSER / "unlinkable.sha256").read_text().strip()
    assert not MODULE.exists() or made == MODULE.read_bytes()


@LOCKED
def test_another_bundle_is_refused_until_it_is_accepted(copied: Path) -> None:
    source, made = copied / "browser/unlinkable.js", copied / "service/pages/static/unlinkable.js"
    source.write_text(source.read_text().replace('"u1"', '"u2"'))
    made.parent.mkdir(parents=True)
    made.write_text("of last time")
    done = built(copied)
    assert (done.returncode, made.exists()) == (1, False)
    assert "not the one that was reviewed" in done.stderr
    assert (built(copied, "--accept").returncode, made.exists()) == (0, True)


def test_without_node_it_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "dirname").symlink_to(shutil.which("dirname") or "")
    before = MODULE.exists()
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "bin/browser")], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "plain codes only" in done.stderr
    assert MODULE.exists() == before
    assert re.search(r"(?m)^bin/browser \|\| true$", (ROOT / "bin/install").read_text())


@BUILT
def test_nothing_is_built_where_nothing_changed() -> None:
    made = MODULE.stat().st_mtime_ns
    done = subprocess.run(
        [str(ROOT / "bin/browser")], env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr, MODULE.stat().st_mtime_ns) == (0, "", "", made)
