"""Pages that hold a few words: the sign-in, nothing yet, not now, not this."""

from __future__ import annotations

from typing import Literal

from service.pages.dashboard.frame import Around
from service.pages.templating import render


def sign_in_page(refused: Literal["", "unknown", "no_page", "later"] = "") -> str:
    """`refused` says why the key that was just sent opened nothing."""
    return render("dashboard/sign_in.html", refused=refused)


def empty_page(around: Around) -> str:
    return render("dashboard/empty.html", around=around)


def soon_page() -> str:
    """Findings are being computed; the page asks for itself again."""
    return render("dashboard/soon.html")


def message_page(title: str, text: str, *, key: bool = False) -> str:
    """What went wrong, and the way back: with `key` to sign in with another one. Nothing here was sent by anybody."""
    return render("dashboard/message.html", heading=title, text=text, key=key)
