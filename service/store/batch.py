"""What a commit batch adds to a pulse: the responses that stand, sealed together to the pulse's close key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from service.seal.batch import packed
from service.seal.close_key import Sealer
from service.store.collector import Submission, row_keys


def sealed_batch(pulse: str, close_key: bytes, sent: Sequence[Submission], units: Mapping[bytes, int]) -> bytes:
    """Those of `sent` whose digest has a unit number in `units`, shuffled: one sealing however many they are."""
    rows = [(units[it.digest], it.bands, it.answers) for it in sent if it.digest in units]
    return _sealer(close_key).seal(pulse, packed(rows, row_keys(len(rows))))


#: Reading a public key takes longer than sealing with it.
_sealer = lru_cache(maxsize=64)(Sealer)
