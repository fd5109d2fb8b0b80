"""Unlinkable tokens: whoever was invited has a secret of her own evaluated blindly, and nobody can tell whose it was.

RFC 9497, VOPRF mode, ristretto255-SHA512. The key stands for a class of people, the unit they were invited in, so
that a token says no more of its holder than the unit. The proof shows that the published key was used: a service
that gave somebody a key of her own, to know her again, is caught by her browser.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from voprf import ristretto

SUITE = "ristretto255-SHA512"
#: Bytes of a nonce, of an element, of a proof and of an output.
NONCE, ELEMENT, PROOF, OUTPUT = 32, 32, 64, 64

_MARK = "u1"


class Issuer(Protocol):
    """One class's key: evaluates blindly what it cannot read, and knows again what it evaluated."""

    @property
    def public_key(self) -> bytes:
        """32 bytes, to be published before anybody comes."""

    def evaluate(self, blinded: bytes) -> tuple[bytes, bytes]:
        """Element (32 bytes) and proof (64 bytes). Raises ValueError unless `blinded` is an element."""

    def output(self, nonce: bytes) -> bytes:
        """The 64 bytes that whoever had `nonce` evaluated has, and nobody else."""


class _Class:
    def __init__(self, seed: bytes, info: bytes) -> None:
        self._evaluator = ristretto.Evaluator.from_seed(seed, info)
        self.public_key = self._evaluator.public_key.serialize()

    def evaluate(self, blinded: bytes) -> tuple[bytes, bytes]:
        evaluated = self._evaluator.evaluate(ristretto.BlindedInput.deserialize(blinded)).serialize()
        return evaluated[PROOF:], evaluated[:PROOF]

    def output(self, nonce: bytes) -> bytes:
        return self._evaluator.evaluate_known_input(nonce)


def class_key(seed: bytes, pulse: str, unit: str) -> Issuer:
    """The key of one unit in one pulse, made from the pulse's seed of 32 random bytes."""
    return _class_key(seed, b"redwood/token/1\0" + pulse.encode() + b"\0" + unit.encode())


#: A key takes longer to make than to use. Bounded: a large organisation has many units, and keys stay secret.
_class_key = lru_cache(maxsize=4096)(_Class)


def is_element(octets: bytes) -> bool:
    """Whether these encode an element of the group, canonically, and not the identity."""
    try:
        ristretto.BlindedInput.deserialize(octets)
    except ValueError:
        return False
    return len(octets) == ELEMENT


class Holder:
    """The side of whoever answers: blinds her nonce, checks the proof, and keeps the token."""

    def __init__(self, nonce: bytes, client: ristretto.Client, blinded: bytes) -> None:
        self._nonce, self._client, self.blinded = nonce, client, blinded

    @classmethod
    def blind(cls, nonce: bytes) -> Holder:
        """`nonce` is 32 random bytes that were never used before; the blinding is as random, and new each time."""
        client, message = ristretto.Client.blind(nonce)
        return cls(nonce, client, message.serialize())

    def token(self, pulse: str, unit: str, public_key: bytes, evaluated: bytes, proof: bytes) -> str:
        """Raises ValueError when it was not this key that evaluated the blinded message."""
        answer = ristretto.VerifiableOutput.deserialize(proof + evaluated)
        output = self._client.finalize(answer, ristretto.PublicKey.deserialize(public_key))
        return written(Unlinkable(pulse, unit, self._nonce, output))


@dataclass(frozen=True, slots=True)
class Unlinkable:
    """A token as it says itself; whether it is one, only the key of its class can tell."""

    pulse: str
    unit: str
    nonce: bytes
    output: bytes

    @property
    def nullifier(self) -> bytes:
        """What it is known by once it is spent: SHA-256, 32 bytes."""
        return hashlib.sha256(self.nonce + self.output).digest()

    def made_by(self, issuer: Issuer) -> bool:
        return hmac.compare_digest(issuer.output(self.nonce), self.output)


def written(token: Unlinkable) -> str:
    parts = (token.unit.encode(), token.nonce, token.output)
    return ".".join((_MARK, token.pulse, *map(encoded, parts)))


def read(token: str) -> Unlinkable | None:
    """None for whatever is no unlinkable token at all; one token has one way to be written."""
    parts = token.split(".")
    if len(parts) != 5 or parts[0] != _MARK or not parts[1].isascii():
        return None
    try:
        unit, nonce, output = map(decoded, parts[2:])
        found = Unlinkable(parts[1], unit.decode(), nonce, output)
    except ValueError:
        return None
    return found if len(nonce) == NONCE and len(output) == OUTPUT else None


def encoded(octets: bytes) -> str:
    """Base64url (RFC 4648, section 5), without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Raises ValueError for anything but what `encoded` writes."""
    octets = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if encoded(octets) != text:
        raise ValueError("not written as it would be")
    return octets
