"""A field's ink to digit hypotheses: over-segmentation.

Connected components are cut where touching digits may meet and the pieces ordered left to right as
slices; every short run of neighbouring slices that could be one digit is a hypothesis. Which cuts
and joins are right is not decided here: the digit model and the lattice do that (over-segmentation
and path search as in LeCun, Bottou, Bengio and Haffner 1998, section VII).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.ink import Grey, Ink
from zipread.seams import find_seams
from zipread.strip import DIGIT_HEIGHT, MARGIN, STROKE

Boxes = NDArray[np.int32]
Labels = NDArray[np.int16]
Classify = Callable[[Sequence[Grey]], NDArray[np.float32]]

LEAST_AREA = 20
NEAR_EDGE = 6
"""What is no further from the strip's upper or lower edge and no longer than its margin, is a tip
of another line."""
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
    its ends go through a component; ``touching`` how many sides of its printed box it reaches.
    """

    first: int
    last: int
    box: tuple[int, int, int, int]
    glyph: Grey
    cut: int = 0
    touching: int = 0


@dataclass(frozen=True, slots=True)
class Segmentation:
    """Slices of a strip, left to right, and what could be a digit.

    ``slices`` is (n, 4) int32: x, y, width, height; ``area`` the ink pixels of each; ``component``
    the connected component that it is a piece of; ``height`` the height of this strip's digits.
    ``groups`` are the counts of the boxes printed there, one slice each, that stand together:
    (5,), or (5, 4) for a ZIP+4; empty where there are none.
    """

    slices: Boxes
    area: NDArray[np.int32]
    component: NDArray[np.int32]
    hypotheses: tuple[Hypothesis, ...]
    height: float
    groups: tuple[int, ...] = ()


def segment(ink: Ink, classify: Classify, parted: Sequence[float] = ()) -> Segmentation:
    """Over-segment a strip's ink into slices and digit hypotheses.

    ``classify`` gives (n, 10) probabilities for n glyphs: what is surely one digit is not cut. What
    is ``parted`` at some columns is cut there in any case.
    """
    labels, boxes, area = _components(ink)
    if not len(boxes):
        return Segmentation(boxes, area, area, (), float(DIGIT_HEIGHT))
    height = _digit_height(boxes)
    whole = _surely_whole(ink, labels, boxes, height, classify)
    slices = _cut(ink.mask, labels, boxes, area, whole, height)
    for column in parted:
        slices = _divided(slices, _straight(slices, column))
    slices = _in_order(slices)
    spread = _grown(slices.labels)
    found = [
        hypothesis_of(
            ink.strength, spread, box, first, last, _cut_ends(slices.component, first, last)
        )
        for first, last, box in _runs(slices, height)
    ]
    return Segmentation(slices.boxes, slices.area, slices.component, tuple(found), height)


@dataclass(frozen=True, slots=True)
class _Slices:
    """Pieces of components: their label image, in which they count from 1, and of each its box.

    ``area`` and ``component`` are those of :class:`Segmentation`.
    """

    labels: Labels
    boxes: Boxes
    area: NDArray[np.int32]
    component: NDArray[np.int32]


def _components(ink: Ink) -> tuple[Labels, Boxes, NDArray[np.int32]]:
    """Label image, boxes and areas of the components that belong to the strip's line."""
    labels, stats = ink.components
    y, h, area = stats[:, 1], stats[:, 3], stats[:, 4]
    height = len(labels)
    keep = (area >= LEAST_AREA) & (h > 3)
    # Tips of the lines above and below reach in over the margin; a faint one ends before the edge.
    keep &= ~((y <= 1) & (y + h < 0.42 * height)) & ~((y + h >= height - 1) & (y > 0.62 * height))
    margin = MARGIN * DIGIT_HEIGHT
    keep &= ~((y <= NEAR_EDGE) & (y + h < margin))
    keep &= ~((y + h >= height - NEAR_EDGE) & (y > height - margin))
    keep[0] = False
    if keep.sum() > MOST_SLICES:
        smallest = np.sort(area[keep])[-MOST_SLICES]
        keep &= area >= smallest
    renumber = np.zeros(len(stats), np.int16)
    renumber[keep] = np.arange(1, keep.sum() + 1)
    return np.take(renumber, labels), stats[keep, :4], area[keep]


def _digit_height(boxes: Boxes) -> float:
    tall = boxes[boxes[:, 3] > 0.45 * DIGIT_HEIGHT, 3]
    usual = np.sort(tall)[round(0.6 * (len(tall) - 1))] if len(tall) else DIGIT_HEIGHT
    return float(np.clip(usual, 24, 70))


def _stroke(mask: Grey) -> float:
    """Width of the pen's stroke in pixels: on average its ink is a quarter of it off the edge."""
    count = cv2.countNonZero(mask)
    if not count:
        return STROKE
    return 4 * float(cv2.sumElems(cv2.distanceTransform(mask, cv2.DIST_L2, 3))[0]) / count


def _surely_whole(
    ink: Ink, labels: Labels, boxes: Boxes, height: float, classify: Classify
) -> NDArray[np.bool_]:
    """Which components need no cut: narrow ones, and what reads well as one digit."""
    narrow = (boxes[:, 2] < 0.45 * height) | (boxes[:, 3] < 0.4 * height)
    doubtful = np.flatnonzero(~narrow & (boxes[:, 2] <= WIDEST_WHOLE * height))
    whole = narrow.copy()
    if len(doubtful):
        spread = _grown(labels)
        glyphs = [
            hypothesis_of(ink.strength, spread, (x, y, w, h), k, k).glyph
            for k, (x, y, w, h) in zip(doubtful.tolist(), boxes[doubtful].tolist(), strict=True)
        ]
        whole[doubtful] = classify(glyphs).max(axis=1) > SURELY_WHOLE
    return whole


def _cut(
    ink: Grey,
    labels: Labels,
    boxes: Boxes,
    area: NDArray[np.int32],
    whole: NDArray[np.bool_],
    height: float,
) -> _Slices:
    """Cut every component but the whole ones; ``ink`` is the mask of all."""
    most = np.where(whole, 0, np.minimum(8, boxes[:, 2] / (0.25 * height)).astype(int))
    doubtful = np.flatnonzero(most).tolist()
    uncut = _Slices(labels, boxes, area, np.arange(1, len(boxes) + 1, dtype=np.int32))
    if not doubtful:
        return uncut
    windows = [_window(labels, box) for box in boxes[doubtful].tolist()]
    masks = [window == index + 1 for index, window in zip(doubtful, windows, strict=True)]
    apart, most_ink = max(4, round(0.16 * height)), max(1.9 * _stroke(ink), 0.3 * height)
    seams = find_seams(masks, apart, most_ink, most[doubtful].tolist())
    return _divided(uncut, zip(doubtful, seams, strict=True))


def _divided(slices: _Slices, cuts: Iterable[tuple[int, NDArray[np.int32]]]) -> _Slices:
    """The slices with some cut along seams: index, and (n, height) columns of its box."""
    labels, component = slices.labels.copy(), slices.component.tolist()
    boxes, area = slices.boxes.tolist(), slices.area.tolist()
    for index, seams in cuts:
        x, y, _, _ = boxes[index]
        own = _window(labels, boxes[index])
        for number, piece in enumerate(_parted(own == index + 1, seams) if len(seams) else ()):
            at = index if not number else len(component)
            left, top, *size = cv2.boundingRect(piece.view(np.uint8))
            boxes[at : at + 1] = [[x + left, y + top, *size]]
            area[at : at + 1] = [np.count_nonzero(piece)]
            component[at : at + 1] = [component[index]]
            own[piece] = at + 1
    return _Slices(labels, *(np.array(each, np.int32) for each in (boxes, area, component)))


def _straight(slices: _Slices, column: float) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """A cut straight down at a column, of every slice that it runs through."""
    for index, (x, _, width, height) in enumerate(slices.boxes.tolist()):
        at = round(column) - x
        if 0 < at < width:
            yield index, np.full((1, height), at - 1, np.int32)


def _window(labels: Labels, box: list[int]) -> Labels:
    x, y, w, h = box
    return labels[y : y + h, x : x + w]


def _parted(own: NDArray[np.bool_], seams: NDArray[np.int32]) -> list[NDArray[np.bool_]]:
    """The pieces of a component, left to right, that its seams part; those with ink."""
    behind = (np.arange(own.shape[1]) > seams[:, :, None]).sum(axis=0)
    pieces = (own & (behind == k) for k in range(len(seams) + 1))
    return [piece for piece in pieces if piece.any()]


def _in_order(slices: _Slices) -> _Slices:
    """The slices numbered left to right."""
    boxes = slices.boxes
    order = np.lexsort((boxes[:, 1], 2 * boxes[:, 0] + boxes[:, 2]))
    rank = np.zeros(len(order) + 1, np.int16)
    rank[order + 1] = np.arange(1, len(order) + 1)
    labels = np.take(rank, slices.labels)
    return _Slices(labels, boxes[order], slices.area[order], slices.component[order])


def _grown(labels: Labels) -> Labels:
    """Labels spread by one pixel into the paper, so that a glyph keeps its soft edge."""
    grown = cv2.dilate(labels, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.copyTo(labels, (labels > 0).view(np.uint8), grown), np.int16)


def _runs(slices: _Slices, height: float) -> Iterator[tuple[int, int, tuple[int, int, int, int]]]:
    """Runs of slices that have the size of a digit: short ones, and whole components.

    First and last slice of each, and the box around it.
    """
    component, area = slices.component, slices.area.tolist()
    boxes = [(x, y, x + w, y + h) for x, y, w, h in slices.boxes.tolist()]
    for first, (left, top, right, bottom) in enumerate(boxes):
        ink = 0
        for last, (x0, y0, x1, y1) in enumerate(boxes[first : first + MOST_IN_ONE], first):
            if x0 - right > 0.3 * height:
                break
            left, right = min(left, x0), max(right, x1)
            top, bottom = min(top, y0), max(bottom, y1)
            ink += area[last]
            if right - left > 1.45 * height:
                break
            if last - first >= MOST_JOINED and not _is_whole(component, first, last):
                continue
            if 0.5 * height <= bottom - top <= 1.9 * height and ink >= 0.25 * STROKE * height:
                yield first, last, (left, top, right - left, bottom - top)


def _cut_ends(component: NDArray[np.int32], first: int, last: int) -> int:
    """How many ends of a run go through a component."""
    left = first > 0 and component[first - 1] == component[first]
    right = last + 1 < len(component) and component[last + 1] == component[last]
    return int(left) + int(right)


def _is_whole(component: NDArray[np.int32], first: int, last: int) -> bool:
    """Whether a run is all of one component."""
    one = bool((component[first : last + 1] == component[first]).all())
    return one and np.count_nonzero(component == component[first]) == last - first + 1


def hypothesis_of(
    strength: Grey,
    labels: Labels,
    box: tuple[int, int, int, int],
    first: int,
    last: int,
    cut: int = 0,
) -> Hypothesis:
    """The ink of slices ``first`` to ``last`` alone; in ``labels`` they count from 1."""
    left, top, width, height = box
    y0, x0 = max(0, top - 1), max(0, left - 1)
    around = slice(y0, top + height + 1), slice(x0, left + width + 1)
    inside = np.asarray(cv2.inRange(labels[around], first + 1, last + 1), np.uint8)
    return Hypothesis(first, last, box, strength[around] & inside, cut)
