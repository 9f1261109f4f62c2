"""A boxed field to digit hypotheses: the boxes taken off, one hypothesis a cell.

The lines of the boxes are found again on the strip, near where the cells say that they run, and
painted over. Of a coloured picture that channel is taken in which the boxes are palest beside the
pen: orange ones are next to white in the red.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.bars import without_bars
from zipread.boxes import COMB_SHARE, BoxRow
from zipread.components import labelled
from zipread.fields import Boxes
from zipread.fits import level_below
from zipread.ink import Grey, Ink, find_ink, to_grey
from zipread.inpaint import Course, Dark, darkness_on, find_course, paint_course
from zipread.rules import without_rules
from zipread.segment import Hypothesis, Segmentation, hypothesis_of
from zipread.strip import STROKE, Strip

EDGE = 6
"""How far from a cell's measured edge its printed line may run, in strip pixels."""
LEAST_SEEN = 0.45
"""Lines of a row that stand out in less of their length, on the median, are not there."""
CLEARLY_PALER = 0.7
OVERSHOT = 0.4
"""A digit reaches out of its cell above and below by at most so many heights of a cell."""
LEAST_ROOM = 0.12
"""Room that parts two groups of cells is so much wider than that between the others, in widths."""
SHARE_OF_USUAL = 0.6
"""One line of a row is there if it is seen in so much of what its like are."""


def segment_cells(strip: Strip, row: BoxRow, off: float) -> tuple[Ink, Segmentation]:
    """Ink without boxes, and one slice and at most one hypothesis for each cell of ``row``.

    The row is in strip pixels; its lines run up to ``off`` of them from where it says.
    """
    cells = row.cells.round().astype(np.int32)
    ink = find_ink(
        _without_boxes(strip.pixels, cells, off, is_open=row.is_open), STROKE, one_pen=True
    )
    ink = without_bars(without_rules(ink))
    return ink, _one_each(ink, cells, is_open=row.is_open)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a row's boxes: upright ones, and level ones on the picture laid on its side."""

    upright: list[Course]
    level: list[Course]

    def darkness(self, dark: Dark) -> float:
        """How dark the lines are over the paper, on the median."""
        found = [darkness_on(dark, course) for course in self.upright]
        found += [darkness_on(dark.T, course) for course in self.level]
        return float(np.median(found)) if found else 0.0


def _without_boxes(pixels: NDArray[np.uint8], cells: Boxes, off: float, *, is_open: bool) -> Grey:
    """The strip in grey, its boxes painted over."""
    dark = _darkness(to_grey(pixels))
    lines = _find_lines(dark, cells, off, is_open=is_open)
    if not lines.upright and not lines.level:
        return to_grey(pixels)
    pen = _pen(dark, cells)
    if pixels.ndim == 3:
        dark, pen = _clearest_channel(pixels, cells, lines, dark, pen)
    line = lines.darkness(dark)  # of all: a stroke may run along one of them
    for course in lines.upright:
        paint_course(dark, course, pen, line)
    on_its_side = np.ascontiguousarray(dark.T)
    for course in lines.level:
        paint_course(on_its_side, course, pen, line)
    return (255 - np.clip(on_its_side.T, 0, 255)).astype(np.uint8)


def _clearest_channel(
    pixels: NDArray[np.uint8], cells: Boxes, lines: _Lines, grey: Dark, pen: float
) -> tuple[Dark, float]:
    """Darkness where the boxes are palest beside the pen, and the pen's there.

    Grey, which is least noisy, unless a channel is clearly better.
    """
    best, best_pen, least = grey, pen, CLEARLY_PALER * lines.darkness(grey) / max(pen, 1.0)
    for index in range(3):
        channel = _darkness(np.ascontiguousarray(pixels[..., index]))
        own = _pen(channel, cells)
        share = lines.darkness(channel) / max(own, 1.0)
        if own > 0.6 * pen and share < least:
            best, best_pen, least = channel, own, share
    return best, best_pen


def _darkness(grey: Grey) -> Dark:
    return np.subtract(255, grey, dtype=np.float32)


def _pen(dark: Dark, cells: Boxes) -> float:
    """How dark the strokes within the cells are over the paper."""
    inner = [
        dark[max(0, y + EDGE) : max(0, y + h - EDGE), max(0, x + EDGE) : max(0, x + w - EDGE)]
        for x, y, w, h in cells.tolist()
    ]
    levels = np.concatenate([part.ravel() for part in inner]).astype(np.uint8)
    if not len(levels):
        return 0.0
    return level_below(levels, 0.95) - level_below(levels, 0.3)


def _find_lines(dark: Dark, cells: Boxes, off: float, *, is_open: bool) -> _Lines:
    """The lines that there are of walls, tops and bases of the cells."""
    on_its_side = np.ascontiguousarray(dark.T)
    x, y, w, h = cells.T
    edges = np.unique(np.concatenate([x, x + w]))
    edges = edges[np.diff(edges, prepend=-10) > 4]
    room = np.minimum(np.diff(edges, prepend=-99), np.diff(edges, append=edges[-1] + 99))
    reach = np.clip(0.5 * room, 2, off)
    nearest = np.argmin(np.abs(edges[:, None] - (x + w / 2)[None, :]), axis=1)
    foot = (y + h)[nearest] + EDGE
    top = (y + (1 - COMB_SHARE if is_open else 0.0) * h)[nearest] - EDGE
    args = zip(edges, top, foot, reach, strict=True)
    upright = _there([find_course(dark, *each) for each in args])
    level = []
    for side in (y + h,) if is_open else (y, y + h):
        level += _there(
            [
                find_course(on_its_side, *args)
                for args in zip(side, x - EDGE, x + w + EDGE, repeat(off, len(x)), strict=True)
            ]
        )
    return _Lines(upright, level)


def _there(courses: list[Course | None]) -> list[Course]:
    """Of lines that are alike those that stand out, or none if most do not."""
    found = [course for course in courses if course is not None]
    if not found:
        return []
    usual = float(np.median([course.seen for course in found]))
    return [c for c in found if usual >= LEAST_SEEN and c.seen >= SHARE_OF_USUAL * usual]


def _one_each(ink: Ink, cells: Boxes, *, is_open: bool) -> Segmentation:
    """Each connected component to the cell that holds most of it."""
    middle = (cells[1:, 0] + cells[:-1, 0] + cells[:-1, 2]) // 2
    height, width = ink.mask.shape
    y1 = int(np.median(cells[:, 1] + cells[:, 3]))
    y0 = 0 if is_open else int(np.median(cells[:, 1]))
    labels = np.zeros((height, width), np.int16)
    edges = [max(0, int(cells[0, 0]) - 4), *middle.tolist(), int(cells[-1, 0] + cells[-1, 2]) + 4]
    count, components, stats, centres = cv2.connectedComponentsWithStats(ink.mask, connectivity=8)
    widest, over = 1.35 * np.median(cells[:, 2]), OVERSHOT * np.median(cells[:, 3])
    cut = np.zeros(len(cells), np.int32)
    for label in range(1, count):
        x, y, w, h, area = stats[label]
        centre_x, centre_y = centres[label]
        if area < 20 or not y0 - 4 <= centre_y <= y1 + 4 or not edges[0] <= centre_x <= edges[-1]:
            continue
        # What touches the writing above or below is parted from it at the cells' edges.
        bottom = y + h if y + h <= y1 + over else y1 + EDGE
        y = y if y >= y0 - over else y0 - EDGE
        h = bottom - y
        part = components[y : y + h, x : x + w] == label
        window = labels[y : y + h, x : x + w]
        if w > widest:  # one stroke through several cells: cut at their walls
            owner = np.searchsorted(middle, np.arange(x, x + w), side="right") + 1
            window[part] = np.broadcast_to(owner.astype(np.int16), part.shape)[part]
            cut[owner[0] : owner[-1]] += 1
            cut[owner[0] - 1 : owner[-1] - 1] += 1
        else:
            window[part] = int(np.searchsorted(middle, centre_x, side="right")) + 1
    return _segmentation(ink, labels, cells, cut, is_open=is_open)


def _strays(own: NDArray[np.bool_], cell: NDArray[np.int32]) -> NDArray[np.bool_]:
    """What is left of printed lines and of the writing around: pieces along a cell's edges.

    The largest piece is the digit, but no wall is one.
    """
    if not own.size:
        return own
    parts, stats = labelled(own.view(np.uint8))
    x, y, w, h = cell
    left, top, width, height, area = stats.T
    edge = EDGE + 4
    aside = (left + width <= x + edge) | (left >= x + w - edge)
    along = aside | (top + height <= y + edge) | (top >= y + h - edge)
    along[1 + int(area[1:].argmax())] = len(stats) == 2 and aside[1]
    along[0] = False
    return np.asarray(along[parts], np.bool_)


def _segmentation(
    ink: Ink, labels: NDArray[np.int16], cells: Boxes, cut: NDArray[np.int32], *, is_open: bool
) -> Segmentation:
    boxes = cells.copy()
    area = np.zeros(len(cells), np.int32)
    found: list[Hypothesis] = []
    for index in range(len(cells)):
        x, y, w, h = cv2.boundingRect((labels == index + 1).view(np.uint8))
        window = labels[y : y + h, x : x + w]
        window[_strays(window == index + 1, cells[index] - (x, y, 0, 0))] = 0
        own = window == index + 1
        area[index] = np.count_nonzero(own)
        if area[index] < 2 * STROKE**2:
            continue
        left, top, w, h = cv2.boundingRect(own.view(np.uint8))
        box = x + left, y + top, w, h
        boxes[index] = box
        digit = hypothesis_of(ink.strength, labels, box, index, index, int(cut[index]))
        found.append(replace(digit, touching=_touching(digit, cells[index], is_open=is_open)))
    heights = [h.box[3] for h in found]
    height = float(np.median(heights)) if heights else 0.7 * float(np.median(cells[:, 3]))
    order = np.arange(len(cells), dtype=np.int32)
    return Segmentation(boxes, area, order, tuple(found), height, _groups(cells))


def _touching(digit: Hypothesis, cell: NDArray[np.int32], *, is_open: bool) -> int:
    """How many sides of its cell a digit reaches: what of it ran along them was painted over."""
    (x, y, w, h), (left, top, width, height) = digit.box, cell.tolist()
    reached = [y + h >= top + height - EDGE]
    if not is_open:
        reached += [x <= left + EDGE, x + w >= left + width - EDGE, y <= top + EDGE]
    return sum(reached)


def _groups(cells: Boxes) -> tuple[int, ...]:
    """How many cells stand together before and behind the widest room, if it is clearly so."""
    room = cells[1:, 0] - cells[:-1, 0] - cells[:-1, 2]
    if len(room) < 2:
        return (len(cells),)
    *_, second, widest = np.sort(room)
    if widest - second < LEAST_ROOM * np.median(cells[:, 2]):
        return (len(cells),)
    first = int(room.argmax()) + 1
    return first, len(cells) - first
