"""An invitation by e-mail: plain text in the reader's language, with a link and nothing that reports back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from service.pages.duration import minutes
from service.pages.paper.letters import languages, link
from service.pages.words import FALLBACK, Words
from service.survey.pulse import Pulse


@dataclass(frozen=True, slots=True)
class Mail:
    """`language` is the one it is written in."""

    subject: str
    text: str
    language: str


@cache
def mail_words() -> Mapping[str, Words]:
    return tomllib.loads(Path(__file__).with_name("mail.toml").read_text("utf-8"))


def mail(
    pulse: Pulse, organisation: str, origin: str, token: str, wanted: str, *, reminds: bool, until: date | None
) -> Mail:
    """Names neither who is written to nor their unit; a subject stands in lists that others look over."""
    language = _spoken(pulse, wanted)
    words = mail_words()[language]
    length = words["short" if minutes(len(pulse.items), len(pulse.bands)) == 1 else "long"]
    asking = words["asking"].format(organisation=" ".join(organisation.split()))
    paragraphs = [
        words["greeting"],
        *([words["reminding"]] if reminds else []),
        f"{asking} {length} {words['voluntary']}",
        f"{words['address']}\n\n{link(origin, token)}",
        *([words["until"].format(day=until.isoformat())] if until else []),
        words["promise"],
        f"{words['nameless']} {words['together'].format(threshold=pulse.threshold)} {words['destroyed']}",
        words["limit"],
        words["plain"],
    ]
    return Mail(words["again" if reminds else "subject"], "\n\n".join(paragraphs) + "\n", language)


def _spoken(pulse: Pulse, wanted: str) -> str:
    """What was wanted where the pulse and the pages speak it, else English or what there is."""
    known = [it.code for it in languages(pulse)]
    base = wanted.replace("_", "-").lower().split("-")[0]
    return next((it for it in (base, FALLBACK) if it in known), known[0])
