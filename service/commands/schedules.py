"""Schedules: the cadence in which a serving process sets pulses up, opens and closes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from service.api.inviting import require_letters
from service.commands.console import Json, Organisation, database, group, manager, say
from service.operations import schedules
from service.operations.schedules import Coming, Plan, Schedule
from service.settings import from_environment
from service.survey.draft import Draft

ScheduleId = Annotated[str, typer.Argument(help="The schedule's id, from `redwood schedule list`.")]


def register(app: typer.Typer) -> None:
    schedule = group(app, "schedule", "When pulses begin and end by themselves; releasing them stays by hand.")
    schedule.command("list")(list_schedules)
    schedule.command("add")(add_schedule)
    schedule.command("pause")(pause_schedule)
    schedule.command("resume")(resume_schedule)
    schedule.command("remove")(remove_schedule)


def list_schedules(organisation: Organisation = None, json: Json = False) -> None:
    """Every schedule with its next rounds, and what is in its way."""
    with database() as target:
        who = manager(target, organisation)
        found = [(it, schedules.coming(target, who, it, _today())) for it in schedules.list_schedules(target, who)]
        say(json, {"schedules": [_document(*it) for it in found]}, *(_line(*it) for it in found))


def add_schedule(
    label: Annotated[str, typer.Option(help="Each pulse is called so, with its day.")],
    rule: Annotated[str, typer.Option(help="RFC 5545, by days: FREQ=WEEKLY;INTERVAL=2;BYDAY=MO.")],
    days: Annotated[int, typer.Option(help="How long each pulse is open.")] = 5,
    hand_over: Annotated[str, typer.Option(help="Who sends invitations: letters, hooks or nobody.")] = "nobody",
    baseline_every: Annotated[
        int | None, typer.Option(help="Every so many rounds ask everything; 0 none; two a year when left out.")
    ] = None,
    instrument: Annotated[str, typer.Option(help="Id of the instrument.")] = "five-blocks",
    item: Annotated[list[str] | None, typer.Option(help="Ask this each time, and take no turns; repeat.")] = None,
    lens: Annotated[list[str] | None, typer.Option(help="Ask this lens when everything is asked; repeat.")] = None,
    threshold: Annotated[int | None, typer.Option(help="Least respondents behind any figure; 5.")] = None,
    starts: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day the rule is counted from; today.")
    ] = None,
    organisation: Organisation = None,
    json: Json = False,
) -> None:
    """Make a schedule and print its id."""
    draft = Draft("", instrument, lenses=lens or (), items=item or None, threshold=threshold)
    first = starts.date() if starts else _today()
    if hand_over == "letters":
        require_letters(from_environment())
    with database() as target:
        plan = Plan(label, rule, first, days, hand_over, baseline_every, draft)
        made = schedules.make_schedule(target, manager(target, organisation), plan, _today())
        say(json, {"id": made.row.id}, made.row.id)


def pause_schedule(schedule: ScheduleId, organisation: Organisation = None, json: Json = False) -> None:
    """Begin nothing any more; what is open is still closed on its day."""
    _paused(schedule, organisation, json, True)


def resume_schedule(schedule: ScheduleId, organisation: Organisation = None, json: Json = False) -> None:
    """Go on; what fell into the pause is not made up for."""
    _paused(schedule, organisation, json, False)


def remove_schedule(schedule: ScheduleId, organisation: Organisation = None, json: Json = False) -> None:
    """Forget a schedule; a pulse it had opened stays open until somebody closes it."""
    with database() as target:
        schedules.remove_schedule(target, manager(target, organisation), schedule)
        say(json, {"id": schedule, "removed": True}, "Removed.")


def _paused(schedule: str, organisation: str | None, json: bool, paused: bool) -> None:
    with database() as target:
        who = manager(target, organisation)
        plan = schedules.plan_of(schedules.find_schedule(target, who, schedule).row)
        schedules.change_schedule(target, who, schedule, replace(plan, paused=paused), _today())
        say(json, {"id": schedule, "paused": paused}, "Paused." if paused else "It goes on.")


def _today() -> date:
    return datetime.now(UTC).date()


def _document(it: Schedule, coming: list[Coming]) -> dict[str, Any]:
    row = it.row
    return {
        "id": row.id,
        "label": row.label,
        "rule": row.rule,
        "days": row.days,
        "hand_over": row.hand_over,
        "paused": row.paused,
        "rounds": row.round,
        "last": row.pulse,
        "trouble": row.trouble,
        "coming": [str(each.on) for each in coming],
    }


def _line(it: Schedule, coming: list[Coming]) -> str:
    row = it.row
    state = "paused" if row.paused else f"next on {coming[0].on}" if coming else "ended"
    trouble = f"  TROUBLE: {row.trouble}" if row.trouble else ""
    return f"{row.id}  {row.label}  {row.rule}  open {row.days} days  {row.hand_over}  {state}{trouble}"
