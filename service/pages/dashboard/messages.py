"""Pages that hold a few words: the sign-in, nothing yet, not now, not this."""

from __future__ import annotations

from typing import Literal

from service.pages.dashboard.frame import Around
from service.pages.templating import render

#: Why a key that was just sent opened nothing, or the provider did not sign anybody in.
Refusal = Literal["", "unknown", "no_page", "later", "no_role", "unfinished", "silent"]


def sign_in_page(refused: Refusal = "", *, provider: bool = False) -> str:
    """`provider` says that people may sign in with their organisation's own."""
    return render("dashboard/sign_in.html", refused=refused, provider=provider)


def signed_in_page() -> str:
    """Sends the browser on by itself, so that it comes to the next page from here, and not from another site."""
    return render("dashboard/signed_in.html")


def empty_page(around: Around) -> str:
    return render("dashboard/empty.html", around=around)


def soon_page() -> str:
    """Findings are being computed; the page asks for itself again."""
    return render("dashboard/soon.html")


def message_page(title: str, text: str, *, key: bool = False) -> str:
    """What went wrong, and the way back: with `key` to sign in with another one. Nothing here was sent by anybody."""
    return render("dashboard/message.html", heading=title, text=text, key=key)
