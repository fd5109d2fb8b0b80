"""A pulse's life runs one way, and it asks the chosen items in the instrument's order."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from service.errors import Conflict
from service.survey.pulse import NEXT, Pulse, State, require_step
from tests.survey.asked import INSTRUMENT

LIFE = [State.DRAFT, State.OPEN, State.CLOSED, State.RELEASED]
STEPS = set(pairwise(LIFE))


@pytest.mark.parametrize(("state", "to"), list(product(State, State)))
def test_each_state_allows_its_next_and_nothing_else(state: State, to: State) -> None:
    if (state, to) in STEPS:
        require_step(state, to)
    else:
        with pytest.raises(Conflict, match=f"{state} cannot become {to}"):
            require_step(state, to)


def test_every_state_has_its_place_in_the_life() -> None:
    assert set(LIFE) == set(State)
    assert set(NEXT.items()) == STEPS


def test_items_are_asked_in_the_order_of_the_instrument() -> None:
    pulse = Pulse("p", "o", "Pulse", "s", INSTRUMENT, ("B1", "A1"), (), 5, State.DRAFT)
    assert [item.id for item in pulse.asked] == ["A1", "B1"]
