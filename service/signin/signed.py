"""Whether a JSON Web Token was signed by a key, with an algorithm that needs its private half, and what it says."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

#: What is taken, and the kind of key each belongs to. Neither `none` nor any that would take a public key for a secret.
ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "Ed25519": "OKP",
}
KINDS = frozenset(ALGORITHMS.values())
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
#: Characters of a token; what is longer is not looked at.
LONGEST = 16_000
_LONGEST_HEADER = 4_096
#: Bytes of an RSA key's modulus.
_LEAST_MODULUS = 256


class Refused(Exception):
    """Not believed; says by which rule, and nothing of what was sent."""


def is_one(text: str) -> bool:
    """Whether it has the shape: our own keys and sessions have no dot in them."""
    return text.count(".") == 2


def header_of(text: str) -> dict[str, Any]:
    """What it says of its own signature, which nobody has looked at yet. Raises Refused."""
    if len(text) > LONGEST or not is_one(text):
        raise Refused("it is not a signed token")
    header = _object(_bytes(text.partition(".")[0]))
    # In the list of them and not in the mapping: what JSON brings may not be hashable.
    if header.get("alg") not in [*ALGORITHMS]:
        raise Refused("its algorithm (alg) is none that is taken")
    if "crit" in header or not isinstance(header.get("kid", ""), str):
        raise Refused("its header asks for what is not known here")
    return header


def claims_of(text: str, header: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
    """What it says, once its signature holds. Imports joserfc: to be called in a thread. Raises Refused."""
    from joserfc import jwk, jws
    from joserfc.errors import JoseError

    algorithm = header["alg"]
    if key.get("kty") != ALGORITHMS[algorithm] or _is_short(key):
        raise Refused("its algorithm (alg) does not belong to its key")
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = _LONGEST_HEADER
    try:
        opened = jws.deserialize_compact(text, jwk.import_key(dict(key)), registry=registry)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # Of a key that is none, too: the provider's document is not ours to trust in every detail.
        raise Refused("its signature does not hold") from None
    return _object(opened.payload)


def half_hash(text: str, algorithm: str) -> str:
    """The left half of a text's hash, as `at_hash` has it of an access token."""
    digest = _HASHES.get(algorithm[-3:], hashlib.sha512)(text.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")


def _is_short(key: Mapping[str, Any]) -> bool:
    return key.get("kty") == "RSA" and len(_bytes(str(key.get("n", "")))) < _LEAST_MODULUS


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Refused("it is not a signed token") from None


def _object(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Refused("it is not a signed token")
    return said
