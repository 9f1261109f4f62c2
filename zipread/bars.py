"""Postal barcodes taken off the ink: long rows of thin upright bars at one pitch.

POSTNET and four-state codes (Intelligent Mail, RM4SCC) are printed where the address ends, so their
bars touch or cross the feet of digits. Bars that stand free give the pitch; at their places strokes
as upright and as thin are bars as well, where they touch the writing, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.components import labelled
from zipread.fits import line_through
from zipread.ink import Grey, Ink
from zipread.rules import opened
from zipread.strip import STROKE

WIDEST_BAR = 9
BAR_HEIGHTS = (7, 50)
PITCHES = (3.5, 24.0)
FEWEST_BARS = 8
MOST_OFF = 0.17
"""Bars lie within so much of a pitch of their places."""
LEAST_TAKEN = 0.6
"""So many of the places between a row's ends hold a free bar, or it is no barcode."""
BEYOND = 14
"""Places beyond the last free bars at which bars are looked for among the writing."""


@dataclass(frozen=True, slots=True)
class _Row:
    """Bars at ``first`` + k * ``pitch`` from ``top`` to ``bottom``, ``width`` wide."""

    first: float
    pitch: float
    count: int
    top: int
    bottom: int
    width: float


def without_bars(ink: Ink) -> Ink:
    """The ink of a level strip without a postal barcode's bars."""
    row = _find_row(ink.mask)
    if row is None:
        return ink
    bars = _bars_at(ink.mask, row)
    rest = cv2.subtract(ink.mask, bars)
    # a stroke that goes on at both sides of a bar ran through it
    across = np.ones((1, 2 * round((row.width + 3) / 2) + 1), np.uint8)
    bridged = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, across)
    mask = _without_ends(np.asarray(rest | (bridged & bars), np.uint8), row)
    strength = np.where(cv2.subtract(ink.mask, mask) > 0, 0, ink.strength).astype(np.uint8)
    return Ink(strength, mask)


def _without_ends(mask: Grey, row: _Row) -> Grey:
    """The mask without what is left of bars: bits within the row's height, none a stroke's."""
    labels, stats = labelled(mask)
    _, y, w, h, _ = stats.T
    bit = (y >= row.top - 2) & (y + h <= row.bottom + 2) & (w <= row.pitch) & (h < STROKE * 3)
    bit[0] = False
    return np.where(bit[labels], 0, mask).astype(np.uint8)


def _find_row(mask: Grey) -> _Row | None:
    """The row that most free-standing bars make."""
    upright = cv2.subtract(mask, opened(mask, WIDEST_BAR + 1, 1))
    _, stats = labelled(upright)
    _, _, w, h, area = stats[1:].T
    bar = (w <= WIDEST_BAR) & (h >= BAR_HEIGHTS[0]) & (h <= BAR_HEIGHTS[1]) & (h >= 1.3 * w)
    bar &= area >= 0.6 * w * h
    if np.count_nonzero(bar) < FEWEST_BARS:
        return None
    bars = stats[1:][bar]
    middle = bars[:, 1] + bars[:, 3] / 2
    bars = bars[np.abs(middle - np.median(middle)) < 0.6 * np.percentile(bars[:, 3], 80)]
    if len(bars) < FEWEST_BARS:
        return None
    bars = bars[np.argsort(bars[:, 0])]
    x = bars[:, 0] + bars[:, 2] / 2
    place, pitch, first = _places(x)
    off = np.abs(x - first - place * pitch)
    fits = off <= MOST_OFF * pitch
    taken = len(np.unique(place[fits]))
    regular = np.count_nonzero(fits) >= max(FEWEST_BARS, 0.8 * len(bars))
    if not PITCHES[0] <= pitch <= PITCHES[1] or not regular:
        return None
    span = int(place[fits].max() - place[fits].min()) + 1
    if taken < LEAST_TAKEN * span:
        return None
    bars = bars[fits]
    top, bottom = bars[:, 1].min(), (bars[:, 1] + bars[:, 3]).max()
    start = first + float(place[fits].min()) * pitch
    return _Row(start, pitch, span, int(top), int(bottom), float(np.median(bars[:, 2])))


def _places(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], float, float]:
    """The place of each bar in the row, from 0 on, the pitch, and where place 0 is."""
    steps = np.diff(x)
    pitch = float(np.median(steps))
    for _ in range(2):
        # from bar to bar, so that an inexact pitch does not add up
        place = np.concatenate([[0], np.cumsum(np.maximum(np.rint(steps / max(pitch, 1)), 0))])
        if place[-1] == 0:
            break
        pitch, first = line_through(place, x)
    else:
        return place, pitch, first
    return place, 0.0, 0.0


def _bars_at(mask: Grey, row: _Row) -> Grey:
    """Thin upright strokes of the mask at the places of the row."""
    runs = opened(mask, 1, BAR_HEIGHTS[0])
    columns = np.arange(mask.shape[1])
    place = (columns - row.first) / row.pitch
    near = np.abs(place - np.rint(place)) * row.pitch <= row.width / 2 + 1
    near &= (place > -BEYOND) & (place < row.count + BEYOND)
    bars = np.zeros_like(mask)
    band = slice(max(0, row.top - 1), row.bottom + 1)
    bars[band] = np.where(near, runs[band], 0)
    return bars
