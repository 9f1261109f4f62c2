"""Where touching digits part: the paths from top to bottom that cross the least ink.

A straight cut goes through strokes where two digits lean on each other. The seam of least ink, a
shortest path by dynamic programming as in seam carving (Avidan and Shamir 2007) and in spirit the
drop-fall cut of Congedo et al. (1995), steps aside where that pays.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import cv2
import numpy as np
from numpy.typing import NDArray

SIDESTEP = 1.0
"""What a step aside costs, in crossed ink pixels: of two like ways the straighter one."""


def find_seams(
    components: Sequence[NDArray[np.bool_]], apart: int, most_ink: float, most: Sequence[int]
) -> list[NDArray[np.int32]]:
    """The best seams of each component, left to right: (n, height) int32, a column for each row.

    ``components`` are their masks (height, width). Seams are at least ``apart`` columns from each
    other and from the ends, cross at most ``most_ink`` pixels of ink, and are of each component at
    most so many as ``most`` says.
    """
    if not components:
        return []
    sheet, lefts = _side_by_side(components)
    cost, came = _least_ink(sheet)
    found = []
    for own, left, limit in zip(components, lefts, most, strict=True):
        height, width = own.shape
        columns = slice(left, left + width)
        found.append(_best(cost[columns], came[-height:, columns], apart, most_ink, limit))
    return found


def _side_by_side(
    components: Sequence[NDArray[np.bool_]],
) -> tuple[NDArray[np.float32], list[int]]:
    """All components on one sheet, feet level, walls between them; and where each begins."""
    height = max(len(own) for own in components)
    widths = [own.shape[1] + 1 for own in components]
    lefts = [0, *accumulate(widths[:-1])]
    sheet = np.zeros((height, sum(widths)), np.float32)
    for own, left in zip(components, lefts, strict=True):
        sheet[height - len(own) :, left : left + own.shape[1]] = own
        sheet[:, left + own.shape[1]] = np.inf
    return sheet, lefts


def _best(
    cost: NDArray[np.float32], came: NDArray[np.int8], apart: int, most_ink: float, most: int
) -> NDArray[np.int32]:
    """The seams of one component; ``cost`` and ``came`` are those of :func:`_least_ink`."""
    height, width = came.shape
    smooth = cv2.blur(cost.reshape(1, -1), (3, 1)).ravel()
    low = cv2.erode(smooth.reshape(1, -1), np.ones((1, 2 * (apart // 2) + 1), np.uint8)).ravel()
    columns = np.flatnonzero((smooth <= low + 1e-3) & (cost <= most_ink))
    chosen: dict[float, list[int]] = {}  # by their middles
    for column in sorted(columns.tolist(), key=lambda c: (smooth[c], c)):
        seam = _trace(came, column)
        middle = sum(seam) / height
        inside = apart <= middle <= width - apart
        if inside and all(abs(middle - other) >= apart for other in chosen):
            chosen[middle] = seam
        if len(chosen) == most:
            break
    return np.array([chosen[middle] for middle in sorted(chosen)], np.int32).reshape(-1, height)


def _least_ink(ink: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Ink crossed on the best way to each column of the last row, and each step's origin."""
    height, width = ink.shape
    costs = np.full((height, width + 2), np.inf, np.float32)  # a wall at either side
    costs[0, 1:-1] = ink[0]
    for above, cost, own in zip(costs, costs[1:, 1:-1], ink[1:], strict=False):
        aside = above + np.float32(SIDESTEP)
        np.minimum(aside[:-2], aside[2:], out=cost)
        np.minimum(cost, above[1:-1], out=cost)
        cost += own
    aside = costs[:-1] + np.float32(SIDESTEP)
    left, above, right = aside[:, :-2], costs[:-1, 1:-1], aside[:, 2:]
    is_left, is_right = left <= np.minimum(above, right), right < np.minimum(left, above)
    came = np.zeros(ink.shape, np.int8)
    np.subtract(is_right, is_left, out=came[1:], dtype=np.int8)
    return costs[-1, 1:-1], came


def _trace(came: NDArray[np.int8], column: int) -> list[int]:
    """The way that ends in a column: its column in each row, from the top down."""
    seam = []
    for row in range(len(came) - 1, -1, -1):
        seam.append(column)
        column += came.item(row, column)
    return seam[::-1]
