"""By which method findings are computed and how they are laid out: what tells that stored ones are out of date."""

from __future__ import annotations

import hashlib

from service.exports.columns import TABLES

#: Raised whenever a finding would come out otherwise.
_VERSION = 1
_COLUMNS = " ".join(f"{table.name}.{column.name}" for table in TABLES for column in table.columns)
#: Findings made by another method, or laid out otherwise, are made anew.
METHOD = f"{_VERSION}-{hashlib.sha256(_COLUMNS.encode()).hexdigest()[:16]}"
