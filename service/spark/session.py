"""A Spark application that writes nothing readable: its log of events and its pages are off, its disks encrypted."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from service.errors import Unavailable

if TYPE_CHECKING:
    from pyspark import SparkContext

#: They overrule what the machine says of itself. The nodes of a cluster have to know its `spark.authenticate.secret`.
SETTINGS = {
    # The close key travels with the task: only to who knows the secret, never in clear, and to no disk in clear.
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
    # A task above this many bytes would be left in a file for as long as it is used.
    "spark.broadcast.UDFCompressionThreshold": str(1 << 28),
    "spark.eventLog.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Sums of many workers may be large; who asked has to hold them anyway.
    "spark.driver.maxResultSize": "0",
}
_HERE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


@contextmanager
def application(master: str) -> Iterator[SparkContext]:
    """An application on `master` (local[2], spark://...), stopped at the end.

    Raises Unavailable where pyspark or Java is not installed or the cluster does not answer.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark import SparkConf, SparkContext
        from pyspark.errors import PySparkException
    except ImportError as error:
        raise Unavailable("Spark is not installed here: install Redwood with its extra `spark`.") from error
    local = master.startswith("local")
    if local:
        # Else whichever `python3` comes first counts, and may have none of this.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    chosen = SparkConf().setMaster(master).setAppName("redwood")
    for name, value in (SETTINGS | (_HERE if local else {})).items():
        chosen.set(name, value)
    try:
        context = SparkContext(conf=chosen)
    except (Py4JError, PySparkException) as error:
        raise Unavailable(f"Spark does not start; it needs Java, and {master} has to be reachable.") from error
    try:
        yield context
    finally:
        context.stop()
