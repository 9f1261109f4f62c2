"""Single cells of printed boxes: pairs of upright walls that level lines join.

A cell is closed all around, or open above: a comb.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zipread.components import component_boxes
from zipread.ink import Grey
from zipread.straight import LINE, Lines, cover_of, line_at

Cells = NDArray[np.float64]
"""(n, 4): x of the left wall at half its height, y of the top at half its width, width, height."""

SMALLEST = (10, 14)
"""Width and height of the smallest cell in pixels."""
LARGEST_WALL = 70
MOST_WALLS = 700
MOST_CELLS = 80
MOST_DROP = 12
"""Feet of a cell's two walls are at most so many pixels apart in height."""
ASPECT = (0.4, 1.6)
COMB_ASPECT = (1.25, 3.4)
"""Width of a cell over the height of its walls."""
SIDE_COVER = 0.7
"""Share of a side that must be there for two walls to make a cell."""
OPEN_COVER = 0.6
"""With less than so much of a line at the top a cell is open above."""


def find_walls(upright: Grey) -> NDArray[np.float64]:
    """Walls, (n, 3): x of the middle, top, bottom."""
    every_other = np.ascontiguousarray(upright[::2])  # a wall is many rows tall: half as many do
    x, y, w, h = (component_boxes(every_other) * (1, 2, 1, 2)).T
    thin = (w <= 0.35 * h + 3) & (h <= LARGEST_WALL)
    return np.column_stack([x + w / 2, y, y + h])[thin].astype(np.float64)


def standing(walls: NDArray[np.float64], level: Grey) -> NDArray[np.float64]:
    """The walls at whose foot a level line runs, the longest if many."""
    if not len(walls):
        return walls
    probes = [
        line_at(level, walls[:, 0] + dx, walls[:, 2] - 1 + dy) == LINE
        for dx in (-4, 0, 4)
        for dy in (-1, 3)
    ]
    walls = walls[np.any(probes, axis=0)]
    if len(walls) > MOST_WALLS:
        walls = walls[np.argsort(walls[:, 1] - walls[:, 2], kind="stable")[:MOST_WALLS]]
    return walls[np.argsort(walls[:, 2], kind="stable")]


def find_cells(walls: NDArray[np.float64], near: Lines, *, comb: bool) -> Cells:
    """Pairs of walls that lines join at the bottom and, but for a comb, at the top: (n, 4)."""
    if len(walls) < 2:
        return np.zeros((0, 4))
    x, top, bottom = walls.T
    left, right = _level_pairs(bottom)
    left, right = (
        np.where(x[left] <= x[right], left, right),
        np.where(x[left] <= x[right], right, left),
    )
    apart = x[right] - x[left]
    height = bottom - top
    shorter = np.minimum(height[left], height[right])
    taller = np.maximum(height[left], height[right])
    # Where a stroke touches a wall it seems longer: what both walls share is the cell's height.
    shared = np.minimum(bottom[left], bottom[right]) - np.maximum(top[left], top[right])
    shared += np.minimum(0.18 * apart, np.abs(bottom[left] - bottom[right]))
    low, high = COMB_ASPECT if comb else ASPECT
    pairs = (shared > 0.75 * shorter) & (shared > 0.55 * taller) & (apart >= SMALLEST[0])
    pairs &= (apart > low * shorter) & (apart < high * shorter)
    if not comb:
        pairs &= shared >= SMALLEST[1] - 2
    left, right = left[pairs], right[pairs]
    tops = _ends(top[left], top[right], height[left], height[right], inner=np.maximum)
    feet = _ends(bottom[left], bottom[right], height[left], height[right], inner=np.minimum)
    closed = ~(cover_of(near.level, x[left], feet[0] - 1, x[right], feet[1] - 1) < SIDE_COVER)
    above = cover_of(near.level, x[left], tops[0], x[right], tops[1])
    closed &= (above < OPEN_COVER) if comb else ~(above < SIDE_COVER)
    y0, y1 = tops.mean(axis=0), feet.mean(axis=0)
    cells = np.column_stack([x[left], y0, x[right] - x[left], y1 - y0])[closed]
    return cells[np.argsort(cells[:, 2], kind="stable")[:MOST_CELLS]]


def _level_pairs(bottom: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All pairs of walls whose feet, ascending in ``bottom``, are at one level or nearly so."""
    behind = np.searchsorted(bottom, bottom + MOST_DROP, side="right")
    count = behind - np.arange(len(bottom)) - 1
    one = np.repeat(np.arange(len(bottom)), count)
    other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    return one, other


def _ends(
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    height: NDArray[np.float64],
    other_height: NDArray[np.float64],
    inner: np.ufunc,
) -> NDArray[np.float64]:
    """The ends of two walls, (2, n); where they differ much the inner one is believed."""
    unlike = np.abs(one - other) > 0.2 * np.minimum(height, other_height) + 1
    both = inner(one, other)
    return np.stack([np.where(unlike, both, one), np.where(unlike, both, other)])
