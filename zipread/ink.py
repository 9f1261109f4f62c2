"""Page to ink: how much darker than its own paper each pixel is.

Paper is uneven (shadow, kraft, window light) and pens are faint or strong, so no threshold on grey
values serves a whole page. Two local steps do: the paper's brightness is the grey-level closing of
the page (dark strokes filled from around), and a pixel is ink when its contrast to that paper is a
good part of the strongest contrast nearby, a local-contrast rule in the manner of Bernsen (1986)
and Su, Lu and Tan (2010). The floor under that rule comes from the page's own noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.components import Components, labelled

Grey = NDArray[np.uint8]

PAPER_REDUCTION = 4
"""The paper is estimated at a quarter of the size: it is smooth, and 16 times cheaper there."""

BAND = 64
"""Rows that are worked on at a time where a whole page would take much memory."""

SHARE_OF_LOCAL_CONTRAST = 0.40
MOST_OF_LOCAL = 0.6
LEAST_PATTERN = 0.25
"""Writing alone never covers so much of a line: there is a pattern on the paper."""
LEAST_CONTRAST = 14.0
NOISE_FACTOR = 5.0


@dataclass(frozen=True)
class Ink:
    """What is written, on the raster of the picture that it was found in.

    ``strength`` is soft ink, uint8 (h, w): 0 paper .. 255 as dark as the strokes nearby.
    ``mask`` is uint8 (h, w): 255 where there is ink, else 0.
    """

    strength: Grey
    mask: Grey

    @cached_property
    def components(self) -> Components:
        """The connected components of the mask: one stage after the other looks at them."""
        return labelled(self.mask)


def to_grey(pixels: NDArray[np.uint8]) -> Grey:
    """Luminance of an RGB picture, (h, w) uint8; a grey one is handed through."""
    return pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)


def without_colour(pixels: NDArray[np.uint8]) -> Grey:
    """What is dark in every channel of an RGB picture, (h, w) uint8: coloured prints drop out.

    Form scanners do it with a lamp of the form's colour. It goes band by band: the channels of a
    whole page would take twice its memory again.
    """
    palest = np.empty(pixels.shape[:2], np.uint8)
    for top in range(0, len(pixels), BAND):
        red, green, blue = cv2.split(pixels[top : top + BAND])
        cv2.max(cv2.max(red, green), blue, dst=palest[top : top + BAND])
    return palest


def find_ink(grey: Grey, stroke: float, *, one_pen: bool = False) -> Ink:
    """Separate ink from paper.

    ``grey`` is uint8 (h, w), dark on light; ``stroke`` the width of a usual pen stroke in pixels of
    it, which sets how wide the neighbourhoods are. ``one_pen`` says that the picture holds one
    line of writing: then a pattern printed on the paper can be told from the pen by Otsu's
    threshold.
    """
    levels = _levels(grey, stroke, one_pen=one_pen)
    full = cv2.max(_share(levels.nearby, 0.85), 1.5 * levels.floor)
    strength = cv2.divide(levels.contrast, full, scale=255.0)
    return Ink(strength, levels.mask)


def find_mask(grey: Grey, stroke: float) -> Grey:
    """Only the mask of :func:`find_ink`: to find lines on a page needs no more."""
    return _levels(grey, stroke, one_pen=False).mask


@dataclass(frozen=True, slots=True)
class _Levels:
    """What tells ink from paper, (h, w) uint8 each: contrast, the strongest nearby, and the mask.

    ``floor`` is the least contrast that is ink.
    """

    contrast: cv2.typing.MatLike
    nearby: cv2.typing.MatLike
    mask: Grey
    floor: float


def _levels(grey: Grey, stroke: float, *, one_pen: bool) -> _Levels:
    contrast = _contrast_to_paper(grey, stroke)
    reach = 2 * round((6 if one_pen else 3) * stroke) + 1
    nearby = cv2.dilate(contrast, np.ones((reach, reach), np.uint8))
    nearby = cv2.blur(nearby, (reach, reach))
    floor = _noise_floor(contrast)
    threshold = _share(nearby, SHARE_OF_LOCAL_CONTRAST)
    if one_pen:
        split = _otsu(contrast)
        floor = min(floor, split)
        above = cv2.compare(contrast, floor, cv2.CMP_GT)
        if cv2.countNonZero(above) > LEAST_PATTERN * contrast.size:
            threshold = cv2.max(threshold, cv2.min(_share(nearby, MOST_OF_LOCAL), split))
    mask = cv2.compare(contrast, cv2.max(threshold, floor), cv2.CMP_GT)
    return _Levels(contrast, nearby, np.asarray(mask, np.uint8), floor)


def _share(picture: cv2.typing.MatLike, share: float) -> cv2.typing.MatLike:
    """The picture times ``share``: what cv2.multiply gives, five times as fast."""
    return cv2.convertScaleAbs(picture, alpha=share)


def _otsu(contrast: Grey) -> float:
    """Otsu's (1979) threshold: between the paper with its pattern and the pen."""
    threshold, _ = cv2.threshold(contrast, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return max(LEAST_CONTRAST, threshold)


def _contrast_to_paper(grey: Grey, stroke: float) -> Grey:
    """How much darker than the paper around it a pixel is, 0 .. 255 of the paper's brightness."""
    smooth = cv2.blur(grey, (3, 3)) if stroke >= 2 else grey
    height, width = grey.shape
    below, beside = -height % PAPER_REDUCTION, -width % PAPER_REDUCTION
    even = cv2.copyMakeBorder(smooth, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    small_size = (even.shape[1] // PAPER_REDUCTION, even.shape[0] // PAPER_REDUCTION)
    small = cv2.resize(even, small_size, interpolation=cv2.INTER_AREA)
    reach = 2 * max(2, round(3 * stroke * 2 / PAPER_REDUCTION)) + 1
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    paper = cv2.resize(cv2.blur(closed, (5, 5)), even.shape[::-1], interpolation=cv2.INTER_LINEAR)
    paper = paper[:height, :width]
    darker = cv2.subtract(paper, smooth)
    return cv2.divide(darker, cv2.max(paper, 24.0), scale=255.0)


def _noise_floor(contrast: Grey) -> float:
    """The contrast that paper grain and JPEG noise reach, from the page's median and spread."""
    sample = np.ascontiguousarray(contrast[::3, ::3])
    counts = cv2.calcHist([sample], [0], None, [256], [0, 256]).ravel().astype(np.int64)
    middle = _median_level(np.cumsum(counts))
    around = counts[middle:].copy()
    around[1 : middle + 1] += counts[:middle][::-1][: len(around) - 1]
    spread = 1.4826 * _median_level(np.cumsum(around))
    return max(LEAST_CONTRAST, middle + NOISE_FACTOR * spread)


def _median_level(cumulative: NDArray[np.int64]) -> int:
    """The level below which half of a histogram lies."""
    return int(np.searchsorted(cumulative, cumulative[-1] / 2))
