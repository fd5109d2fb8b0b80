"""An address with its invitation as bytes of one length, and what is on its way to a distributor: both sealed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

#: Bytes of what is sealed of every letter, whatever its address: a length would narrow down whose it is.
LENGTH = 512
#: Characters of an address, which is as long as mail allows; of no other is a letter made.
LONGEST_ADDRESS = 254
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Letter:
    """`address` in ASCII; `language` of at most 35 letters, digits, - and _, or empty."""

    address: str
    token: str
    language: str


def seal_letter(secret: bytes, pulse: str, id: bytes, letter: Letter) -> bytes:
    """Raises ValueError for what is longer than such a letter can be."""
    said = json.dumps([letter.address, letter.token, letter.language], ensure_ascii=True).encode()
    if len(said) > LENGTH:
        raise ValueError("is longer than a letter may be")
    return _sealed(secret, said.ljust(LENGTH), b"redwood letter/1 " + pulse.encode() + id)


def open_letter(secret: bytes, pulse: str, id: bytes, sealed: bytes) -> Letter:
    """Raises ValueError for what was not sealed with this secret, as this letter."""
    return Letter(*json.loads(_opened(secret, sealed, b"redwood letter/1 " + pulse.encode() + id)))


def seal_delivery(secret: bytes, id: str, body: bytes) -> bytes:
    return _sealed(secret, body, b"redwood delivery/1 " + id.encode())


def open_delivery(secret: bytes, id: str, sealed: bytes) -> bytes:
    """Raises ValueError as above."""
    return _opened(secret, sealed, b"redwood delivery/1 " + id.encode())


def _sealed(secret: bytes, said: bytes, about: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + ChaCha20Poly1305(secret).encrypt(nonce, said, about)


def _opened(secret: bytes, sealed: bytes, about: bytes) -> bytes:
    try:
        return ChaCha20Poly1305(secret).decrypt(sealed[:_NONCE], sealed[_NONCE:], about)
    except InvalidTag:
        raise ValueError("was not sealed with this secret") from None
