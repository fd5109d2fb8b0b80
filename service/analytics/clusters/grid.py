"""Mixtures of any shape and Ward's hierarchy, for comparison with other people's programs on the same data."""

from __future__ import annotations

from typing import Any

import numpy as np

from service.analytics.clusters.mixture import RIDGE, STARTS, Covariance, Floats, Ints, quiet


def mixture_bic(data: Floats, k: int, covariance: Covariance = "tied", seed: int = 0) -> float | None:
    """2 log-likelihood - parameters x log n of n x r data, as R's mclust has it: minus scikit-learn's, more is better.

    full, tied, diag and spherical are mclust's VVV, EEE, VVI and VII. The most likely of fits from Ward's
    hierarchy (Fraley & Raftery 2002 start from one too) and from five k-means starts: with more than one component
    a better or another optimum than mclust's may be found. None with fewer rows than components or no variance.
    """
    from sklearn.mixture import GaussianMixture

    if len(data) < max(k, 2) or not np.ptp(data, axis=0).all():
        return None
    settings: dict[str, Any] = {
        "covariance_type": covariance,
        "tol": 1e-8,
        "max_iter": 5_000,
        "reg_covar": RIDGE,
        "random_state": seed,
    }
    starts: list[dict[str, Any]] = [{"n_init": STARTS if k > 1 else 1}, _from_parts(data, ward(data, k), covariance)]
    with quiet():
        return max(-float(GaussianMixture(k, **settings, **start).fit(data).bic(data)) for start in starts)


def ward(data: Floats, k: int) -> Ints:
    """The k parts of Ward's (1963) minimum variance hierarchy, numbered from 1 in the order of their first rows.

    As R's cutree does with hclust "ward.D2".
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    _, first, part = np.unique(
        fcluster(linkage(data, "ward"), k, criterion="maxclust"), return_index=True, return_inverse=True
    )
    return first.argsort().argsort()[part] + 1


def _from_parts(data: Floats, part: Ints, covariance: Covariance) -> dict[str, Floats]:
    """The parameters of a mixture whose components are these parts, all of the same spread to begin with."""
    inside = [data[part == one] for one in np.unique(part)]
    means = np.stack([rows.mean(axis=0) for rows in inside])
    apart = np.concatenate([rows - mean for rows, mean in zip(inside, means, strict=True)])
    precision = np.linalg.inv(apart.T @ apart / len(data) + RIDGE * np.eye(data.shape[1]))
    shape = {
        "full": np.stack([precision] * len(inside)),
        "tied": precision,
        "diag": np.stack([np.diag(precision)] * len(inside)),
        "spherical": np.full(len(inside), np.diag(precision).mean()),
    }
    weights = np.array([len(rows) for rows in inside]) / len(data)
    return {"weights_init": weights, "means_init": means, "precisions_init": shape[covariance]}
