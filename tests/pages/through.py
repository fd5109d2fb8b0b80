"""A browser's forms and a reader's eyes: post, get, and what a page says without its tags."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import httpx


def post(doors: Any, path: str, **fields: str) -> httpx.Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply: httpx.Response = doors.run(doors.client.post(path, content=urlencode(fields), headers=headers))
    return reply


def get(doors: Any, path: str, **headers: str) -> httpx.Response:
    reply: httpx.Response = doors.run(doors.client.get(path, headers=headers))
    return reply


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())
