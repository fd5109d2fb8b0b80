"""A tally as bytes between close and release: the same tally is always the same bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from service.tally.tally import Tally

FORMAT = "redwood-tally/1"

#: Name and element type of the arrays that follow the first line, in this order.
_ARRAYS = (("n", "<i8"), ("headcount", "<i8"), ("histograms", "<i8"), ("within", "<f8"))


def encode(tally: Tally) -> bytes:
    """One line of JSON (what the arrays are), then the arrays' bytes in a fixed order."""
    arrays = [np.ascontiguousarray(getattr(tally, name), kind) for name, kind in _ARRAYS]
    head = {
        "format": FORMAT,
        "atoms": tally.atoms,
        "pooled_n": tally.pooled_n,
        "shapes": [array.shape for array in arrays],
    }
    line = json.dumps(head, sort_keys=True, separators=(",", ":")).encode()
    return b"\n".join((line, b"".join(array.tobytes() for array in arrays)))


def decode(content: bytes) -> Tally:
    """The tally that was encoded. Raises ValueError for any other format."""
    line, _, body = content.partition(b"\n")
    head = json.loads(line)
    if head.get("format") != FORMAT:
        raise ValueError(f"this is not a tally in the format {FORMAT}")
    arrays: dict[str, npt.NDArray[Any]] = {}
    start = 0
    for (name, kind), shape in zip(_ARRAYS, head["shapes"], strict=True):
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(body, kind, count, start).reshape(shape)
        start += arrays[name].nbytes
    return Tally(atoms=tuple(head["atoms"]), pooled_n=head["pooled_n"], **arrays)
