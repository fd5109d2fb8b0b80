"""How many answered in each unit: the only fact about responses the choice of what to publish may see."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def respondents(
    units: npt.NDArray[np.integer], size: int, n: npt.NDArray[np.integer] | None = None
) -> npt.NDArray[np.int64]:
    """Respondents directly in each of `size` units; `units` holds each respondent's unit position, -1 for none, or with
    `n` that of so many."""
    inside = units >= 0
    return np.bincount(units[inside], None if n is None else n[inside], size).astype(np.int64)
