"""From a key to a trend that you have checked yourself: fetch, plot, check. Run it whole, or cell by cell.

    pip install pandas matplotlib
    REDWOOD_URL=http://127.0.0.1:8000 REDWOOD_KEY=rw_... python docs/first_trend.py

The key needs the scopes `results` and `analytics` and must not be bound to a subtree, since the check reads whole
releases. It writes first_trend.svg into the current folder. The last check computes with Redwood itself, and is left
out where that is not installed.
"""

# %% Fetch: every table is one address; /v1/dictionary says what each column means.
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

import matplotlib as mpl
import pandas as pd

mpl.use("Agg")
from matplotlib import pyplot as plt

URL = os.environ.get("REDWOOD_URL", "http://127.0.0.1:8000")
AUTHORIZATION = {"Authorization": f"Bearer {os.environ['REDWOOD_KEY']}"}

trends = pd.read_csv(f"{URL}/v1/trends?format=csv", storage_options=AUTHORIZATION, parse_dates=["date"])
print(f"{len(trends)} points of {trends['unit'].nunique()} units in {trends['pulse'].nunique()} pulses")

# %% What changed: a verdict for each unit and block, and how sure the whole list is.
changes = pd.read_csv(f"{URL}/v1/changes?format=csv", storage_options=AUTHORIZATION)
print(changes["verdict"].value_counts().to_string())
alerts = pd.read_csv(f"{URL}/v1/alerts?format=csv", storage_options=AUTHORIZATION)
print(alerts.query("kind == 'summary'")[["pulse", "tested", "alerts", "expected_false"]].to_string(index=False))

# %% Plot: the raw score, and what the model makes of it. A point that is withheld is a gap, not a zero.
shown = trends.query("status == 'ok'")
unit, block = shown.groupby(["unit", "block"]).size().idxmax()
one = trends.query("unit == @unit and block == @block").sort_values("date")
figure, axes = plt.subplots(figsize=(7, 4))
axes.fill_between(one["date"], one["smoothed_low"], one["smoothed_high"], alpha=0.2, label="90 % interval")
axes.plot(one["date"], one["smoothed"], label="this team now")
axes.plot(one["date"], one["climate"], linestyle="--", label="climate")
axes.scatter(one["date"], one["score"], label="score")
axes.set(title=f"{one['unit_name'].iloc[-1]}: {block}", ylabel="points", ylim=(0, 100))
axes.legend()
figure.autofmt_xdate()
figure.savefig("first_trend.svg")

# %% Check a score: everything follows from the release, which anybody can add up again.
newest = trends.sort_values("date")["pulse"].iloc[-1]


def fetched(path: str) -> bytes:
    return urlopen(Request(f"{URL}{path}", headers=AUTHORIZATION)).read()


release = json.loads(fetched(f"/v1/pulses/{newest}/release"))
scale = release["instrument"]["scale"]
results = pd.read_csv(f"{URL}/v1/results?format=csv&pulse={newest}", storage_options=AUTHORIZATION)
units = {unit["id"]: unit for unit in release["units"]}
items = results.query("status == 'ok' and item.notna() and by.isna() and score.notna()")
for row in items.itertuples():
    figures = units[row.unit]["items"][row.item]
    score = 100 * (figures["sum"] / figures["n"] - scale["low"]) / (scale["high"] - scale["low"])
    assert abs(score - row.score) < 1e-9, (row.unit, row.item)
print(f"{len(items)} item scores follow from the release")

# %% Check the findings: computed again on this machine, from the releases and nothing else.
places = [str(Path(sys.executable).parent), str(Path(__file__).parents[1] / ".venv" / "bin"), os.environ["PATH"]]
redwood = shutil.which("redwood", path=os.pathsep.join(places))
if redwood is None:
    sys.exit("The last check computes with Redwood itself, which is not installed here: `bin/demo` does that.")
with tempfile.TemporaryDirectory() as folder:
    command = [redwood, "analyse", "--json"]
    for pulse in trends["pulse"].unique():
        file = Path(folder, f"{pulse}.json")
        file.write_bytes(fetched(f"/v1/pulses/{pulse}/release"))
        command += ["--from", str(file)]
    made = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["analysed"]
for series in made:
    stored = json.loads(fetched(f"/v1/pulses/{series['pulse']}/findings"))["tables"]
    assert stored == series["tables"], "computed on another machine, or by another version"
print("the findings come out the same, to the last bit")
