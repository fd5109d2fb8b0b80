"""A small instrument with every kind of item, for tests of what is asked and answered."""

from __future__ import annotations

from service.survey.instrument import Block, Instrument, Item, Language, Scale

FIVE = Scale(1, 5, {})
ELEVEN = Scale(0, 10, {})
ITEMS = (
    Item("A1", "a", {"en": "Agree."}, FIVE),
    Item("A2", "a", {"en": "Disagree."}, FIVE, reverse=True),
    Item("B1", "b", {"en": "From nought to ten."}, ELEVEN),
    Item("B2", "b", {"en": "From ten to nought."}, ELEVEN, reverse=True),
)
INSTRUMENT = Instrument(
    id="small",
    version="1",
    names={"en": "Small"},
    languages=(Language("en", "English"),),
    time_frame={},
    scale=FIVE,
    blocks=(Block("a", "block", {"en": "A"}), Block("b", "block", {"en": "B"})),
    items=ITEMS,
)
