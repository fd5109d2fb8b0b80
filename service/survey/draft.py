"""What somebody asks for when setting up a pulse, and the rules that make it one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.errors import Fault, InvalidPulse
from service.survey.instrument import Instrument
from service.survey.pulse import Band, Pulse, State
from service.survey.wording import ID_RULE, is_id, is_text, text_rule

_TEXT = 200
#: Most bands, values of a band, and greatest threshold: beyond them a pulse could say nothing about anybody.
_BANDS, _VALUES, _THRESHOLD = 4, 12, 1000


@dataclass(frozen=True, slots=True)
class Draft:
    """`items` None asks all; `threshold` None takes the least allowed; `series` None is the instrument's own."""

    label: str
    instrument: str
    version: str | None = None
    lenses: Sequence[str] = ()
    items: Sequence[str] | None = None
    bands: Mapping[str, Sequence[str]] = field(default_factory=dict)
    threshold: int | None = None
    series: str | None = None


def pulse_from(draft: Draft, id: str, organisation: str, instrument: Instrument, least: int, default: int) -> Pulse:
    """A pulse in its first state, its threshold `default` unless the draft says, and never below `least`.

    Raises InvalidPulse with every fault.
    """
    threshold = default if draft.threshold is None else draft.threshold
    faults = [
        *_text_faults("label", draft.label),
        *_text_faults("series", draft.series if draft.series is not None else instrument.id),
        *_item_faults(draft, instrument),
        *_band_faults(draft.bands),
        *_threshold_faults(threshold, least),
    ]
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


def _band_faults(bands: Mapping[str, Sequence[str]]) -> list[Fault]:
    faults = [] if len(bands) <= _BANDS else [Fault("bands", f"are at most {_BANDS}")]
    for index, (band, values) in enumerate(bands.items()):
        where = f"bands[{index}]"
        if not is_id(band):
            faults.append(Fault(where, ID_RULE))
        if not 2 <= len(values) <= _VALUES or len(set(values)) != len(values):
            faults.append(Fault(where, f"has 2 to {_VALUES} different values"))
        faults.extend(fault for value in values for fault in _text_faults(where, value))
    return faults


def _threshold_faults(threshold: int, least: int) -> list[Fault]:
    if least <= threshold <= _THRESHOLD:
        return []
    return [Fault("policy.threshold", f"is a whole number from {least} to {_THRESHOLD}; along a series it only rises")]
