"""Digit hypotheses weighed: each by what it reads as and by how it sits in its line.

The slices of a strip are the nodes of a lattice, digit hypotheses its edges. What is no digit has
its price too: small things within a code, a dash, what stands before and behind. How a hypothesis
sits is told by itself and by its neighbour in the path (unary and binary geometric context as in
Yin, Wang and Liu, Pattern Recognition 46, 2013): digits are alike among themselves, whatever the
letters before them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zipread.fits import middle_of
from zipread.segment import Boxes, Segmentation

LEAST_DIGIT = 0.01
"""A digit less likely than this is not worth a path."""
MOST_DIGITS = 3
SIZE_SPREAD = 0.5
"""Standard deviation of the log of a digit's height over that of the line's tall characters, which
may be letters; OFFSET_SPREAD that of its middle in digit heights."""
OFFSET_SPREAD = 0.6
NEIGHBOURS_SPREAD = 0.25
"""The same of both between neighbours."""
IN_BOXES = 2.0
"""All are so many times as much in boxes, which every digit has to itself."""
WORST_FIT = -4.0
CUT_COST = 0.6
PARTED_COST = 6.0
"""What it costs, for each digit height of paper between them, to join pieces to a digit."""
NO_DASH_COST = 3.0
"""What it costs to go on to the four of a ZIP+4 without a dash before them."""
USUAL_GAP = (0.5, 1.3)
"""The usual gap between neighbours in digit heights: the line's own, within these bounds."""
MIDDLING = -0.3
"""A dash that scores no less stands at half the height of the digits: no rest of a rule does."""
JOINED_COST = 3.0
"""What it costs to end or start a code at a dash that has FEW characters or more on either side."""
FEW = 3
LEFT_OUT_COST = 2.0
"""What it costs at least to leave out something tall between the digits of a code; of what stands
outside it a digit costs BESIDE_SHARE as much as there, and anything tall BESIDE_COST."""
BESIDE_SHARE = 0.5
BESIDE_COST = 0.1
SPECK_COST = (0.4, 2.9)
"""What it costs to leave out something small, and for each square digit height of its ink."""
PART_COST = 1.5
"""What it costs more to leave out something small that lies within a digit."""
DASH_WITHIN = -3.0
"""A dash parts codes: one with a dash between its digits is the end of one and another."""
OUTSIDE_REACH = 2.0
"""Up to so many digit heights from its ends, what stands there speaks against a code."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """The strip weighed, all in log-scores.

    ``digits[edge]`` lists (digit, score) of a hypothesis, ``left`` and ``right`` its ends in digit
    heights, ``size`` and ``level`` the log of its height and the height of its middle, in spreads
    between neighbours; ``starts[node]`` lists the hypotheses that start at a node: (edge, node
    behind). ``between`` and ``dash`` score each slice as no digit within the code, and as the dash
    of a ZIP+4; ``dashless`` is what it costs to go on from a node after a ZIP without one;
    ``before`` and ``after`` score each node as the code's start and end: what stands near it
    outside. ``usual_gap`` is the gap between neighbours, in digit heights.
    """

    digits: list[list[tuple[str, float]]]
    left: list[float]
    right: list[float]
    size: list[float]
    level: list[float]
    starts: list[list[tuple[int, int]]]
    between: list[float]
    before: list[float]
    after: list[float]
    dash: list[float]
    dashless: list[float]
    usual_gap: float = USUAL_GAP[0]


def build_lattice(
    segmentation: Segmentation,
    probabilities: NDArray[np.float32],
    *,
    alone: bool = False,
    wanted: str = "",
) -> Lattice:
    """Weigh each hypothesis by its ``probabilities`` (hypotheses, 10) and by how it sits.

    ``alone`` says that the strip holds a code and nothing else: no digit may be left over. A row of
    boxes holds nothing else either, and its digits stand where the boxes do. The digits of a code
    that is ``wanted`` have a path however unlikely they are.
    """
    groups = segmentation.groups
    alone = alone or bool(groups)
    hypotheses = segmentation.hypotheses
    size, level = _geometry(segmentation)
    sits = _fits(segmentation, size, level)
    digits = _likely(probabilities, sits, wanted)
    starts: list[list[tuple[int, int]]] = [[] for _ in segmentation.slices]
    sure = np.zeros(len(segmentation.slices))
    for edge, (hypothesis, own) in enumerate(
        zip(hypotheses, probabilities.sum(axis=1).tolist(), strict=True)
    ):
        if digits[edge]:
            starts[hypothesis.first].append((edge, hypothesis.last + 1))
        if hypothesis.first == hypothesis.last:
            sure[hypothesis.first] = own
    as_dash = dashes(segmentation)
    gap = np.inf if groups else _usual_gap(segmentation)
    between, before, after = _as_no_digit(segmentation, sure, as_dash, alone, gap)
    spread = NEIGHBOURS_SPREAD * _looseness(segmentation)
    return Lattice(
        digits=digits,
        left=[h.box[0] / segmentation.height for h in hypotheses],
        right=[(h.box[0] + h.box[2]) / segmentation.height for h in hypotheses],
        size=(size / spread).tolist(),
        level=(level / spread).tolist(),
        starts=starts,
        between=between.tolist(),
        before=before.tolist(),
        after=after.tolist(),
        dash=as_dash.tolist(),
        dashless=[NO_DASH_COST * (k not in groups[:-1]) for k in range(len(starts))],
        usual_gap=gap,
    )


def _likely(
    probabilities: NDArray[np.float32], sits: NDArray[np.float64], wanted: str
) -> list[list[tuple[str, float]]]:
    """The few likely digits of each hypothesis, and those wanted, with their scores."""
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, : None if wanted else MOST_DIGITS]
    likely = probabilities[np.arange(len(best))[:, None], best]
    scores = np.log(np.maximum(likely, LEAST_DIGIT)).astype(float) + sits[:, None]
    listed = likely > LEAST_DIGIT
    listed[:, MOST_DIGITS:] = False
    if wanted:
        listed |= np.isin(best, [int(digit) for digit in wanted])
    rows = zip(best.tolist(), listed.tolist(), scores.tolist(), strict=True)
    return [
        [(str(digit), score) for digit, is_likely, score in zip(*row, strict=True) if is_likely]
        for row in rows
    ]


def _geometry(segmentation: Segmentation) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log of the height of each hypothesis, and height of its middle, by those of the line."""
    boxes = np.array([h.box for h in segmentation.hypotheses], float).reshape(-1, 4)
    height = segmentation.height
    middle = boxes[:, 1] + boxes[:, 3] / 2
    return np.log(boxes[:, 3] / height), (middle - _middle(segmentation)) / height


def _fits(
    segmentation: Segmentation, size: NDArray[np.float64], level: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How well each hypothesis sits in the line, as a log-score <= 0."""
    loose = _looseness(segmentation)
    fits = -0.5 * (size / SIZE_SPREAD / loose) ** 2 - 0.5 * (level / OFFSET_SPREAD / loose) ** 2
    cuts = np.array([h.cut for h in segmentation.hypotheses], float)
    return np.maximum(fits, WORST_FIT) - CUT_COST * cuts - PARTED_COST * _parted(segmentation)


def _parted(segmentation: Segmentation) -> NDArray[np.float64]:
    """How much paper parts the pieces of each hypothesis from side to side, in digit heights."""
    left, _, width, _ = segmentation.slices.T
    right = np.maximum.accumulate(left + width)
    gaps = np.maximum(left[1:] - right[:-1], 0) / segmentation.height
    passed = np.append(0.0, np.cumsum(gaps))
    return np.array([passed[h.last] - passed[h.first] for h in segmentation.hypotheses])


def _looseness(segmentation: Segmentation) -> float:
    return IN_BOXES if segmentation.groups else 1.0


def _middle(segmentation: Segmentation) -> float:
    """Height at which the line's tall slices have their middle."""
    slices = segmentation.slices
    tall = slices[slices[:, 3] > 0.6 * segmentation.height]
    line = tall if len(tall) else slices
    return middle_of(line[:, 1] + line[:, 3] / 2)


def _usual_gap(segmentation: Segmentation) -> float:
    """The gap between most of the line's tall neighbours, a little stretched."""
    tall = segmentation.slices[segmentation.slices[:, 3] > 0.5 * segmentation.height]
    if len(tall) < 4:
        return USUAL_GAP[0]
    gaps = (tall[1:, 0] - np.maximum.accumulate(tall[:, 0] + tall[:, 2])[:-1]) / segmentation.height
    return float(np.clip(middle_of(gaps) + 0.2, *USUAL_GAP))


def _as_no_digit(
    segmentation: Segmentation,
    sure: NDArray[np.float64],
    dashes: NDArray[np.float64],
    alone: bool,
    gap: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Score of each slice within a code, of each node as its start, and of each node as its end.

    ``sure`` is the probability of each slice to be a digit of its own, ``dashes`` its score as the
    dash of a ZIP+4.
    """
    height = segmentation.height
    tall = segmentation.slices[:, 3] > 0.45 * height
    unlike = np.maximum(np.log(np.maximum(1 - sure, 1e-9)), -5.0)
    small = SPECK_COST[0] + SPECK_COST[1] * segmentation.area / height**2
    between = np.where(tall, unlike - LEFT_OUT_COST, -small)
    between = np.where(dashes > MIDDLING, np.minimum(between, DASH_WITHIN), between)
    between = between - PART_COST * np.where(tall, 0.0, _part_of_tall(segmentation.slices, tall))
    beside = unlike - LEFT_OUT_COST if alone else BESIDE_SHARE * unlike - BESIDE_COST
    outside = np.where(tall, beside, -0.02)
    left = segmentation.slices[:, 0] / height
    right = left + segmentation.slices[:, 2] / height
    # What stands well apart from the code is none of its business, unless nothing else is there.
    reach = np.inf if alone else OUTSIDE_REACH + 2 * (gap - USUAL_GAP[0])
    count = len(left)
    slices, nodes = np.arange(count)[:, None], np.arange(count + 1)[None, :]
    start, end = np.append(left, 1e9), np.append(-1e9, np.maximum.accumulate(right))
    # A digit, with its usual gap, takes no room: one row of digits is one number, however long.
    usual = np.clip(np.append(left[1:] - right[:-1], 0.0), 0.0, gap)
    room = np.append(0.0, np.cumsum(np.where(tall, sure, 0.0) * (right - left + usual)))
    between_start = start[None, :] - right[:, None] - room[None, :] + room[1:, None]
    between_end = left[:, None] - end[None, :] - room[:-1, None] + room[None, :]
    near_start = np.clip(1 - between_start / reach, 0, 1)
    near_end = np.clip(1 - between_end / reach, 0, 1)
    before = np.sum(outside[:, None] * near_start * (slices < nodes), axis=0)
    after = np.sum(outside[:, None] * near_end * (slices >= nodes), axis=0)
    joins = _joining(tall, dashes)
    after[:-1] -= JOINED_COST * joins
    before[1:] -= JOINED_COST * joins
    return between, before, after


def _part_of_tall(slices: Boxes, tall: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How much of each slice, 0 .. 1, lies within the box of one tall one: the bar of a seven."""
    if not tall.any():
        return np.zeros(len(slices))
    left, top, width, height = slices.T[:, :, None]
    x, y, w, h = slices[tall].T
    across = np.minimum(left + width, x + w) - np.maximum(left, x)
    down = np.minimum(top + height, y + h) - np.maximum(top, y)
    inside = np.maximum(across, 0) * np.maximum(down, 0) / (width * height)
    return np.asarray(inside.max(axis=1))


def _joining(tall: NDArray[np.bool_], dashes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The slices that are a dash with a few characters on either side: these belong together."""
    here = np.cumsum(tall)
    return (dashes > MIDDLING) & (here >= FEW) & (here[-1] - here >= FEW)


def dashes(segmentation: Segmentation) -> NDArray[np.float64]:
    """Each slice as the dash of a ZIP+4; -inf where it cannot be one."""
    _, y, w, h = segmentation.slices.T.astype(float)
    height = segmentation.height
    offset = np.abs(y + h / 2 - _middle(segmentation)) / height
    flat = (h < 0.45 * height) & (w > 0.12 * height) & (w < 1.6 * height) & (offset < 0.42)
    return np.where(flat & (w > 0.9 * h), -0.1 - offset, -np.inf)
