"""The series of one block at one level of the tree, laid out for the filter, and the model they follow."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from service.analytics.trends.kalman import Model
from service.analytics.trends.panel import Panel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: The least standard deviation of a person about the team, in scale units: where all are alike there is no noise.
_LEAST_SPREAD = 0.01
#: Start variance, in squared scale units, of a level nothing is known about.
DIFFUSE = 100.0


@dataclass(frozen=True, slots=True)
class Components:
    """`start` tau2 and `drift` q in squared score units; `kappa`, the share of a score's sampling variance that is
    drawn anew at each pulse; `rho`, how much of the rest, who happens to be in the team, lasts to the next."""

    start: float
    drift: float
    kappa: float
    rho: float


@dataclass(frozen=True, slots=True)
class Sample:
    """S series of T pulses: `y` (T, S) NaN where missing; `error` (T, S) the variance s2w / n of a mean of n people;
    `lasting` (S,) the same for the series' usual n; `extra` (T, S) further variance; `scale` the block's s2w and `step`
    the points of a scale unit. With `common` the pulse effects come from these series, with `diffuse` each has a level
    of its own that nothing is known about."""

    y: Floats
    error: Floats
    lasting: Floats
    extra: Floats
    scale: float
    step: float
    common: bool
    diffuse: bool

    @property
    def seen(self) -> Bools:
        return np.isfinite(self.y)

    def take(self, keep: Bools) -> Sample:
        kept = self.y[:, keep], self.error[:, keep], self.lasting[keep], self.extra[:, keep]
        return Sample(*kept, self.scale, self.step, self.common, self.diffuse)

    def less(self, effect: Floats) -> Sample:
        return replace(self, y=self.y - effect[:, None])

    def model(self, parts: Components, jumps: Floats) -> Model:
        """`jumps` (T, S) is further variance of the step after each pulse."""
        noise = parts.kappa * self.error + self.extra
        start, rho = np.asarray(parts.start), np.asarray(parts.rho)
        return Model(self.y, noise, parts.drift + jumps, start, (1 - parts.kappa) * self.lasting, rho)


def sample(panel: Panel, nodes: Ints, block: int, common: bool, diffuse: bool) -> Sample:
    n, score, seen = (array[nodes, :, block].T for array in (panel.n, panel.score, panel.seen))
    within = _within(panel)[:, block]
    scale = float(within.mean())
    usual = np.where(seen, n, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    extra = np.zeros(n.shape) if panel.extra is None else np.where(seen, panel.extra[nodes, :, block].T, 0.0)
    error = within[:, None] / np.where(seen, n, 1.0)
    lasting = scale / np.where(usual > 0, usual, 1.0)
    return Sample(np.where(seen, score, np.nan), error, lasting, extra, scale, panel.step, common, diffuse)


def _within(panel: Panel) -> Floats:
    """What is not known of a pulse's scatter is taken from the block's other pulses, and never as nought."""
    known = np.isfinite(panel.within)
    count = np.maximum(known.sum(axis=0), 1)
    usual = np.where(known.any(axis=0), np.where(known, panel.within, 0.0).sum(axis=0) / count, panel.step**2)
    return np.maximum(np.where(known, panel.within, usual), (_LEAST_SPREAD * panel.step) ** 2)
