"""How a unit stands and what changed, in sentences: no word of a difference that chance may have made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from service.pages.dashboard.sentences import count
from service.pages.dashboard.unit_blocks import Against, Change, Standing


def how_it_stands(standings: Sequence[Standing]) -> str:
    """Against the nearest whole from which anything can be told, the organisation first."""
    wholes: dict[str, list[tuple[Standing, Against]]] = {}
    for it in standings:
        for gap in it.against:
            wholes.setdefault(gap.whole, []).append((it, gap))
    for whole, held in wholes.items():
        if any(gap.side != "alike" for _, gap in held):
            return _apart(whole, held)
    if wholes:
        return f"No block can be told from {' or '.join(wholes)}: read them as alike."
    return _readable(standings)


def _apart(whole: str, held: Sequence[tuple[Standing, Against]]) -> str:
    said: list[str] = []
    for side in ("above", "below"):
        told = [f"{it.name} by {_points(gap.difference)}" for it, gap in held if gap.side == side]
        if told:
            said.append(f"{side.capitalize()} {'it' if said else whole}: {joined(told)}.")
    rest = sum(gap.side == "alike" for _, gap in held)
    return " ".join([*said, *([f"{_others(rest)} cannot be told from it."] if rest else [])])


def what_changed(standings: Sequence[Standing]) -> list[str]:
    """At most three sentences: what is told from chance, what is not, and of what nothing can be said."""
    known = [(it, it.change) for it in standings if it.change is not None]
    told = [(it, change) for it, change in known if change.told]
    still = [(it, change) for it, change in known if change.word.kind == "level"]
    unsure = [it for it, change in known if not change.told and change.word.kind != "level"]
    return [*_told(told), *_still(still, len(known)), *_unsure(unsure, len(known))]


def _told(told: Sequence[tuple[Standing, Change]]) -> Iterator[str]:
    each = [f"{it.name} {_moved(change)}" for it, change in told]
    if len(each) == 1:
        yield f"{each[0]}: more than chance would explain."
    elif each:
        yield f"{count(len(each)).capitalize()} blocks changed more than chance would explain: {joined(each)}."


def _still(still: Sequence[tuple[Standing, Change]], known: int) -> Iterator[str]:
    if still:
        where = "no block" if len(still) == known > 1 else _those([it for it, _ in still], known)
        verb = "can a change" if where == "no block" else "no change can"
        yield f"In {where} {verb} be told from chance; {_unseen([change for _, change in still])}."


def _unsure(unsure: Sequence[Standing], known: int) -> Iterator[str]:
    if unsure:
        what = "Whether anything changed" if len(unsure) == known else f"For {_those(unsure, known)} it"
        yield f"{what} cannot be told: that takes two points of a course, this pulse's among them."


def _those(blocks: Sequence[Standing], known: int) -> str:
    """One is named, more are counted."""
    return (
        blocks[0].name
        if len(blocks) == 1
        else f"{'' if len(blocks) == known else 'the other '}{count(len(blocks))} blocks"
    )


def _moved(change: Change) -> str:
    since = f" since {change.since}" if change.since else ""
    moved = change.word.moved
    return moved + since if change.change is None else f"{moved} by {_points(change.change)}{since}"


def _unseen(still: Sequence[Change]) -> str:
    """The sizes below which a change would stay unseen, in whole points."""
    sizes = sorted(it.findable for it in still if it.findable is not None)
    if not sizes:
        return "a small one may have gone unseen"
    size = str(sizes[0]) if sizes[0] == sizes[-1] else f"{sizes[0]} to {sizes[-1]}"
    return f"a lasting change smaller than {size} points could have gone unseen"


def _readable(standings: Sequence[Standing]) -> str:
    """Of a unit that is held against nothing: how many of its blocks are shown, and where their scores lie."""
    shown = [it for it in standings if it.score is not None or it.at_least is not None]
    scores = sorted(round(it.score) for it in shown if it.score is not None)
    lie = f", with scores from {scores[0]} to {scores[-1]} of 100" if len(scores) > 1 else ""
    if not shown:
        return "None of its blocks can be read."
    if len(shown) < len(standings):
        return f"{count(len(shown)).capitalize()} of {count(len(standings))} blocks can be read{lie}."
    return f"All {count(len(shown))} blocks can be read{lie}." if len(shown) > 1 else "Its one block can be read."


def joined(said: Iterable[str]) -> str:
    """`this, that and the other`."""
    *before, last = said
    return f"{', '.join(before)} and {last}" if before else last


def _others(number: int) -> str:
    return "The other block" if number == 1 else f"The other {count(number)} blocks"


def _points(difference: float) -> str:
    size = round(abs(difference))
    return f"{size} point{'' if size == 1 else 's'}"
