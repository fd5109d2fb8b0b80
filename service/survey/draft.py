"""What somebody asks for when setting up a pulse, and the rules that make it one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from service.errors import Fault, InvalidPulse
from service.survey.draft_bands import band_faults, class_faults, cross_faults, pool_faults
from service.survey.instrument import Instrument
from service.survey.pulse import TOKEN_KINDS, Band, Classes, Pool, Pulse, State
from service.survey.roster_rules import MOST_FAULTS
from service.survey.wording import is_text, text_rule

_TEXT = 200
#: Beyond it a pulse could say nothing about anybody.
_THRESHOLD = 1000


@dataclass(frozen=True, slots=True)
class Draft:
    """`items` None asks all; `threshold` None takes the least allowed; `series` None is the instrument's own.

    `crosses` are pairs of bands, `classes` how many people directly in a unit are of each value of a band.
    """

    label: str
    instrument: str
    version: str | None = None
    lenses: Sequence[str] = ()
    items: Sequence[str] | None = None
    bands: Mapping[str, Sequence[str]] = field(default_factory=dict)
    threshold: int | None = None
    series: str | None = None
    crosses: Sequence[Sequence[str]] = ()
    classes: Classes = field(default_factory=dict)
    pools: Sequence[Pool] = ()
    tokens: Sequence[str] = TOKEN_KINDS


def pulse_from(draft: Draft, id: str, organisation: str, instrument: Instrument, least: int, default: int) -> Pulse:
    """A pulse in its first state, its threshold `default` unless the draft says, and never below `least`.

    Raises InvalidPulse with the first hundred faults.
    """
    threshold = default if draft.threshold is None else draft.threshold
    every = chain(
        _text_faults("label", draft.label),
        _text_faults("series", draft.series if draft.series is not None else instrument.id),
        _item_faults(draft, instrument),
        band_faults(draft.bands),
        cross_faults(draft.crosses, draft.bands),
        class_faults(draft.classes, draft.bands),
        pool_faults(draft.pools),
        _threshold_faults(threshold, least),
        _token_faults(draft.tokens),
    )
    faults = list(islice(every, MOST_FAULTS))
    if faults:
        raise InvalidPulse(faults)
    return Pulse(
        id=id,
        organisation=organisation,
        label=draft.label,
        series=draft.series or instrument.id,
        instrument=instrument,
        items=tuple(item.id for item in instrument.items if draft.items is None or item.id in draft.items),
        bands=tuple(Band(band, tuple(values)) for band, values in draft.bands.items()),
        threshold=threshold,
        state=State.DRAFT,
        crosses=tuple((first, second) for first, second in draft.crosses),
        classes=draft.classes,
        pools=tuple(draft.pools),
        tokens=tuple(kind for kind in TOKEN_KINDS if kind in draft.tokens),
    )


def _text_faults(where: str, text: str) -> list[Fault]:
    return [] if is_text(text, _TEXT) else [Fault(where, text_rule(_TEXT))]


def _item_faults(draft: Draft, instrument: Instrument) -> list[Fault]:
    if draft.items is None:
        return []
    faults = [
        Fault(f"items[{index}]", "is no item of the instrument or its lenses")
        for index, id in enumerate(draft.items)
        if instrument.item(id) is None
    ]
    if len(set(draft.items)) != len(draft.items):
        faults.append(Fault("items", "names an item twice"))
    return faults if draft.items else [Fault("items", "names no item")]


def _token_faults(kinds: Sequence[str]) -> list[Fault]:
    if kinds and len(set(kinds)) == len(kinds) and set(kinds) <= set(TOKEN_KINDS):
        return []
    return [Fault("tokens", f"must name one or both of {', '.join(TOKEN_KINDS)}, each once")]


def _threshold_faults(threshold: int, least: int) -> list[Fault]:
    if least <= threshold <= _THRESHOLD:
        return []
    rule = f"must be a whole number from {least} to {_THRESHOLD}; along a series it only rises"
    return [Fault("policy.threshold", rule)]
