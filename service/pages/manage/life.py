"""A pulse's one-way life as its manager reads it: where it stands, what can be done now, and what no longer can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.survey.pulse import State


@dataclass(frozen=True, slots=True)
class Stop:
    """A place along the path; `place` is "past", "here" or "ahead"."""

    name: str
    means: str
    place: str


@dataclass(frozen=True, slots=True)
class Step:
    """What takes a pulse from one state to the next: its address, and the words of its button and its box to tick."""

    path: str
    verb: str
    sure: str


#: A pulse is invited to while it is a draft: the second stop is no state of its own.
_STOPS = (
    ("Draft", "what is asked is set up"),
    ("Invited", "every invitation is handed out"),
    ("Open", "people answer, nobody reads"),
    ("Closed", "added up, and answers destroyed"),
    ("Released", "figures stand, for good"),
)
_AT: Mapping[State, int] = {State.DRAFT: 0, State.OPEN: 2, State.CLOSED: 3, State.RELEASED: 4}

STEPS: Mapping[State, Step] = {
    State.DRAFT: Step("/manage/pulse/open", "Open", "Fix the rules for good and let answers in."),
    State.OPEN: Step("/manage/pulse/close", "Close", "Add up the answers and destroy them for good."),
    State.CLOSED: Step("/manage/pulse/release", "Release", "Publish the figures as they are, for good."),
}

#: What the list of pulses says comes next.
NEXT: Mapping[State, str] = {
    State.DRAFT: "issue invitations, hand them out, then open",
    State.OPEN: "let people answer, then close",
    State.CLOSED: "release the figures",
    State.RELEASED: "read the figures",
}

_PAST_SETTING_UP = (
    "Change statements, attributes, k or the roster: they were fixed at opening, and respondents hold the hash."
)
_PAST_INVITING = "Issue invitations: one issued late could be told apart by when it was used."

#: What no longer can be done, and why.
NO_LONGER: Mapping[State, tuple[str, ...]] = {
    State.DRAFT: ("Change what was set up: a draft that is not right is left as it is, and another one set up.",),
    State.OPEN: (
        _PAST_SETTING_UP,
        _PAST_INVITING,
        "Go back to draft: a pulse’s life runs one way.",
    ),
    State.CLOSED: (
        "Collect more answers: those there were are added up and destroyed, and so are the invitations.",
        "Change the figures: they were sealed at closing, and nobody can read them before they are released.",
    ),
    State.RELEASED: ("Change or withdraw anything: a release is fixed for good, so that it can be checked.",),
}

#: What a page says after its form was carried out; the address names only which, and only in the state it led to.
SAID: Mapping[str, tuple[State, str]] = {
    "opened": (State.OPEN, "The pulse is open. Invitations work from now on."),
    "written": (State.DRAFT, "Everybody’s letter is written. The letters leave once the pulse is open."),
    "unwritten": (
        State.DRAFT,
        "No letter was written. Letters go to people in the directory with an address and a unit, once a pulse, and "
        "only to units of whom nobody was invited otherwise.",
    ),
    "reminded": (State.OPEN, "Everybody is reminded, in some time and in no order."),
    "unreminded": (
        State.OPEN,
        "Nobody was reminded: that is possible a day after everybody was last written to, three times in all.",
    ),
    "closed": (State.CLOSED, "The pulse is closed. Answers and invitations are destroyed."),
    "traces": (
        State.CLOSED,
        "The pulse is closed. Answers and invitations are destroyed, but traces may still stand in the database’s own "
        "log, because something else was reading it: run “redwood scrub” on the machine to try again.",
    ),
    "keys": (
        State.CLOSED,
        "The pulse is closed. Answers and invitations are destroyed, but the keys of the pulse are not yet: until then "
        "who has an old copy of the database and the keys could read it. “redwood doctor” on the machine says why, and "
        "“redwood scrub” tries again.",
    ),
    "released": (
        State.RELEASED,
        "The figures are released. The findings are being computed now, which takes a moment.",
    ),
}

_ALREADY: Mapping[State, str] = {
    State.DRAFT: "Nothing was done: this pulse is still a draft, and a pulse is opened first.",
    State.OPEN: "Nothing was done: this pulse is open already.",
    State.CLOSED: "Nothing was done: this pulse is closed already.",
    State.RELEASED: "Nothing was done: this pulse is released already.",
}


def path(state: State, *, invited: bool) -> list[Stop]:
    at = 1 if state is State.DRAFT and invited else _AT[state]
    places = ["past" if index < at else "here" if index == at else "ahead" for index in range(len(_STOPS))]
    return [Stop(name, means, place) for (name, means), place in zip(_STOPS, places, strict=True)]


def said(word: str, state: State) -> str:
    """What to say after a form brought the browser here with `word`; "" for a word that does not fit the state."""
    if word == "already":
        return _ALREADY[state]
    led_to, text = SAID.get(word, (None, ""))
    return text if led_to is state else ""
