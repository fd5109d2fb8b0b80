"""Fits the trend of every node and block of an organisation: level by level of its tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.analytics.trends.effects import Effect, constant
from service.analytics.trends.panel import ROOT, TEAMS, Panel, levels
from service.analytics.trends.posterior import SPANS, Posterior, posterior
from service.analytics.trends.robust import LEAST_TEAMS, Track, fit_level
from service.analytics.trends.sample import Components, Sample, sample
from service.analytics.trends.shifts import Shifts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_OVER_TIME = (
    "climate",
    "climate_sd",
    "present",
    "present_sd",
    "deviation",
    "with_last",
    "surprise",
    "shift",
    "shift_precision",
)


@dataclass(frozen=True, slots=True)
class Trends:
    """The fitted trends of U nodes, T pulses and B blocks, in score units; NaN throughout where nothing was ever seen.

    (U, T, B): `climate`, c_t + x_t, and `present`, c_t + x_t + p_t of the present members, each with the standard
    deviation of its error; `deviation` x_t; `with_last`, the covariance of the errors of x_t and of the last x;
    `surprise`, the standardised one-step innovation, NaN where nothing was seen; `shift`, the standardised auxiliary
    residual of the step after each pulse and `shift_precision`, one over the error variance of a jump there; `breaks`,
    whether the pulse is the first on a new level, of the node itself or of one above it; `seen`.

    c_t of the teams, constant where they are too few, is `climate` - `deviation` of any of them. `course` (3, U, K, B)
    is the change of x over each of SPANS: mean, variance, and variance before any data. (U, B): the greatest recent
    shift, as in Shifts, is `recent_after`, `recent_z`, `recent_p`, `recent_adjusted`.
    `components` by level and block; `level` (U,) as of `levels`. `log_likelihood` has no constant.
    """

    level: Ints
    seen: Bools
    step: float
    climate: Floats
    climate_sd: Floats
    present: Floats
    present_sd: Floats
    deviation: Floats
    with_last: Floats
    surprise: Floats
    shift: Floats
    shift_precision: Floats
    breaks: Bools
    course: Floats
    recent_after: Ints
    recent_z: Floats
    recent_p: Floats
    recent_adjusted: Floats
    components: dict[tuple[int, int], Components]
    log_likelihood: float


class _Sheet:
    """The arrays of Trends while they are filled in."""

    def __init__(self, panel: Panel) -> None:
        units, _, blocks = panel.score.shape
        self.over_time = {name: np.full(panel.score.shape, np.nan) for name in _OVER_TIME}
        self.breaks = np.zeros(panel.score.shape, np.bool_)
        self.course = np.full((3, units, len(SPANS), blocks), np.nan)
        self.after = np.zeros((units, blocks), np.int64)
        self.z, self.p, self.adjusted = np.zeros((units, blocks)), np.ones((units, blocks)), np.ones((units, blocks))
        self.components: dict[tuple[int, int], Components] = {}
        self.log_likelihood = 0.0

    def tested(self, nodes: Ints, news: Shifts) -> None:
        self.after[nodes], self.z[nodes], self.p[nodes], self.adjusted[nodes] = (
            news.after,
            news.z,
            news.p,
            news.adjusted,
        )

    def breaks_above(self, parent: Ints, level: Ints, nodes: Ints) -> Bools:
        """(T, S, B), after which pulses the node above each breaks; what befalls a root is in the pulse effects."""
        above = parent[nodes]
        concerned = (above >= 0) & (level[above] != ROOT)
        steps = np.zeros((len(nodes), *self.breaks.shape[1:]), np.bool_)
        steps[concerned, :-1] = self.breaks[above[concerned], 1:]
        return steps.transpose(1, 0, 2)

    def fitted(self, nodes: Ints, block: int, track: Track, found: Posterior) -> None:
        known = track.sample.seen.any(axis=0)
        for name in _OVER_TIME:
            self.over_time[name][nodes[known], :, block] = getattr(found, name)[:, known].T
        self.course[:, nodes[known], :, block] = found.course[:, :, known].transpose(2, 0, 1)
        self.breaks[nodes, 1:, block] = (track.jumps[:-1] > 0).T
        self.log_likelihood += found.log_likelihood


def fit(panel: Panel) -> Trends:
    """y = c + x + p + e at every node, with the components of each level of the tree estimated on their own.

    Teams, the nodes without others below them, share the pulse effects c_t that are estimated from them, and so do the
    nodes between them and a root. A root is compared with nothing: it has no c_t and an unknown level of its own. So
    have teams where there are fewer than six, and c is then one constant.

    Where a node breaks, the levels below it may jump there too: what befalls a unit above is seen in it long
    before its teams could show it one by one.
    """
    level, sheet = levels(panel.parent), _Sheet(panel)
    effects: list[Effect] = []
    fitted: list[tuple[Ints, list[Track]]] = []
    for at in np.unique(level).tolist():
        nodes = np.flatnonzero(level == at)
        common = at == TEAMS and len(nodes) >= LEAST_TEAMS
        samples = _samples(panel, nodes, common, at == ROOT or (at == TEAMS and not common))
        tracks, news = fit_level(samples, effects if at > ROOT else [constant(sample) for sample in samples])
        if at == TEAMS:
            effects = [track.effect for track in tracks]
        sheet.tested(nodes, news)
        fitted.append((nodes, tracks))
    for nodes, tracks in fitted[1:] + fitted[:1]:
        above = sheet.breaks_above(panel.parent, level, nodes)
        for block, track in enumerate(tracks):
            told = track.with_jumps(above[..., block])
            sheet.fitted(nodes, block, told, posterior(told))
            sheet.components[int(level[nodes[0]]), block] = track.parts
    return Trends(
        level,
        panel.seen,
        panel.step,
        **sheet.over_time,
        breaks=sheet.breaks,
        course=sheet.course,
        recent_after=sheet.after,
        recent_z=sheet.z,
        recent_p=sheet.p,
        recent_adjusted=sheet.adjusted,
        components=sheet.components,
        log_likelihood=sheet.log_likelihood,
    )


def _samples(panel: Panel, nodes: Ints, common: bool, diffuse: bool) -> Sequence[Sample]:
    return [sample(panel, nodes, block, common, diffuse) for block in range(panel.score.shape[2])]
