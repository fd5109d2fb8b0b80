"""Withdraws slices until no combination of published figures involves too few respondents.

Every published group is a sum of atoms: a person has one atom in each family, the deepest published group she is
in. What an attacker can compute is a number for every person, the sum of y over her atoms, for any y. Respondents
are peeled off in `threshold` - 1 layers, each spanning all differences inside units that are left to span; who is
involved in a combination of fewer than `threshold` people is missing from one of the layers or from the rest, so
that every such combination is constant inside each unit on the rest (Edmonds 1965, matroid partition, is the reason
why disjoint bases are the measure of how many must be involved). Only the few directions in which the rest does not
tell people of a unit apart are searched. For each combination found one slice is withdrawn in which it differs from
the slice above, which ends it; withdrawing never makes a new one, so this ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.release.blocks import Blocks
from service.release.layout import Layout
from service.release.names import Names
from service.release.peeling import Classes, classes, peeled
from service.release.tree import Flags


def mended(
    layout: Layout, published: Sequence[Flags], removable: Sequence[Flags], threshold: int, *, large_first: bool = False
) -> list[Flags]:
    """`published` (units x V for each family) less those of `removable` that had to go, small ones first or large.

    What is published and not removable must be safe already.
    """
    kept = [flags.copy() for flags in published]
    if not any(flags.any() for flags in removable):
        return kept
    names = Names(layout, published, removable, -1 if large_first else 1)
    for atom in _withdrawn(classes(layout.n, layout.unit_atom, names.of_cells(layout)), names, threshold):
        family, unit, value = names.of(atom)
        kept[family][unit, value] = False
    return kept


def _withdrawn(it: Classes, names: Names, threshold: int) -> Iterator[int]:
    """The slices that have to go. Blocks that a withdrawn slice ties together are looked at as one from then on."""
    rest = peeled(it, threshold)
    blocks = Blocks(it, rest, names)
    while (block := blocks.next()) is not None:
        going = block.going(rest.echelon, names, threshold)
        if going is None:
            blocks.settle(block)
        else:
            yield going
            names.gone(going)
            blocks.tie(rest.echelon.reduced(names.step(going)))
