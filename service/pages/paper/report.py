"""The report: one sheet about one unit and pulse, to print and to talk about; nothing that the dashboard leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.exports.table import Table
from service.pages.dashboard import sentences, told, unsaid
from service.pages.dashboard.frame import Frame
from service.pages.dashboard.overview import standings
from service.pages.dashboard.told import Told
from service.pages.templating import render

#: So much of a digest ties a sheet of paper to its release, and can still be compared by eye.
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Changed:
    """What is said of change: `moved` is told from chance, `level` names the blocks where nothing is, and `early` those
    seen too seldom or by too few."""

    moved: tuple[Told, ...]
    level: tuple[str, ...]
    early: tuple[str, ...]


def report_page(frame: Frame, digest: str, changes: Table | None, *, computed: bool = True) -> str:
    """`digest` is the release's; `changes` None where the key may not read them, or they are not `computed` yet."""
    frame = replace(frame, asks=("pulse", "unit"))
    own = None if changes is None else told.changes(frame, changes, {frame.unit})
    stand = standings(frame, own or ())
    return render(
        "paper/report.html",
        frame=frame,
        around=frame.around,
        headline=sentences.headline(frame.unit_name, stand, own),
        standings=stand,
        changed=None if own is None else _changed(own),
        computed=computed,
        unsaid=unsaid.of(frame, [it.cell for it in stand]),
        bounded=any(it.cell.bound for it in stand),
        digest=_short(digest),
        policy=_short(frame.release.policy_hash),
    )


def _changed(own: Sequence[Told]) -> Changed:
    def named(kind: str) -> tuple[str, ...]:
        return tuple(it.block_name for it in own if it.word.kind == kind)

    return Changed(tuple(it for it in own if it.told), named("level"), named("early"))


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_SHOWN]
