"""The folder in which workers find what they are to open: sealed batches as Parquet, there while they are counted.

Nothing in it can be read without the close key, which is destroyed when the pulse has closed.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from pathlib import Path

#: Bytes of sealed batches in one file: some seconds of work where few came in together.
PART = 16_000_000

_NAME = "redwood-export-"

#: A batch's id, and the batch sealed.
Batch = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """A file of batches and the SHA-256 of its bytes: what was exported, and nothing else, is opened."""

    path: str
    digest: str

    def batches(self) -> list[Batch]:
        """Raises ValueError where the file is not what was written; it is not even parsed then."""
        from pyarrow import BufferReader, parquet

        content = Path(self.path).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise ValueError("not what was exported")
        table = parquet.read_table(BufferReader(content))
        return list(zip(table["id"].to_pylist(), table["sealed"].to_pylist(), strict=True))


@contextmanager
def exported(exchange: Path, pulse: str, runs: Iterable[list[Batch]]) -> Iterator[list[Part]]:
    """A pulse's batches, a file each run of them, for as long as the block lasts.

    Its owner and group may read them. What an earlier run left of the same pulse is removed first: whoever closes a
    pulse is alone in that.
    """
    folder = exchange / f"{_NAME}{pulse}"
    remove(exchange, pulse)
    folder.mkdir(mode=0o750, parents=True)
    try:
        yield [_written(folder / f"{number:05}.parquet", run) for number, run in enumerate(runs)]
    finally:
        remove(exchange, pulse)


def left(exchange: Path) -> list[str]:
    """The pulses of which there is an export, one that is being counted or one that a kill left behind."""
    return sorted(folder.name.removeprefix(_NAME) for folder in exchange.glob(f"{_NAME}*"))


def remove(exchange: Path, pulse: str) -> None:
    """Raises OSError where it cannot be."""
    folder = exchange / f"{_NAME}{pulse}"
    if folder.exists():
        shutil.rmtree(folder)


def cut(batches: Iterable[Batch], size: int = PART) -> Iterator[list[Batch]]:
    """Runs of about `size` bytes, each read when it is asked for."""
    seen = 0

    def number(batch: Batch) -> int:
        nonlocal seen
        seen += len(batch[1])
        return (seen - 1) // size

    return (list(part) for _, part in groupby(batches, number))


def _written(path: Path, batches: list[Batch]) -> Part:
    """Neither packed nor looked at: what is sealed does not shrink."""
    import pyarrow as pa
    from pyarrow import parquet

    ids, sealed = zip(*batches, strict=True)
    table = pa.table({"id": pa.array(ids, pa.binary(16)), "sealed": pa.array(sealed, pa.binary())})
    content = BytesIO()
    parquet.write_table(table, content, compression="none", use_dictionary=False, write_statistics=False)
    path.touch(mode=0o640)
    path.write_bytes(content.getvalue())
    return Part(str(path), hashlib.sha256(content.getvalue()).hexdigest())
