"""One set of answers as it is stored: a byte an item, a byte a band, keyed, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.errors import Fault, InvalidResponse
from service.survey.instrument import Item
from service.survey.pulse import Band

#: Not answered; not stated, or of a class too small to be asked for.
MISSING = 0


@dataclass(frozen=True, slots=True)
class Response:
    """`answers[i]` is the keyed answer to asked item i, 1 for the lowest point, 0 for not answered;
    `bands[b]` the position of the stated value of band b, from 1, 0 for not stated."""

    answers: bytes
    bands: bytes


class Reader:
    """Keys and packs the responses of one pulse; what a valid answer becomes is worked out once."""

    def __init__(
        self, asked: tuple[Item, ...], declared: tuple[Band, ...], collected: Mapping[str, frozenset[str]]
    ) -> None:
        """`collected` has, by band id, the values that are kept. Any other declared value is taken, for whoever asked
        may have been built before the pulse opened, and kept as not stated."""
        self._asked, self._declared = asked, declared
        self._answers = {item.id: (place, _packing(item)) for place, item in enumerate(asked)}
        self._bands = {band.id: (place, _positions(band, collected[band.id])) for place, band in enumerate(declared)}

    def read(self, answers: Mapping[str, int | None], bands: Mapping[str, str]) -> Response:
        """One respondent's answers, packed.

        Raises InvalidResponse, naming places by the ids of the instrument only: what was sent is never repeated.
        """
        packed, stated = bytearray(len(self._asked)), bytearray(len(self._declared))
        try:
            for id, answer in answers.items():
                place, keyed = self._answers[id]
                packed[place] = keyed[answer]
            for id, value in bands.items():
                place, positions = self._bands[id]
                stated[place] = positions[value]
        except KeyError:
            raise InvalidResponse(_faults(answers, bands, self._asked, self._declared)) from None
        if not any(packed):
            raise InvalidResponse(_faults(answers, bands, self._asked, self._declared))
        return Response(bytes(packed), bytes(stated))


def _packing(item: Item) -> dict[int | None, int]:
    """Every answer an item may get, and its byte."""
    scale = item.scale
    packing: dict[int | None, int] = {None: MISSING}
    for raw in range(scale.low, scale.high + 1):
        packing[raw] = scale.keyed(raw, reverse=item.reverse) - scale.low + 1
    return packing


def _positions(band: Band, collected: frozenset[str]) -> dict[str, int]:
    """Every value a respondent may state of a band, and its byte."""
    return {value: position if value in collected else MISSING for position, value in enumerate(band.values, 1)}


def _faults(
    answers: Mapping[str, int | None], bands: Mapping[str, str], asked: tuple[Item, ...], declared: tuple[Band, ...]
) -> list[Fault]:
    faults = []
    if answers.keys() - {item.id for item in asked}:
        faults.append(Fault("answers", "names an item this pulse does not ask"))
    if all(answer is None for answer in answers.values()):
        faults.append(Fault("answers", "holds no answer"))
    for item in asked:
        answer = answers.get(item.id)
        if answer is not None and answer not in item.scale:
            faults.append(Fault(f"answers.{item.id}", f"is off the scale {item.scale.low} to {item.scale.high}"))
    if bands.keys() - {band.id for band in declared}:
        faults.append(Fault("bands", "names a band this pulse does not ask"))
    for band in declared:
        if band.id in bands and bands[band.id] not in band.values:
            faults.append(Fault(f"bands.{band.id}", "is none of the declared values"))
    return faults
