"""Pages that hold a few words: the sign-in, nothing yet, not now, not this."""

from __future__ import annotations

from service.pages.dashboard.frame import Around
from service.pages.templating import render


def sign_in_page(*, refused: bool = False) -> str:
    return render("dashboard/sign_in.html", refused=refused)


def empty_page(around: Around) -> str:
    return render("dashboard/empty.html", around=around)


def soon_page() -> str:
    """Findings are being computed; the page asks for itself again."""
    return render("dashboard/soon.html")


def message_page(title: str, text: str) -> str:
    """What went wrong, and the way back; neither argument holds anything that was sent."""
    return render("dashboard/message.html", heading=title, text=text)
