"""Printed lines at known places painted over: with what is seen at both their sides.

A stroke that crosses a line is dark on both sides and goes on; paper on one side fades into what is
on the other; a stroke that runs along a line shows beside it; and what is darker than the line
itself is the pen's. Done on the grey picture, before the ink is told from the paper, so that lines
darker than the pen do not set what counts as ink.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.fits import middle_of, share_of
from zipread.strip import STROKE

WIDEST = 9
"""Printed lines are at most so wide."""
ASIDE = np.arange(-WIDEST, WIDEST + 1)
LEAST_RELIEF = 6.0
AROUND = 11
"""A line's presence is judged in windows of so many pixels along it."""
LEANS = np.array([-3.0, -1.5, 0.0, 1.5, 3.0])
"""A stroke may cross a line aslant: its two sides are compared so many pixels apart."""
CLEARLY_DARKER = 1.2
UNEVEN = 1.3
"""Of lines that are printed alike one is at most so much darker than they are on the median."""
STANDS_OUT = 0.5
"""What is so much darker than the paper, in strokes' darkness, is a stroke beside a line."""
ALONG = 9
"""A stroke runs along a line for so many pixels at least."""

Dark = NDArray[np.float32]
"""(height, width): how dark a pixel is, 0 .. 255."""


@dataclass(frozen=True, slots=True)
class Course:
    """A line that stands out: its column in each row from ``top`` on.

    ``seen`` is the share of its length that stands out, ``present`` the rows at or near which it
    does, ``low`` and ``high`` its edges: the last columns, counted from its middle, beside it.
    """

    top: int
    columns: NDArray[np.intp]
    present: NDArray[np.bool_]
    seen: float
    low: int
    high: int


def find_course(dark: Dark, x: float, top: float, bottom: float, reach: float) -> Course | None:
    """The upright line near column ``x`` from row ``top`` to ``bottom``, if there may be one.

    It is looked for up to ``reach`` columns away.
    """
    height, width = dark.shape
    top, bottom = max(0, round(top)), min(height, round(bottom))
    left, right = max(0, round(x) - round(reach)), min(width, round(x) + round(reach) + 1)
    if bottom - top < AROUND or right - left < reach:
        return None
    window = _widened(dark[top:bottom], left - WIDEST, right + WIDEST)
    core = window[:, WIDEST:-WIDEST]
    # beside a line there is paper, or between two close lines at least what is paler
    aside = int(np.clip(reach, 3, 6))
    beyond = window.shape[1] - WIDEST
    relief = core - np.maximum(
        window[:, WIDEST - aside : beyond - aside], window[:, WIDEST + aside : beyond + aside]
    )
    columns = _columns(relief, x - left)
    rows = np.arange(bottom - top)
    seen = np.maximum(relief[rows, columns], relief[rows, np.maximum(columns - 1, 0)])
    seen = (seen > LEAST_RELIEF).astype(np.float32)
    present = np.asarray(cv2.blur(seen[:, None], (1, AROUND))[:, 0] > 0.25)
    low, high = _edges(_along(dark, top, columns + left, ASIDE))
    return Course(top, columns + left, present, float(seen.mean()), low, high)


def darkness_on(dark: Dark, course: Course) -> float:
    """How dark the line is over the paper beside it, where no stroke crosses it."""
    aside = np.array([0, course.low, course.high])
    line, low, high = _along(dark, course.top, course.columns, aside)[course.present].T
    return middle_of(line - np.minimum(low, high))


def paint_course(dark: Dark, course: Course, pen: float, line: float) -> None:
    """Paint over a line in ``dark``.

    ``pen`` is how dark strokes are over the paper, ``line`` how dark lines like this are: where a
    stroke runs along it, it alone does not tell.
    """
    along = _along(dark, course.top, course.columns, ASIDE)
    low, high = course.low + WIDEST, course.high + WIDEST
    inner = np.arange(low + 1, high)
    own = np.minimum(along[:, inner], _bridged(along, low, high))
    over = along - np.minimum(along[:, low], along[:, high])[:, None]
    own = np.where(_under_line(over > STANDS_OUT * pen, low, high), along[:, inner], own)
    line = min(darkness_on(dark, course), UNEVEN * line)
    if pen > CLEARLY_DARKER * line:
        is_pen = over[:, inner] > 0.5 * (line + pen)
        own = np.where(is_pen, along[:, inner], own)
    rows = np.arange(len(along))[:, None] + course.top
    target = course.columns[:, None] + inner - WIDEST
    usable = course.present[:, None] & (target >= 0) & (target < dark.shape[1])
    dark[np.broadcast_to(rows, target.shape)[usable], target[usable]] = own[usable]


def _under_line(is_dark: NDArray[np.bool_], low: int, high: int) -> NDArray[np.bool_]:
    """Which pixels between the columns ``low`` and ``high`` are of strokes that run along the line.

    A stroke that the line covers in part stands out on one side of it, for a while and by less than
    a stroke is wide; the rest of it is under the line.
    """
    width = high - low - 1
    before, behind = (_rest(side, width) for side in (is_dark[:, low::-1], is_dark[:, high:]))
    return before | behind[:, ::-1]


def _rest(side: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """The rest of strokes that stand out on a side, (rows, ``width``), counted from there.

    ``side`` says what is dark, from the line's edge outwards.
    """
    seen = np.logical_and.accumulate(side, axis=1).sum(axis=1)
    runs = ((seen > 0) & (seen < STROKE)).astype(np.uint8)[:, None]
    runs = np.asarray(cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((ALONG, 1), np.uint8)))
    depth = np.where(runs[:, 0], STROKE - seen, 0)
    return np.asarray(np.arange(width) < depth[:, None], np.bool_)


def _widened(dark: Dark, left: int, right: int) -> Dark:
    """Columns ``left`` to ``right``, those off the picture as its edge is."""
    columns = np.clip(np.arange(left, right), 0, dark.shape[1] - 1)
    return dark[:, columns]


def _along(dark: Dark, top: int, columns: NDArray[np.intp], aside: NDArray[np.intp]) -> Dark:
    """The picture so many columns ``aside`` of a line, the line made upright."""
    around = columns[:, None] + aside
    rows = np.arange(top, top + len(columns))[:, None]
    return dark[rows, np.minimum(np.maximum(around, 0), dark.shape[1] - 1)]  # clip is slow


def _columns(relief: Dark, expected: float) -> NDArray[np.intp]:
    """In each row the column of the straight line that stands out most."""
    seen = cv2.blur((relief > LEAST_RELIEF).astype(np.float32), (3, 1))
    near = 1 - 0.03 * np.abs(np.arange(relief.shape[1]) - expected)
    best = int(np.argmax(seen.mean(axis=0) * near))
    around = np.arange(max(0, best - 2), min(relief.shape[1], best + 3))
    half = len(relief) // 2
    ends = [
        around[np.argmax(part[:, around].mean(axis=0) - 0.02 * np.abs(around - best))]
        for part in (seen[:half], seen[half:])
    ]
    share = np.linspace(-0.5, 1.5, len(relief))
    line = np.rint(ends[0] + (ends[1] - ends[0]) * share)
    return np.clip(line, 0, relief.shape[1] - 1).astype(np.intp)


def _edges(along: Dark) -> tuple[int, int]:
    """The columns just outside a line, counted from its middle: where most rows are paper again."""
    profile = share_of(along, 0.35)
    middle = WIDEST
    paper = min(profile[:3].mean(), profile[-3:].mean())
    edge = paper + 0.2 * (profile[middle - 1 : middle + 2].max() - paper)
    low = high = middle
    while low > 1 and profile[low] > edge:
        low -= 1
    while high < len(profile) - 2 and profile[high] > edge:
        high += 1
    return min(low - 1, middle - 2) - middle, max(high + 1, middle + 2) - middle


def _bridged(along: Dark, low: int, high: int) -> Dark:
    """Darkness between the columns ``low`` and ``high`` from those at both sides."""
    left, right = along[:, low], along[:, high]
    rows = np.arange(len(along))
    share = (np.arange(low + 1, high) - low) / (high - low)
    leans = LEANS[:, None, None]
    one = np.interp(rows[:, None] - leans * share, rows, left)
    other = np.interp(rows[:, None] + leans * (1 - share), rows, right)
    return np.minimum(one, other).max(axis=0).astype(np.float32)
