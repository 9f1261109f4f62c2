"""A code read as a whole, uncut: a second opinion, which no line taken off and no cut can spoil.

A small convolutional network sees a code's picture as it was scanned, neither binarised nor freed
of printed lines. For every two of its columns it gives the probabilities of the ten digits and of
none, trained by connectionist temporal classification [1]_ on composed codes
(:mod:`zipread.training.whole`). It does not say where a digit is: digits are found, cut, brought to
the Digits form and read one by one, and the network is asked how well the picture fits what they
spell. Readers that fail for different reasons are worth most together [2]_.

.. [1] A. Graves, S. Fernandez, F. Gomez, J. Schmidhuber, Connectionist temporal classification,
   ICML 2006. Its section 4.1 gives the forward variables that :func:`log_likelihoods` works out.
.. [2] T. K. Ho, J. J. Hull, S. N. Srihari, Decision combination in multiple classifier systems,
   IEEE PAMI 16 (1994), from the reading of ZIP codes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.fits import shares_of
from zipread.ink import Grey, to_grey
from zipread.network import Network, Picture, load_network
from zipread.slant import to_upright
from zipread.strip import Strip

HEIGHT = 32
"""Rows of a picture; INK of them are the code's, and ROOM columns are free on either side."""
INK = 22
ROOM = 11
WIDEST = 288
"""A longer code is pressed to so many columns."""
STEP = 32
"""A picture's columns are a multiple of this, as of those that the network learned from."""
BLANK = 10
"""The class of no digit, behind the ten digits."""
SMOOTHED = 0.45
"""What is reduced more is smoothed before, against aliasing."""
SCALED = 32
"""After so many frames sums of probabilities are scaled, before they vanish."""
BLANK_SURELY = math.log(0.97)
"""What stands between frames as surely of no digit (log) changes nothing."""
LEAST = 1e-4
"""No class is less likely anywhere: the network has not seen everything."""

Frames = NDArray[np.float64]
"""(columns, 11): log-probabilities of the ten digits and of none."""


@dataclass(frozen=True, slots=True)
class WholeModel:
    """The network of whole codes."""

    network: Network

    def frames(self, picture: Picture) -> Frames:
        """What the network sees in a picture, (HEIGHT, 2n) as of :func:`picture_of`: (n, 11)."""
        scores = self.network.scores(picture)[:, 0].T
        scores -= scores.max(axis=1, keepdims=True)
        likely = np.exp(scores)
        likely /= likely.sum(axis=1, keepdims=True)
        return np.asarray(np.log(np.maximum(likely, LEAST)))


def load_whole_model(path: Path) -> WholeModel:
    """Load a network that reads codes as a whole.

    Raises
    ------
    ModelRefused
        If the file is missing, damaged or of another shape.
    """
    return WholeModel(load_network(path, (HEIGHT, STEP), (BLANK + 1, 1, STEP // 2)))


@dataclass(frozen=True, slots=True)
class Window:
    """Where on a strip the network looks; ``to_picture`` is affine, (2, 3), from upright ink."""

    to_picture: NDArray[np.float64]
    columns: int

    def strip_column(self, frame: float) -> float:
        """The middle of a frame on the strip."""
        along, _, offset = self.to_picture[0].tolist()
        return float((2 * frame + 1 - offset) / along)


def is_pressed(box: tuple[int, int, int, int]) -> bool:
    """Whether what stands in ``box`` is so long that a window shows it narrower than it is."""
    return _columns_wanted(box) > WIDEST


def window_around(box: tuple[int, int, int, int]) -> Window:
    """The window that shows the code in ``box``: x, y, width, height on a strip."""
    x, y, width, height = box
    scale, wanted = INK / height, _columns_wanted(box)
    press = min(1.0, WIDEST / wanted)
    columns = STEP * math.ceil(wanted * press / STEP)
    across = columns / 2 - (x + width / 2) * scale * press
    down = HEIGHT / 2 - (y + height / 2) * scale
    return Window(np.array([[scale * press, 0, across], [0, scale, down]]), columns)


def _columns_wanted(box: tuple[int, int, int, int]) -> float:
    """How many columns show what stands in ``box`` as wide as it is, with its room."""
    _, _, width, height = box
    return width * (INK / height) + 2 * ROOM


def picture_of(strip: Strip, window: Window) -> Picture:
    """What a window shows of a strip, as :func:`inked`: (HEIGHT, columns).

    Beyond the strip there is what stands at its edge.
    """
    to_picture = window.to_picture @ to_upright(strip)
    return inked(framed(to_grey(strip.pixels), to_picture, window.columns))


def framed(grey: Grey, to_picture: NDArray[np.float64], columns: int) -> Picture:
    """A picture by its (2, 3) affine matrix: (HEIGHT, columns), smoothed where it is reduced."""
    scale = float(to_picture[1, 1])
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.3 / scale) if scale < SMOOTHED else grey
    size, edge = (columns, HEIGHT), cv2.BORDER_REPLICATE
    picture = cv2.warpAffine(smooth, to_picture, size, flags=cv2.INTER_LINEAR, borderMode=edge)
    return np.asarray(picture, np.float32)


def inked(picture: Picture) -> Picture:
    """Grey as ink: 0 is the middle level, which is paper's, 1 as dark as hardly anything is."""
    paper, dark = shares_of(picture, (0.5, 0.02))
    return np.asarray(np.clip((paper - picture) / max(paper - dark, 12.0), -1, 1.5), np.float32)


def spelled(frames: Frames) -> tuple[str, list[float]]:
    """The digits of the likeliest path, runs of one class being one digit, and their middles.

    The middles are counted in frames.
    """
    digits, middles, start = "", [], 0
    for best, run in groupby(frames.argmax(axis=1).tolist()):
        end = start + len(list(run))
        if best != BLANK:
            digits += str(best)
            middles.append((start + end - 1) / 2)
        start = end
    return digits, middles


def _telling(frames: Frames) -> Frames:
    """The frames of digits, and those beside them: most of a picture is paper."""
    inked = frames[:, BLANK] < BLANK_SURELY
    near = inked.copy()
    near[1:] |= inked[:-1]
    near[:-1] |= inked[1:]
    near[0] = True
    return np.asarray(frames[near])


def log_likelihoods(frames: Frames, texts: Sequence[str]) -> NDArray[np.float64]:
    """Log-probability of each text of digits, over all its ways through the frames: (n,).

    Of paper that goes on and on only the ends count.
    """
    ends = np.array([2 * len(text) for text in texts])
    labels = np.full((len(texts), max(ends, default=0) + 1), BLANK)
    for row, text in zip(labels, texts, strict=True):
        row[1 : 2 * len(text) : 2] = [int(digit) for digit in text]
    skips = np.zeros(labels.shape)
    skips[:, 3::2] = labels[:, 3::2] != labels[:, 1:-2:2]
    likely = np.exp(_telling(frames))[:, labels]
    # Two empty states before the first, so that one step is the same for all of them.
    forward = np.zeros((len(texts), labels.shape[1] + 2))
    before, last, own = forward[:, :-2], forward[:, 1:-1], forward[:, 2:]
    own[:, :2] = likely[0, :, :2]
    total = np.zeros(len(texts))
    for number, at in enumerate(likely[1:], 1):
        reached = skips * before
        reached += last
        reached += own
        np.multiply(reached, at, out=own)
        if number % SCALED == 0:
            largest = own.max(axis=1)
            own /= largest[:, None]
            total += np.log(largest)
    each = np.arange(len(texts))
    ways = own[each, ends] + np.where(ends, own[each, ends - 1], 0.0)
    return np.asarray(total + np.log(np.maximum(ways, 1e-300)))
