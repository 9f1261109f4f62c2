"""Thin straight strokes of a strip, level and upright: the sides and walls of printed boxes.

A line is thin: it stands out from the paper at both its sides, which a fill or a shadow does not.
And it is long: of what stands out, only runs of some length stay. Runs keep their ends, so a wall
is as tall as it is printed, and a printed line that is pale, dashed or blurred is still a run.
"""

from __future__ import annotations

import cv2
import numpy as np

from zipread.fits import level_below
from zipread.ink import Grey

ASIDE = 5
"""So many pixels from the middle of a line there is paper again, on both sides."""
SHORTEST = 14
LONGEST_GAP = 7
"""Dashes up to so many pixels apart are one line."""
LEAST_RELIEF = 8.0
ABOVE_PATTERN = 4.0
"""How much more than four fifths of the strip a line stands out, at least."""


def level_lines(dark: Grey) -> Grey:
    """Mask (uint8) of the level lines in ``dark`` (uint8, 0 paper .. 255), three pixels thick."""
    padded = cv2.copyMakeBorder(dark, ASIDE, ASIDE, 0, 0, cv2.BORDER_REPLICATE)
    relief = cv2.subtract(dark, cv2.max(padded[: -2 * ASIDE], padded[2 * ASIDE :]))
    least = max(LEAST_RELIEF, ABOVE_PATTERN * level_below(relief[::2, ::2], 0.8))
    ridge = cv2.compare(relief, cv2.dilate(relief, _upright(5)), cv2.CMP_GE)
    ridge = cv2.bitwise_and(ridge, cv2.compare(relief, least, cv2.CMP_GT))
    joined = cv2.morphologyEx(cv2.dilate(ridge, _upright(3)), cv2.MORPH_CLOSE, _level(LONGEST_GAP))
    return np.asarray(cv2.morphologyEx(joined, cv2.MORPH_OPEN, _level(SHORTEST)), np.uint8)


def upright_lines(dark: Grey) -> Grey:
    """Mask (uint8) of the upright lines, as :func:`level_lines`."""
    on_its_side = np.asarray(cv2.transpose(dark), np.uint8)
    return np.asarray(cv2.transpose(level_lines(on_its_side)), np.uint8)


def sheared(mask: Grey, slope: float) -> Grey:
    """The mask with lines of ``slope`` (dy/dx) laid level; its middle column stays."""
    height, width = mask.shape
    matrix = np.array([[1, 0, 0], [slope, 1, -slope * width / 2]])
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(mask, matrix, (width, height), flags=flags), np.uint8)


def _level(length: int) -> Grey:
    return np.ones((1, length), np.uint8)


def _upright(length: int) -> Grey:
    return np.ones((length, 1), np.uint8)
