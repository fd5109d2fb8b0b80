"""Whether a finding has figures, in one of three words."""

from __future__ import annotations

from typing import Literal

#: `ok` has figures. `suppressed`: the release withholds what it needs, and never says why, since "small" against
#: "protecting another" would itself disclose. `insufficient`: nothing is withheld, there is too little to compute.
Status = Literal["ok", "suppressed", "insufficient"]
