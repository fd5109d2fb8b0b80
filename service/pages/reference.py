"""The API reference as one page, made from the service's own OpenAPI document: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.pages.reference_calls import calls
from service.pages.reference_chapters import CHAPTERS, Chapter
from service.pages.templating import render


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do before the first call: why, and the lines for a shell."""

    id: str
    title: str
    text: str
    shell: str


_KEYED = '-H "Authorization: Bearer $KEY"'
_INVITED = f"""curl -s {_KEYED} \\
  -H "Content-Type: application/json" --data-binary @- "$REDWOOD/v1/pulses/$NEW/invitations" <<END | cut -d '"' -f 14
{{"units": {{"$UNIT": 1}}}}
END"""
STEPS = (
    Step(
        "service",
        "Say where the service is and which key you hold",
        "The demo prints both. Each call says which scope its key needs. A key for trying everything comes from "
        "redwood key create --scope manage --scope results --scope analytics.",
        "export REDWOOD=http://127.0.0.1:8000\nexport KEY=rw_paste-your-key-here",
    ),
    Step(
        "released",
        "Pick something that is released",
        "The first two values of the heat map's last row are a released pulse and one of its teams.",
        f'ROW=$(curl -s {_KEYED} "$REDWOOD/v1/heatmap?format=csv" | tail -n 1)\n'
        'export PULSE=$(echo "$ROW" | cut -d , -f 1)\n'
        'export UNIT=$(echo "$ROW" | cut -d , -f 2)',
    ),
    Step(
        "own",
        "Set up a pulse of your own",
        "Needed for the calls that manage and answer, and only for these: a draft, and two invitations into it: one to "
        "be sent as it is, the other to be exchanged. It is a series of its own and touches no other.",
        f"""export NEW=$(curl -s {_KEYED} \\
  -H "Content-Type: application/json" --data-binary @- "$REDWOOD/v1/pulses" <<END | cut -d '"' -f 4
{{"instrument": "five-blocks", "label": "Tried", "series": "tried",
 "items": ["WB1", "SB1", "PS1", "PC1", "CL1"], "bands": {{"tenure": ["0-1y", "1-3y", "3y+"]}}}}
END
)
export TOKEN=$({_INVITED}
)
export OTHER=$({_INVITED}
)""",
    ),
    Step(
        "lead",
        "Take a lead's key",
        "Needed for forecasts only. Whoever runs the service makes it, on the machine it runs on, bound to one unit.",
        'export LEAD=$(redwood key create --scope results --unit "$UNIT")',
    ),
)


def reference_page(
    openapi: Mapping[str, Any],
    *,
    names: Mapping[str, str],
    problem: str,
    meanings: Mapping[str, str],
    chapters: tuple[Chapter, ...] = CHAPTERS,
) -> str:
    """`names` of shell variables by what stands for them in the document's examples; `problem` is one, as JSON, and
    `meanings` say in words what each status of a problem is.

    Calls that no chapter names come last, in one of their own.
    """
    known = calls(openapi, names)
    told = {name for chapter in chapters for name in chapter.calls}
    rest = Chapter("others", "Others", "", tuple(name for name in known if name not in told))
    laid = [(it, [known[name] for name in it.calls if name in known]) for it in (*chapters, rest)]
    return render(
        "reference.html",
        info=openapi["info"],
        steps=STEPS,
        chapters=[(chapter, found) for chapter, found in laid if found],
        problem=problem,
        meanings=meanings,
    )
