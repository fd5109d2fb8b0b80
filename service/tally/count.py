"""How many answered in each unit: the only fact about responses the choice of what to publish may see."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def respondents(units: npt.NDArray[np.integer], size: int) -> npt.NDArray[np.int64]:
    """Respondents directly in each of `size` units; `units` holds each respondent's unit position, -1 for none."""
    return np.bincount(units[units >= 0], minlength=size).astype(np.int64)
