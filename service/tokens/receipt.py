"""Receipts: how the very same submission, sent again after a lost answer, is known for what it is."""

from __future__ import annotations

import hashlib


def receipt_of(seed: bytes, token: str, answers: bytes, bands: bytes) -> bytes:
    """BLAKE2b of token and packed response keyed by the pulse's seed, 32 bytes: equal only for the very same.

    Who holds the tokens and the database could else try every answer somebody may have given until the receipt fits;
    the seed lies in neither.
    """
    said = token.encode()
    packed = len(said).to_bytes(2) + said + len(answers).to_bytes(2) + answers + bands
    return hashlib.blake2b(packed, key=seed, digest_size=32, person=b"redwood receipt").digest()
