"""A field's ink to digit hypotheses: over-segmentation.

Connected components are cut where touching digits may meet and the pieces ordered left to right as
slices; every short run of neighbouring slices that could be one digit is a hypothesis. Which cuts
and joins are right is not decided here: the digit model and the lattice do that (over-segmentation
and path search as in LeCun, Bottou, Bengio and Haffner 1998, section VII).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.ink import Grey, Ink
from zipread.seams import find_seams
from zipread.strip import DIGIT_HEIGHT, STROKE

Boxes = NDArray[np.int32]
Classify = Callable[[Sequence[Grey]], NDArray[np.float32]]

LEAST_AREA = 20
MOST_JOINED = 4
MOST_IN_ONE = 9
"""Slices of a hypothesis: as many as MOST_JOINED of several components, of one so many."""
WIDEST_WHOLE = 1.15
SURELY_WHOLE = 0.9
"""A component up to so wide (in digit heights) that reads as one digit so surely is not cut."""
MOST_SLICES = 90


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Slices ``first`` to ``last`` (inclusive) taken as one digit.

    ``box`` is x, y, width, height in the strip, ``glyph`` its soft ink, uint8; ``cut`` how many of
    its ends go through a component.
    """

    first: int
    last: int
    box: tuple[int, int, int, int]
    glyph: Grey
    cut: int = 0


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


def segment(ink: Ink, classify: Classify) -> Segmentation:
    """Over-segment a strip's ink into slices and digit hypotheses.

    ``classify`` gives (n, 10) probabilities for n glyphs: what is surely one digit is not cut.
    """
    labels, boxes = _components(ink.mask)
    if not len(boxes):
        return Segmentation(boxes, boxes[:, 0], boxes[:, 0], (), float(DIGIT_HEIGHT))
    height = _digit_height(boxes)
    whole = _surely_whole(ink, labels, boxes, height, classify)
    labels, component = _cut(labels, boxes, whole, height, _stroke(ink.mask))
    boxes, area = _measured(labels, len(component))
    order = np.lexsort((boxes[:, 1], 2 * boxes[:, 0] + boxes[:, 2]))
    labels, boxes, area = _renumber(labels, order), boxes[order], area[order]
    component = component[order]
    spread = _grown(labels)
    found = [
        replace(
            hypothesis_of(ink.strength, spread, _union(boxes[first : last + 1]), first, last),
            cut=_cut_ends(component, first, last),
        )
        for first, last in _runs(boxes, area, component, height)
    ]
    return Segmentation(boxes, area, component, tuple(found), height)


def _components(mask: Grey) -> tuple[NDArray[np.int32], Boxes]:
    """Label image and boxes of the components that belong to the strip's line."""
    # A strip has less than 65,536 components, and this type is three times as fast.
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask, connectivity=8, ltype=cv2.CV_16U
    )
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
    return renumber[labels], stats[keep, :4].astype(np.int32)


def _digit_height(boxes: Boxes) -> float:
    tall = boxes[boxes[:, 3] > 0.45 * DIGIT_HEIGHT, 3]
    usual = np.sort(tall)[round(0.6 * (len(tall) - 1))] if len(tall) else DIGIT_HEIGHT
    return float(np.clip(usual, 24, 70))


def _stroke(mask: Grey) -> float:
    """Width of the pen's stroke in pixels: on average its ink is a quarter of it off the edge."""
    if not mask.any():
        return STROKE
    return 4 * float(cv2.mean(cv2.distanceTransform(mask, cv2.DIST_L2, 3), mask)[0])


def _surely_whole(
    ink: Ink, labels: NDArray[np.int32], boxes: Boxes, height: float, classify: Classify
) -> NDArray[np.bool_]:
    """Which components need no cut: narrow ones, and what reads well as one digit."""
    narrow = (boxes[:, 2] < 0.45 * height) | (boxes[:, 3] < 0.4 * height)
    doubtful = np.flatnonzero(~narrow & (boxes[:, 2] <= WIDEST_WHOLE * height))
    whole = narrow.copy()
    if len(doubtful):
        spread = _grown(labels)
        boxes_of = [tuple(int(v) for v in boxes[k]) for k in doubtful]
        glyphs = [
            hypothesis_of(ink.strength, spread, (x, y, w, h), int(k), int(k)).glyph
            for k, (x, y, w, h) in zip(doubtful, boxes_of, strict=True)
        ]
        whole[doubtful] = classify(glyphs).max(axis=1) > SURELY_WHOLE
    return whole


def _cut(
    labels: NDArray[np.int32],
    boxes: Boxes,
    whole: NDArray[np.bool_],
    height: float,
    stroke: float,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Cut every component but the whole ones: labels of the pieces, and the component of each."""
    component: list[int] = []
    cut = np.zeros_like(labels)
    apart = max(4, round(0.16 * height))
    most_ink = max(1.9 * stroke, 0.3 * height)
    for label, (x, y, w, h) in enumerate(boxes, 1):
        own = labels[y : y + h, x : x + w] == label
        most = 0 if whole[label - 1] else min(8, int(w / (0.25 * height)))
        piece = np.zeros(own.shape, np.int32)
        if most:
            for seam in find_seams(own, apart, most_ink, most):
                piece += np.arange(w)[None, :] > seam[:, None]
        present = np.unique(piece[own])
        number = np.searchsorted(present, piece) + len(component) + 1
        cut[y : y + h, x : x + w][own] = number[own]
        component += [label] * len(present)
    return cut, np.array(component, np.int32)


def _measured(labels: NDArray[np.int32], count: int) -> tuple[Boxes, NDArray[np.int32]]:
    """Box and area of each label from 1 to ``count``."""
    rows, columns = np.nonzero(labels)
    label = labels[rows, columns] - 1
    low = np.full((count, 2), np.iinfo(np.int32).max, np.int32)
    high = np.zeros((count, 2), np.int32)
    points = np.column_stack([columns, rows]).astype(np.int32)
    np.minimum.at(low, label, points)
    np.maximum.at(high, label, points)
    return np.hstack([low, high - low + 1]), np.bincount(label, minlength=count).astype(np.int32)


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


def _runs(
    boxes: Boxes, area: NDArray[np.int32], component: NDArray[np.int32], height: float
) -> list[tuple[int, int]]:
    """Runs of slices that have the size of a digit: short ones, and whole components."""
    found = []
    x0, y0 = boxes[:, 0], boxes[:, 1]
    x1, y1 = x0 + boxes[:, 2], y0 + boxes[:, 3]
    for first in range(len(boxes)):
        left, top, right, bottom, ink = x0[first], y0[first], x1[first], y1[first], 0
        for last in range(first, min(first + MOST_IN_ONE, len(boxes))):
            if x0[last] - right > 0.3 * height:
                break
            left, right = min(left, x0[last]), max(right, x1[last])
            top, bottom = min(top, y0[last]), max(bottom, y1[last])
            ink += area[last]
            if right - left > 1.45 * height:
                break
            if last - first >= MOST_JOINED and not _is_whole(component, first, last):
                continue
            if 0.5 * height <= bottom - top <= 1.9 * height and ink >= 0.25 * STROKE * height:
                found.append((first, last))
    return found


def _cut_ends(component: NDArray[np.int32], first: int, last: int) -> int:
    """How many ends of a run go through a component."""
    left = first > 0 and component[first - 1] == component[first]
    right = last + 1 < len(component) and component[last + 1] == component[last]
    return int(left) + int(right)


def _is_whole(component: NDArray[np.int32], first: int, last: int) -> bool:
    """Whether a run is all of one component."""
    one = bool((component[first : last + 1] == component[first]).all())
    return one and np.count_nonzero(component == component[first]) == last - first + 1


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
