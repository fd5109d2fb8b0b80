"""The Nile at Aswan with R's figures for it, where they lie beside the checkout."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

REFERENCE = Path(os.environ.get("REDWOOD_REFERENCE_DATA", Path(__file__).parents[4] / "shared" / "reference_data"))


@pytest.fixture(scope="session")
def nile():
    folder = REFERENCE / "nile"
    if not folder.exists():
        pytest.skip("the reference data are not beside the checkout")
    with (folder / "data.csv").open() as rows:
        flow = np.array([float(row["flow"]) for row in csv.DictReader(rows)])
    return flow, json.loads((folder / "expected.json").read_text())
