"""A boxed field to digit hypotheses: the boxes taken off, one digit a cell."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.bars import without_bars
from zipread.boxes import BoxRow
from zipread.components import labelled
from zipread.fields import Boxes
from zipread.ink import Ink, find_ink
from zipread.rules import without_rules
from zipread.segment import Hypothesis, Labels, Segmentation, hypothesis_of
from zipread.strip import STROKE, Strip
from zipread.unboxed import EDGE, without_boxes

OVERSHOT = 0.4
"""A digit reaches out of its cell above and below by at most so many heights of a cell."""
LEAST_ROOM = 0.12
"""Room that parts two groups of cells is so much wider than that between the others, in widths."""
LEAST_PIECE = 20
"""What has fewer pixels of ink is dirt."""
PARTED = 8
"""A line that is painted over parts pieces of a digit by up to so many pixels."""
THINNEST = 3
"""What is left of lines is thinner than so many pixels, or longer than LONGEST, in cells' sides."""
LONGEST = 0.65


def segment_cells(strip: Strip, row: BoxRow, off: float) -> tuple[Ink, Segmentation]:
    """Ink without boxes, and one slice for each cell of ``row``, with a hypothesis or two.

    Two where what lies at its edges may be a piece of the digit that a line's removal parted, or
    what is left of the line: which, the digit model says.

    The row is in strip pixels; its lines run up to ``off`` of them from where it says.
    """
    cells = row.cells.round().astype(np.int32)
    ink = find_ink(
        without_boxes(strip.pixels, cells, off, is_open=row.is_open), STROKE, one_pen=True
    )
    ink = without_bars(without_rules(ink))
    pieces = _each_to_its_cell(ink, cells, is_open=row.is_open)
    return ink, _segmentation(ink, pieces, cells, is_open=row.is_open)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The ink of a row by cells.

    ``labels`` is the number, from 1, of the cell that a pixel belongs to; ``beyond`` says that its
    piece lies above or below that cell; ``cut`` counts the ends of each cell's ink that were cut.
    """

    labels: Labels
    beyond: NDArray[np.bool_]
    cut: NDArray[np.int32]


def _each_to_its_cell(ink: Ink, cells: Boxes, *, is_open: bool) -> _Pieces:
    """Each connected component to the cell that holds most of it."""
    middle = (cells[1:, 0] + cells[:-1, 0] + cells[:-1, 2]) // 2
    y1 = int(np.median(cells[:, 1] + cells[:, 3]))
    y0 = 0 if is_open else int(np.median(cells[:, 1]))
    left, right = max(0, int(cells[0, 0]) - 4), int(cells[-1, 0] + cells[-1, 2]) + 4
    labels, beyond = np.zeros(ink.mask.shape, np.int16), np.zeros(ink.mask.shape, np.bool_)
    count, components, stats, centres = cv2.connectedComponentsWithStats(ink.mask, connectivity=8)
    widest, over = 1.35 * np.median(cells[:, 2]), OVERSHOT * np.median(cells[:, 3])
    cut = np.zeros(len(cells), np.int32)
    for label in range(1, count):
        x, y, w, h, area = stats[label]
        centre_x, centre_y = centres[label]
        inside = y0 - 4 <= centre_y <= y1 + 4
        reaches_in = y >= y0 - over and y + h <= y1 + over and y + h >= y0 - EDGE and y <= y1 + EDGE
        if area < LEAST_PIECE or not (inside or reaches_in) or not left <= centre_x <= right:
            continue
        # What touches the writing above or below is parted from it at the cells' edges.
        bottom = y + h if y + h <= y1 + over else y1 + EDGE
        y = y if y >= y0 - over else y0 - EDGE
        around = slice(y, bottom), slice(x, x + w)
        part = components[around] == label
        beyond[around] |= part & (not inside)
        if w > widest:  # one stroke through several cells: cut at their walls
            owner = np.searchsorted(middle, np.arange(x, x + w), side="right") + 1
            labels[around][part] = np.broadcast_to(owner.astype(np.int16), part.shape)[part]
            cut[owner[0] : owner[-1]] += 1
            cut[owner[0] - 1 : owner[-1] - 1] += 1
        else:
            labels[around][part] = int(np.searchsorted(middle, centre_x, side="right")) + 1
    return _Pieces(labels, beyond, cut)


def _strays(own: NDArray[np.bool_], cell: NDArray[np.int32]) -> NDArray[np.bool_]:
    """What is left of printed lines and of the writing around: pieces along a cell's edges.

    The largest piece is the digit, but no wall is one.
    """
    if not own.any():
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


def _parted(
    strays: NDArray[np.bool_], digit: NDArray[np.bool_], cell: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Of what strays the pieces that a painted line may have parted from the digit.

    Near it, and neither bits nor as thin or as long as what is left of a line.
    """
    if not strays.any() or not digit.any():
        return np.zeros_like(strays)
    parts, stats = labelled(strays.view(np.uint8))
    around = np.ones((2 * PARTED + 1, 2 * PARTED + 1), np.uint8)
    near = np.asarray(cv2.dilate(digit.view(np.uint8), around), np.bool_)
    sides = stats[:, 2:4]
    may_be = np.isin(np.arange(len(stats)), parts[near]) & (stats[:, 4] >= LEAST_PIECE)
    may_be &= (sides.min(axis=1) >= THINNEST) & (sides.max(axis=1) <= LONGEST * cell[2:].min())
    may_be[0] = False
    return np.asarray(may_be[parts], np.bool_)


def _segmentation(ink: Ink, pieces: _Pieces, cells: Boxes, *, is_open: bool) -> Segmentation:
    labels = pieces.labels.copy()
    boxes = cells.copy()
    area = np.zeros(len(cells), np.int32)
    found: list[Hypothesis] = []
    heights: list[int] = []
    for index, cell in enumerate(cells):
        x, y, w, h = cv2.boundingRect((labels == index + 1).view(np.uint8))
        around = slice(y, y + h), slice(x, x + w)
        window, beyond = labels[around], pieces.beyond[around]
        whole = window == index + 1
        strays = whole & beyond | _strays(whole & ~beyond, cell - (x, y, 0, 0))
        digit = whole & ~strays
        area[index] = np.count_nonzero(digit)
        if area[index] < 2 * STROKE**2:
            continue
        parted = _parted(strays, digit, cell)
        tried = []
        for own in (digit, digit | parted) if parted.any() else (digit,):
            window[whole] = np.where(own, index + 1, 0)[whole]
            left, top, w, h = cv2.boundingRect(own.view(np.uint8))
            box, cut = (x + left, y + top, w, h), int(pieces.cut[index])
            each = hypothesis_of(ink.strength, labels, box, index, index, cut)
            tried.append(replace(each, touching=_touching(each, cell, is_open=is_open)))
        found += tried
        boxes[index] = tried[0].box
        heights.append(tried[0].box[3])
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
