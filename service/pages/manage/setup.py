"""Setting up a pulse: one form with everything a draft can say, and what it would mean before it is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.pages.dashboard.frame import Around, Option
from service.pages.duration import minutes
from service.pages.manage import statements
from service.pages.manage.setup_form import PAIRS, Filled
from service.pages.templating import render
from service.release.policy import DEFAULT_THRESHOLD, FLOOR, Policy
from service.survey.instrument import Instrument, text_in
from service.survey.pulse import Pulse
from service.survey.roster import Roster


@dataclass(frozen=True, slots=True)
class Share:
    """What could be read when `percent` of the people answer, in whole units and people."""

    percent: int
    teams: int
    units: int
    distribution: int
    people: int
    spared: int


@dataclass(frozen=True, slots=True)
class Read:
    """What reading by one attribute, or by two together, gives: units by values."""

    name: str
    cells: int
    open: int
    shown: int


@dataclass(frozen=True)
class Foreseen:
    """What the pulse would be: `shares` and `cuts` are empty where there is no roster; `percent` is the share that
    answers where slices are counted."""

    pulse: Pulse
    roster: Roster
    shares: Sequence[Share]
    cuts: Sequence[Read]
    percent: int

    @property
    def people(self) -> int:
        return self.roster.people

    @property
    def teams(self) -> int:
        """Units that have none below them."""
        return len(self.roster.units) - len({above for above in self.roster.parents if above >= 0})

    @property
    def middle(self) -> Share:
        """The share slices are counted for."""
        return next(it for it in self.shares if it.percent == self.percent)

    @property
    def minutes(self) -> int:
        return minutes(len(self.pulse.items), len(self.pulse.bands))

    @property
    def distribution(self) -> int:
        return Policy(self.pulse.threshold).distribution


def setup_page(
    around: Around,
    filled: Filled,
    known: Sequence[Instrument],
    asked: Instrument | None,
    *,
    least: int,
    faults: Mapping[str, Sequence[str]],
    foreseen: Foreseen | None = None,
    added: bool = False,
) -> str:
    """The form as it is `filled`; `asked` None where there is no such instrument. `added` says that statements were
    listed anew and are to be looked at."""
    groups = [] if asked is None else statements.groups(asked, filled.items)
    return render(
        "manage/setup.html",
        around=around,
        filled=filled,
        instruments=[_option(it, filled.instrument) for it in known if not _is_lens(it)],
        lenses=[_lens(it, filled.lenses) for it in _newest(known) if _is_lens(it)],
        groups=groups,
        number=sum(group.ticked for group in groups),
        bands=len(filled.named),
        minutes=minutes(sum(group.ticked for group in groups), len(filled.named)),
        pairs=[(f"{first}-{second}", _pair(filled, first, second)) for first, second in PAIRS],
        least=least,
        default=max(DEFAULT_THRESHOLD, least),
        floor=FLOOR,
        faults=faults,
        wrong=sum(map(len, faults.values())),
        foreseen=foreseen,
        added=added,
    )


def _is_lens(instrument: Instrument) -> bool:
    return all(block.kind == "lens" for block in instrument.blocks)


def _option(it: Instrument, chosen: str) -> Option:
    value = f"{it.id} {it.version}"
    return Option(
        value, f"{text_in(it.names, 'en')}, version {it.version}: {len(it.items)} statements", value == chosen
    )


def _lens(it: Instrument, chosen: Sequence[str]) -> Option:
    return Option(it.id, f"{text_in(it.names, 'en')}: {len(it.items)} statements", it.id in chosen)


def _newest(known: Sequence[Instrument]) -> list[Instrument]:
    """The last of each id: lenses are asked in their newest version."""
    return list({it.id: it for it in known}.values())


def _pair(filled: Filled, first: str, second: str) -> str:
    names = {it.place: it.name or f"attribute {it.place}" for it in filled.attributes}
    return f"{names[first]} and {names[second]}"
