"""Whether a page of the dashboard shows what the tables say: rounded, of the same groups, and nothing withheld."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.journeys.crawl_claims import Union
from tests.journeys.crawl_pages import Node, Page
from tests.journeys.crawl_people import VALUES, Group
from tests.journeys.crawling import Row

_ROUNDING = 1e-6


@dataclass(frozen=True)
class Tables:
    """Rows that were held against the releases: block scores by group and block, trends by unit and block."""

    scores: Mapping[tuple[str, Group, str], Row]
    trends: Mapping[tuple[str, str, str], Row]
    unions: Mapping[str, Union]


def check_page(page: Page, tables: Tables, seen: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, Group, str]]:
    """`seen` are the units the key may see, by pulse. Yields (pulse, group, block) of every score that is shown."""
    if not page.address.startswith("/dashboard") or not page.offered:
        assert not any(first in ("Unit", "Stated", "Pulse") for first, _, _ in page.tables()), page.address
        return
    pulse = page.chosen["pulse"]
    names = {name: unit for unit, name in page.offered["unit"].items()}
    blocks = {name: block for block, name in page.offered["block"].items()}
    assert set(names.values()) == seen[pulse], f"{page.address} with {page.key.name}"
    for first, headings, rows in page.tables():
        if headings[1] == "Answered":
            _check_turnout(rows, names, tables.unions[pulse])
        elif first == "Unit":
            for unit, *cells in rows:
                group = (names[unit.text], (), ())
                yield from _check_scores(tables, pulse, group, [blocks[it] for it in headings[1:]], cells)
        elif first == "Stated":
            for group, cells in _stated(page.chosen["unit"], rows):
                yield from _check_scores(tables, pulse, group, [blocks[it] for it in headings[1:]], cells)
        else:
            assert first == "Pulse", f"the crawler does not know the table of {first} on {page.address}"
            yield from _check_trend(page, rows, tables)
    yield from _check_cards(page, tables, blocks)


def _stated(unit: str, rows: list[list[Node]]) -> Iterator[tuple[Group, list[Node]]]:
    titles = {" and ".join(by).capitalize(): by for by in VALUES}
    by: tuple[str, ...] = ()
    for first, *cells in rows:
        if "colspan" in first.attributes:
            by = titles[first.text]
        else:
            yield (unit, by, tuple(first.text.split(" · "))), cells


def _check_scores(
    tables: Tables, pulse: str, group: Group, blocks: list[str], cells: list[Node]
) -> Iterator[tuple[str, Group, str]]:
    for block, cell in zip(blocks, cells, strict=True):
        row = tables.scores[pulse, group, block]
        assert cell.text == _cell_text(row), (pulse, group, block, cell.text, row)
        if row["status"] in ("ok", "bound"):
            yield pulse, group, block


def _cell_text(row: Row) -> str:
    if row["status"] == "bound":
        return f"{_bound(row)} (a bound)"
    if row["status"] == "ok":
        reach = max(row["high"] - row["score"], row["score"] - row["low"])
        return f"{round(row['score'])} ±{round(reach)}"
    return "·suppressed" if row["status"] == "suppressed" else "–too few answers to compute"


def _bound(row: Row) -> str:
    low, high = math.floor(row["at_least"] + _ROUNDING), math.ceil(row["at_most"] - _ROUNDING)
    if high >= 100 and low > 0:
        return f"≥ {low}"
    return f"≤ {high}" if low <= 0 and high < 100 else f"{low}–{high}"


def _check_turnout(rows: list[list[Node]], names: Mapping[str, str], union: Union) -> None:
    for unit, *cells in rows:
        id = names[unit.text]
        n, headcount = union.people.get((id, (), ())), union.headcounts.get(id)
        if n is None or headcount is None:
            assert [cell.text for cell in cells] == ["·suppressed"], id
        else:
            figures = [str(n), str(headcount), f"{round(100 * n / headcount)} %"]
            assert [cell.text for cell in cells[:3]] == figures, id


def _check_trend(page: Page, rows: list[list[Node]], tables: Tables) -> Iterator[tuple[str, Group, str]]:
    labels = {text.partition(", closed")[0]: pulse for pulse, text in page.offered["pulse"].items()}
    chosen, shown = page.chosen, 0
    for label, day, *cells in rows:
        pulse = labels[label.text]
        row = tables.trends[pulse, chosen["unit"], chosen["block"]]
        assert day.text == row["date"]
        texts = [cell.text for cell in cells]
        if row["status"] in ("suppressed", "insufficient"):
            assert len(texts) == 1, (page.address, texts)
            assert row["status"] in texts[0] or "too few" in texts[0], (page.address, texts)
            continue
        shown += 1
        score = _bound(row) if row["status"] == "bound" else f"{row['score']:.1f}"
        assert texts[:3] == [score, f"{row['low']:.1f} to {row['high']:.1f}", str(row["n"])], (page.address, texts, row)
        if row["change"] is not None:
            ends = f"{row['change_low']:+.1f} to {row['change_high']:+.1f}"
            assert texts[3:] == [f"{row['change']:+.1f}", ends], (page.address, texts, row)
        else:
            assert not re.search(r"\d", " ".join(texts[3:])), (page.address, texts)
        yield pulse, (chosen["unit"], (), ()), chosen["block"]
    assert len(list(page.root.all("text", "value"))) == shown, page.address


def _check_cards(page: Page, tables: Tables, blocks: Mapping[str, str]) -> Iterator[tuple[str, Group, str]]:
    pulse, group = page.chosen["pulse"], (page.chosen["unit"], (), ())
    for card in page.root.all("li", "card"):
        name, figure, hint = (next(card.all("span", it)).text for it in ("name", "figure", "hint"))
        row = tables.scores[pulse, group, blocks[name]]
        if row["status"] == "ok":
            assert figure == f"{round(row['score'])} of 100", (page.address, figure)
            ends = f"between {round(row['low'])} and {round(row['high'])}"
            assert hint == f"likely {ends}, from {row['n']} people", (page.address, hint)
        elif row["status"] == "bound":
            assert figure == f"{_bound(row)} of 100", (page.address, figure)
            assert hint.endswith(f"from {row['n']} people"), (page.address, hint)
        else:
            assert not re.search(r"\d", figure + hint), (page.address, figure, hint)
            continue
        yield pulse, group, blocks[name]
