"""Opening what was sealed, worked out anew from the papers: X-Wing, then RFC 9180's key schedule, in base mode.

Only the primitives are the library's: ML-KEM-768, X25519, SHA3-256, HMAC and AES-256-GCM.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

#: draft-connolly-cfrg-xwing-kem, 5.3.
_XWING = rb"\.//^" + b"\\"
#: The numbers of X-Wing, HKDF-SHA256 and AES-256-GCM in the registries of RFC 9180, 7.
_SUITE = b"HPKE" + (0x647A).to_bytes(2) + (0x0001).to_bytes(2) + (0x0002).to_bytes(2)
_LATTICE, _CURVE = 1088, 32


def reopened(secret: bytes, info: bytes, sealed: bytes) -> bytes:
    """`secret` is 64 bytes of ML-KEM's seed and 32 of X25519's key. Raises InvalidTag."""
    encapsulated, ciphertext = sealed[: _LATTICE + _CURVE], sealed[_LATTICE + _CURVE :]
    key, nonce = _schedule(_shared(secret, encapsulated), info)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def _shared(secret: bytes, encapsulated: bytes) -> bytes:
    lattice = MLKEM768PrivateKey.from_seed_bytes(secret[:64])
    curve = X25519PrivateKey.from_private_bytes(secret[64:])
    on_lattice, on_curve = encapsulated[:_LATTICE], encapsulated[_LATTICE:]
    agreed = curve.exchange(X25519PublicKey.from_public_bytes(on_curve))
    said = lattice.decapsulate(on_lattice) + agreed + on_curve + curve.public_key().public_bytes_raw() + _XWING
    return hashlib.sha3_256(said).digest()


def _schedule(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """RFC 9180, 5.1: the key and the nonce of the first and only message."""
    context = b"\0" + _extracted(b"", b"psk_id_hash", b"") + _extracted(b"", b"info_hash", info)
    secret = _extracted(shared, b"secret", b"")
    return _expanded(secret, b"key", context, 32), _expanded(secret, b"base_nonce", context, 12)


def _extracted(salt: bytes, label: bytes, keying: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + _SUITE + label + keying, "sha256")


def _expanded(secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """At most 32 bytes: one block of HKDF-Expand."""
    labelled = length.to_bytes(2) + b"HPKE-v1" + _SUITE + label + info
    return hmac.digest(secret, labelled + b"\1", "sha256")[:length]
