"""Thin straight strokes, level and upright: the walls and sides of printed boxes, ticks, rules.

A line is thin: it stands out from the paper at both its sides, which a fill or a shadow does not.
And it is long: of what stands out, only runs of some length stay. Runs keep their ends, so a wall
is as tall as it is printed, and a printed line that is pale, dashed or blurred is still a run.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.ink import Grey

HALF_WIDTH = 2
"""A line is at most about twice as wide, in pixels: so far from its middle there is paper again."""
LONGEST_GAP = 5
"""Dashes up to so many pixels apart are one line."""
LEAST_RELIEF = 17
STRONG = 60
NOISE_FACTOR = 7.0
"""A line stands out so many times more than on average all that is not STRONG, so no writing."""


LINE, HIDDEN = 255, 1
DARK = 110
"""Soft ink from here on can hide a printed line."""
SAMPLES = 12
_SHARES = np.linspace(0, 1, SAMPLES + 2)[1:-1, None]


@dataclass(frozen=True, slots=True)
class Lines:
    """Where upright and level lines run, or close by: uint8 masks.

    A pixel is 255 where a line is, 0 where there is none, and HIDDEN under other dark ink.
    """

    upright: Grey
    level: Grey


def upright_lines(strength: Grey, shortest: int) -> Grey:
    """Mask (uint8) of the upright lines of at least ``shortest`` pixels in soft ink (uint8)."""
    reach = HALF_WIDTH
    padded = cv2.copyMakeBorder(strength, 0, 0, reach, reach, cv2.BORDER_REPLICATE)
    beside = cv2.max(padded[:, : -2 * reach], padded[:, 2 * reach :])
    return _runs(cv2.subtract(strength, beside), 1, shortest)


def level_lines(strength: Grey, shortest: int) -> Grey:
    """Mask (uint8) of the level lines of at least ``shortest`` pixels in soft ink (uint8)."""
    reach = HALF_WIDTH
    padded = cv2.copyMakeBorder(strength, reach, reach, 0, 0, cv2.BORDER_REPLICATE)
    beside = cv2.max(padded[: -2 * reach], padded[2 * reach :])
    return _runs(cv2.subtract(strength, beside), shortest, 1)


def _runs(relief: cv2.typing.MatLike, width: int, height: int) -> Grey:
    """Where the relief stands out in runs of one way, ``width`` x ``height`` pixels or longer."""
    sample = np.ascontiguousarray(relief[::3, ::3])
    _, faint = cv2.threshold(sample, STRONG - 1, 0, cv2.THRESH_TOZERO_INV)
    noise = cv2.mean(faint)[0]
    marked = cv2.compare(relief, max(LEAST_RELIEF, NOISE_FACTOR * noise), cv2.CMP_GT)
    gap = np.ones((LONGEST_GAP if height > 1 else 1, LONGEST_GAP if width > 1 else 1), np.uint8)
    joined = cv2.morphologyEx(marked, cv2.MORPH_CLOSE, gap)
    run = np.ones((height, width), np.uint8)
    return np.asarray(cv2.morphologyEx(joined, cv2.MORPH_OPEN, run), dtype=np.uint8)


def lines_nearby(upright: Grey, level: Grey, strength: Grey) -> Lines:
    """The lines made wider; the picture's edges count as lines, for there a cell may be cut."""
    hidden = cv2.compare(strength, DARK, cv2.CMP_GT) & HIDDEN
    upright = np.asarray(cv2.dilate(upright, np.ones((1, 5), np.uint8)) | hidden, np.uint8)
    level = np.asarray(cv2.dilate(level, np.ones((7, 3), np.uint8)) | hidden, np.uint8)
    upright[:, :2] = upright[:, -2:] = 255
    level[:2] = level[-2:] = 255
    return Lines(upright, level)


def cover_of(
    near: Grey,
    x0: NDArray[np.float64],
    y0: NDArray[np.float64],
    x1: NDArray[np.float64],
    y1: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Share of the way from (x0, y0) to (x1, y1) that lies near a line.

    What is hidden or not on the page does not count; nan where that is most of the way.
    """
    x, y = x0 + _SHARES * (x1 - x0), y0 + _SHARES * (y1 - y0)
    inside = (x >= -1) & (y >= -1) & (x <= near.shape[1]) & (y <= near.shape[0])
    at = line_at(near, x, y)
    hit = ((at == LINE) & inside).sum(axis=0)
    seen = ((at != HIDDEN) & inside).sum(axis=0)
    return np.where(seen >= SAMPLES // 3, hit / np.maximum(seen, 1), np.nan)


def line_at(mask: Grey, x: NDArray[np.float64], y: NDArray[np.float64]) -> Grey:
    """Mask at points, which are drawn in to the picture's edge."""
    column = np.minimum(np.maximum(np.rint(x), 0), mask.shape[1] - 1)
    row = np.minimum(np.maximum(np.rint(y), 0), mask.shape[0] - 1)
    return mask[row.astype(int), column.astype(int)]
