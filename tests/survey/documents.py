"""Documents for property tests: any JSON at all, valid ones, and valid ones with one thing spoilt."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from service.errors import Invalid

Read = TypeVar("Read")

#: The same examples on every run, on a machine that may be busy.
STEADY = settings(derandomize=True, deadline=None, max_examples=100)

#: Stands in for something private; no error may repeat it.
SECRET = "hush-4711"


def read_or_refused(read: Callable[[Any], Read], document: Any, refusal: type[Invalid]) -> Read | None:
    """What was read, or None after a refusal that names places and repeats nothing; any other error comes through."""
    try:
        return read(document)
    except refusal as error:
        faults, said = error.faults, str(error)
    assert faults
    assert all(fault.where and fault.why for fault in faults)
    assert SECRET not in said
    return None


any_text = st.text(st.characters(exclude_categories=()), max_size=12)
any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | any_text
    | st.sampled_from([SECRET, "", "en", "\x00", "\ud800", "\u202f", "x" * 600]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text | st.just(SECRET), inner, max_size=4),
    max_leaves=12,
)

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
codes = st.lists(st.sampled_from(["en", "fr", "ar", "pt-BR", "zh-Hant-TW"]), min_size=1, max_size=3, unique=True)


@st.composite
def instrument_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Valid documents: with and without blocks, languages, labels and scales of an item's own."""
    languages = draw(codes)
    blocks = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    items = draw(st.lists(ids, min_size=len(blocks), max_size=5, unique=True))
    document: dict[str, Any] = {
        "id": draw(ids),
        "version": draw(ids),
        "scale": draw(_scales(languages)),
        "items": [draw(_items(id, blocks[index % len(blocks)], languages)) for index, id in enumerate(items)],
    }
    optional = {
        "names": _by_language(languages),
        "time_frame": _by_language(languages),
        "languages": st.just([{"code": code, "name": code, "dir": "rtl"} for code in languages]),
        "blocks": st.just(blocks) | st.tuples(*(_blocks(id, languages) for id in blocks)).map(list),
        "evidence": texts,
        "source": texts | st.just(""),
    }
    return document | draw(st.fixed_dictionaries({}, optional=optional))


def _by_language(languages: list[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({languages[0]: texts}, optional=dict.fromkeys(languages[1:], texts))


@st.composite
def _scales(draw: st.DrawFn, languages: list[str]) -> dict[str, Any]:
    low, points = draw(st.integers(0, 3)), draw(st.integers(2, 11))
    scale: dict[str, Any] = {"low": low, "high": low + points - 1}
    if draw(st.booleans()):
        label = st.lists(texts, min_size=points, max_size=points)
        scale["labels"] = draw(st.dictionaries(st.sampled_from(languages), label))
    return scale


def _blocks(id: str, languages: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    optional = {
        "kind": st.sampled_from(["block", "lens"]),
        "names": _by_language(languages),
        "cross_team": st.booleans(),
    }
    return st.fixed_dictionaries({"id": st.just(id)}, optional=optional)


def _items(id: str, block: str, languages: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    needed = {
        "id": st.just(id),
        "block": st.just(block),
        "texts": st.fixed_dictionaries(dict.fromkeys(languages, texts)),
    }
    flags = dict.fromkeys(("reverse", "anchor", "scored"), st.booleans())
    return st.fixed_dictionaries(needed, optional={**flags, "scale": _scales(languages)})


@st.composite
def roster_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Valid forests, in any order."""
    names = draw(st.lists(ids, min_size=1, max_size=12, unique=True))
    units = []
    for index, id in enumerate(names):
        parent = draw(st.sampled_from([None, "", *names[:index]]))
        unit = {"id": id, "parent": parent, "headcount": draw(st.integers(0, 1_000_000))}
        before = st.lists(ids.filter(lambda other, own=id: other != own), max_size=3, unique=True)
        units.append(unit | draw(st.fixed_dictionaries({}, optional={"name": texts, "before": st.none() | before})))
    return {"units": draw(st.permutations(units))}


@st.composite
def spoilt(draw: st.DrawFn, documents: st.SearchStrategy[dict[str, Any]]) -> Any:
    """A valid document with one place replaced, removed or added to."""
    document = copy.deepcopy(draw(documents))
    holder, key = draw(st.sampled_from(list(_places(document))))
    match draw(st.sampled_from(["replace", "remove", "add", "repeat"])):
        case "replace":
            holder[key] = draw(any_json)
        case "remove":
            del holder[key]
        case "add" if isinstance(holder, dict):
            holder[draw(any_text | st.just(SECRET))] = draw(any_json)
        case _ if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        case _:
            holder[key] = SECRET
    return document


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)
