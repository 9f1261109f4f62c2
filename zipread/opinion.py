"""A place as a whole: how well its readings fit the picture, and where that has digits part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from zipread.decode import Reading
from zipread.ink import Grey
from zipread.segment import Segmentation
from zipread.state_model import Before
from zipread.strip import Strip
from zipread.whole import (
    Frames,
    WholeModel,
    Window,
    log_likelihoods,
    picture_of,
    spelled,
    window_around,
)

MOST_READINGS = 16
"""So many readings, the first ones, are weighed; the others fall out."""
BESIDE = (1.5, 5.5)
"""How much of a line is seen before its code and behind it, in pitches of the code's digits: one
digit more, or a dash and four."""
AMID = 0.25
"""Two digits are parted where there is least ink, no nearer to the middle of either than this
share of the way between them."""

Rectangle = tuple[int, int, int, int]
"""x, y, width, height on a strip."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the network sees in a window: ``text`` is what it spells by itself."""

    window: Window
    frames: Frames
    text: str
    middles: list[float]

    def parted(self, ink: Grey) -> list[float]:
        """The columns of a strip's ink that part the digits, one between each two of them."""
        middles = [self.window.strip_column(middle) for middle in self.middles]
        return [_least_ink(ink, *pair) for pair in pairwise(middles)]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a place's picture as a whole says.

    ``text`` is what it spells by itself, ``own`` the log-likelihood of that, and ``readings`` those
    of the candidate's readings, (readings,).
    """

    text: str
    own: float
    readings: NDArray[np.float64]


def see(strip: Strip, box: Rectangle, model: WholeModel) -> Sight:
    """Look at what stands in a ``box`` of a strip."""
    window = window_around(box)
    frames = model.frames(picture_of(strip, window))
    return Sight(window, frames, *spelled(frames))


def around(reading: Reading, segmentation: Segmentation) -> Rectangle:
    """The rectangle around the digits of a reading."""
    boxes = np.array([segmentation.hypotheses[edge].box for edge in reading.edges])
    x, y = boxes[:, :2].min(axis=0).tolist()
    right, foot = (boxes[:, :2] + boxes[:, 2:]).max(axis=0).tolist()
    return x, y, right - x, foot - y


def beside(code: Rectangle, digits: int, line: Rectangle) -> Rectangle:
    """A code of so many digits and its neighbours on the line: they say whether it is all of it."""
    x, y, width, height = code
    before, behind = (round(pitches * width / digits) for pitches in BESIDE)
    left = min(x, max(line[0], x - before))
    right = max(x + width, min(line[0] + line[2], x + width + behind))
    return left, y, right - left, height


def weighed(
    readings: Sequence[Reading], sight: Sight, before: Before
) -> tuple[tuple[Reading, ...], Opinion]:
    """The readings, best first, by the lattice, the picture and what stands before the code.

    With them the opinion of the picture on each; ``before`` is what stands before it.
    """
    known = readings[:MOST_READINGS]
    texts = [*(reading.digits for reading in known), sight.text]
    *likely, own = log_likelihoods(sight.frames, texts).tolist()
    scores = np.array([r.score + before.agrees(r.code) for r in known]) + np.array(likely)
    share = np.exp(scores - scores.max())
    share /= share.sum()
    order = np.argsort(-scores, kind="stable")
    ordered = (replace(known[k], score=float(scores[k]), posterior=float(share[k])) for k in order)
    return tuple(ordered), Opinion(sight.text, own, np.array(likely)[order])


def _least_ink(ink: Grey, left: float, right: float) -> float:
    """The column of least ink amid two others, the one nearest to the middle of them."""
    aside = AMID * (right - left)
    columns = np.arange(max(0, round(left + aside)), min(ink.shape[1], round(right - aside) + 1))
    if not len(columns):
        return (left + right) / 2
    inked = np.count_nonzero(ink[:, columns], axis=0)
    off = np.abs(columns - (left + right) / 2) / len(columns)
    return float(columns[np.argmin(inked + off)])
