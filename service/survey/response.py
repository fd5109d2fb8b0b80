"""One set of answers as it is stored: a byte an item, a byte a band, keyed, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.errors import Fault, InvalidResponse
from service.survey.instrument import Item
from service.survey.pulse import Band

MISSING = 0


@dataclass(frozen=True, slots=True)
class Response:
    """`answers[i]` is the keyed answer to asked item i, 1 for the lowest point, 0 for not answered;
    `bands[b]` the position of the stated value of band b, from 1, 0 for not stated."""

    answers: bytes
    bands: bytes


def read_response(
    answers: Mapping[str, int | None], bands: Mapping[str, str], asked: tuple[Item, ...], declared: tuple[Band, ...]
) -> Response:
    """Key and pack one respondent's answers.

    Raises InvalidResponse, naming places by the ids of the instrument only: what was sent is never repeated.
    """
    faults = _faults(answers, bands, asked, declared)
    if faults:
        raise InvalidResponse(faults)
    return Response(
        bytes(_packed(item, answers.get(item.id)) for item in asked),
        bytes(band.values.index(bands[band.id]) + 1 if band.id in bands else MISSING for band in declared),
    )


def _packed(item: Item, answer: int | None) -> int:
    if answer is None:
        return MISSING
    return item.scale.keyed(answer, reverse=item.reverse) - item.scale.low + 1


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
