"""The lenses of one unit, and of all in the roster's order: how people lean, and how they keep in step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from service.analytics.lenses.coordination import MEANS, WORK
from service.errors import NotFound
from service.exports.table import Table
from service.pages import heat
from service.pages.charts import fit, quadrant
from service.pages.dashboard import lens_words
from service.pages.dashboard.frame import Frame, label
from service.pages.records import Record, number, records, text
from service.pages.templating import render
from service.release.release import Release

#: Blocks any one of which makes a pulse one with lenses.
_LENSES = {"over-reliance", "isolation", "coordination"}


@dataclass(frozen=True, slots=True)
class Leaning:
    """One unit between the poles, each as "62 (48 to 76)"; `chances` in percent by quadrant, None where not told."""

    unit: str
    name: str
    status: str
    over_reliance: str
    isolation: str
    quadrant: str
    chances: Mapping[str, int | None]
    svg: str


@dataclass(frozen=True, slots=True)
class Keeping:
    """One unit's work and means; `little`, `right` and `much` in percent, None where withheld."""

    unit: str
    name: str
    status: str
    work: str
    work_agreed: int | None
    means: str
    means_agreed: int | None
    verdict: str
    little: int | None
    right: int | None
    much: int | None
    svg: str


def lenses_page(frame: Frame, interdependence: Table, coordination: Table) -> str:
    """A table without rows is a lens that the pulse does not ask."""
    frame = replace(frame, asks=("pulse", "unit"))
    leanings = {it.unit: it for it in (_leaning(row, frame.unit) for row in records(interdependence))}
    keepings = {it.unit: it for it in (_keeping(row, frame.unit) for row in records(coordination))}
    return render(
        "dashboard/lenses.html",
        frame=frame,
        around=frame.around,
        leaning=leanings.get(frame.unit),
        keeping=keepings.get(frame.unit),
        leanings=leanings,
        keepings=keepings,
        depths=heat.depths(frame.release, [id for id, _, _ in frame.units]),
        elsewhere=_elsewhere(frame),
        quadrants=lens_words.QUADRANTS,
        work=lens_words.WORK,
        means=lens_words.MEANS,
        verdicts=lens_words.VERDICTS,
        short=lens_words.SHORT,
    )


def quadrant_picture(frame: Frame, interdependence: Table) -> str:
    """Raises NotFound where the unit's poles are not both released."""
    return _picture(_leaning(row, frame.unit).svg for row in records(interdependence) if row["unit"] == frame.unit)


def fit_picture(frame: Frame, coordination: Table) -> str:
    """Raises NotFound where the unit's answers are not released."""
    return _picture(_keeping(row, frame.unit).svg for row in records(coordination) if row["unit"] == frame.unit)


def has_lenses(release: Release) -> bool:
    return any(item.block in _LENSES for item in release.asked)


def _picture(drawn: Iterable[str]) -> str:
    svg = "".join(drawn)
    if not svg:
        raise NotFound("picture")
    return svg


def _elsewhere(frame: Frame) -> tuple[str, str] | None:
    """Address and label of the newest pulse that has lenses, where this one has none."""
    for release in reversed(frame.releases):
        if has_lenses(release):
            return frame.around.to("/dashboard/lenses", pulse=release.pulse), label(release)
    return None


def _leaning(row: Record, drawn: str) -> Leaning:
    names = {name: name.replace("-", "_") for name in lens_words.QUADRANTS}
    chances = {name: _percent(row, column) for name, column in names.items()}
    unit, quadrant_name = text(row, "unit"), text(row, "quadrant")
    return Leaning(
        unit=unit,
        name=text(row, "unit_name"),
        status=text(row, "status"),
        over_reliance=_written(row, "over_reliance"),
        isolation=_written(row, "isolation"),
        quadrant=quadrant_name,
        chances=chances,
        svg=_quadrants(row, chances) if unit == drawn else "",
    )


def _quadrants(row: Record, chances: Mapping[str, int | None]) -> str:
    across, up = _pole(row, "isolation"), _pole(row, "over_reliance")
    if across is None or up is None:
        return ""
    chart = quadrant.quadrants(across, up, chances, text(row, "quadrant"))
    size = {"width": quadrant.WIDTH, "height": quadrant.HEIGHT}
    return render("charts/quadrant.svg", chart=chart, unit=text(row, "unit_name"), **size)


def _pole(row: Record, name: str) -> quadrant.Pole | None:
    low, high = number(row, f"{name}_low"), number(row, f"{name}_high")
    return None if low is None or high is None else quadrant.Pole(number(row, name), low, high)


def _written(row: Record, name: str) -> str:
    pole = _pole(row, name)
    if pole is None:
        return ""
    between = f"{round(pole.low)} to {round(pole.high)}"
    return f"between {between}" if pole.value is None else f"{round(pole.value)} ({between})"


def _keeping(row: Record, drawn: str) -> Keeping:
    unit, work, means = (text(row, column) for column in ("unit", "work", "means"))
    little, right, much = (_whole(row, column) for column in ("too_little", "about_right", "too_much"))
    return Keeping(
        unit=unit,
        name=text(row, "unit_name"),
        status=text(row, "status"),
        work=work,
        work_agreed=_whole(row, "work_agreed"),
        means=means,
        means_agreed=_whole(row, "means_agreed"),
        verdict=text(row, "verdict"),
        little=little,
        right=right,
        much=much,
        svg=_fit(row, work, means) if unit == drawn and text(row, "status") == "ok" else "",
    )


def _fit(row: Record, work: str, means: str) -> str:
    rungs = lens_words.WORK_RUNGS, lens_words.MEANS_RUNGS
    chart = fit.fit(*rungs, _place(WORK, work), _place(MEANS, means), joined=number(row, "fit") is not None)
    return render("charts/fit.svg", chart=chart, unit=text(row, "unit_name"), width=fit.WIDTH, height=fit.HEIGHT)


def _place(kinds: Sequence[str], kind: str) -> int | None:
    return kinds.index(kind) if kind else None


def _percent(row: Record, name: str) -> int | None:
    value = number(row, name)
    return None if value is None else round(100 * value)


def _whole(row: Record, name: str) -> int | None:
    value = number(row, name)
    return None if value is None else round(value)
