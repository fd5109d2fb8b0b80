"""Secrets of keys and page sessions: random, shown once, found again by their digest."""

from __future__ import annotations

import base64
import hashlib
import secrets

PREFIX = "rw_"


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def new_id() -> str:
    """80 random bits as 16 characters of a-z2-7: safe in a path, a table name and a conversation."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()
