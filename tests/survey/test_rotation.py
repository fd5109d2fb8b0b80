"""Whatever an instrument holds: five short pulses ask all of it, each has the anchors and something of each block."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidPulse
from service.survey.instrument import Block, Instrument, Item, Scale
from service.survey.instrument_document import shipped
from service.survey.lenses import with_lenses
from service.survey.rotation import CYCLE, coming, every, require_anchors, short

FIVE = shipped()["five-blocks"]
BOTH = with_lenses(FIVE, [shipped()["interdependence"]])
SCALE = Scale(1, 5, {})


def instrument(blocks: list[list[bool]]) -> Instrument:
    """A block for each list, an item for each member; which are anchors."""
    items = [
        Item(f"B{b}I{i}", f"b{b}", {"en": "x"}, SCALE, anchor=anchor)
        for b, block in enumerate(blocks)
        for i, anchor in enumerate(block)
    ]
    named = tuple(Block(f"b{b}", "block", {"en": "x"}) for b in range(len(blocks)))
    return Instrument("i", "1", {}, (), {}, SCALE, named, tuple(items))


def others(asked: Instrument, block: str) -> set[str]:
    return {item.id for item in asked.items_of(block) if not item.anchor}


INSTRUMENTS = st.lists(st.lists(st.booleans(), min_size=1, max_size=13), min_size=1, max_size=6).map(instrument)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Instrument, list[tuple[str, ...]]]:
    """An instrument, and whatever was asked in its series before, by hand or by another version."""
    asked = draw(INSTRUMENTS)
    ids = [*every(asked), "gone"]
    return asked, draw(st.lists(st.lists(st.sampled_from(ids), unique=True).map(tuple), max_size=6))


@given(histories(), st.integers(0, 4))
def test_any_five_short_pulses_ask_everything_whatever_was_asked_before(
    known: tuple[Instrument, list[tuple[str, ...]]], baseline_every: int
) -> None:
    asked, before = known
    made = list(islice(coming(asked, asked, before, 0, baseline_every), 24))
    turns = [it.items for it in made if it.kind == "pulse"]
    for start in range(len(turns) - CYCLE + 1):
        assert {id for items in turns[start : start + CYCLE] for id in items} == set(every(asked))
    for it in made:
        assert [id for id in every(asked) if id in it.items] == list(it.items)
        assert {item.id for item in asked.items if item.anchor} <= set(it.items)
        for block in asked.blocks:
            turn = others(asked, block.id) & set(it.items)
            assert any(item.id in it.items for item in asked.items_of(block.id))
            if it.kind == "pulse":
                assert len(turn) == -(-len(others(asked, block.id)) // CYCLE)
            else:
                assert turn == others(asked, block.id)


def test_of_five_blocks_a_pulse_asks_ten_and_nothing_twice_in_a_cycle() -> None:
    made = [it.items for it in islice(coming(FIVE, BOTH, [], 0, 0), 10)]
    assert made[0] == ("WB1", "WB2", "SB1", "SB2", "PS1", "PS2", "PC1", "PC2", "CL1", "CL2")
    assert all(len(items) == 10 for items in made)
    assert made[:5] == made[5:]
    turns = [id for items in made[:5] for id in items if id[-1] != "1"]
    assert len(turns) == len(set(turns)) == 25


def test_the_first_and_every_so_many_th_is_a_baseline_with_its_lenses_and_breaks_no_cycle() -> None:
    made = list(islice(coming(FIVE, BOTH, [], 0, 3), 8))
    assert [it.kind for it in made] == ["baseline", "pulse", "pulse"] * 2 + ["baseline", "pulse"]
    assert {len(it.items) for it in made} == {42, 10}
    assert {id for it in made if it.kind == "pulse" for id in it.items} == set(every(FIVE))
    assert [it.items for it in islice(coming(FIVE, BOTH, [it.items for it in made[:4]], 4, 3), 4)] == [
        it.items for it in made[4:]
    ]


def test_a_lens_that_is_asked_is_asked_whole() -> None:
    assert len(short(BOTH, [])) == 10 + 12


def test_an_item_that_is_new_comes_next_and_is_not_asked_over_and_over() -> None:
    old = instrument([[True, True, False, False, False]])
    new = instrument([[True, True, False, False, False, False]])
    before = [it.items for it in islice(coming(old, old, [], 0, 0), 9)]
    after = [it.items[2] for it in islice(coming(new, new, before, 0, 0), 4)]
    assert after[0] == "B0I5"
    assert len(set(after)) == 4


@pytest.mark.parametrize("anchors", [0, 1])
def test_without_anchors_pulses_do_not_take_turns(anchors: int) -> None:
    with pytest.raises(InvalidPulse, match="anchors"):
        require_anchors(instrument([[False] * (6 - anchors) + [True] * anchors]))
    require_anchors(FIVE)
