"""What the lists of figures on a page must say: blocks as beams, standings and statements, alerts, who took part."""

from __future__ import annotations

from tests.journeys.crawl_pages import Node
from tests.journeys.crawl_people import UNSCORED
from tests.journeys.crawl_tables import View, against
from tests.journeys.crawl_written import VERDICTS, coefficient, point, shown, signed, withheld
from tests.journeys.crawling import Row


def check_lists(view: View) -> None:
    lists = {
        "/dashboard": (_board, _turnout, _news),
        "/dashboard/unit": (_standings, _statements, _pictures),
        "/dashboard/changes": (_alerts,),
        "/dashboard/quality": (_verdicts,),
        "/dashboard/report": (_turnout,),
    }
    for check in lists.get(view.page.path, ()):
        check(view)


def _same(view: View, found: list[list[str]], wanted: list[list[str]]) -> None:
    unlike = [pair for pair in zip(found, wanted, strict=False) if pair[0] != pair[1]]
    assert found == wanted, (view.page.address, view.page.key.name, len(found), len(wanted), unlike[:3])


def _board(view: View) -> None:
    board = next(view.page.root.all("figure", "board"))
    found = [[_of(it, "a", "name"), _of(it, "span", "figure"), _of(it, "span", "note")] for it in board.all("li")]
    _same(view, found, [_beam(view, row) for row in view.blocks if row["block"] != "kinds"])
    drawn = sum(row["status"] == "ok" for row in view.blocks if row["block"] != "kinds")
    assert _marks(board, "path", "point") == drawn, view.page.address


def _beam(view: View, row: Row) -> list[str]:
    name = view.world.names[row["block"]]
    if not shown(row):
        said = "withheld on purpose" if row["status"] == "suppressed" else "too few answers to compute"
        return [name, withheld(row["status"]), said]
    before, told = view.before(row["block"]), view.change(view.unit, row["block"])
    moved = told is not None and told["verdict"] in ("improved", "declined")
    said = [f"{round(row['low'])} to {round(row['high'])}", *([f"· {before} last time"] if before else [])]
    return [name, f"{point(row)} of 100", " ".join([*said, *([VERDICTS[told["verdict"]]] if moved and told else [])])]


def _turnout(view: View) -> None:
    row = view.told.one("participation", view.pulse, view.unit)
    section = next(it for it in view.page.root.all("section") if it.attributes.get("aria-labelledby") == "unsaid")
    said = next(section.all("li")).text
    assert row is not None
    if row["rate"] is None:
        assert "withheld" in said, said
        return
    figures = f"{row['n']} of {row['headcount']} people"
    assert figures in said, (view.page.address, said, row)
    assert f"{round(row['rate'])} %" in said, (view.page.address, said, row)


def _news(view: View) -> None:
    """Changes that are told from chance, first the unit's own and then some of those below it."""
    for news in view.page.root.all("ul", "news"):
        for said in news.all("li"):
            rows = view.told.some("alerts", pulse=view.pulse, kind="alert")
            told = [row for row in rows if view.world.names[row["block"]] in said.text]
            assert any(f"{signed(row['change'])} points" in said.text for row in told), (view.page.address, said.text)


def _standings(view: View) -> None:
    cards = list(view.page.root.all("li", "standing"))
    found = [[_of(it, "h3"), _of(it, "p", "figure"), _of(it, "", "hint"), _lines(it, "said")] for it in cards]
    withheld_whole = not cards
    _same(view, found, [] if withheld_whole else [_standing(view, row) for row in view.blocks])
    figures = view.told.one("participation", view.pulse, view.unit)
    assert figures is not None
    assert withheld_whole == (figures["status"] == "suppressed"), view.page.address


def _standing(view: View, row: Row) -> list[str]:
    name = view.world.names[row["block"]]
    gaps = [_gap(*gap) for gap in against(view, row)]
    changed = view.change(view.unit, row["block"])
    if not shown(row):
        why = "withheld, as explained at the foot" if row["status"] == "suppressed" else "too few answers to compute"
        return [name, withheld(row["status"]), why, " ".join(gaps)]
    ends = f"between {round(row['low'])} and {round(row['high'])}, from {row['n']} people"
    likely = f"a bound; likely {ends}" if row["status"] == "bound" else f"likely {ends}"
    return [name, f"{point(row)} of 100", likely, " ".join([*gaps, *([_verdict(changed)] if changed else [])])]


def _gap(whole: str, difference: float, low: float, high: float) -> str:
    if low <= 0 <= high:
        return f"like {whole}"
    return f"{signed(difference)} {'above' if difference > 0 else 'below'} {whole}"


def _verdict(row: Row) -> str:
    figure = "" if row["change"] is None else f"{signed(row['change'])} "
    said = {"improved": f"{figure}rose", "declined": f"{figure}fell", "no_change": "no detectable change"}
    return said.get(row["verdict"], "change cannot be told")


def _statements(view: View) -> None:
    lists = list(view.page.root.all("ol", "items"))
    rows = view.told.some("results", pulse=view.pulse, unit=view.unit, by=None, block=view.page.chosen["block"])
    wanted = [_statement(row) for row in rows if row["item"] and row["item"] not in UNSCORED]
    for statements in lists:
        found = [[_of(it, "p", "figure"), _percents(it)] for it in statements.children if isinstance(it, Node)]
        _same(view, found, wanted)


def _statement(row: Row) -> list[str]:
    counts = row["distribution"]
    whole = sum(counts) if counts else 0
    drawn = [round(100 * it / whole) for it in counts] if whole else []
    return [f"{point(row)} of 100" if shown(row) else withheld(row["status"]), " ".join(map(str, drawn))]


def _percents(statement: Node) -> str:
    """The shares of the answers, as they are read out."""
    drawn = [it.attributes.get("aria-label") or "" for it in statement.all("svg", "answered")]
    return " ".join(part.rpartition(" ")[0].rpartition(" ")[2] for said in drawn for part in said.split(", "))


def _pictures(view: View) -> None:
    """The course has a point for each score that may be shown there, and no other."""
    course = view.course(view.page.chosen["block"])
    shapes = [it for it in view.page.root.all("svg", "trend") if it.attributes.get("role") == "img"]
    if shapes and len(course) > 1:
        assert _marks(shapes[0], "circle", "point") == sum(row["status"] == "ok" for row in course), view.page.address
        assert len(list(shapes[0].all("text", "value"))) == sum(map(shown, course)), view.page.address


def _alerts(view: View) -> None:
    rows = [row for row in view.told.some("alerts", pulse=view.pulse, kind="alert") if row["block"] != "leadership"]
    found = [[_of(it, "p", "what"), _of(it, "p", "figure")] for it in view.page.root.all("li") if _of(it, "p", "what")]
    wanted = [
        [
            f"{VERDICTS[row['verdict']]} {row['unit_name']} {view.world.names[row['block']]}",
            f"{signed(row['change'])} points {signed(row['low'])} to {signed(row['high'])}",
        ]
        for row in rows[:20]
    ]
    _same(view, found, wanted)


def _verdicts(view: View) -> None:
    cards = [it for it in view.page.root.all("li", "card") if _of(it, "p", "name")]
    rows = view.told.some("quality", pulse=view.pulse)
    wanted = [
        [
            view.world.names[row["block"]],
            f"ICC(2) {coefficient(row['icc2'])}, alpha {coefficient(row['alpha'])}" if row["icc2"] is not None else "",
        ]
        for row in rows
    ]
    _same(view, [[_of(it, "p", "name"), _of(it, "p", "hint")] for it in cards], wanted)


def _of(node: Node, tag: str, name: str = "") -> str:
    """The text of the first such element; "" where there is none."""
    found = (it for it in node.every if (not tag or it.tag == tag) and (not name or name in it.classes))
    return next((it.text for it in found), "")


def _lines(node: Node, name: str) -> str:
    """The paragraphs of the first such part, apart from each other."""
    return " ".join(it.text for it in next(node.all("div", name)).all("p"))


def _marks(node: Node, tag: str, name: str) -> int:
    return len(list(node.all(tag, name)))
