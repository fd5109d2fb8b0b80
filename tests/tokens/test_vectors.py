"""The vectors of RFC 9497, appendix A.1.2, against the service's tokens and against the tests' own reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service.tokens import unlinkable
from tests.tokens import reference

VECTORS = json.loads(Path(__file__).with_name("rfc9497.json").read_text("utf-8"))
#: One element to a proof: what the service speaks. The batch of two is the reference's alone.
SINGLE = [vector for vector in VECTORS["vectors"] if len(vector["entries"]) == 1]
ENTRIES = [entry for vector in VECTORS["vectors"] for entry in vector["entries"]]


def octets(source: dict[str, Any], *names: str) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(source[name]) for name in names)


SEED, INFO, SECRET, PUBLIC = octets(VECTORS, "seed", "info", "secret_key", "public_key")


def test_the_reference_derives_the_key_pair() -> None:
    assert reference.derive_key_pair(SEED, INFO) == (SECRET, PUBLIC)


def test_the_service_derives_the_key_pair() -> None:
    assert unlinkable._Class(SEED, INFO).public_key == PUBLIC


@pytest.mark.parametrize("entry", ENTRIES, ids=range(len(ENTRIES)))
def test_the_reference_blinds_evaluates_and_unblinds(entry: dict[str, str]) -> None:
    message, factor, blinded, evaluated, output = octets(entry, "input", "blind", "blinded", "evaluated", "output")
    assert reference.blind(message, factor) == blinded
    assert reference.times(SECRET, blinded) == evaluated
    assert reference.unblind(message, factor, evaluated) == output == reference.evaluate(SECRET, message)


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_the_reference_proves_and_verifies(vector: dict[str, Any]) -> None:
    chance, proof = octets(vector, "proof_scalar", "proof")
    blinded, evaluated = (
        [bytes.fromhex(entry[name]) for entry in vector["entries"]] for name in ("blinded", "evaluated")
    )
    assert reference.generate_proof(SECRET, blinded, evaluated, chance) == proof
    assert reference.verify_proof(PUBLIC, blinded, evaluated, proof)
    assert not reference.verify_proof(PUBLIC, blinded, [*evaluated[:-1], reference.GENERATOR], proof)


@pytest.mark.parametrize("entry", ENTRIES, ids=range(len(ENTRIES)))
def test_the_service_evaluates_and_knows_the_output(entry: dict[str, str]) -> None:
    message, blinded, evaluated, output = octets(entry, "input", "blinded", "evaluated", "output")
    issuer = unlinkable._Class(SEED, INFO)
    answer, proof = issuer.evaluate(blinded)
    assert answer == evaluated
    assert reference.verify_proof(PUBLIC, [blinded], [answer], proof)
    assert issuer.output(message) == output


@pytest.mark.parametrize("vector", SINGLE, ids=lambda vector: vector["name"])
def test_the_service_s_holder_comes_to_the_output_whatever_the_blind(vector: dict[str, Any]) -> None:
    message, output = octets(vector["entries"][0], "input", "output")
    holder = unlinkable.Holder.blind(message)
    evaluated, proof = reference.blind_evaluate(SECRET, holder.blinded)
    token = holder.token("p" * 16, "u", PUBLIC, evaluated, proof)
    assert unlinkable.decoded(token.rpartition(".")[2]) == output
