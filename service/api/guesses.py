"""How many wrong keys may come from one place: a bucket of failures in memory, by a digest nobody can turn back."""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from threading import Lock

from fastapi import Request

from service.errors import NotAuthenticated, TooManyGuesses

#: Failures that may come at once from one place.
MOST = 20
#: Seconds until one more may.
EACH = 3.0
#: Places remembered, and right keys; beyond them those that were not heard of for longest go.
_PLACES = 10_000
_RIGHT = 10_000
#: Failures beyond `MOST` that are still counted, for those that were being looked up when the bucket ran out.
_DEBT = 40


class Guesses:
    """Of one process, and gone with it. No address is held: only its digest, under a key drawn when this is made.

    Whose key was right before is let through, for behind one proxy all have one address: who guesses there locks out
    nobody who is at work.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        #: By place: how many failures were left at which moment.
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def looking_up(self, request: Request, secret: str) -> Iterator[None]:
        """Around asking whether a secret is one: raises TooManyGuesses instead of asking, and counts refusals."""
        place, digest = self._digest_of(_place(request)), self._digest_of(secret)
        self._require_room(place, digest)
        try:
            yield
        except NotAuthenticated:
            self._failed(place, digest)
            raise
        self.was_right(secret)

    def _require_room(self, place: bytes, digest: bytes) -> None:
        with self._lock:
            left = self._left_now(place)
            if left < 1 and digest not in self._right:
                raise TooManyGuesses(math.ceil((1 - left) * EACH))

    def _failed(self, place: bytes, digest: bytes) -> None:
        with self._lock:
            self._right.pop(digest, None)
            self._left[place] = (max(self._left_now(place) - 1, -float(_DEBT)), time.monotonic())
            self._left.move_to_end(place)
            if len(self._left) > _PLACES:
                self._left.popitem(last=False)

    def was_right(self, secret: str) -> None:
        """Whatever else comes from where it comes from, it may be looked up again: a session just given out, too."""
        digest = self._digest_of(secret)
        with self._lock:
            self._right[digest] = None
            self._right.move_to_end(digest)
            if len(self._right) > _RIGHT:
                self._right.popitem(last=False)

    def _left_now(self, place: bytes) -> float:
        left, at = self._left.get(place, (float(MOST), 0.0))
        return min(float(MOST), left + (time.monotonic() - at) / EACH)

    def _digest_of(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._key).digest()


def _place(request: Request) -> str:
    """The address, of IPv6 the network it is in: whoever has one address there has all of them."""
    host = "" if request.client is None else request.client.host
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return address.packed[:8].hex()
    return host
