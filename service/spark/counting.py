"""Counting on Spark: the same sums as the built-in count, from as many workers as there are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from service.errors import Unavailable
from service.seal.close_key import SECRET, Opener, Opening
from service.spark.exchange import PART, Batch, Part, cut, exported
from service.spark.task import Task, counted, unsealed_sums
from service.tally.merging import merged
from service.tally.partial import Asked, Partial

if TYPE_CHECKING:
    from pyspark import SparkContext

#: Tasks for each of the application's cores: some end sooner than others.
_TURNS = 2


@dataclass(frozen=True)
class SparkCounting:
    """Counts one pulse after the other in one application; `exchange` is a folder that every worker sees at the same
    path, `size` about how many bytes one file takes. A pulse that needs no second one is counted where it is closed."""

    context: SparkContext
    exchange: Path
    size: int = PART

    def __call__(self, key: Opening, pulse: str, batches: Iterator[Batch], asked: Asked, /) -> Partial:
        """Raises ValueError where a batch cannot be opened or holds what nobody can answer, Unavailable where Spark
        fails: then whatever closes the pulse has changed nothing."""
        runs = cut(batches, self.size)
        first = list(islice(runs, 2))
        if len(first) < 2:
            # Sooner counted than handed out, and not written anywhere.
            return counted(key, pulse, chain(*first), asked)
        back = Opener(os.urandom(SECRET))
        task = Task(pulse, key.key.secret, key.seed, back.public, asked)
        with exported(self.exchange, pulse, chain(first, runs)) as parts:
            found = self._run(task, parts)
        if None in found:
            raise ValueError("not what was exported, or not to be opened")
        return merged((unsealed_sums(back, pulse, sums) for sums in found if sums is not None), asked)

    def _run(self, task: Task, parts: list[Part]) -> list[bytes | None]:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        shares = list(_shares(parts, _TURNS * self.context.defaultParallelism))
        try:
            # No shuffle: sums go straight from the worker to here, where they are added up.
            found: list[bytes | None] = self.context.parallelize(shares, len(shares)).map(task).collect()
        except (Py4JError, PySparkException) as error:
            raise Unavailable("Spark could not count; nothing was changed.") from error
        return found


def _shares(parts: list[Part], count: int) -> Iterator[list[Part]]:
    return (parts[start::count] for start in range(min(count, len(parts))))
