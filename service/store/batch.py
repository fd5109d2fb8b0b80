"""What a commit batch adds to a pulse: the responses that stand, sealed together to the pulse's close key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.seal.batch import packed
from service.store.collector import Submission, row_keys


def sealed_batch(pulse: str, sent: Sequence[Submission], units: Mapping[bytes, int]) -> tuple[bytes, bytes]:
    """A row's id and content: those of `sent` whose digest has a unit number in `units`, shuffled, sealed as one.

    The key is the one that was checked when the first of them was taken: not what the database says of it now.
    """
    rows = [(units[it.digest], it.bands, it.answers) for it in sent if it.digest in units]
    return sent[0].sealing.seal(pulse, packed(rows, row_keys(len(rows))))
