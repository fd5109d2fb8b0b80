"""The overview: how an organisation, or one part of it, stands, what changed for real, what cannot be said."""

from __future__ import annotations

from dataclasses import replace

from service.pages.dashboard.frame import Frame
from service.pages.templating import render


def overview_page(frame: Frame) -> str:
    frame = replace(frame, asks=("pulse", "unit"))
    return render("dashboard/overview.html", frame=frame, around=frame.around)
