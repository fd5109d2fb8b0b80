"""The directory of people in numbers, the form that says how units are made of them, and the one that takes a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from service.errors import Fault
from service.pages.dashboard.frame import Around, Option
from service.pages.manage.form import Form
from service.pages.templating import render
from service.survey.people_mapping import LEVELS, Kind, UnitMapping, mapping_document
from service.survey.roster import Roster
from service.survey.roster_rules import LONGEST_NAME, MOST_FAULTS
from service.survey.wording import LONGEST_ID

ONCE = {"action", "seen", "from", "prefix", "named", "root_id", "root_name"}
MANY = {"level"}
FILE_FIELDS = {"action", "seen", "columns"}
#: By the word of the form, which but for the last is that of a mapping.
KINDS = ("attributes", "groups", "manager", "none")
#: What a level is called, by its name in SCIM.
_LEVELS = {
    "organization": "Organisation",
    "division": "Division",
    "department": "Department",
    "costCenter": "Cost centre",
    "title": "Job title",
    "userType": "Kind of employee",
}
_SAID = {
    "made": "Done. Units are made of people as it stands below.",
    "unmade": "Done. Units are not made of people any more: the roster stays as it is until another is brought.",
    "brought": "Done. The directory says what the file says.",
    "already": "It stands so already: nothing was changed.",
}
#: Fields by where a fault of a mapping stands; any other is the first field's.
_FIELDS = {"units.levels": "level", "units.prefix": "prefix", "root.id": "root_id", "root.name": "root_name"}
#: Characters that are said of columns' names: some fifty lines.
_LONGEST_COLUMNS = 4_000


@dataclass(frozen=True, slots=True)
class Stands:
    """How the directory stands: `odd` and `trouble` in sentences, `due` while the roster may yet follow a change."""

    people: int
    active: int
    groups: int
    units: int
    due: bool
    odd: Sequence[str]
    trouble: Sequence[str]

    @property
    def is_empty(self) -> bool:
        return not self.people and not self.groups


@dataclass(frozen=True, slots=True)
class Filled:
    """The form of how units are made, as it is filled in."""

    kind: str = "none"
    levels: Sequence[str] = ()
    prefix: str = ""
    named: bool = False
    root_id: str = ""
    root_name: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """The mapping it asks for, as `parse_mapping` takes it. A root without a name is called by its id."""
        if self.kind == "none":
            return mapping_document(None)
        stated = UnitMapping(
            cast(Kind, self.kind), self.root_id, self.root_name, tuple(self.levels), self.prefix, self.named
        )
        document = mapping_document(stated)
        return document | {"root": {"id": self.root_id, "name": self.root_name or None}}

    @property
    def offered(self) -> list[Option]:
        """Every level from the top down, the usual way but where those chosen stand in another order."""
        chosen = [level for level in dict.fromkeys(self.levels) if level in LEVELS]
        usual = [level for level in LEVELS if level in chosen]
        every = LEVELS if chosen == usual else dict.fromkeys((*chosen, *LEVELS))
        return [Option(level, _LEVELS[level], level in chosen) for level in every]


@dataclass(frozen=True, slots=True)
class Filed:
    """The form of the file: what it says of columns, and what is wrong with that and with the file."""

    columns: str = ""
    faults: Sequence[Fault] = ()

    @property
    def by_field(self) -> dict[str, str]:
        return {name: fault.why for name, fault in self._named if name}

    @property
    def by_line(self) -> list[Fault]:
        """Those of the file's lines, which say the rule and nothing that stands there."""
        return [fault for name, fault in self._named if not name]

    @property
    def _named(self) -> list[tuple[str, Fault]]:
        fields = {"file": "file", "column": "columns"}
        return [(fields.get(fault.where, ""), fault) for fault in self.faults]


def filled_of(mapping: UnitMapping | None, roster: Roster, organisation: str) -> Filled:
    """The form that says what stands; where nothing does, its root is that of the roster if it has one."""
    if mapping is not None:
        levels, prefix = mapping.levels, mapping.prefix
        return Filled(mapping.kind, levels, prefix, mapping.named, mapping.root_id, mapping.root_name)
    roots = [unit for unit in roster.units if unit.parent is None]
    if len(roots) == 1:
        return Filled(root_id=roots[0].id, root_name=roots[0].name)
    return Filled(root_id="all", root_name=organisation[:LONGEST_NAME])


def filled_in(form: Form) -> Filled:
    return Filled(
        kind=form.choice("from", "none", *KINDS[:-1]),
        levels=tuple(form.chosen("level"))[: 2 * len(LEVELS)],
        # A blank at its end may be part of it: "Team " is not "Teams".
        prefix=form.whole_text("prefix").replace("\n", "")[: LONGEST_NAME + 1],
        named=form.ticked("named"),
        root_id=form.text("root_id")[: LONGEST_ID + 1],
        root_name=form.text("root_name")[: LONGEST_NAME + 1],
    )


def columns_in(form: Form) -> str:
    """What is said of columns of other names, a line each."""
    text = "\n".join(form.lines("columns"))
    if len(text) > _LONGEST_COLUMNS:
        form.fault("column", f"must be at most {_LONGEST_COLUMNS} characters")
    return text[:_LONGEST_COLUMNS]


def people_page(
    around: Around,
    stands: Stands,
    filled: Filled,
    scim: str,
    *,
    faults: Sequence[Fault] = (),
    filed: Filed | None = None,
    said: str = "",
) -> str:
    """The directory in numbers, with an empty one the first step. `scim` is the address a directory is pointed at,
    `faults` are of the form of units, `said` which form brought the browser here."""
    filed = filed or Filed()
    return render(
        "manage/people.html",
        around=around,
        stands=stands,
        filled=filled,
        scim=scim,
        faults=_by_field(faults),
        filed=filed,
        wrong=filed.by_field,
        most_faults=MOST_FAULTS,
        longest_id=LONGEST_ID,
        longest_name=LONGEST_NAME,
        said=_SAID.get(said, ""),
    )


def _by_field(faults: Sequence[Fault]) -> Mapping[str, str]:
    """What is wrong, by the field it is shown at."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(_FIELDS.get(fault.where, "from"), []).append(fault.why)
    return {field: "; ".join(rules) for field, rules in found.items()}
