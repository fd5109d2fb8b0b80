"""Whether an organisation's teams fall into archetypes, which, and what team belongs to which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from service.analytics.clusters.identity import letters
from service.analytics.clusters.label import Label, label
from service.analytics.clusters.membership import Membership, memberships, probabilities
from service.analytics.clusters.mixture import Floats, Mixture, best_mixture
from service.analytics.clusters.population import chance_of_gain, population
from service.analytics.clusters.profiles import Profiles, Whitened, whiten
from service.analytics.clusters.stability import stability

#: Changes whenever the same profiles may give another clustering.
METHOD = "clusters-1"
_MOST = 6
#: Mixtures are fitted to so many teams, drawn at random; all are then assigned.
_FITTED = 1_000
_LEVEL, _STABLE, _ELEVATION = 0.05, 0.6, 0.85

Verdict = Literal["structure", "level_only", "no_structure", "insufficient"]


@dataclass(frozen=True, slots=True)
class Archetype:
    """`id` a letter that stays from pulse to pulse; `profile` points relative to the organisation by block;
    `size` the expected number of teams."""

    id: str
    profile: dict[str, float]
    size: float
    label: Label


@dataclass(frozen=True, slots=True)
class Clustering:
    """`structure`: teams fall into `k` archetypes. `level_only`: they do, but differ by little more than level.
    `no_structure`: one population makes as much. `insufficient`: too few teams, blocks or differences.

    Archetypes and memberships are there with the first two only. `teams` with a whole profile, over `pulses`.
    `p_value` of one population, None where BIC already prefers one; `stability` the mean adjusted Rand index
    under resampling; `elevation_share` of the separation that is the mean over blocks. `letters` were ever given.
    """

    verdict: Verdict
    k: int
    teams: int
    pulses: int
    archetypes: tuple[Archetype, ...] = ()
    membership: tuple[Membership, ...] = ()
    p_value: float | None = None
    stability: float | None = None
    elevation_share: float | None = None
    letters: tuple[str, ...] = ()
    method: str = METHOD


def cluster(profiles: Profiles, rng: np.random.Generator, previous: Clustering | None = None) -> Clustering:
    """The same profiles and the same state of `rng` give the same clustering.

    `previous` is the last one that had archetypes: theirs keep their letters.
    """
    used = () if previous is None else previous.letters
    teams = whiten(profiles)
    if teams is None:
        return Clustering("insufficient", 0, 0, 0, letters=used)
    fitted = teams.sample(rng.permutation(len(teams.z))[:_FITTED])
    mixture = best_mixture(fitted.z, _MOST, int(rng.integers(2**31)))
    nothing = Clustering("no_structure", 1, len(teams.z), teams.pulses, letters=used)
    if mixture.k == 1:
        return nothing
    p_value = chance_of_gain(fitted, population(teams), mixture.k, rng)
    if p_value > _LEVEL:
        return replace(nothing, p_value=p_value)
    stable = stability(fitted.z, mixture, rng)
    tested = replace(nothing, p_value=p_value, stability=stable)
    return tested if stable < _STABLE else _described(tested, profiles, teams, mixture, previous)


def _described(
    tested: Clustering, profiles: Profiles, teams: Whitened, mixture: Mixture, previous: Clustering | None
) -> Clustering:
    mixture = _largest_first(mixture)
    shares = probabilities(teams, mixture)
    centres = mixture.means @ teams.back
    elevation = elevation_share(centres, mixture.weights)
    names = [profiles.blocks[block] for block in teams.blocks]
    shapes = [dict(zip(names, centre, strict=True)) for centre in centres.tolist()]
    earlier = {} if previous is None else {archetype.id: archetype.profile for archetype in previous.archetypes}
    given = letters(shapes, earlier, tested.letters)
    only = elevation > _ELEVATION
    return replace(
        tested,
        verdict="level_only" if only else "structure",
        k=mixture.k,
        archetypes=tuple(
            Archetype(id, shape, size, label(shape, only))
            for id, shape, size in zip(given, shapes, shares.sum(axis=0).tolist(), strict=True)
        ),
        membership=memberships(profiles.teams, teams, shares, given),
        elevation_share=elevation,
        letters=tuple(dict.fromkeys([*tested.letters, *given])),
    )


def elevation_share(centres: Floats, weights: Floats) -> float:
    """Of the squared distances of k x B centres from their weighted mean, the part along the mean over blocks.

    The split of a profile into elevation and shape is Cronbach and Gleser's (1953). 1 when the centres coincide.
    """
    apart = centres - weights @ centres
    whole = float(weights @ (apart**2).sum(axis=1))
    level = float(weights @ apart.mean(axis=1) ** 2) * centres.shape[1]
    return level / whole if whole > 0 else 1.0


def _largest_first(mixture: Mixture) -> Mixture:
    order = np.argsort(-mixture.weights, kind="stable")
    return replace(mixture, weights=mixture.weights[order], means=mixture.means[order])
