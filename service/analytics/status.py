"""Whether a finding has figures, in one of four words."""

from __future__ import annotations

from typing import Literal

#: `ok` has figures. `bound`: everybody answered so alike that the exact figure would tell on somebody, so that only
#: a range it lies in is released. `suppressed`: the release withholds what it needs, and never says why, since
#: "small" against "protecting another" would itself disclose. `insufficient`: nothing is withheld, there is too
#: little to compute.
Status = Literal["ok", "bound", "suppressed", "insufficient"]
