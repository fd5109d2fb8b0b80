"""What is told of a request: its route's template, never its path, its query or who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Any other word in a method's place is the caller's own, and not repeated.
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


@dataclass(frozen=True, slots=True)
class Seen:
    """`begun` in nanoseconds since 1970, `seconds` until its reply was sent; `trace` is what the caller said of a trace
    that this belongs to."""

    method: str
    route: str
    status: int
    begun: int
    seconds: float
    trace: Mapping[str, str]


def method_of(word: str) -> str:
    return word if word in _METHODS else "other"
