"""What each table of findings over all teams must say on a page, written anew from the API's rows."""

from __future__ import annotations

from tests.journeys.crawl_tables import Lines
from tests.journeys.crawl_view import View
from tests.journeys.crawl_written import SUPPRESSED, coefficient, percent, signed, withheld
from tests.journeys.crawling import Row

_VERDICTS = {
    "aggregate": "The team's",
    "caution": "With caution",
    "individual": "Of larger parts",
    "insufficient": "Too little to tell",
    "fine": "Fine",
    "weak": "Weak",
    "ceiling": "Crowded at the top",
    "floor": "Crowded at the bottom",
}
_DRIFT = {True: "Read anew", False: "Steady", None: "Cannot be told"}
_FIT = {
    "matched": "match",
    "too_loose": "work asks for more",
    "too_tight": "more is done",
    "no_shared_picture": "no shared picture",
    "unclear": "not settled",
}


def coefficients(view: View, _: list[str]) -> Lines:
    return [_coefficients(view, row) for row in view.told.some("quality", pulse=view.pulse)]


def _coefficients(view: View, row: Row) -> list[str]:
    omega = coefficient(row["omega"]) + (" Heywood case" if row["heywood"] else "")
    plain = [coefficient(row[name]) for name in ("alpha_within", "alpha_between", "omega_within")]
    return [
        *(view.world.names[row["block"]], _VERDICTS[row["verdict"]], _count(row["n"]), _count(row["groups"])),
        *(coefficient(row["n0"]), _ranged(row, "alpha"), omega, *plain, _ranged(row, "icc1")),
        *(coefficient(row["icc1_n0"]), coefficient(row["icc1_reml"]), _ranged(row, "icc2")),
    ]


def _count(count: int | None) -> str:
    return str(count) if count else "–none"


def _ranged(row: Row, name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return coefficient(row[name]) + ("" if low is None else f" {coefficient(low)} to {coefficient(high)}")


def agreeing(view: View, _: list[str]) -> Lines:
    return [
        [
            view.world.names[row["block"]],
            str(row["agreement_teams"] or 0),
            percent(row["beyond_chance"]) or "–none",
            coefficient(row["rwg_j"]),
        ]
        for row in view.told.some("quality", pulse=view.pulse)
    ]


def items(view: View, _: list[str]) -> Lines:
    """Statements' words stand beside their ids in the first cell; of these only the ids are held against the API."""
    found: Lines = []
    block = ""
    for row in view.told.some("items", pulse=view.pulse):
        if row["block"] != block:
            block = row["block"]
            found.append([view.world.names[block]])
        found.append([row["item"], _VERDICTS[row["verdict"]], *_item(row)])
    return found


def _item(row: Row) -> list[str]:
    whole = ["–none" if row[name] is None else f"{row[name]:.0f}" for name in ("mean", "sd")]
    ends = [percent(row[name]) or "–none" for name in ("floor", "ceiling")]
    plain = [coefficient(row[name]) for name in ("item_rest_r", "alpha_if_dropped", "icc1")]
    return [*plain, *whole, *ends, _DRIFT[row["drift"]], _count(row["n"])]


def pulses(view: View, headings: list[str]) -> Lines:
    offered = view.page.offered["pulse"]
    blocks = [view.world.blocks[name] for name in headings[1:]]
    return [
        [offered[pulse], *(_over_time(view.told.one("quality", pulse, block)) for block in blocks)]
        for pulse in view.world.pulses
        if pulse in offered
    ]


def _over_time(row: Row | None) -> str:
    if row is None:
        return "not asked"
    figures = f" ICC(2) {coefficient(row['icc2'])}, alpha {coefficient(row['alpha'])}"
    return _VERDICTS[row["verdict"]] + ("" if row["icc2"] is None else figures)


def leaning(view: View, _: list[str]) -> Lines:
    found: Lines = []
    for row in view.told.some("interdependence", pulse=view.pulse):
        poles = [_pole(row, name) or withheld(row["status"]) for name in ("over_reliance", "isolation")]
        quadrant = row["quadrant"]
        likely = percent(row[quadrant.replace("-", "_")]) if quadrant else ""
        said = f"{quadrant}, {likely}" if quadrant else "none clearly" if row["status"] == "ok" else "–"
        found.append([row["unit_name"], *poles, said])
    return found


def _pole(row: Row, name: str) -> str:
    value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if low is None or high is None:
        return ""
    ends = f"{round(low)} to {round(high)}"
    return f"between {ends}" if value is None else f"{round(value)} ({ends})"


def keeping(view: View, _: list[str]) -> Lines:
    return [[row["unit_name"], *_keeping(row)] for row in view.told.some("coordination", pulse=view.pulse)]


def _keeping(row: Row) -> list[str]:
    if row["status"] != "ok":
        return [withheld(row["status"])]
    said = [f"{row[it]}, {round(row[f'{it}_agreed'])} %" if row[it] else "tied" for it in ("work", "means")]
    amounts = (row[name] for name in ("too_little", "about_right", "too_much"))
    return [*said, _FIT[row["verdict"]], *(SUPPRESSED if it is None else f"{round(it)} %" for it in amounts)]


def profiles(view: View, headings: list[str]) -> Lines:
    rows = [row for row in view.told.some("archetypes", pulse=view.pulse) if row["archetype"]]
    blocks = [view.world.blocks[name] for name in headings[2:]]
    letters = dict.fromkeys(row["archetype"] for row in rows)
    own = {(row["archetype"], row["block"]): row for row in rows}
    return [
        [it, str(round(own[it, blocks[0]]["size"])), *(signed(own[it, block]["profile"]) for block in blocks)]
        for it in letters
    ]


def members(view: View, _: list[str]) -> Lines:
    return [[row["unit_name"], *_member(row)] for row in view.told.some("clusters", pulse=view.pulse)]


def _member(row: Row) -> list[str]:
    likely = None if row["probability"] is None else round(100 * row["probability"])
    if row["archetype"] and likely is not None:
        return [row["archetype"], f"{likely} %{'' if likely >= 80 else ', not sure'}"]
    if row["status"] == "unclear":
        return ["between", f"{likely} % at most"]
    return [SUPPRESSED.replace("·", "· ")] if row["status"] == "suppressed" else ["too little is known of it"]


def shares(view: View, outcome: str) -> Lines:
    return [
        [
            view.world.names[row["block"]],
            percent(row["share"]),
            f"{round(100 * row['low'])} to {round(100 * row['high'])} %",
            f"{row['correlation']:+.2f}".replace("-", "−"),
        ]
        for row in view.told.some("drivers", pulse=view.pulse, outcome=outcome)
    ]
