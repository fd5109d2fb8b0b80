"""RFC 9497 in VOPRF mode a second time: on libsodium's ristretto255 and hashlib, and on nothing the service uses.

Written from the RFC's text for `tests/tokens`; names are the RFC's. Elements and scalars are their 32 bytes.
Raises ValueError where the RFC says to refuse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import rbcl

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CONTEXT = b"OPRFV1-" + b"\x01" + b"-ristretto255-SHA512"
IDENTITY = bytes(32)
GENERATOR = rbcl.crypto_scalarmult_ristretto255_base((1).to_bytes(32, "little"))


def expand_message_xmd(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380, 5.3.1, with SHA-512 (blocks of 128 bytes, digests of 64); no long DST and no long output is needed."""
    dst_prime = dst + len(dst).to_bytes(1)
    first = hashlib.sha512(bytes(128) + message + length.to_bytes(2) + b"\0" + dst_prime).digest()
    blocks = [hashlib.sha512(first + b"\x01" + dst_prime).digest()]
    while 64 * len(blocks) < length:
        mixed = bytes(one ^ other for one, other in zip(first, blocks[-1], strict=True))
        blocks.append(hashlib.sha512(mixed + (len(blocks) + 1).to_bytes(1) + dst_prime).digest())
    return b"".join(blocks)[:length]


def hash_to_group(message: bytes) -> bytes:
    return rbcl.crypto_core_ristretto255_from_hash(expand_message_xmd(message, b"HashToGroup-" + CONTEXT, 64))


def hash_to_scalar(message: bytes, dst: bytes = b"HashToScalar-" + CONTEXT) -> bytes:
    return rbcl.crypto_core_ristretto255_scalar_reduce(expand_message_xmd(message, dst, 64))


def random_scalar() -> bytes:
    return rbcl.crypto_core_ristretto255_scalar_random()


def element(encoded: bytes) -> bytes:
    """What was sent, if it is an element other than the identity in its one encoding."""
    # The libsodium that rbcl brings forgives a set high bit; RFC 9496 does not.
    canonical = len(encoded) == 32 and 0 < int.from_bytes(encoded, "little") < FIELD
    if not canonical or not rbcl.crypto_core_ristretto255_is_valid_point(encoded):
        raise ValueError("no group element")
    return encoded


def scalar(encoded: bytes) -> bytes:
    if len(encoded) != 32 or int.from_bytes(encoded, "little") >= ORDER:
        raise ValueError("no scalar")
    return encoded


def times(factor: bytes, point: bytes) -> bytes:
    """`factor * point`; zero times anything is the identity, for which libsodium raises."""
    if int.from_bytes(factor, "little") == 0 or point == IDENTITY:
        return IDENTITY
    return rbcl.crypto_scalarmult_ristretto255(factor, point)


def plus(one: bytes, other: bytes) -> bytes:
    return rbcl.crypto_core_ristretto255_add(one, other)


def derive_key_pair(seed: bytes, info: bytes) -> tuple[bytes, bytes]:
    """(secret, public) of a seed of 32 bytes; RFC 9497, 3.2.1."""
    material = seed + _sized(info)
    for counter in range(256):
        secret = hash_to_scalar(material + counter.to_bytes(1), b"DeriveKeyPair" + CONTEXT)
        if any(secret):
            return secret, times(secret, GENERATOR)
    raise ValueError("no key of this seed")


def blind(message: bytes, factor: bytes) -> bytes:
    return times(factor, element(hash_to_group(message)))


def blind_evaluate(secret: bytes, blinded: bytes, chance: bytes | None = None) -> tuple[bytes, bytes]:
    """(evaluated element, proof) of one blinded element; `chance` is the proof's random scalar."""
    evaluated = times(secret, element(blinded))
    return evaluated, generate_proof(secret, [blinded], [evaluated], chance)


def generate_proof(
    secret: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes], chance: bytes | None = None
) -> bytes:
    r = chance or random_scalar()
    public = times(secret, GENERATOR)
    m, _ = _composites(public, blinded, evaluated)
    c = _challenge(public, m, times(secret, m), times(r, GENERATOR), times(r, m))
    product = rbcl.crypto_core_ristretto255_scalar_mul(c, secret)
    return c + rbcl.crypto_core_ristretto255_scalar_sub(r, product)


def verify_proof(public: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes], proof: bytes) -> bool:
    if len(proof) != 64:
        raise ValueError("a proof has 64 bytes")
    c, s = scalar(proof[:32]), scalar(proof[32:])
    m, z = _composites(public, blinded, evaluated)
    t2 = plus(times(s, GENERATOR), times(c, public))
    t3 = plus(times(s, m), times(c, z))
    return _challenge(public, m, z, t2, t3) == c


def finalize(
    message: bytes, factor: bytes, evaluated: Sequence[bytes], blinded: Sequence[bytes], public: bytes, proof: bytes
) -> bytes:
    """The output for one message blinded alone; refuses what is no element and what is not proved."""
    for sent in [public, *evaluated, *blinded]:
        element(sent)
    if not verify_proof(public, blinded, evaluated, proof):
        raise ValueError("the proof does not hold")
    return unblind(message, factor, evaluated[0])


def unblind(message: bytes, factor: bytes, evaluated: bytes) -> bytes:
    inverse = rbcl.crypto_core_ristretto255_scalar_invert(factor)
    return _output(message, times(inverse, evaluated))


def evaluate(secret: bytes, message: bytes) -> bytes:
    """What the holder of the key computes by itself; 64 bytes."""
    return _output(message, times(secret, element(hash_to_group(message))))


def _output(message: bytes, point: bytes) -> bytes:
    return hashlib.sha512(_sized(message) + _sized(point) + b"Finalize").digest()


def _composites(public: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes]) -> tuple[bytes, bytes]:
    seed = hashlib.sha512(_sized(public) + _sized(b"Seed-" + CONTEXT)).digest()
    m = z = IDENTITY
    for place, (one, other) in enumerate(zip(blinded, evaluated, strict=True)):
        weight = hash_to_scalar(_sized(seed) + place.to_bytes(2) + _sized(one) + _sized(other) + b"Composite")
        m, z = plus(m, times(weight, one)), plus(z, times(weight, other))
    return m, z


def _challenge(*elements: bytes) -> bytes:
    return hash_to_scalar(b"".join(map(_sized, elements)) + b"Challenge")


def _sized(value: bytes) -> bytes:
    return len(value).to_bytes(2) + value
