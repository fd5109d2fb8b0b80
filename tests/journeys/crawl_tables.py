"""What each table of scores and changes on a page must say, written anew from the API's rows."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.journeys.crawl_people import FAMILIES, UNSCORED, VALUES
from tests.journeys.crawl_view import View
from tests.journeys.crawl_written import (
    VERDICTS,
    between,
    bound,
    cell,
    one,
    point,
    score,
    shown,
    signed,
    withheld,
)
from tests.journeys.crawling import Row

Lines = list[list[str]]

_CHANGED = {"improved": "rose", "declined": "fell", "no_change": "no detectable change"}
_BREAKS = {"shift": "level moved", "reorganised": "reorganised", "reworded": "items reworded"}
_BREAKS |= {"incomparable": "other items"}


def heat(view: View, headings: list[str]) -> Lines:
    blocks = [view.world.blocks[name] for name in headings[1:-1]]
    return [
        [name, *(_heat_cell(view, unit, block) for block in blocks), _took_part(view, unit)]
        for unit, name in view.lines.items()
    ]


def _heat_cell(view: View, unit: str, block: str) -> str:
    row = view.told.one("heatmap", view.pulse, unit, block)
    assert row is not None, (view.page.address, unit, block)
    return cell(row)


def _took_part(view: View, unit: str) -> str:
    row = view.told.one("participation", view.pulse, unit)
    assert row is not None, (view.page.address, unit)
    if row["rate"] is None:
        return withheld(row["status"])
    return f"{row['n']} of {row['headcount']} {round(row['rate'])} %"


def block_figures(view: View, _: list[str]) -> Lines:
    return [list(_block_line(view, row)) for row in view.blocks]


def _block_line(view: View, row: Row) -> Iterator[str]:
    yield view.world.names[row["block"]]
    yield from (
        [score(row), between(row["low"], row["high"]), str(row["n"])] if shown(row) else [withheld(row["status"])]
    )
    gaps = against(view, row)
    yield " ".join(name for name, *_ in gaps) or "–"
    yield " ".join(f"{difference:+.1f}" for _, difference, _, _ in gaps) or "–"
    yield " ".join(between(low, high) for *_, low, high in gaps) or "–"
    changed = view.change(view.unit, row["block"])
    if changed is None:
        yield "–"
        return
    yield _CHANGED.get(changed["verdict"], "cannot be told")
    yield from [one(changed["change"]), between(changed["low"], changed["high"])]
    yield view.world.pulses[changed["since"]] if changed["since"] else "–"
    yield one(changed["minimum_detectable_change"])


def against(view: View, row: Row) -> list[tuple[str, float, float, float]]:
    """The whole and the unit above, once where they are one."""
    parts = [tuple(row[f"against_{what}{end}"] for end in ("", "_low", "_high")) for what in ("organisation", "parent")]
    above = view.page.root.all("nav", "ancestors")
    over = [link.text for nav in above for link in nav.all("a")]
    names = ("the organisation", over[-1] if over else "")
    gaps = [(name, *gap) for name, gap in zip(names, parts, strict=True) if None not in gap]
    same = len(gaps) == 2 and all(abs(a - b) < 1e-9 for a, b in zip(parts[0][:2], parts[1][:2], strict=True))
    return gaps[:1] if same else gaps


def course(view: View, _: list[str]) -> Lines:
    return [list(_step(row)) for row in view.course(view.page.chosen["block"])]


def _step(row: Row) -> Iterator[str]:
    yield from [row["label"], row["date"]]
    if shown(row):
        yield from [score(row), between(row["low"], row["high"]), str(row["n"])]
        for what in ("smoothed", "climate"):
            yield from [one(row[what]), between(row[f"{what}_low"], row[f"{what}_high"])]
    else:
        yield withheld(row["status"])
    yield ", ".join(_BREAKS[it] for it in (row["break"] or "").split(",") if it) or "–"


def others(view: View, _: list[str]) -> Lines:
    found: Lines = []
    for block in view.page.offered["block"]:
        rows = view.course(block)
        if block != view.page.chosen["block"] and len(rows) > 1:
            found += [[view.world.names[block], row["label"], *_brief(row)] for row in rows]
    return found


def _brief(row: Row) -> list[str]:
    return [score(row), between(row["low"], row["high"]), str(row["n"])] if shown(row) else [withheld(row["status"])]


def items(view: View, _: list[str]) -> Lines:
    rows = view.told.some("results", pulse=view.pulse, unit=view.unit, by=None, block=view.page.chosen["block"])
    return [[row["item"], *_item(row)] for row in rows if row["item"] is not None and row["item"] not in UNSCORED]


def _item(row: Row) -> list[str]:
    if not shown(row):
        return [withheld(row["status"])]
    share, counts = row["favourability"], row["distribution"]
    liked = "withheld" if share is None else f"{share:.1f} %"
    return [*_brief(row), liked, " · ".join(map(str, counts)) if counts else "withheld"]


def agreement(view: View, _: list[str]) -> Lines:
    rows = view.told.some("agreement", pulse=view.pulse, unit=view.unit)
    return [[view.world.names[row["block"]], _agreed(row), *_agreement(row)] for row in rows]


def _agreement(row: Row) -> list[str]:
    if row["status"] != "ok":
        return [withheld("suppressed")]
    figures = (row[name] for name in ("rwg_j", "critical", "r_star"))
    return [*("–" if it is None else f"{it:.2f}" for it in figures), str(row["n"])]


def _agreed(row: Row) -> str:
    if row["status"] != "ok":
        return "cannot be said"
    if row["divided"]:
        return "divided: answers lie further apart than in other teams"
    if row["beyond_chance"]:
        return "agrees: answers lie closer together than chance would put them"
    return "open: answers lie no closer together than chance might put them"


def stated(view: View, headings: list[str]) -> Lines:
    found: Lines = []
    for by in FAMILIES:
        found.append([" and ".join(by).capitalize()])
        for bands in VALUES[by]:
            which = (view.world.blocks[name] for name in headings[1:])
            rows = [
                view.told.one("results", view.pulse, view.unit, block, None, ",".join(by), ",".join(bands))
                for block in which
            ]
            found.append([" · ".join(bands), *(cell(row) if row else "not there" for row in rows)])
    return found


def moves(view: View, headings: list[str]) -> Lines:
    blocks = [view.world.blocks[name] for name in headings[1:]]
    return [[name, *(_move(view.change(unit, block)) for block in blocks)] for unit, name in view.lines.items()]


def _move(row: Row | None) -> str:
    if row is None:
        return "not told here"
    if row["change"] is None:
        return withheld("suppressed") if row["status"] == "suppressed" else VERDICTS[row["verdict"]].partition(" ")[2]
    said = VERDICTS[row["verdict"]]
    words = said if row["verdict"] in ("improved", "declined") else said.partition(" ")[2]
    reach = row["minimum_detectable_change"]
    ends = f"{signed(row['low'])} to {signed(row['high'])}"
    return f"{signed(row['change'])} {ends} {words}{'' if reach is None else f'could find {math.ceil(reach)}'}"


def sheet(view: View, _: list[str]) -> Lines:
    """The printed report's."""
    return [[view.world.names[row["block"]], "", *_sheet(view, row)] for row in view.blocks if row["block"] != "kinds"]


def _sheet(view: View, row: Row) -> list[str]:
    if not shown(row):
        return [withheld(row["status"])]
    changed = view.change(view.unit, row["block"])
    figure = f"{bound(row)} (a bound)" if row["status"] == "bound" else point(row)
    said = VERDICTS[changed["verdict"]] if changed else "–"
    return [figure, f"{round(row['low'])} to {round(row['high'])}", view.before(row["block"]) or "–", said]
