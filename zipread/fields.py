"""Ink to text lines: the places of a page that may hold a ZIP.

Works on the reduced page. Connected components of plausible size are chained to the right, each to
its mutually nearest neighbour of like height; a chain is a text line, a word or a field. Chains
carry their own slope, so a page's skew and a writer's rising lines need no separate step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.components import measured_components
from zipread.fits import middle_of
from zipread.ink import Grey
from zipread.runs import level_runs

Boxes = NDArray[np.int32]
"""(n, 4) int32: x, y, width, height."""

LEAST_HEIGHT = 5
SHORTEST_RULE = 60
THICKEST_RULE = 7
WIDEST_GAP = 2.4
"""Largest gap within a line, in heights of the taller neighbour: wide-set digits must hold
together."""
WIDEST_BREAK = 3.2
MOST_COMPONENTS = 600
THINNEST = 0.45
FEWEST_BARS = 14
"""Bars of a barcode; a bar is at most so wide, in its height, as THINNEST."""
BARS_SHARE, AS_TALL, OFF_PITCH, MOST_MISSING = 0.7, 0.08, 0.25, 7.5
"""This share of them, and of what stands amid them, is as tall, in heights, or is no more off its
pitch; fewer stand in a row that are too short to be told."""
CLEAR_GAP = 0.45
HEAD = (2.2, 16.0)
"""A code that leads its line is so many times as long as high."""
MOST_HEADS = 2
MOST_CUTS = 3
SMALLEST_PAGE = 640
"""Longer side in pixels from which on a picture is no cut-out field but for its shape."""
FLATTEST_PAGE = 0.34
"""Height over width: no envelope is flatter, a line cut out of one is."""


@dataclass(frozen=True, slots=True)
class Raster:
    """The reduced page: its size in pixels, page pixels per pixel of it, and its kind.

    ``cropped`` says that the picture is taken for a cut-out field rather than a whole page.
    """

    height: int
    width: int
    reduction: float = 1.0
    cropped: bool = False


@dataclass(frozen=True)
class TextLine:
    """A chain of components, left to right, on the reduced page.

    ``boxes`` are its components; ``height`` the height of its tall characters in pixels. Its slope
    may be ``known``, or is that of another line, ``else_slope``, where it is too short to tell.
    """

    boxes: Boxes
    height: float
    known: float | None = None
    else_slope: float = 0.0

    @cached_property
    def slope(self) -> float:
        """dy/dx of the line through the centres of its components; of most lines nobody asks."""
        if self.known is not None:
            return self.known
        x, y = (self.boxes[:, :2] + self.boxes[:, 2:] / 2).T
        if len(x) < 3 or x.max() - x.min() <= 2.5 * self.height:
            return self.else_slope
        return _median_slope(x, y, self.height)

    def of(self, boxes: Boxes) -> TextLine:
        """The same line seen to have these components: it keeps its height and slope."""
        return TextLine(boxes, self.height, self.slope)

    @cached_property
    def left(self) -> int:
        """First column."""
        return int(self.boxes[:, 0].min())

    @cached_property
    def right(self) -> int:
        """First column behind the line."""
        return int((self.boxes[:, 0] + self.boxes[:, 2]).max())

    @cached_property
    def gap(self) -> float:
        """The usual gap between its components, in heights."""
        x, w = self.boxes[:, 0], self.boxes[:, 2]
        gaps = x[1:] - np.maximum.accumulate(x + w)[:-1]
        return max(0.0, middle_of(gaps) / self.height) if len(gaps) else 0.0

    @cached_property
    def middle(self) -> tuple[float, float]:
        """Centre of the line, x and y."""
        x = (self.left + self.right) / 2
        centres = self.boxes[:, 1] + self.boxes[:, 3] / 2
        return x, middle_of(centres)


def find_lines(mask: Grey, raster: Raster) -> list[TextLine]:
    """Text lines of a reduced page, by the mask of its ink, in no order."""
    boxes = _without_bars(_character_boxes(_unruled(mask), raster.cropped))
    if not len(boxes):
        return []
    lines = [line_of(boxes[chain]) for chain in _chains(_linking_cost(boxes))]
    lines += _rejoined(lines)
    return [line for line in lines if line.right - line.left >= 1.5 * line.height]


def _unruled(mask: Grey) -> Grey:
    """The mask without underlines and ruled lines, which would tie a line's characters together.

    Only the rows near them are looked at.
    """
    runs = level_runs(mask, SHORTEST_RULE)
    near = np.ones((2 * THICKEST_RULE + 1, 1), np.uint8)
    rows = np.flatnonzero(cv2.dilate(runs.max(axis=1, keepdims=True), near))
    if not len(rows):
        return mask
    own, runs = mask[rows], runs[rows]
    thick = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((THICKEST_RULE, 1), np.uint8))
    rules = cv2.dilate(cv2.subtract(runs, thick), np.ones((3, 1), np.uint8))
    rest = cv2.bitwise_and(own, cv2.bitwise_not(rules))
    bridged = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((7, 1), np.uint8))
    unruled = mask.copy()
    unruled[rows] = cv2.bitwise_or(rest, cv2.bitwise_and(bridged, own))
    return unruled


def _without_bars(boxes: Boxes) -> Boxes:
    """The components without those of barcodes, which stand in line with the writing.

    A barcode is many thin upright bars on one level, of one height or at one short pitch, as no
    writing is. What stands amid them is of it: bars that run together, and the short marks of
    postal ones.
    """
    left, top, width, height = boxes.T
    bar = width <= THINNEST * height
    if np.count_nonzero(bar) < FEWEST_BARS:
        return boxes
    middle, centre = top + height / 2, left + width / 2
    dropped = np.zeros(len(boxes), bool)
    for k in np.flatnonzero(bar)[:: FEWEST_BARS // 2]:
        level = np.abs(middle - middle[k]) < height[k]
        row = np.flatnonzero(bar & level)
        tall = np.abs(height - height[k]) <= max(1.0, AS_TALL * height[k])
        first, last = centre[row].min() - height[k], centre[row].max() + height[k]
        among = level & (centre >= first) & (centre <= last)
        enough = max(FEWEST_BARS, BARS_SHARE * len(row))
        alike = np.count_nonzero(tall[row]) >= max(enough, BARS_SHARE * np.count_nonzero(among))
        if alike or _evenly_set(centre[row], height[k], enough):
            dropped |= among & (tall | (width <= width[row].max()))
    return boxes[~dropped]


def _evenly_set(centres: NDArray[np.float64], height: float, enough: float) -> bool:
    """Whether enough bars of this height stand at one short pitch, but for some that are missing.

    Of a postal barcode the short marks are no higher than wide.
    """
    steps = np.diff(np.sort(centres))
    pitch = max(1.0, middle_of(steps[steps < height]) if (steps < height).any() else height)
    off = np.abs(steps - pitch * np.rint(steps / pitch))
    even = (off <= max(1.0, OFF_PITCH * pitch)) & (steps < MOST_MISSING * pitch)
    return bool(pitch < height and np.count_nonzero(even) >= enough - 1)


def _rejoined(lines: list[TextLine]) -> list[TextLine]:
    """Lines made of lines that go on in one another: a broken or wide-set digit parts a chain.

    They come beside their parts, not instead: what is joined may be two words or two columns.
    """
    if len(lines) < 2:
        return []
    chains = [chain for chain in _chains(_continuation_cost(lines)) if len(chain) > 1]
    return [line_of(np.concatenate([lines[k].boxes for k in chain])) for chain in chains]


def may_be_cropped(height: int, width: int) -> tuple[bool, ...]:
    """Whether a picture of this size as opened is a cut-out field, likeliest first.

    No page is as flat as a line cut out of one, but a block of lines is; small pictures may be
    either.
    """
    if height < FLATTEST_PAGE * width:
        return True, False
    return (False, True) if max(height, width) < SMALLEST_PAGE else (False,)


def shared(one: TextLine, other: TextLine) -> bool:
    """Whether two lines run through the same place."""
    beside = min(one.right, other.right) - max(one.left, other.left)
    narrower, wider = sorted((one, other), key=lambda line: line.right - line.left)
    (x, y), (wide_x, wide_y) = narrower.middle, wider.middle
    apart = abs(wide_y + wider.slope * (x - wide_x) - y)
    near = apart < 0.5 * min(one.height, other.height)
    return near and beside > 0.4 * (narrower.right - narrower.left)


def cuts(line: TextLine) -> list[tuple[TextLine, float]]:
    """What of a line may be its code: the words behind its clearest gaps, and how clear each is.

    Codes stand at the end, often wide-set and larger than the letters before them: alone they are
    measured by their own height. But the widest gap may also be that of a ZIP+4. Gaps are given in
    heights of the line.
    """
    x, h = line.boxes[:, 0], line.boxes[:, 3]
    right, shares = _gaps(line)
    tall = np.maximum.accumulate(h[::-1])[::-1]
    wide_enough = (right[-1] - x[1:]) > 2.2 * tall[1:]
    return [
        (line_of(line.boxes[k + 1 :], line.slope), min(3.0, float(shares[k])))
        for k in _clear_gaps(shares, wide_enough, lambda k: slice(k + 1, None), MOST_CUTS)
    ]


def heads(line: TextLine) -> list[tuple[TextLine, float]]:
    """What of a line may be a code that leads it: the words before its clearest gaps.

    With each the gap behind it, in heights of the line.
    """
    x, h = line.boxes[:, 0], line.boxes[:, 3]
    right, shares = _gaps(line)
    long = (right - x[0])[:-1] / np.maximum.accumulate(h)[:-1]
    fits = (long > HEAD[0]) & (long < HEAD[1])
    return [
        (line_of(line.boxes[: k + 1], line.slope), min(3.0, float(shares[k])))
        for k in _clear_gaps(shares, fits, slice, MOST_HEADS)
    ]


def _clear_gaps(
    shares: NDArray[np.float64],
    fits: NDArray[np.bool_],
    within: Callable[[int], slice],
    most: int,
) -> list[int]:
    """The widest gaps that fit, in order: wider than those ``within`` the word they part."""
    clear = [
        k
        for k in np.flatnonzero(fits & (shares > CLEAR_GAP)).tolist()
        if shares[k] > 0.2 + 1.3 * middle_of(shares[within(k)])
    ]
    return sorted(sorted(clear, key=lambda k: -shares[k])[:most])


def _gaps(line: TextLine) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """How far a line reaches with each component, and the gaps between them in their heights."""
    x, _, w, h = line.boxes.T
    right = np.maximum.accumulate(x + w)
    return right, (x[1:] - right[:-1]) / np.maximum(np.minimum(h[1:], h[:-1]), 0.6 * line.height)


def whole_crop(raster: Raster) -> TextLine:
    """A cut-out field as one line, for where its paper's pattern hides the single characters."""
    height, width = raster.height, raster.width
    box = (width // 50, height // 5, width - width // 25, height - 2 * (height // 5))
    return TextLine(np.array([box], np.int32), 0.6 * height)


def _character_boxes(mask: Grey, cropped: bool) -> Boxes:
    """Boxes of the components that may be a character, a word or a field, largest first if many."""
    boxes, area = measured_components(mask)
    w, h = boxes[:, 2:].T
    page_height, page_width = mask.shape
    tallest = 0.98 * page_height if cropped else 0.2 * max(page_height, page_width)
    widest = page_width if cropped else 0.9 * page_width
    fits = (h >= LEAST_HEIGHT) & (h <= tallest) & (w <= widest)
    fits &= (h >= 0.08 * w) & (area >= 0.04 * w * h) & (h <= 25 * w)
    chosen = boxes[fits]
    if len(chosen) > MOST_COMPONENTS:
        chosen = chosen[np.argsort(-area[fits], kind="stable")[:MOST_COMPONENTS]]
    return chosen[np.lexsort((chosen[:, 1], chosen[:, 0]))]


def _chains(cost: NDArray[np.float32]) -> list[list[int]]:
    """Indices of the members of each chain, left to right; ``cost`` (n, n) of j following i."""
    right = cost.argmin(axis=1)
    left = cost.argmin(axis=0)
    n = len(cost)
    linked = np.isfinite(cost[np.arange(n), right]) & (left[right] == np.arange(n))
    follower = np.where(linked, right, -1).tolist()
    heads = sorted(set(range(n)).difference(follower))
    chains = []
    for head in heads:
        chain = [head]
        while follower[chain[-1]] >= 0:
            chain.append(follower[chain[-1]])
        chains.append(chain)
    return chains


def _linking_cost(boxes: Boxes) -> NDArray[np.float32]:
    """(n, n) cost of component j following i on a line, infinite where it cannot."""
    x, y, w, h = (column.astype(np.float32) for column in boxes.T)
    taller = np.maximum(h[:, None], h[None, :])
    shorter = np.minimum(h[:, None], h[None, :])
    gap = x[None, :] - (x + w)[:, None]
    centre_x, centre_y = x + w / 2, y + h / 2
    drop = np.abs(centre_y[None, :] - centre_y[:, None])
    overlap = np.minimum((y + h)[:, None], (y + h)[None, :]) - np.maximum(y[:, None], y[None, :])
    possible = (centre_x[None, :] > centre_x[:, None]) & (gap < WIDEST_GAP * taller)
    possible &= (gap > -0.6 * taller) & (shorter > 0.3 * taller)
    possible &= (overlap > 0.35 * shorter) | (drop < 0.45 * taller)
    cost = np.maximum(gap, 0) + drop
    cost[~possible] = np.inf
    return cost


def _continuation_cost(lines: list[TextLine]) -> NDArray[np.float32]:
    """(n, n) cost of line j going on where line i ends, infinite where it does not."""
    measured = [(o.left, o.right, *o.middle, o.height, o.slope) for o in lines]
    left, right, x, y, height, slope = np.array(measured, np.float32).T
    gap = left[None, :] - right[:, None]
    taller = np.maximum(height[:, None], height[None, :])
    shorter = np.minimum(height[:, None], height[None, :])
    ahead = y[:, None] + slope[:, None] * (left[None, :] - x[:, None])
    behind = y[None, :] + slope[None, :] * (right[:, None] - x[None, :])
    drop = np.minimum(np.abs(ahead - y[None, :]), np.abs(behind - y[:, None]))
    possible = (gap > -0.5 * taller) & (gap < WIDEST_BREAK * taller)
    possible &= (drop < 0.5 * taller) & (shorter > 0.5 * taller) & (x[None, :] > x[:, None])
    cost: NDArray[np.float32] = np.maximum(gap, 0) + 2 * drop
    cost[~possible] = np.inf
    return cost


def line_of(boxes: Boxes, slope: float = 0.0) -> TextLine:
    """A line of these boxes; too short to tell its slope, it takes ``slope``."""
    height = float(np.sort(boxes[:, 3])[round(0.7 * (len(boxes) - 1))])
    return TextLine(boxes, height, else_slope=slope)


def _median_slope(x: NDArray[np.float64], y: NDArray[np.float64], height: float) -> float:
    """Slope by Theil and Sen: the median over all pairs well apart."""
    dx, dy = x[None, :] - x[:, None], y[None, :] - y[:, None]
    apart = dx > 1.5 * height
    if not apart.any():
        return 0.0
    dx, dy = dx[apart], dy[apart]
    slopes = dy / dx
    order = np.argsort(slopes)
    weight = np.cumsum(dx[order])
    return float(slopes[order][np.searchsorted(weight, weight[-1] / 2)])
