"""Which units of a large organisation stand on one page: a branch, as deep as there is room, page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.release.release import Release

_Children = Mapping[str | None, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Twig:
    """One unit of the page; `below` counts the units under it that are folded away, and may be opened."""

    unit: str
    name: str
    depth: int
    below: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """`above` are the units over the branch from the top as id and name; `head` its own id, "" where several units are
    topmost. `twigs` are those of page `page` of `pages`, of `size` units that are not folded away."""

    head: str
    above: tuple[tuple[str, str], ...]
    twigs: tuple[Twig, ...]
    page: int
    pages: int
    size: int


def branch(release: Release, visible: Collection[str], head: str = "", page: int = 1, most: int = 60) -> Branch:
    """The units of `visible` below `head`, all of them unless it is given; never more than `most` on a page.

    In the roster's order. Levels are opened from the top while all of them fit; one level always is, and paged when it
    does not fit. The head stands on every page. A page beyond the last is the last.
    """
    children = _children(release, visible)
    tops = [head] if head else list(children.get(None, ()))
    open_to = _levels(children, tops, most)
    rows = list(_walk(release, children, tops, open_to))
    first, rest = (rows[:1], rows[1:]) if len(tops) == 1 else ([], rows)
    room = most - len(first)
    pages = max(1, -(-len(rest) // room))
    page = min(max(page, 1), pages)
    twigs = (*first, *rest[room * (page - 1) : room * page])
    return Branch(tops[0] if len(tops) == 1 else "", _above(release, visible, head), twigs, page, pages, len(rows))


def inside(release: Release, visible: Collection[str], unit: str) -> list[str]:
    """A unit and the visible ones below it, in the release's order."""
    found = {unit}
    for it in release.units:
        if it.parent in found and it.id in visible:
            found.add(it.id)
    return [it.id for it in release.units if it.id in found]


def near(release: Release, visible: Collection[str], unit: str, most: int) -> frozenset[str]:
    """All of `visible` where they are at most `most`; else the way up from `unit`, what stands directly below it and
    beside it, as far as that many go. From each of these one comes to the next."""
    if len(visible) <= most:
        return frozenset(visible)
    children = _children(release, visible)
    way = [unit, *(id for id, _ in _above(release, visible, unit))]
    parent = release.unit[unit].parent
    beside = children.get(parent if parent in visible else None, ())
    return frozenset([*way, *children.get(unit, ()), *beside][:most])


def _children(release: Release, visible: Collection[str]) -> dict[str | None, list[str]]:
    """Visible units by the visible one above them; the topmost under None."""
    found: dict[str | None, list[str]] = {}
    for unit in release.units:
        if unit.id in visible:
            found.setdefault(unit.parent if unit.parent in visible else None, []).append(unit.id)
    return found


def _levels(children: _Children, tops: Sequence[str], most: int) -> int:
    """How many levels below the topmost fit into `most` units, and one at the least where there is one head."""
    level, total, deep = list(tops), len(tops), 0
    while level := [child for unit in level for child in children.get(unit, ())]:
        total += len(level)
        if total > most and (deep or len(tops) > 1):
            break
        deep += 1
    return deep


def _walk(release: Release, children: _Children, tops: Sequence[str], open_to: int, depth: int = 0) -> Iterator[Twig]:
    for unit in tops:
        folded = depth == open_to
        yield Twig(unit, release.unit[unit].name, depth, _under(children, unit) if folded else 0)
        if not folded:
            yield from _walk(release, children, children.get(unit, ()), open_to, depth + 1)


def _under(children: _Children, unit: str) -> int:
    found, level = 0, children.get(unit, ())
    while level:
        found += len(level)
        level = [child for it in level for child in children.get(it, ())]
    return found


def _above(release: Release, visible: Collection[str], head: str) -> tuple[tuple[str, str], ...]:
    path: list[tuple[str, str]] = []
    at = release.unit[head].parent if head else None
    while at is not None and at in visible:
        path.append((at, release.unit[at].name))
        at = release.unit[at].parent
    return tuple(reversed(path))
