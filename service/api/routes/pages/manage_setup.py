"""`/manage/pulses/new`: setting up a pulse, as often looked at beforehand as somebody likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, Response

from service.api.parts import Parts, TheParts
from service.api.problems import STATUS
from service.api.routes.pages.manage_form import TheSent
from service.api.routes.pages.reader import ReaderRoute, SignedIn, TheAround
from service.api.routes.pages.replies import page, see
from service.errors import Fault, InvalidInstrument, InvalidPulse
from service.operations import instruments, prepare, preview
from service.operations.access import Principal
from service.operations.preview import Preview
from service.pages.dashboard.frame import Around
from service.pages.manage.form import Form, form_of
from service.pages.manage.setup import Foreseen, Read, Share, setup_page
from service.pages.manage.setup_form import MANY, ONCE, Filled, by_field, draft_of, filled_in
from service.survey import rotation
from service.survey.instrument import Instrument

_PATH = "/manage/pulses/new"
_FIRST = "five-blocks"
#: A preview needs no name yet.
_UNNAMED = "Preview"

router = APIRouter(include_in_schema=False, route_class=ReaderRoute)


@router.get(_PATH)
def begin(principal: SignedIn, around: TheAround, parts: TheParts) -> Response:
    principal.require("manage", whole=True)
    known = instruments.list_instruments(parts.runtime.database, principal)
    first = instruments.find_instrument(parts.runtime.database, principal, _FIRST, None)
    filled = Filled(instrument=_key(first), items=rotation.every(first), listed=(_key(first),))
    least = preview.least_threshold(parts.runtime.database, principal, first.id)
    return page(setup_page(around, filled, known, first, least=least, faults={}))


@router.post(_PATH)
def work(principal: SignedIn, around: TheAround, parts: TheParts, sent: TheSent) -> Response:
    """What the button says that was pressed: list or tick statements, preview, or set the pulse up."""
    principal.require("manage", whole=True)
    form = form_of(sent.fields, once=ONCE, many=MANY)
    action = form.choice("action", "fill", "every", "short", "preview", "create")
    filled = filled_in(form)
    draft = draft_of(filled, form)
    desk = _Desk(parts, principal, around, instruments.list_instruments(parts.runtime.database, principal))
    try:
        asked = preview.asked_of(parts.runtime.database, principal, draft)
    except (InvalidPulse, InvalidInstrument) as error:
        return desk.show(filled, None, [*form.faults, *error.faults])
    listed, added = desk.relisted(filled, asked)
    listed = desk.ticked(listed, asked, action, form)
    draft = replace(draft, items=listed.items)
    if action == "preview":
        draft = replace(draft, label=draft.label or _UNNAMED)
    if action not in {"preview", "create"}:
        return desk.show(listed, asked, [], added=added)
    try:
        if form.faults:
            preview.drafted(parts.runtime.database, principal, draft)  # for what else is wrong
        elif action == "preview":
            found = preview.preview_pulse(parts.runtime.database, principal, draft, parts.today())
            return desk.show(listed, asked, [], _foreseen(found), added=added)
        elif not added:
            made = prepare.create_pulse(parts.runtime.database, principal, draft, once=True)
            return see(f"/manage/pulse?pulse={made.id}")
    except (InvalidPulse, InvalidInstrument) as error:
        form.faults.extend(error.faults)
    return desk.show(listed, asked, form.faults, added=added)


class _Desk:
    """Who works on the form, and which instruments there are."""

    def __init__(self, parts: Parts, principal: Principal, around: Around, known: Sequence[Instrument]) -> None:
        self._parts, self._principal, self._around, self._known = parts, principal, around, known

    def show(
        self,
        filled: Filled,
        asked: Instrument | None,
        faults: Sequence[Fault],
        foreseen: Foreseen | None = None,
        *,
        added: bool = False,
    ) -> Response:
        least = preview.least_threshold(self._parts.runtime.database, self._principal, filled.series or filled.id)
        content = setup_page(
            self._around,
            filled,
            self._known,
            asked,
            least=least,
            faults=by_field(faults, filled),
            foreseen=foreseen,
            added=added,
        )
        return page(content, STATUS[InvalidPulse][0] if faults else 200)

    def relisted(self, filled: Filled, asked: Instrument) -> tuple[Filled, bool]:
        """The form with the statements of what was chosen since they were listed, all of them ticked; and whether
        there are such."""
        if filled.listed == filled.sources:
            return filled, False
        before = {item.id for it in self._known if {_key(it), it.id} & set(filled.listed) for item in it.items}
        items = [item.id for item in asked.items if item.id in filled.items or item.id not in before]
        return replace(filled, items=items, listed=filled.sources), bool(filled.listed)

    def ticked(self, filled: Filled, asked: Instrument, action: str, form: Form) -> Filled:
        """The form after a button that ticks many statements at once."""
        items = set(filled.items)
        if action == "every":
            items = set(rotation.every(asked))
        if action == "short":
            items = set(rotation.short(asked, self._asked_before(filled.series or asked.id)))
        items |= {item.id for item in asked.items_of(form.text("all"))}
        items -= {item.id for item in asked.items_of(form.text("none"))}
        return replace(filled, items=[id for id in rotation.every(asked) if id in items])

    def _asked_before(self, series: str) -> list[tuple[str, ...]]:
        return preview.asked_before(self._parts.runtime.database, self._principal, series)


def _foreseen(it: Preview) -> Foreseen:
    shares = [
        Share(round(100 * r.participation), *map(round, (r.teams, r.units, r.distribution, r.people, r.spared)))
        for r in it.readable
    ]
    cuts = [Read(" and ".join(cut.by).replace("_", " "), cut.cells, cut.open, cut.shown) for cut in it.cuts]
    return Foreseen(it.pulse, it.roster, shares, cuts, round(100 * preview.MIDDLE))


def _key(instrument: Instrument) -> str:
    return f"{instrument.id} {instrument.version}"
