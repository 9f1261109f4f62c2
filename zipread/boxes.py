"""Pre-printed boxes on a strip: a row of cells, one digit each.

A cell is two upright walls on one base line, closed at the top or open (a comb). A row is several
like cells at one pitch, joined or apart, and is looked for as a whole (:mod:`zipread.comb`):
between any two level lines of the strip, and on any one. A wall that a digit hides, a dashed or a
blurred one, does no harm then: it is known where to expect it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.comb import Comb, Frame, best_comb, group_behind, with_more
from zipread.components import component_boxes
from zipread.fields import TextLine
from zipread.fits import line_through
from zipread.ink import Grey
from zipread.straight import level_lines, sheared, upright_lines

Cells = NDArray[np.float64]

CELLS = 5
"""Cells of a row unless told otherwise: those of a ZIP."""
PLUS4 = 4
DIGIT_SHARE = 0.7
"""How much of a cell's height a digit takes up."""
COMB_SHARE = 0.33
"""How much of its height the walls of a cell take up that is open above."""
HEIGHTS = (32, 110)
"""Height of a closed cell in strip pixels; WALLS are heights of the walls of an open one."""
LEAST_CLOSED = 1.4
"""In so many columns, in heights, base and top must both be drawn."""
WALLS = (14, 24)
ASPECT = (0.5, 1.75)
"""Pitch of a row over the height of its cells; OPEN_PITCH in pixels where that is not known."""
OPEN_PITCH = (34, 90)
AS_TALL = 0.9
"""A wall is as tall as a cell, and a 1 is not."""
EDGE = 3
"""So many pixels from a side of a cell its line ends."""
CLEARER = 0.05
LEAST_SCORE = 1.3
LEAST_OPEN = 1.55
LEAST_LINES = 240
"""Pixels of all level lines of a strip with boxes; LEAST_LEVEL of one of them, as long as that, and
LEAST_BASE of the base of open cells."""
LEAST_LEVEL = 60
LEAST_BASE = 150
MOST_LEVELS = 6
SLOPES = np.linspace(-0.12, 0.12, 25)
"""A row runs aslant to its strip by so much (dy/dx); to see it one column of THINNED will do."""
THINNED = 3


@dataclass(frozen=True, slots=True)
class BoxRow:
    """A row of cells; ``cells`` is (n, 4) float64 x, y, width, height.

    ``is_open`` says that they have no line above: what they are high is a guess. ``drawn``, up to
    2, is how much of their lines is seen, 0 of a row that is only said to be there.
    """

    cells: Cells
    is_open: bool = False
    drawn: float = 0.0

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """What tells the better of two rows in one place: a ZIP+4's may hold another of five."""
        return not self.is_open, len(self.cells) == CELLS + PLUS4, self.drawn

    def is_clearer_than(self, other: BoxRow) -> bool:
        """Whether it is so much better drawn that it is more than the same row seen again."""
        return self.rank > (*other.rank[:2], other.drawn + CLEARER)

    @property
    def line(self) -> TextLine:
        """The row as a text line whose characters are the cells."""
        x = self.cells[:, 0] + self.cells[:, 2] / 2
        y = self.cells[:, 1] + self.cells[:, 3] / 2
        slope, _ = line_through(x, y)
        boxes = self.cells.round().astype(np.int32)
        return TextLine(boxes, DIGIT_SHARE * float(np.median(self.cells[:, 3])), slope)


def find_row(pixels: NDArray[np.uint8], count: int | None = None) -> BoxRow | None:
    """The row of cells printed on a strip, in pixels of the strip; None if there is none.

    ``count`` is how many cells there are; if it is not known there are five, or as many more as are
    drawn, or five and the four of a ZIP+4.
    """
    dark = _darkness(pixels)
    level = level_lines(dark)
    if cv2.countNonZero(level) < LEAST_LINES:
        return None
    slope = _slope(level)
    bands = list(_bands(sheared(level, slope)))
    if not bands:
        return None
    row = _best_row(bands, sheared(upright_lines(dark), slope), count or CELLS)
    if row is None:
        return None
    lefts = row.comb.lefts if count else _all_cells(row)
    cells = _cells(row, lefts, slope, level.shape[1] / 2)
    return BoxRow(cells, row.band.is_open, row.comb.score)


def stand_elsewhere(pixels: NDArray[np.uint8], row: BoxRow, off: float) -> bool:
    """Whether lines as long as the sides of a row's cells run where the row has none.

    Then the page does not lie where it is said to, and the walls of its boxes would be read as 1s.
    The row is in pixels of the strip; its own lines run up to ``off`` of them from where it says.
    """
    dark = _darkness(pixels)
    x, y, width, height = row.cells.T
    on_its_side = np.asarray(cv2.transpose(upright_lines(dark)), np.uint8)
    sides, walls = np.append(y, y + height), np.append(x, x + width)
    level, upright = (float(np.median(length)) for length in (width, height))
    return _run_astray(level_lines(dark), level, sides, off) or _run_astray(
        on_its_side, AS_TALL * upright, walls, off
    )


def _run_astray(lines: Grey, least: float, known: NDArray[np.float64], off: float) -> bool:
    """Whether one of the level lines is long, and not near the rows that are ``known``."""
    _, y, width, height = component_boxes(lines).T
    rows = (y + height / 2)[width >= least]
    return bool((np.abs(rows[:, None] - known).min(axis=1) > off).any())


def _darkness(pixels: NDArray[np.uint8]) -> Grey:
    """How dark each pixel is in its darkest channel, where a coloured line is seen best."""
    if pixels.ndim == 3:
        red, green, blue = cv2.split(pixels)
        pixels = np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)
    return np.asarray(cv2.bitwise_not(pixels), np.uint8)


def _slope(level: Grey) -> float:
    """The slope (dy/dx) along which the level lines of a mask gather most on few rows."""
    xs, ys = cv2.findNonZero(np.ascontiguousarray(level[:, ::THINNED])).reshape(-1, 2).T
    xs = THINNED * xs - level.shape[1] / 2
    rows = np.rint(ys - SLOPES[:, None] * xs).astype(int)
    rows -= rows.min()
    count, slopes = int(rows.max()) + 1, np.arange(len(SLOPES))[:, None]
    gathered = np.bincount((rows + count * slopes).ravel(), minlength=count * len(SLOPES))
    return float(SLOPES[int(np.square(gathered).reshape(len(SLOPES), -1).sum(axis=1).argmax())])


@dataclass(frozen=True, slots=True)
class _Band:
    """Where cells may stand on the strip laid level: between a top and a base, or on a base.

    ``sides`` is how much of both lines runs in each column, 0 .. 1. What is high in a band of open
    cells are their walls.
    """

    top: int
    foot: int
    sides: NDArray[np.float64]
    is_open: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of cells in a band, and what is drawn there."""

    band: _Band
    comb: Comb
    frame: Frame

    @property
    def height(self) -> float:
        """The height of a cell; that of an open one is guessed by its walls and its width."""
        height, width = float(self.band.foot - self.band.top), float(self.comb.width)
        return min(max(height / COMB_SHARE, width), 1.7 * width) if self.band.is_open else height


def _bands(level: Grey) -> Iterator[_Band]:
    """All bands that the level lines of a mask (uint8) make."""
    near = cv2.dilate(level, np.ones((3, 3), np.uint8))
    lengths = cv2.reduce(level, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F) / 255
    length, most = lengths[:, 0], cv2.dilate(lengths, np.ones((9, 1), np.uint8))[:, 0]
    rows = np.flatnonzero((length >= LEAST_LEVEL) & (length >= most))
    rows = rows[np.argsort(-length[rows], kind="stable")[:MOST_LEVELS]]
    drawn = {y: near[max(0, y - 1) : y + 2].max(axis=0) / 255 for y in rows.tolist()}
    for top, foot in permutations(drawn, 2):
        sides = (drawn[top] + drawn[foot]) / 2
        both = np.count_nonzero(sides == 1)
        if HEIGHTS[0] <= foot - top <= HEIGHTS[1] and both >= LEAST_CLOSED * (foot - top):
            yield _Band(top, foot, sides, is_open=False)
    for foot, height in product(drawn, WALLS):
        if length[foot] >= LEAST_BASE and height < foot:
            yield _Band(foot - height, foot, drawn[foot], is_open=True)


def _best_row(bands: list[_Band], upright: Grey, count: int) -> _Row | None:
    """The row of ``count`` closed cells of which most is drawn, or else of open ones.

    ``upright`` is the mask (uint8) of upright lines.
    """
    near = cv2.dilate(upright, np.ones((3, 5), np.uint8)) // 255
    above = np.diff(cv2.integral(near), axis=1)
    for is_open in (False, True):
        found = [_row_in(band, above, count) for band in bands if band.is_open == is_open]
        if best := max(filter(None, found), key=lambda row: row.comb.score, default=None):
            return best
    return None


def _row_in(band: _Band, above: NDArray[np.int32], count: int) -> _Row | None:
    """The row in a band; ``above`` is how many pixels of upright lines stand above each pixel."""
    first, last = band.top + EDGE * (not band.is_open), band.foot - EDGE
    walls = np.minimum((above[last] - above[first]) / (last - first), 1.0)
    frame = Frame.of(walls, band.sides)
    if band.is_open:
        comb, least = best_comb(frame, count, OPEN_PITCH, None), LEAST_OPEN
    else:
        height = band.foot - band.top
        pitches = (max(20.0, ASPECT[0] * height), ASPECT[1] * height)
        comb, least = best_comb(frame, count, pitches, height), LEAST_SCORE
    return _Row(band, comb, frame) if comb and comb.score >= least else None


def _all_cells(row: _Row) -> NDArray[np.float64]:
    """The left walls of a row with the cells that go on at its ends, or with those of a +4."""
    longer = with_more(row.frame, row.comb, closed=not row.band.is_open)
    is_plain = longer.count < CELLS + PLUS4
    plus4 = group_behind(row.frame, row.comb, PLUS4) if is_plain else None
    return np.concatenate([longer.lefts, plus4.lefts]) if plus4 else longer.lefts


def _cells(row: _Row, lefts: NDArray[np.float64], slope: float, middle: float) -> Cells:
    """The cells as they stand on the strip, which is level about its ``middle`` column only."""
    width, height = row.comb.width, row.height
    tops = row.band.foot - height + slope * (lefts + width / 2 - middle)
    return np.column_stack([lefts, tops, np.broadcast_to([width, height], (len(lefts), 2))])
