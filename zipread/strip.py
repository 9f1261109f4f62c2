"""A text line cut out of the page: level, and scaled so that its digits have one height.

Everything after this stage works on strips, so its distances are constants in strip pixels,
whatever the resolution of the scan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.fields import TextLine
from zipread.fits import middle_of
from zipread.reading import Box

DIGIT_HEIGHT = 44
"""Height that a line's tall characters get, in strip pixels: over 5 for each cell of the form."""
STROKE = 5.0
"""Width of a usual pen stroke in strip pixels."""
MARGIN = 0.45
"""Free room above and below a line, in digit heights."""
ROOM = (1.1, 1.2)
"""Room for a digit more, in digit heights and in usual gaps of the line: one that stands there says
that the line is not the whole."""
LONGEST = 26
"""Longest strip in digit heights; of a longer line its right end is taken, where the ZIP stands."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A level cut-out.

    ``pixels`` is uint8, (h, w) or (h, w, 3) as the page is; ``to_page`` the (2, 3) affine matrix
    from strip to page coordinates; ``scale`` strip pixels per page pixel; ``goes_on`` says whether
    the page goes on at the strip's left and at its right end. Where its ink was set upright,
    ``slant`` is by how much (dx/dy), and ``to_page`` from there.
    """

    pixels: NDArray[np.uint8]
    to_page: NDArray[np.float64]
    scale: float
    goes_on: tuple[bool, bool] = (False, False)
    slant: float = 0.0

    def line_box(self, line: TextLine, reduction: float) -> tuple[int, int, int, int]:
        """The rectangle of the strip around a line of the page reduced so: x, y, width, height."""
        boxes = self.boxes_of(line.boxes, reduction)
        x, y = np.floor(boxes[:, :2].min(axis=0)).astype(int).tolist()
        right, foot = np.ceil((boxes[:, :2] + boxes[:, 2:]).max(axis=0)).astype(int).tolist()
        return x, y, right - x, foot - y

    def boxes_of(self, boxes: NDArray[np.number[Any]], reduction: float) -> NDArray[np.float64]:
        """Boxes of the page reduced so, (n, 4), as they stand on the strip: level, (n, 4)."""
        to_strip = cv2.invertAffineTransform(self.to_page)
        centres = (boxes[:, :2] + boxes[:, 2:] / 2) * reduction
        on_strip = centres @ to_strip[:, :2].T + to_strip[:, 2]
        size = boxes[:, 2:] * reduction * self.scale
        return np.column_stack([on_strip - size / 2, size])

    def page_box(self, x: float, y: float, width: float, height: float) -> Box:
        """The upright rectangle of the page around a rectangle of the strip."""
        (xx, xy, x0), (yx, yy, y0) = self.to_page.tolist()
        corners = [(u, v) for u in (x, x + width) for v in (y, y + height)]
        across = [xx * u + xy * v + x0 for u, v in corners]
        down = [yx * u + yy * v + y0 for u, v in corners]
        left, top = math.floor(min(across)), math.floor(min(down))
        return Box(left, top, math.ceil(max(across)) - left, math.ceil(max(down)) - top)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that lines are cut out of, each once: glanced at, it is read from the same strip.

    ``pixels`` are uint8, (h, w) or (h, w, 3); ``reduction`` is page pixels per pixel of the raster
    that its lines are found on.
    """

    pixels: NDArray[np.uint8]
    reduction: float
    _cut: dict[int, tuple[TextLine, Strip]] = field(default_factory=dict, repr=False)

    def strip(self, line: TextLine) -> Strip:
        """The strip of a line."""
        if id(line) not in self._cut:  # the line is kept, so that no other one gets its id
            self._cut[id(line)] = line, cut_strip(self.pixels, line, self.reduction)
        return self._cut[id(line)][1]


def cut_strip(page: NDArray[np.uint8], line: TextLine, reduction: float) -> Strip:
    """Cut ``line`` out of the page; ``reduction`` is page pixels per pixel of its raster."""
    angle = np.arctan(line.slope)
    along = np.array([np.cos(angle), np.sin(angle)])
    down = np.array([-along[1], along[0]])
    left, right, top, bottom = _extent(line, along, down, page.shape[1] / reduction)
    top, bottom = top - MARGIN * line.height, bottom + MARGIN * line.height
    left = max(left, right - LONGEST * line.height)
    goes_on = left > 0, right < page.shape[1] / reduction
    scale = DIGIT_HEIGHT / (line.height * reduction)
    step = 1 / scale
    origin = (along * left + down * top) * reduction
    to_page = np.column_stack([along * step, down * step, origin])
    size = (
        max(8, round((right - left) * reduction * scale)),
        max(8, round((bottom - top) * reduction * scale)),
    )
    return Strip(_sample(page, to_page, size, step), to_page, scale, goes_on)


def _extent(
    line: TextLine, along: NDArray[np.float64], down: NDArray[np.float64], page_width: float
) -> tuple[float, float, float, float]:
    """Left and right of the line in its own level axes, with room, and its top and bottom."""
    x, y, w, h = line.boxes.T.astype(float)
    centres = np.column_stack([x + w / 2, y + h / 2])
    across = centres @ down
    ahead = centres @ along
    tall = (h > 0.5 * line.height) & (h < 1.8 * line.height)
    if not tall.any():
        tall = np.ones(len(h), dtype=bool)
    middle = middle_of(across[tall])
    top = max(float((across - h / 2)[tall].min()), middle - 1.3 * line.height)
    bottom = min(float((across + h / 2)[tall].max()), middle + 1.3 * line.height)
    margin = MARGIN * line.height
    room = (ROOM[0] + ROOM[1] * min(line.gap, 1.5)) * line.height
    return (
        _reaching(float((ahead - w / 2).min()), -room, 0.0, margin),
        _reaching(float((ahead + w / 2).max()), room, page_width, margin),
        top,
        bottom,
    )


def _reaching(end: float, room: float, edge: float, least: float) -> float:
    """An end of the line with its room, beyond the page's edge no more than ``least`` of it.

    There is nothing there but the edge drawn out.
    """
    wanted = end + room
    if room < 0:
        return max(wanted, min(end, edge) - least)
    return min(wanted, max(end, edge) + least)


def _sample(
    page: NDArray[np.uint8], to_page: NDArray[np.float64], size: tuple[int, int], step: float
) -> NDArray[np.uint8]:
    """The strip's pixels; a page much finer than the strip is first reduced, against aliasing."""
    matrix = to_page.copy()
    page, offset = part_under(page, matrix, size)
    matrix[:, 2] -= offset
    shrink = int(step)
    if shrink >= 2:
        height, width = -(-page.shape[0] // shrink), -(-page.shape[1] // shrink)
        below, behind = height * shrink - page.shape[0], width * shrink - page.shape[1]
        page = cv2.copyMakeBorder(page, 0, below, 0, behind, cv2.BORDER_REPLICATE)
        page = cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA)
        matrix /= shrink
    return _warped(page, matrix, size)


def _warped(
    page: NDArray[np.uint8], to_page: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """The page warped, in colour as one of four channels: OpenCV is twice as fast at them."""
    in_colour, paper = page.ndim == 3, _paper(page)
    if in_colour:
        page = cv2.cvtColor(page, cv2.COLOR_RGB2RGBA)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(page, to_page, size, flags=flags, borderValue=paper)
    warped = cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB) if in_colour else warped
    return np.asarray(warped, np.uint8)


def _paper(page: NDArray[np.uint8]) -> list[float]:
    """The colour of most of the page, for what lies beyond its edges."""
    sample = page[::7, ::7].astype(np.int16)  # NumPy sorts bytes ten times as slowly
    return [middle_of(levels) for levels in sample.reshape(-1, 1 if page.ndim == 2 else 3).T]


def part_under(
    page: NDArray[np.uint8], to_page: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The part of the page that a strip of ``size`` (width, height) lies on, and its offset."""
    width, height = size
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]])
    on_page = corners @ to_page[:, :2].T + to_page[:, 2]
    limit = np.array(page.shape[1::-1])
    low = np.clip(np.floor(on_page.min(axis=0)).astype(int) - 2, 0, limit - 1)
    high = np.clip(np.ceil(on_page.max(axis=0)).astype(int) + 2, low + 1, limit)
    return page[low[1] : high[1], low[0] : high[0]], low.astype(float)
