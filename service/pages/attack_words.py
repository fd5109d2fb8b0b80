"""What the adversary's attempts are, in words for somebody who has to trust a release and reads no mathematics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """`counted` is what the report counts as used."""

    title: str
    idea: str
    counted: str = "figures"


ATTEMPTS = {
    "subtraction": Said(
        "Taking parts from wholes",
        "A unit of 14 and the one team of 11 shown in it would give away the other three. So from every unit all "
        "that is shown inside it is taken away.",
    ),
    "participation": Said(
        "Taking the invited from the invited", "The same, with how many people could have answered instead of who did."
    ),
    "equations": Said(
        "Solving for what is hidden",
        "Every figure is an equation about the teams in it. Whole branches are solved at once, to see whether a small "
        "group falls out.",
    ),
    "edges": Said(
        "Looking at the ends of the scale",
        "Where nearly everybody gives the highest answer, the mean tells what each of them said. So every answer a "
        "person may have given is listed.",
    ),
    "concentration": Said(
        "Reading distributions",
        "How many gave which answer tells on people where few answered, or all gave the same. Each distribution is "
        "looked at, and each difference of two.",
    ),
    "pooling": Said(
        "Opening the common scatter",
        "One figure says how far people differ within teams, over the whole organisation. It must hide each of them.",
    ),
    "arithmetic": Said(
        "Looking for contradictions",
        "Figures that do not fit each other would betray that one was changed, and perhaps which.",
    ),
    "overlap": Said(
        "Crossing attributes with units",
        "A team without its newcomers, a band without the teams that show it: each difference must leave enough "
        "people, or nobody.",
    ),
    "unanimity": Said(
        "Looking for people of one mind",
        "The same differences again: does one of them leave people who must all have said nearly the same?",
    ),
    "time": Said(
        "Comparing pulses",
        "If a few people joined or left, the change of a team's score might be theirs. Such trends must be withheld.",
    ),
    "format": Said(
        "Comparing ways of writing it down",
        "Tables, pages and files must say what the release says, and no more.",
        "bytes",
    ),
    "order": Said(
        "Reading the order of things", "Nothing may stand in an order that tells who answered, or when.", "units"
    ),
    "certificate": Said(
        "Proving it with the counts in hand",
        "Who answered where was still known. From that it was proven that no combination of figures involves too few "
        "people, and a second program checked the proof.",
    ),
    "combinations": Said(
        "Trying every combination",
        "All sums and differences of published groups at once, of whatever shape, with the counts in hand.",
    ),
    "range": Said(
        "Narrowing down single answers",
        "For people near the ends of the scale it was computed which answers remain possible for each of them.",
    ),
}


def said_of(name: str, tried: str) -> Said:
    """`tried` are the report's own words, for an attempt that another version of the adversary made."""
    return ATTEMPTS.get(name) or Said(name.replace("_", " ").capitalize(), tried[:1].upper() + tried[1:] + ".")
