"""What one worker does: opens its share of a pulse's batches in memory and hands back sums, sealed to who asked."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from service.seal.batch import columns
from service.seal.close_key import Opener, Opening, Sealer
from service.spark.exchange import Batch, Part
from service.tally.merging import merged
from service.tally.partial import Asked, Partial, partial


@dataclass(frozen=True)
class Task:
    """Called on every worker with its parts. `secret` and `seed` open the pulse; `back` is the public half of a key
    that lives in the asking process only, so that nothing on the way can read a sum."""

    pulse: str
    secret: bytes = field(repr=False)
    seed: bytes = field(repr=False)
    back: bytes = field(repr=False)
    asked: Asked = field(repr=False)

    def __call__(self, parts: Sequence[Part]) -> bytes | None:
        """None where something is not what was exported, or cannot be opened or counted."""
        try:
            key = Opening(Opener(self.secret), self.seed)
            sums = merged((counted(key, self.pulse, part.batches(), self.asked) for part in parts), self.asked)
        except ValueError:
            return None
        return Sealer(self.back).seal(self.pulse, zlib.compress(pickle.dumps(sums), 1))


def counted(key: Opening, pulse: str, batches: Iterable[Batch], asked: Asked) -> Partial:
    """Raises ValueError where one cannot be opened or holds what nobody can answer."""
    opened = [key.open(pulse, id, sealed) for id, sealed in batches]
    return partial(*columns(opened, len(asked.points), len(asked.values)), asked)


def unsealed_sums(key: Opener, pulse: str, sealed: bytes) -> Partial:
    """What a worker handed back. Raises ValueError where it was sealed to another key."""
    sums: Partial = pickle.loads(zlib.decompress(key.open(pulse, sealed)))
    return sums
