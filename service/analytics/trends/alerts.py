"""What changed, as of the newest pulse, for each unit and block, with what a reader needs to believe it or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from service.analytics.block import scored_blocks, shown
from service.analytics.series import Series
from service.analytics.trends.changes import FALSE_SIGN, Changes
from service.analytics.trends.shifts import FALSE_SHARE
from service.analytics.trends.tipping import Turnout, tipping

METHOD = "changes-1"
Verdict = Literal["improved", "declined", "no_change", "not_enough"]


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One unit and block, in points; every figure None unless `status` is "ok".

    `change` with its 90 % interval is that of the climate since the pulse `since`, the organisation's own course taken
    out, which the verdict is about too; `total` is with it. Of a unit at the top both are the same. `test`: "shift",
    "span" or both with a comma between, None where neither found anything; `q` is of the first, `false_sign_rate` of
    the other. `tipping` as in Tipping.vanish, of the total.
    """

    pulse: str
    unit: str
    block: str
    status: Literal["ok", "suppressed", "insufficient"]
    verdict: Verdict
    change: float | None = None
    low: float | None = None
    high: float | None = None
    total: float | None = None
    since: str | None = None
    test: str | None = None
    q: float | None = None
    false_sign_rate: float | None = None
    minimum_detectable_change: float | None = None
    tipping: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """How many units and blocks were tested, and how many are alerts, of which at most `expected_false` by chance."""

    pulse: str
    tested: int
    alerts: int
    expected_false: float


def unit_changes(series: Series, found: Changes) -> list[UnitChange]:
    """The units of the newest release and the blocks it asks, in its order."""
    newest = series.releases[-1]
    units, _, blocks = series.place
    return [
        _change(series, found, unit.id, block, (units[unit.id], blocks[block]))
        for unit in newest.units
        for block in scored_blocks(newest)
    ]


def summary(pulse: str, told: Iterable[UnitChange]) -> Summary:
    """What the two tests let through together, should they be wrong about different ones."""
    verdicts = [it.verdict for it in told]
    tested = sum(it != "not_enough" for it in verdicts)
    alerts = sum(it in ("improved", "declined") for it in verdicts)
    return Summary(pulse, tested, alerts, round(FALSE_SHARE + FALSE_SIGN, 9))


def _change(series: Series, found: Changes, unit: str, block: str, at: tuple[int, int]) -> UnitChange:
    newest = series.releases[-1]
    verdict: Verdict = found.verdict[at].item()
    if verdict == "not_enough":
        seen = shown(newest.unit[unit].figures, scored_blocks(newest)[block]) is not None
        return UnitChange(newest.pulse, unit, block, "insufficient" if seen else "suppressed", verdict)
    own, total, low, high = (float(it[at]) for it in (found.own, found.estimate, found.low, found.high))
    course = total - own
    since = int(found.since[at])
    return UnitChange(
        newest.pulse,
        unit,
        block,
        "ok",
        verdict,
        own,
        low - course,
        high - course,
        total,
        series.releases[since].pulse,
        ",".join(_tests(found, at)) or None,
        float(found.shift_adjusted[at]),
        float(found.lfsr[at[0], :, at[1]].min()),
        _finite(float(found.minimum_detectable[at])),
        tipping(total, _turnout(series, since, at), _turnout(series, -1, at)).vanish,
    )


def _tests(found: Changes, at: tuple[int, int]) -> Iterator[str]:
    if found.by_shift[at]:
        yield "shift"
    if found.by_contrast[at[0], :, at[1]].any():
        yield "span"


def _turnout(series: Series, pulse: int, at: tuple[int, int]) -> Turnout:
    n, headcount = series.panel.n[at[0], pulse, at[1]], series.panel.headcount[at[0], pulse]
    return Turnout(int(n), None if np.isnan(headcount) else int(headcount))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
