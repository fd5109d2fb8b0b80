"""The exchange in examples/interop/README.md: every number of it, from both implementations."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from service.tokens import fingerprint, unlinkable
from service.tokens.unlinkable import decoded, encoded, read
from tests.tokens import reference

README = Path(__file__).parents[2] / "examples" / "interop" / "README.md"
EXAMPLE = json.loads(re.findall(r"```json\n(.*?)```", README.read_text("utf-8"), re.DOTALL)[0])
ISSUED, PULSE = EXAMPLE["issued"], EXAMPLE["pulse"]
SEED, NONCE, BLIND, OUTPUT = (bytes.fromhex(EXAMPLE[name]) for name in ("seed", "nonce", "blind", "output"))
KEYS = {unit: bytes.fromhex(key) for unit, key in EXAMPLE["public_keys"].items()}


def test_its_keys_are_those_of_its_seed() -> None:
    for unit, key in KEYS.items():
        assert unlinkable.class_key(SEED, PULSE, unit).public_key == key
        info = b"redwood/token/1" + b"\0" + PULSE.encode() + b"\0" + unit.encode()
        assert reference.derive_key_pair(SEED, info)[1] == key
    assert decoded(ISSUED["public_key"]) == KEYS[ISSUED["unit"]]


def test_its_path_climbs_from_the_leaf_to_the_fingerprint() -> None:
    steps = tuple((step["side"], bytes.fromhex(step["hash"])) for step in ISSUED["path"])
    assert EXAMPLE["place"] == hashlib.sha256(ISSUED["unit"].encode()).hexdigest()
    assert fingerprint.paths(KEYS)[ISSUED["unit"]] == steps
    assert fingerprint.climbed(ISSUED["unit"], KEYS[ISSUED["unit"]], steps) == fingerprint.root(KEYS)
    leaf = fingerprint.climbed(ISSUED["unit"], KEYS[ISSUED["unit"]], ())
    assert leaf == bytes.fromhex(EXAMPLE["leaf"])
    assert fingerprint.root(KEYS).hex() == EXAMPLE["fingerprint"] == ISSUED["fingerprint"]


def test_it_shows_all_a_client_has_to_know_of_paths() -> None:
    """Siblings on both sides, and one where no unit stands."""
    assert {step["side"] for step in ISSUED["path"]} == {"left", "right"}
    assert "0" * 64 in {step["hash"] for step in ISSUED["path"]}


def test_its_exchange_holds_and_comes_to_its_token() -> None:
    blinded = reference.blind(NONCE, BLIND)
    assert encoded(blinded) == EXAMPLE["blinded"]
    answered = decoded(ISSUED["evaluated"]), decoded(ISSUED["proof"])
    key = KEYS[ISSUED["unit"]]
    assert reference.finalize(NONCE, BLIND, [answered[0]], [blinded], key, answered[1]) == OUTPUT
    issuer = unlinkable.class_key(SEED, PULSE, ISSUED["unit"])
    assert issuer.evaluate(blinded)[0] == answered[0]
    token = read(EXAMPLE["token"])
    assert token == unlinkable.Unlinkable(PULSE, ISSUED["unit"], NONCE, OUTPUT)
    assert token.made_by(issuer)
    assert unlinkable.written(token) == EXAMPLE["token"]
