"""A batch of responses as bytes: rows of one length in no order, so that neither size nor place tells anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

#: (unit number of each response int64[R], packed answers uint8[R, items], stated bands uint8[R, bands])
Columns = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def packed(rows: Sequence[tuple[int, bytes, bytes]], places: Iterable[bytes]) -> bytes:
    """(unit number, bands, answers) of each response, one after the other in the order of random `places`."""
    shuffled = sorted(zip(places, rows, strict=True))
    return b"".join(unit.to_bytes(4) + bands + answers for _, (unit, bands, answers) in shuffled)


def columns(batches: Sequence[bytes], items: int, bands: int) -> Columns:
    """Every row of every batch, in no order that means anything. Raises ValueError where one is not of whole rows."""
    row = np.dtype([("unit", ">i4"), ("bands", "u1", (bands,)), ("answers", "u1", (items,))])
    if any(len(batch) % row.itemsize for batch in batches):
        raise ValueError("the size of a batch is not one of whole rows")
    table = np.frombuffer(b"".join(batches), row)
    answers, stated = np.ascontiguousarray(table["answers"]), np.ascontiguousarray(table["bands"])
    return table["unit"].astype(np.int64), answers, stated
