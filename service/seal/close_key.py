"""The close key: its public half seals a batch of responses, its secret half opens them, once, when a pulse closes.

HPKE (RFC 9180), base mode, with a hybrid of ML-KEM-768 and X25519: a copy of the database that somebody keeps for the
day of a large quantum computer stays as unreadable as it is today.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

#: Bytes of the secret half, and of each part of the public one.
SECRET = 96
_SEED, _LATTICE = 64, 1184
#: Bytes that sealing adds: the encapsulated key and the tag.
OVERHEAD = 1136

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_PURPOSE = b"redwood responses/1 "


class NotOpened(ValueError):
    """Sealed to another key or for another pulse, or altered since."""


class Opener:
    """The secret half."""

    def __init__(self, secret: bytes) -> None:
        """`secret` is 96 random bytes. Raises ValueError for any other number."""
        if len(secret) != SECRET:
            raise ValueError(f"a close key has {SECRET} bytes")
        self._lattice = MLKEM768PrivateKey.from_seed_bytes(secret[:_SEED])
        self._curve = X25519PrivateKey.from_private_bytes(secret[_SEED:])
        self._key = hpke.MLKEM768X25519PrivateKey(self._lattice, self._curve)

    @property
    def public(self) -> bytes:
        """The public half, 1,216 bytes: that of ML-KEM-768, then that of X25519."""
        return self._lattice.public_key().public_bytes_raw() + self._curve.public_key().public_bytes_raw()

    @property
    def secret(self) -> bytes:
        """What it was made of: to be handed on from memory to memory, never to be written down."""
        return self._lattice.private_bytes_raw() + self._curve.private_bytes_raw()

    def open(self, pulse: str, sealed: bytes) -> bytes:
        """Raises NotOpened."""
        try:
            return _SUITE.decrypt(sealed, self._key, _PURPOSE + pulse.encode())
        except (InvalidTag, ValueError):
            raise NotOpened from None


class Sealer:
    """The public half. What it sealed, it cannot open."""

    def __init__(self, public: bytes) -> None:
        """Raises ValueError unless `public` is a public half."""
        lattice = MLKEM768PublicKey.from_public_bytes(public[:_LATTICE])
        self._key = hpke.MLKEM768X25519PublicKey(lattice, X25519PublicKey.from_public_bytes(public[_LATTICE:]))

    def seal(self, pulse: str, content: bytes) -> bytes:
        """`OVERHEAD` bytes longer than `content`, and different each time."""
        return _SUITE.encrypt(content, self._key, _PURPOSE + pulse.encode())


@dataclass(frozen=True, slots=True)
class Sealing:
    """What a process that collects holds of a pulse: the public half, and the seed by which what it sealed is known."""

    close_key: bytes
    seed: bytes

    def seal(self, pulse: str, content: bytes) -> tuple[bytes, bytes]:
        """A batch's id (16 bytes, to all others a random number) and the batch sealed."""
        sealed = _sealer(self.close_key).seal(pulse, content)
        return _id_of(self.seed, pulse, sealed), sealed


@dataclass(frozen=True, slots=True)
class Opening:
    """Both secrets of a pulse that closes."""

    key: Opener
    seed: bytes

    def open(self, pulse: str, id: bytes, sealed: bytes) -> bytes:
        """Raises NotOpened, also for a batch that was sealed by somebody who only had the public half: whoever writes
        to the database cannot put another in its place."""
        if not hmac.compare_digest(_id_of(self.seed, pulse, sealed), id):
            raise NotOpened
        return self.key.open(pulse, sealed)


def _id_of(seed: bytes, pulse: str, sealed: bytes) -> bytes:
    """HMAC-SHA256 of a sealed batch, the first 16 bytes."""
    return hmac.digest(seed, b"redwood batch/1 " + pulse.encode() + sealed, "sha256")[:16]


#: Reading a public key takes longer than sealing with it.
_sealer = lru_cache(maxsize=64)(Sealer)


def fingerprint_of(public: bytes) -> str:
    """What a public half is told apart by: SHA-256, in hexadecimal."""
    return hashlib.sha256(public).hexdigest()
