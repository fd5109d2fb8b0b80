"""The CSV that says how many of each unit's people are of which value of a band."""

from __future__ import annotations

from service.errors import Fault, InvalidPulse
from service.survey.pulse import Classes
from service.survey.roster_csv import RAGGED, UNREADABLE, Line, lines_of, people
from service.survey.roster_rules import MOST_FAULTS

_COLUMNS = ("unit", "band", "value", "invited")

_Counts = dict[str, dict[str, dict[str, int]]]


def parse_classes_csv(text: str) -> Classes:
    """The classes of a CSV whose first line names its columns in any order: unit, band, value, invited.

    Cells are separated by comma, semicolon or tab. Raises InvalidPulse with the first hundred faults.
    """
    lines = lines_of(text)
    header = next(lines, Line(1, []))
    columns = [name.lower() for name in header.cells or ()]
    if sorted(columns) != sorted(_COLUMNS):
        raise InvalidPulse([Fault(f"line {header.number}", f"must name the columns {', '.join(_COLUMNS)}, each once")])
    classes: _Counts = {}
    faults: list[Fault] = []
    for line in lines:
        faults.extend(_added(classes, line, columns))
        if len(faults) >= MOST_FAULTS:
            break
    if faults:
        raise InvalidPulse(faults)
    return classes


def _added(classes: _Counts, line: Line, columns: list[str]) -> list[Fault]:
    """Enter one line into `classes`, or say what is wrong with it."""
    where = f"line {line.number}"
    if line.cells is None or len(line.cells) != len(columns):
        return [Fault(where, UNREADABLE if line.cells is None else RAGGED)]
    cells = dict(zip(columns, line.cells, strict=True))
    invited = people(cells["invited"])
    if invited is None:
        return [Fault(f"{where}, invited", "must be a whole number")]
    counts = classes.setdefault(cells["unit"], {}).setdefault(cells["band"], {})
    if cells["value"] in counts:
        return [Fault(where, "is of a class no earlier line is of")]
    counts[cells["value"]] = invited
    return []
