"""The persons behind the answers, who come, stay or go between pulses and are forgotten with the history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from service.demo import parameters as given
from service.demo.climate import Floats, leaning
from service.demo.organisation import LOCATION_SHARES, PLACES, Ints, department


@dataclass(frozen=True, slots=True)
class People:
    """A row a person: `place` in the tree, `joined` as a proleptic day, `location` by position, `trait` (n, blocks)."""

    place: Ints
    joined: Ints
    location: Ints
    trait: Floats

    def __len__(self) -> int:
        return len(self.place)

    def kept(self, which: NDArray[np.bool_] | Ints) -> People:
        """Those marked, or those at the given positions in that order."""
        return People(self.place[which], self.joined[which], self.location[which], self.trait[which])

    def tenure(self, day: int) -> Ints:
        """The position of each person's band of tenure on that day."""
        return np.searchsorted(given.TENURE_YEARS, (day - self.joined) / given.DAYS_A_YEAR, side="right")


def first_people(rng: np.random.Generator, sizes: Ints, day: int, blocks: int) -> People:
    """As many as `sizes` (places) says, with the tenures that a steady turnover leaves behind."""
    place = np.repeat(np.arange(len(sizes)), sizes)
    years = rng.exponential(-1 / np.log1p(-given.ANNUAL_TURNOVER), len(place))
    days = (np.minimum(years, given.OLDEST_YEARS) * given.DAYS_A_YEAR).astype(np.int64)
    return _arrived(rng, place, day - days, blocks)


def next_people(rng: np.random.Generator, people: People, sizes: Ints, was: int, day: int) -> People:
    """Who is there on `day`, after those there on day `was`: leavers gone, the surplus moved, every vacancy filled."""
    stays = rng.random(len(people)) < (1 - given.ANNUAL_TURNOVER) ** ((day - was) / given.DAYS_A_YEAR)
    people = people.kept(stays)
    over = _rank(rng, people.place) >= sizes[people.place]
    free = sizes - np.bincount(people.place[~over], minlength=len(sizes))
    vacancies = rng.permutation(np.repeat(np.arange(len(sizes)), free))
    people, moved = _moved(people, over, vacancies)
    places = vacancies[moved:]
    joined = rng.integers(was + 1, day + 1, len(places))
    return _together(people, _arrived(rng, places, joined, people.trait.shape[1]))


def _moved(people: People, over: NDArray[np.bool_], vacancies: Ints) -> tuple[People, int]:
    """Those `over` take the first vacancies; whoever finds none leaves. Also how many were taken."""
    surplus = np.flatnonzero(over)
    moved = min(len(surplus), len(vacancies))
    place = people.place.copy()
    place[surplus[:moved]] = vacancies[:moved]
    stays = np.ones(len(people), np.bool_)
    stays[surplus[moved:]] = False
    return replace(people, place=place).kept(stays), moved


def _rank(rng: np.random.Generator, place: Ints) -> Ints:
    """Each person's position, from 0, in a random order of the people of the same place."""
    order = np.lexsort((rng.random(len(place)), place))
    ordered = place[order]
    rank = np.empty_like(place)
    rank[order] = np.arange(len(place)) - np.searchsorted(ordered, ordered)
    return rank


def _arrived(rng: np.random.Generator, place: Ints, joined: Ints, blocks: int) -> People:
    shares = np.array([LOCATION_SHARES.get(department(it), LOCATION_SHARES[""]) for it in PLACES])
    passed = rng.random((len(place), 1)) >= np.cumsum(shares, axis=1)[place, :-1]
    trait = sqrt(given.TRAIT_LASTING) * leaning(rng, len(place), blocks, given.TRAIT_SHARED)
    return People(place, joined, passed.sum(axis=1), trait)


def _together(some: People, others: People) -> People:
    return People(
        np.concatenate([some.place, others.place]),
        np.concatenate([some.joined, others.joined]),
        np.concatenate([some.location, others.location]),
        np.concatenate([some.trait, others.trait]),
    )
