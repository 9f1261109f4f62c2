"""The best readings of a lattice.

A reading is a path: what stands before the code, its digits with or without small things between
them, for a ZIP+4 a dash and four more, then what stands behind. A beam search from left to right
keeps the best few texts at every node; paths that spell the same text are recombined, so the beam
holds readings, not detours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zipread.lattice import Lattice

BEAM = 6
HOPELESS = 12.0
"""A path this much worse than the best complete one cannot matter: scores only fall."""
GAP_COST = 1.1
"""Of two neighbouring digits that stand further apart than usual by half a digit height or so;
further apart, they cost ever more."""
DASH_ROOM = 1.0
MOST_UNLIKE = 4.0
"""Neighbours cost no more than this for their sizes and levels."""

Prior = Callable[[str], float]
"""Log-probability of a code before anything is read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A code that a strip may hold.

    ``text`` is its digits, with a dash before the four of a ZIP+4; ``edges`` the hypotheses that
    read them, as indices; ``score`` its log-score, prior included; ``posterior`` its share of all
    readings.
    """

    text: str
    edges: tuple[int, ...]
    score: float
    posterior: float

    @property
    def code(self) -> str:
        """The digits without the four of a ZIP+4."""
        return self.text.partition("-")[0]

    @property
    def digits(self) -> str:
        """All its digits, without the dash."""
        return self.text.replace("-", "")


Beam = dict[str, tuple[float, tuple[int, ...]]]
"""Texts with their scores and edges."""


def decode(
    lattice: Lattice, lengths: tuple[tuple[int, ...], ...], prior: Prior, spells: str = ""
) -> list[Reading]:
    """The likeliest readings, best first; empty where no path has the right count of digits.

    ``lengths`` are the counts that compete: (5, 4) is a ZIP with an optional +4, (n,) a code of n
    digits. With ``spells`` only what these digits begin with is read.
    """
    scored = [
        (score + prior(text[: counts[0]]), text, edges)
        for counts in lengths
        for text, (score, edges) in _search(lattice, counts, spells).items()
    ]
    if not scored:
        return []
    scored.sort(key=lambda reading: (-reading[0], reading[1]))
    share = np.exp(np.array([score for score, _, _ in scored]) - scored[0][0])
    share /= share.sum()
    return [
        Reading(text, edges, score, float(p))
        for (score, text, edges), p in zip(scored, share, strict=True)
    ]


def _search(lattice: Lattice, lengths: tuple[int, ...], spells: str) -> Beam:
    """All complete texts that survive the beam, with score and edges."""
    nodes = len(lattice.between)
    longest = sum(lengths) + len(lengths) - 1  # with a dash
    # By node and by length of text: shorter ones, having paid for less, must not crowd out others.
    beams: list[list[Beam]] = [[{} for _ in range(longest + 1)] for _ in range(nodes + 1)]
    complete: Beam = {}
    least = -np.inf
    for node in range(nodes + 1):
        beams[node] = [_pruned(beam, least) if beam else beam for beam in beams[node]]
        for length in {lengths[0], longest}:
            for text, (score, edges) in beams[node][length].items():
                _keep(complete, text, score + lattice.after[node], edges)
                least = max(least, score + lattice.after[node] - HOPELESS)
        if node < nodes:
            beams[node][0][""] = (lattice.before[node], ())
            for length, beam in enumerate(beams[node]):
                if beam:
                    _step_over(lattice, lengths, beams, node, length)
                    _read_on(lattice, lengths, beams, node, length, least, spells)
        beams[node] = []
    return complete


def _step_over(
    lattice: Lattice, lengths: tuple[int, ...], beams: list[list[Beam]], node: int, length: int
) -> None:
    """Carry the texts of one length at ``node`` over the next slice: no digit, or the dash."""
    between, dash = lattice.between[node], lattice.dash[node]
    may_dash = len(lengths) > 1 and length == lengths[0] and dash > -np.inf
    for text, (score, edges) in beams[node][length].items():
        if text:
            _keep(beams[node + 1][length], text, score + between, edges)
        if may_dash:
            _keep(beams[node + 1][length + 1], text + "-", score + dash, edges)


def _read_on(
    lattice: Lattice,
    lengths: tuple[int, ...],
    beams: list[list[Beam]],
    node: int,
    length: int,
    least: float,
    spells: str,
) -> None:
    """Carry the texts of one length at ``node`` over each hypothesis that starts there."""
    beam, at_end = beams[node][length], length == lengths[0]
    if length + 1 == len(beams[node]) or (at_end and len(lengths) == 1):
        return
    joint, cost = ("-", lattice.dashless[node]) if at_end else ("", 0.0)
    wanted = spells[length - (length > lengths[0]) :][:1]
    usual = lattice.usual_gap + DASH_ROOM * (length == lengths[0] + 1)
    for edge, behind in lattice.starts[node]:
        target = beams[behind][length + len(joint) + 1]
        for text, (score, edges) in beam.items():
            reached = score - cost + (_beside(lattice, edges[-1], edge, usual) if edges else 0.0)
            for digit, weight in lattice.digits[edge]:
                if reached + weight >= least and wanted in ("", digit):
                    _keep(target, text + joint + digit, reached + weight, (*edges, edge))


def _beside(lattice: Lattice, last: int, edge: int, usual: float) -> float:
    """Log-score <= 0 of a digit right behind another: the gap between, and how alike they sit."""
    size = lattice.size[edge] - lattice.size[last]
    level = lattice.level[edge] - lattice.level[last]
    over = lattice.left[edge] - lattice.right[last] - usual
    gap = GAP_COST * over * (1 + over) if over > 0 else 0.0
    return -min(0.5 * (size * size + level * level), MOST_UNLIKE) - gap


def _keep(beam: Beam, text: str, score: float, edges: tuple[int, ...]) -> None:
    known = beam.get(text)
    if known is None or score > known[0]:
        beam[text] = (score, edges)


def _pruned(beam: Beam, least: float) -> Beam:
    """The best few texts, none worse than ``least``."""
    entries = [(-score, text, edges) for text, (score, edges) in beam.items() if score >= least]
    entries.sort()
    return {text: (-cost, edges) for cost, text, edges in entries[:BEAM]}
