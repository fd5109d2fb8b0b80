"""What the crawl knows of its pulses before it reads a page, and which pages it then reads with each key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.journeys.crawl_pages import Sample
from tests.journeys.crawl_people import BLOCKS, Truth
from tests.journeys.crawl_told import Told
from tests.journeys.crawl_view import World
from tests.journeys.crawling import Key

#: Keys that see the whole read fewer pages about each unit.
_STRIDE = {"all": 2, "results": 6}


def world(doors: Any, truths: Mapping[str, Truth], key: Key, whole: Told) -> World:
    """`whole` is what a key of the whole organisation is told."""
    described = doors.ok("GET", "/v1/instruments/five-blocks")["blocks"]
    names = {it["id"]: it["names"]["en"] for it in described}
    return World(
        blocks={names.get(block, block): block for block in BLOCKS},
        labels={f"Pulse {place}": pulse for place, pulse in enumerate(truths, 1)},
        seen={pulse: frozenset(truth.subtree(key.unit) if key.unit else truth.tree) for pulse, truth in truths.items()},
        everything={pulse: frozenset(truth.tree) for pulse, truth in truths.items()},
        thresholds={pulse: truth.threshold for pulse, truth in truths.items()},
        whole=whole,
    )


def sample(world: World, key: Key) -> Sample:
    units = sorted({unit for seen in world.seen.values() for unit in seen})
    scored = [block for block in BLOCKS if block != "kinds"]
    further = [
        f"/dashboard/{path}?branch={unit}&page=2&pulse={pulse}"
        for place, (pulse, seen) in enumerate(world.seen.items())
        for unit in sorted(seen)[1 + place :: 16]
        for path in ("units", "changes")
    ]
    return Sample(
        units, list(world.pulses), scored, _STRIDE.get(key.name, 1), further if "results" in key.scopes else ()
    )


def running_sample(truths: Mapping[str, Truth]) -> Sample:
    """One of each kind is enough, where no page may change."""
    units = sorted({unit for truth in truths.values() for unit in truth.tree})
    return Sample(units, list(truths), [block for block in BLOCKS if block != "kinds"], 4)
