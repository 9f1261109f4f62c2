"""A field's ink to digit hypotheses: over-segmentation.

Connected components are cut where touching digits may meet and the pieces ordered left to right as
slices; every short run of neighbouring slices that could be one digit is a hypothesis. Which cuts
and joins are right is not decided here: the digit model and the lattice do that (over-segmentation
and path search as in LeCun, Bottou, Bengio and Haffner 1998, section VII).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.ink import Grey, Ink
from zipread.strip import DIGIT_HEIGHT, STROKE

Boxes = NDArray[np.int32]

LEAST_AREA = 20
MOST_JOINED = 4
MOST_SLICES = 90


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Slices ``first`` to ``last`` (inclusive) taken as one digit.

    ``box`` is x, y, width, height in the strip, ``glyph`` its soft ink, uint8.
    """

    first: int
    last: int
    box: tuple[int, int, int, int]
    glyph: Grey


@dataclass(frozen=True, slots=True)
class Segmentation:
    """Slices of a strip, left to right, and what could be a digit.

    ``slices`` is (n, 4) int32: x, y, width, height; ``area`` the ink pixels of each; ``component``
    the connected component that it is a piece of; ``height`` the height of this strip's digits.
    """

    slices: Boxes
    area: NDArray[np.int32]
    component: NDArray[np.int32]
    hypotheses: tuple[Hypothesis, ...]
    height: float


def segment(ink: Ink) -> Segmentation:
    """Over-segment a strip's ink into slices and digit hypotheses."""
    labels, boxes, area = _components(ink.mask)
    if not len(boxes):
        return Segmentation(boxes, area, area, (), float(DIGIT_HEIGHT))
    height = _digit_height(boxes)
    labels, boxes, area, component = _cut_wide(labels, boxes, height, _stroke(ink.mask))
    order = np.lexsort((boxes[:, 1], 2 * boxes[:, 0] + boxes[:, 2]))
    labels, boxes, area, component = (
        _renumber(labels, order),
        boxes[order],
        area[order],
        component[order],
    )
    spread = _grown(labels)
    found = []
    for first, last in _runs(boxes, area, height):
        box = _union(boxes[first : last + 1])
        found.append(hypothesis_of(ink.strength, spread, box, first, last))
    return Segmentation(boxes, area, component, tuple(found), height)


def _components(mask: Grey) -> tuple[NDArray[np.int32], Boxes, NDArray[np.int32]]:
    """Label image and boxes of the components that belong to the strip's line."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    y, h, area = stats[:, 1], stats[:, 3], stats[:, 4]
    height = mask.shape[0]
    keep = (area >= LEAST_AREA) & (h > 3)
    # Tips of the lines above and below reach in over the margin.
    keep &= ~((y <= 1) & (y + h < 0.42 * height)) & ~((y + h >= height - 1) & (y > 0.62 * height))
    keep[0] = False
    if keep.sum() > MOST_SLICES:
        smallest = np.sort(area[keep])[-MOST_SLICES]
        keep &= area >= smallest
    renumber = np.zeros(count, np.int32)
    renumber[keep] = np.arange(1, keep.sum() + 1)
    return renumber[labels], stats[keep, :4].astype(np.int32), area[keep].astype(np.int32)


def _digit_height(boxes: Boxes) -> float:
    tall = boxes[boxes[:, 3] > 0.45 * DIGIT_HEIGHT, 3]
    return float(np.clip(np.percentile(tall, 60) if len(tall) else DIGIT_HEIGHT, 24, 70))


def _stroke(mask: Grey) -> float:
    """Width of the pen's stroke in pixels: on average its ink is a quarter of it off the edge."""
    if not mask.any():
        return STROKE
    return 4 * float(cv2.mean(cv2.distanceTransform(mask, cv2.DIST_L2, 3), mask)[0])


def _cut_wide(
    labels: NDArray[np.int32], boxes: Boxes, height: float, stroke: float
) -> tuple[NDArray[np.int32], Boxes, NDArray[np.int32], NDArray[np.int32]]:
    """Cut every component that may be more than one digit at its thin columns."""
    pieces: list[tuple[int, int, int, int]] = []
    areas: list[int] = []
    components: list[int] = []
    cut = np.zeros_like(labels)
    for label, (x, y, w, h) in enumerate(boxes, 1):
        own = labels[y : y + h, x : x + w] == label
        edges = [0, *_cuts(own, height, stroke), w]
        for left, right in pairwise(edges):
            part = own[:, left:right]
            rows = np.flatnonzero(part.any(axis=1))
            if not len(rows):
                continue
            top, bottom = int(rows[0]), int(rows[-1]) + 1
            pieces.append((int(x) + left, int(y) + top, right - left, bottom - top))
            areas.append(int(np.count_nonzero(part)))
            components.append(label)
            cut[y : y + h, x + left : x + right][part] = len(pieces)
    return (
        cut,
        np.array(pieces, np.int32).reshape(-1, 4),
        np.array(areas, np.int32),
        np.array(components, np.int32),
    )


def _cuts(own: NDArray[np.bool_], height: float, stroke: float) -> list[int]:
    """Columns at which a component may be cut: thin ones, well apart, thinnest first."""
    width = own.shape[1]
    if width < 0.5 * height or own.shape[0] < 0.4 * height:
        return []
    profile = own.sum(axis=0).astype(np.float32)
    smooth = cv2.blur(profile.reshape(1, -1), (3, 1)).ravel()
    apart = max(4, round(0.16 * height))
    low = cv2.erode(smooth.reshape(1, -1), np.ones((1, 2 * (apart // 2) + 1), np.uint8)).ravel()
    middle = np.arange(width)
    candidate = (smooth <= low + 1e-3) & (smooth <= max(1.9 * stroke, 0.32 * height))
    candidate &= (middle >= apart) & (middle < width - apart)
    chosen: list[int] = []
    most = min(8, int(width / (0.28 * height)))
    for column in sorted(np.flatnonzero(candidate), key=lambda c: (smooth[c], c)):
        if all(abs(column - other) >= apart for other in chosen):
            chosen.append(int(column))
        if len(chosen) == most:
            break
    return sorted(chosen)


def _renumber(labels: NDArray[np.int32], order: NDArray[np.intp]) -> NDArray[np.int32]:
    """The label image with slice ``order[k]`` called k + 1."""
    rank = np.zeros(len(order) + 1, np.int32)
    rank[order + 1] = np.arange(1, len(order) + 1)
    return rank[labels]


def _grown(labels: NDArray[np.int32]) -> NDArray[np.int16]:
    """Labels spread by one pixel into the paper, so that a glyph keeps its soft edge."""
    small = labels.astype(np.int16)
    grown = cv2.dilate(small, np.ones((3, 3), np.uint8))
    return np.where(small > 0, small, grown).astype(np.int16)


def _runs(boxes: Boxes, area: NDArray[np.int32], height: float) -> list[tuple[int, int]]:
    """Runs of slices that have the size of a digit."""
    found = []
    x0, y0 = boxes[:, 0], boxes[:, 1]
    x1, y1 = x0 + boxes[:, 2], y0 + boxes[:, 3]
    for first in range(len(boxes)):
        left, top, right, bottom, ink = x0[first], y0[first], x1[first], y1[first], area[first]
        for last in range(first, min(first + MOST_JOINED, len(boxes))):
            if x0[last] - right > 0.3 * height:
                break
            left, right = min(left, x0[last]), max(right, x1[last])
            top, bottom = min(top, y0[last]), max(bottom, y1[last])
            ink = ink + (area[last] if last > first else 0)
            if right - left > 1.45 * height:
                break
            if 0.5 * height <= bottom - top <= 1.9 * height and ink >= 0.5 * STROKE * height * 0.5:
                found.append((first, last))
    return found


def _union(boxes: Boxes) -> tuple[int, int, int, int]:
    """The box around all ``boxes``: x, y, width, height."""
    left, top = (int(v) for v in boxes[:, :2].min(axis=0))
    right, bottom = (int(v) for v in (boxes[:, :2] + boxes[:, 2:]).max(axis=0))
    return left, top, right - left, bottom - top


def hypothesis_of(
    strength: Grey,
    labels: NDArray[np.int16],
    box: tuple[int, int, int, int],
    first: int,
    last: int,
) -> Hypothesis:
    """The ink of slices ``first`` to ``last`` alone; in ``labels`` they count from 1."""
    left, top, width, height = box
    y0, x0 = max(0, top - 1), max(0, left - 1)
    window = labels[y0 : top + height + 1, x0 : left + width + 1]
    inside = (window > first) & (window <= last + 1)
    ink = strength[y0 : top + height + 1, x0 : left + width + 1]
    return Hypothesis(first, last, box, np.where(inside, ink, 0).astype(np.uint8))
