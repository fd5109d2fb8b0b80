"""The items of one block in one unit: their words, scores, and how the answers lie where that may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.pages.bounds import bound
from service.pages.charts.distribution import Picture, Share, picture, shares
from service.pages.charts.standing import Gauge
from service.pages.dashboard.frame import Frame
from service.pages.records import Record, number, scored, text
from service.survey.instrument import Item, text_in


@dataclass(frozen=True, slots=True)
class Asked:
    """One item; every figure None, and `shares` empty, where the release does not give it.

    `ends` are the words of the scale's two ends, the less favourable first: turned round where `reverse`.
    """

    item: str
    words: str
    reverse: bool
    ends: tuple[str, str]
    favourable: str
    status: str
    n: int | None
    score: float | None
    low: float | None
    high: float | None
    at_least: float | None
    at_most: float | None
    favourability: float | None
    shares: tuple[Share, ...]

    @property
    def gauge(self) -> Gauge:
        return Gauge(self.item, self.written, self.low, self.high, self.score, self.at_least, self.at_most)

    @property
    def written(self) -> str:
        if self.at_least is not None and self.at_most is not None:
            return bound(self.at_least, self.at_most)
        return "" if self.score is None else str(round(self.score))


def asked(frame: Frame, results: Sequence[Record]) -> list[Asked]:
    """The scored items of the chosen block among the rows of `results`, in their order."""
    known = {item.id: item for item in frame.release.asked if item.scored and item.block == frame.block}
    rows = [(known.get(text(row, "item")), row) for row in results if not text(row, "by")]
    return [_asked(item, row) for item, row in rows if item is not None]


def scale_labels(item: Item) -> tuple[str, ...]:
    """Words of each point from the least favourable up."""
    given = item.scale.labels.get("en") or next(iter(item.scale.labels.values()), ())
    labels = given or tuple(str(item.scale.low + place) for place in range(item.scale.points))
    return tuple(reversed(labels)) if item.reverse else tuple(labels)


def drawn(frame: Frame, items: Sequence[Asked]) -> Picture:
    """All of them in one picture to take away."""
    labels = next((scale_labels(it) for it in frame.release.asked if it.block == frame.block and not it.reverse), ())
    return picture([(it.words, it.shares, "Distribution withheld") for it in items], labels)


def _asked(item: Item, row: Record) -> Asked:
    labels = scale_labels(item)
    counts = row["distribution"]
    return Asked(
        item=item.id,
        words=text_in(item.texts, "en"),
        reverse=item.reverse,
        ends=(labels[0], labels[-1]),
        favourable=" or ".join(label.lower() for label in labels[item.scale.favourable - item.scale.low :]),
        **scored(row),
        favourability=number(row, "favourability"),
        shares=shares(counts, labels) if isinstance(counts, tuple) else (),
    )
