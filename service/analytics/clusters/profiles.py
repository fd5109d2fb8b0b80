"""How each team differs from its organisation, block by block, in units of the scatter between people."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Pulses a profile looks back over.
PULSES = 6
#: Below this many teams with a whole profile, or this many blocks, nothing is said.
LEAST_TEAMS, LEAST_BLOCKS = 30, 2
#: A block is used when this share of the teams heard from has it.
_COMMON = 0.5
#: Relative to the widest, a direction in which people scatter less than this is rounding.
_FLAT = 1e-6


@dataclass(frozen=True, slots=True)
class Profiles:
    """U teams over T pulses (oldest first) and B blocks.

    `scores` U x T x B points (0 to 100, free of which items were asked), NaN where not shown; `n` U x T x B
    respondents; `within` B x B, or T x B x B, the pooled covariance of one person's block scores about their
    team's (points squared); `above` U positions of the parent node; `teams` U and `blocks` B ids.
    """

    scores: Floats
    n: Floats
    within: Floats
    above: Ints
    teams: tuple[str, ...]
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whitened:
    """The m teams with a whole profile, at `rows` of Profiles, on the `blocks` used (positions).

    `z` m x r coordinates in which one person's score scatters as a unit sphere; `noise` m, the variance of each
    coordinate's error; `back` r x B takes coordinates to points relative to the organisation; `above` m, as in
    Profiles.
    """

    rows: Ints
    blocks: tuple[int, ...]
    pulses: int
    z: Floats
    noise: Floats
    back: Floats
    above: Ints

    def sample(self, chosen: Ints) -> Whitened:
        return replace(
            self,
            rows=self.rows[chosen],
            z=self.z[chosen],
            noise=self.noise[chosen],
            above=self.above[chosen],
        )


def whiten(profiles: Profiles) -> Whitened | None:
    """The last six pulses pooled; None with fewer than 30 whole profiles, two blocks, or scatter within teams.

    Each pulse's mean over teams is taken out of each block. A profile is then the mean over pulses weighted by
    respondents. Its error is W (share / sum n + (1 - share) / mean n): the part of the scatter that is drawn anew
    each pulse averages out, the part that belongs to who is in the team does not. The share comes from how far
    a team's own pulses differ. With one pulse both are W / n.
    """
    scores, n, within = _lately(profiles)
    blocks = _usable(scores, within)
    if len(blocks) < LEAST_BLOCKS:
        return None
    within = within[np.ix_(blocks, blocks)]
    forth, back = _roots(np.where(np.isfinite(within), within, 0.0))
    if len(back) < LEAST_BLOCKS:
        return None
    return _pool(scores[:, :, blocks], n[:, :, blocks], forth, back, blocks, profiles.above)


def _pool(
    scores: Floats, n: Floats, forth: Floats, back: Floats, blocks: tuple[int, ...], above: Ints
) -> Whitened | None:
    own, weight = _relative(scores, n), n
    people = weight.sum(axis=1)
    rows = np.flatnonzero((people > 0).all(axis=1))
    if len(rows) < LEAST_TEAMS:
        return None
    own, weight, people = own[rows], weight[rows], people[rows]
    profile = (weight * own).sum(axis=1) / people
    share = _fresh_share(own - profile[:, None], weight, forth)
    typical = people / (weight > 0).sum(axis=1)
    noise = (share / people + (1 - share) / typical).mean(axis=1)
    z = (profile - profile.mean(axis=0)) @ forth
    if z.var() < _FLAT**2:
        return None
    return Whitened(rows, blocks, scores.shape[1], z, noise, back, above[rows])


def _lately(profiles: Profiles) -> tuple[Floats, Floats, Floats]:
    """Scores, respondents and covariance within teams over the last six pulses in which any team is shown."""
    shown = np.isfinite(profiles.scores) & (profiles.n > 0)
    heard = np.flatnonzero(shown.any(axis=(0, 2)))[-PULSES:]
    n = np.where(shown, profiles.n, 0.0)[:, heard]
    within = profiles.within if profiles.within.ndim == 2 else _pooled(profiles.within[heard], n)
    return np.where(shown, profiles.scores, np.nan)[:, heard], n, within


def _pooled(within: Floats, n: Floats) -> Floats:
    """The mean covariance, each pulse counting by its respondents."""
    finite = np.isfinite(within)
    weight = np.where(finite, n.sum(axis=(0, 2))[:, None, None], 0.0)
    total = weight.sum(axis=0)
    summed = (weight * np.where(finite, within, 0.0)).sum(axis=0)
    return np.where(total > 0, summed / np.where(total > 0, total, 1.0), np.nan)


def _usable(scores: Floats, within: Floats) -> tuple[int, ...]:
    """Blocks that people differ on and that most teams heard from have; a rare one would cost most teams."""
    has: Flags = np.any(np.isfinite(scores), axis=1)
    heard = max(1, int(has.any(axis=1).sum()))
    common = has.sum(axis=0) >= _COMMON * heard
    scatter = np.diag(within)
    return tuple(int(b) for b in np.flatnonzero(common & np.isfinite(scatter) & (scatter > 0)))


def _relative(scores: Floats, weight: Floats) -> Floats:
    """Scores less the mean of the teams in the same pulse and block; zero where there is none."""
    shown = weight > 0
    means = np.where(shown, scores, 0.0).sum(axis=0) / np.maximum(shown.sum(axis=0), 1)
    return np.where(shown, scores - means, 0.0)


def _fresh_share(apart: Floats, weight: Floats, forth: Floats) -> float:
    """How much of the scatter within teams comes anew each pulse: 1 when a team's pulses are independent."""
    whole: Flags = np.all(weight > 0, axis=2)
    whole[whole.sum(axis=1) < 2] = False
    freedom = int(whole.sum()) - int(whole.any(axis=1).sum())
    if freedom < LEAST_TEAMS:
        return 1.0
    squares = (apart[whole] @ forth) ** 2 * weight[whole].mean(axis=1)[:, None]
    return float(np.clip(squares.sum() / (freedom * forth.shape[1]), 0.0, 1.0))


def _roots(within: Floats) -> tuple[Floats, Floats]:
    """W^-1/2 and W^1/2 by eigenvectors, without the directions in which nobody differs."""
    values, vectors = np.linalg.eigh((within + within.T) / 2)
    keep = values > _FLAT * values.max()
    roots, vectors = np.sqrt(values[keep]), vectors[:, keep]
    return vectors / roots, (vectors * roots).T
