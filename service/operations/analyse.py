"""From published releases to stored findings: once for each release, after it, and the same again from the releases."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from service.errors import Conflict, Fault, InvalidQuery, NotFound
from service.exports import packed
from service.exports.method import METHOD
from service.exports.table import Table
from service.operations.access import Principal
from service.operations.released import fill_missing
from service.release import codec
from service.release.release import Release
from service.store import findings, results
from service.store.database import Database
from service.store.findings import Analysis

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Analysed:
    """Pulses whose findings were computed, and those where that failed: another's findings do not wait for them."""

    done: tuple[str, ...]
    failed: tuple[str, ...]


def analyse_due(database: Database, told: Callable[[str], None] = lambda _: None) -> Analysed:
    """Compute and store what is missing, the newest first, which is what people read. `told` hears of each pulse."""
    with database.read() as tx:
        due = findings.due(tx, METHOD)
    failed = []
    for pulse in due:
        try:
            analyse(database, pulse)
        except Exception:
            _log.exception("The findings of pulse %s could not be computed", pulse)
            failed.append(pulse)
        told(pulse)
    return Analysed(tuple(pulse for pulse in due if pulse not in failed), tuple(failed))


def analyse(database: Database, pulse: str) -> None:
    """Compute a released pulse's findings from the releases of its series up to it, and store them.

    Nothing is held while it computes. Two that do it at once store the same, and one of them is enough. The tables
    made of them for BI tools follow in a transaction of their own, which others are not made to wait for.
    """
    from service.exports.analysis import analysed  # late: every process has this module, few compute

    with database.read() as tx:
        along = findings.series_releases(tx, pulse)
        contents = results.contents(tx, along)
    tables = {table.name: packed.pack(table) for table in analysed([codec.decode(contents[it]) for it in along])}
    try:
        with database.begin() as tx:
            findings.hold_series(tx, pulse)
            # A release of an earlier pulse may have come meanwhile, which these findings do not know.
            if findings.series_releases(tx, pulse) == along:
                digests = {name: table.digest for name, table in tables.items()}
                parts = {name: table.parts for name, table in tables.items()}
                findings.replace_findings(tx, pulse, Analysis(METHOD, digests), parts)
    except Conflict:
        return
    fill_missing(database)


def analyse_releases(contents: Sequence[bytes]) -> list[tuple[Release, tuple[Table, ...]]]:
    """The findings of each series among these releases, as of its newest: what was stored with that, made anew.

    Raises InvalidQuery for what is no release.
    """
    from service.exports.analysis import analysed  # late, as above

    series: dict[str, list[Release]] = {}
    for release in sorted(_decoded(contents), key=lambda it: it.age):
        series.setdefault(release.series, []).append(release)
    return [(releases[-1], analysed(releases)) for releases in series.values()]


def stored_analysis(database: Database, principal: Principal, pulse: str) -> Analysis | None:
    """What stands of a released pulse's findings, None while they are due. Raises NotFound.

    For keys not bound to a subtree: by a digest of few figures somebody could try what they are.
    """
    principal.require("analytics", whole=True)
    with database.read() as tx:
        if pulse not in results.released_pulses(tx, principal.organisation):
            raise NotFound("released pulse")
        found = findings.analysis_of(tx, pulse)
    return found if found is not None and found.method == METHOD else None


def _decoded(contents: Sequence[bytes]) -> Iterable[Release]:
    for place, content in enumerate(contents):
        try:
            yield codec.decode(content)
        except (ValueError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as cause:
            raise InvalidQuery([Fault(f"files[{place}]", "is no release of the format this version reads")]) from cause
