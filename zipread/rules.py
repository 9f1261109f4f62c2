"""Printed and drawn lines taken off the ink: underlines, ruled lines, the sides of boxes.

A line is a straight run longer than any stroke of a digit. Where a stroke crosses it, the stroke
goes on at both sides, and closing the rest across the line's width puts the crossing back.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.ink import Grey, Ink
from zipread.runs import level_runs
from zipread.straight import sheared
from zipread.strip import DIGIT_HEIGHT, STROKE

SHORTEST_RULE = round(1.7 * DIGIT_HEIGHT)
THICKEST_RULE = 2.2 * STROKE
MOST_SLOPE = 0.08
TALLEST_DASH = 2.2 * STROKE
LONGEST_DASH = 0.8 * DIGIT_HEIGHT
FEWEST_DASHES = 6
DASHES_OFF = 3.0
SLOPES = 9
"""A rule runs aslant to the writing above it by up to MOST_SLOPE (dy/dx), tried in so many
steps."""


def opened(mask: Grey, width: int, height: int) -> Grey:
    """The parts of a mask that hold a width x height rectangle."""
    return _as_mask(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((height, width), np.uint8)))


def without_rules(ink: Ink) -> Ink:
    """The ink of a level strip without its underlines and ruled lines."""
    dashes = _dashes(ink)
    if cv2.countNonZero(dashes):
        strength = np.where(dashes, 0, ink.strength).astype(np.uint8)
        ink = Ink(strength, cv2.subtract(ink.mask, dashes))
    reach = 2 * round(MOST_SLOPE * SHORTEST_RULE / 2) + 1
    thick = cv2.dilate(ink.mask, np.ones((reach, 1), np.uint8))
    if not cv2.countNonZero(level_runs(_as_mask(thick), SHORTEST_RULE)):
        return ink
    lines = np.zeros_like(ink.mask)
    for slope in np.linspace(-MOST_SLOPE, MOST_SLOPE, SLOPES):
        lines |= _level_lines(ink.mask, float(slope))
    return take_off(ink, lines & ink.mask)


def _dashes(ink: Ink) -> Grey:
    """Dotted and dashed rules: many short flat bits one after the other on a line."""
    labels, stats = ink.components
    x, y, w, h, _ = stats.T
    bit = (h <= TALLEST_DASH) & (w <= LONGEST_DASH) & (w >= 0.7 * h)
    bit[0] = False
    chosen = np.flatnonzero(bit)
    if len(chosen) < FEWEST_DASHES:
        return np.zeros_like(ink.mask)
    middle_x, middle_y = x[chosen] + w[chosen] / 2, y[chosen] + h[chosen] / 2
    best = np.zeros(0, np.intp)
    for slope in np.linspace(-MOST_SLOPE, MOST_SLOPE, SLOPES):
        level = middle_y - slope * middle_x
        near = np.abs(level[:, None] - level[None, :]) <= DASHES_OFF
        row = np.flatnonzero(near[near.sum(axis=1).argmax()])
        best = row if len(row) > len(best) else best
    span = np.ptp(middle_x[best])
    steps = np.diff(np.sort(middle_x[best]))
    usual = float(np.median(steps)) if len(steps) else 0.0
    even = len(best) >= FEWEST_DASHES and np.mean(np.abs(steps - usual) <= 0.35 * usual) >= 0.5
    if not even or span < SHORTEST_RULE:
        return np.zeros_like(ink.mask)
    return _as_mask(np.isin(labels, chosen[best]) * 255)


def _level_lines(mask: Grey, slope: float) -> Grey:
    """The long thin lines of one slope (dy/dx)."""
    runs = level_runs(sheared(mask, slope), SHORTEST_RULE)
    if not cv2.countNonZero(runs):
        return runs
    thin = _as_mask(runs & cv2.bitwise_not(opened(runs, 1, round(THICKEST_RULE))))
    return sheared(thin, -slope)


def take_off(ink: Ink, lines: Grey) -> Ink:
    """Ink without ``lines`` (uint8 mask), but with the strokes that cross them."""
    if not cv2.countNonZero(lines):
        return ink
    band = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    rest = cv2.bitwise_and(ink.mask, cv2.bitwise_not(band))
    reach = 2 * _thickness(lines) + 5
    bridged = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    mask = _as_mask(rest | (bridged & band & ink.mask))
    strength = np.where(mask | cv2.bitwise_not(band), ink.strength, 0).astype(np.uint8)
    return Ink(strength, mask)


def _thickness(lines: Grey) -> int:
    """Width of the lines: twice the median of the ridge of their distance to the paper."""
    distance = cv2.distanceTransform(lines, cv2.DIST_L1, 3)
    ridge = distance[distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8))]
    ridge = ridge[ridge > 0]
    return int(np.clip(2 * np.median(ridge) if len(ridge) else 2, 1, 8))


def _as_mask(picture: NDArray[np.generic] | cv2.typing.MatLike) -> Grey:
    return np.asarray(picture, dtype=np.uint8)
