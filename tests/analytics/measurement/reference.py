"""Published data and R's figures for it, where they lie beside the checkout; tests that need them skip elsewhere."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(
    os.environ.get("REDWOOD_REFERENCE_DATA") or Path(__file__).parents[3].parent / "shared" / "reference_data"
)


def expected(name: str) -> dict[str, Any]:
    if not (FOLDER / name).is_dir():
        pytest.skip("the reference data is not here: set REDWOOD_REFERENCE_DATA")
    return json.loads((FOLDER / name / "expected.json").read_text())


def sheet(name: str, columns: Sequence[str]) -> np.ndarray:
    """A row a person, NaN for no answer."""
    return np.array([[float(row[column] or "nan") for column in columns] for row in rows(name)])


def sheets(name: str, group: str, columns: Sequence[str]) -> dict[str, np.ndarray]:
    """One for each group."""
    label = np.array([row[group] for row in rows(name)])
    everybody = sheet(name, columns)
    return {group: everybody[label == group] for group in np.unique(label)}


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name / "data.csv").open(newline="") as file:
        return list(csv.DictReader(file))
