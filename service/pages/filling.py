"""Pages filled up to one size: whoever sees how long a reply is must not see what was chosen."""

from __future__ import annotations

from base64 import b64encode
from hashlib import shake_256

#: A filled page is a multiple of so many bytes long.
STEP = 4096
_COMMENT = "\n<!-- {} -->\n"


def filled_up(page: str, most: int = 0) -> str:
    """The page with a comment after its end, where nothing and nobody reads it. `most` are the bytes of the longest
    page it must not be told from: each of them comes out as long."""
    own, frame = len(page.encode()), len(_COMMENT.format(""))
    return page + _COMMENT.format(_filler(_next(max(own, most) + frame) - own - frame))


def _next(size: int) -> int:
    return -(-size // STEP) * STEP


def _filler(length: int) -> str:
    """Letters and digits that look drawn by lot, so that they do not vanish where somebody compresses the reply after
    all; the same ones always, so that a page shown twice is the same page."""
    return b64encode(shake_256(b"redwood/filler/1").digest(length)).decode()[:length]
