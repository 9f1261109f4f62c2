"""What is written before a code: the end of its line, or of the line above.

There the state stands, "Springfield IL 62704", and which it is says how a ZIP begins.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.fields import Boxes, TextLine, line_of
from zipread.fits import middle_of
from zipread.ink import to_grey
from zipread.network import Picture
from zipread.strip import part_under
from zipread.whole import HEIGHT, INK, ROOM, framed, inked

COLUMNS = 128
"""Of a picture of the end of a text, as high as that of a code."""
LONG = (COLUMNS - 2 * ROOM) / INK
"""So much of the text it shows, in heights of its letters."""
LEVEL = 0.55
"""The letters before a code have their middles no further from its own, in heights of a digit."""
BEFORE = 6.5
"""They end no further before it."""
ABOVE, ASIDE = 4.0, 10.0
"""Else the line above counts, no further above it and aside of it than so many heights."""
ON_LINE = 0.8
"""What goes on in that line has its middle no further from it, in heights of its letters."""
PARTED = 2.2
"""What stands further apart, in heights of its letters, is no one text."""
SMALL = 0.3
"""Dashes and dots are no higher than this share of a digit."""


def ending(lines: list[TextLine], first: NDArray[np.float64], slope: float) -> TextLine | None:
    """The end of what is written before a code, None if nothing is.

    ``lines`` are the page's, ``first`` (4,) is the box of the code's first digit on their raster,
    ``slope`` that of its line.
    """
    if not lines:
        return None
    boxes = np.concatenate([line.boxes for line in lines])
    x, y, width, height = first.tolist()
    down = _below(boxes, x + width / 2, y + height / 2, slope)
    centres = boxes[:, 0] + boxes[:, 2] / 2
    gap = x - boxes[:, 0] - boxes[:, 2]
    level = (np.abs(down) < LEVEL * height) & (centres < x) & (gap > -height / 2)
    near = level & (gap < BEFORE * height) & (boxes[:, 3] > SMALL * height)
    return _end(boxes[level], slope) if near.any() else _above(lines, first, slope)


def _below(boxes: Boxes, x: float, y: float, slope: float) -> NDArray[np.float64]:
    """How far below a line through a point the middles of boxes are (n,)."""
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    return np.asarray(centres[:, 1] - y - slope * (centres[:, 0] - x))


def _above(lines: list[TextLine], first: NDArray[np.float64], slope: float) -> TextLine | None:
    """The end of the nearest line above, and of what goes on behind it."""
    x, y, _, height = first.tolist()
    nearest, least = None, ABOVE * height
    for line in lines:
        middle_x, middle_y = line.middle
        up = y + height / 2 + slope * (middle_x - x) - middle_y
        aside = max(line.left - x, x - line.right)
        if len(line.boxes) > 1 and aside < ASIDE * height and LEVEL * height < up < least:
            nearest, least = line, up
    if nearest is None:
        return None
    boxes, height = np.concatenate([line.boxes for line in lines]), nearest.height
    boxes = boxes[np.abs(_below(boxes, *nearest.middle, nearest.slope)) < ON_LINE * height]
    boxes = boxes[np.argsort(boxes[:, 0], kind="stable")]
    ends = np.maximum.accumulate(boxes[:, 0] + boxes[:, 2])
    parted = (ends[:-1] >= nearest.right) & (boxes[1:, 0] - ends[:-1] > PARTED * height)
    return _end(boxes[: int(parted.argmax()) + 1] if parted.any() else boxes, nearest.slope)


def _end(boxes: Boxes, slope: float) -> TextLine:
    """The last of a row of letters, as many as a picture shows."""
    ends = boxes[:, 0] + boxes[:, 2]
    order = np.argsort(-ends, kind="stable")
    boxes, ends = boxes[order], ends[order]
    begins = np.minimum.accumulate(boxes[:, 0])
    height = line_of(boxes[:12]).height
    stop = begins[:-1] - ends[1:] > PARTED * height
    stop |= ends[0] - begins[:-1] > LONG * height
    return line_of(boxes[: int(stop.argmax()) + 1] if stop.any() else boxes, slope)


def picture_of_ending(page: NDArray[np.uint8], end: TextLine, reduction: float) -> Picture:
    """The picture of the end of a text, (HEIGHT, COLUMNS): its last letter stands at the right.

    ``reduction`` is page pixels per pixel of its raster.
    """
    along = np.array([1.0, end.slope]) / np.hypot(1.0, end.slope)
    down = np.array([-along[1], along[0]])
    centres = end.boxes[:, :2] + end.boxes[:, 2:] / 2
    middle = middle_of((centres @ down)[end.boxes[:, 3] > 0.5 * end.height])
    right = float((centres @ along + end.boxes[:, 2] / 2).max())
    step = end.height / INK
    left, top = right - step * (COLUMNS - ROOM), middle - step * HEIGHT / 2
    to_page = np.column_stack([along * step, down * step, along * left + down * top]) * reduction
    part, offset = part_under(page, to_page, (COLUMNS, HEIGHT))
    to_page[:, 2] -= offset
    return inked(framed(to_grey(part), cv2.invertAffineTransform(to_page), COLUMNS))
