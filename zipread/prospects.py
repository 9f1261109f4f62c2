"""Places of a page that may hold the destination's code, and how likely each is unread.

Reading a place costs more than finding all of them, so they are read in the order of a prior: a
conditional logit over what a postal clerk looks at (Cohen, Hull and Srihari 1994: the last lines of
the address block, in the middle or at the lower right; a short last word of digit-like pieces).
Its weights are learned from composed pages by :mod:`zipread.training.confidence`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zipread.boxes import BoxRow
from zipread.fields import Raster, TextLine, cuts, heads, whole_crop
from zipread.fits import middle_of

MOST_LINES = 60
"""Of a page that breaks into more lines than this (a pattern, a printed form), the longest."""
USUAL_LINES = 15
"""An envelope has few lines; a table and a letter have many."""
EVEN = (0.06, 0.1)
"""Spread of the logs of heights and of widths below which pieces are of one size."""
NEAR = 5.0
"""Lines up to so many of their heights apart belong to one block."""
SHOWS_SKEW = 5
"""A line of so many components tells how the page lies."""
ON = (0.5, 4.0)
"""What stands no further below or above a place, and behind it, goes on its line, in heights."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code may stand: a text line of the reduced page or a part of it.

    ``row`` are the boxes printed there, once they are known; ``gap`` is the free room before it on
    its line, in heights of the line, at most 3, and ``lead`` that behind it where it leads a longer
    line; ``whole`` says that the line was not cut there; ``prior`` is the logit that the
    destination's code stands here, before anything is read.
    """

    line: TextLine
    row: BoxRow | None = None
    gap: float = 3.0
    lead: float = 0.0
    whole: bool = True
    prior: float = 0.0


CUES = (
    "bias",
    "pieces_few",
    "pieces_five",
    "pieces_nine",
    "pieces_many",
    "framed",
    "narrow",
    "flat",
    "even",
    "gap",
    "part",
    "leads",
    "lead",
    "behind",
    "below",
    "above",
    "last",
    "top",
    "top_left",
    "left",
    "top_right",
    "foot",
    "border",
    "crowded",
    "small",
    "large",
    "crop",
    "crop_small",
    "crop_aside",
    "everything",
)


def list_places(lines: list[TextLine], raster: Raster) -> list[Place]:
    """All places of a page: text lines, their last words and first ones, a cut-out as a whole."""
    longest = sorted(lines, key=lambda line: line.left - line.right)[:MOST_LINES]
    places = [place for line in longest for place in _parts(line)]
    if raster.cropped:
        places.append(Place(whole_crop(raster)))
    return places


def weighed(
    places: list[Place], lines: list[TextLine], raster: Raster, weights: NDArray[np.float64]
) -> list[Place]:
    """The places with their prior; ``weights`` are those of CUES."""
    if not places:
        return []
    logits = cues(places, lines, raster) @ weights
    return [replace(p, prior=float(logit)) for p, logit in zip(places, logits, strict=True)]


def _parts(line: TextLine) -> list[Place]:
    whole = Place(line)
    last = [Place(part, gap=gap, whole=False) for part, gap in cuts(line)]
    first = [Place(part, lead=gap, whole=False) for part, gap in heads(line)]
    return [*last, *first, whole]


def cues(places: list[Place], lines: list[TextLine], raster: Raster) -> NDArray[np.float64]:
    """What speaks for and against each place: (places, cues) float64, columns as in CUES."""
    skew = _skew(lines)
    spans = _spans([place.line for place in places], skew, raster)
    left, right, y, height = spans.T
    count, narrow, even, uneven_width = _shapes(places, height)
    gap = np.array([place.gap for place in places])
    others = _spans([line for line in lines if len(line.boxes) > 1], skew, raster)
    below, above, behind = _block(spans, others)
    page, crop = float(max(raster.height, raster.width)), float(raster.cropped)
    across, down = (left + right) / 2 / raster.width, y / raster.height
    flat = np.log((right - left) / height / 4.0)
    relative = np.log(np.maximum(height, 1.0) / page)
    page_only = 1.0 - crop
    edge = (left < 0.01 * raster.width) | (right > 0.99 * raster.width)
    edge |= (y - height < 0.012 * raster.height) | (y + height > 0.988 * raster.height)
    columns = {
        "bias": np.ones(len(places)),
        "pieces_few": np.clip(4 - count, 0, 3),
        "pieces_five": (count >= 4) & (count <= 6),
        "pieces_nine": (count >= 8) & (count <= 11),
        "pieces_many": np.log(np.maximum(count / 11, 1.0)),
        # frames, printed, are of one size as no writing is
        "framed": (count >= 4) & (even < EVEN[0]) & (uneven_width < EVEN[1]),
        "narrow": narrow,
        "flat": np.minimum(np.abs(flat), 3.0),
        "even": np.minimum(even, 1.0),
        "gap": np.minimum(gap, 3.0),
        "part": [not place.whole and not place.lead for place in places],
        "leads": [place.lead > 0 for place in places],
        "lead": [place.lead for place in places],
        "behind": behind,
        "below": page_only * np.minimum(below, 3.0),
        "above": page_only * np.minimum(above, 4.0),
        "last": page_only * (below == 0),
        "top": page_only * np.maximum(0.0, 0.35 - down),
        "top_left": page_only * ((down < 0.34) & (across < 0.42)),
        "left": page_only * np.maximum(0.0, 0.4 - across),
        "top_right": page_only * ((down < 0.4) & (across > 0.66)),
        "foot": page_only * np.maximum(0.0, down - 0.85) * 5,
        "border": page_only * edge,
        "crowded": np.full(len(places), page_only * np.log(max(len(lines) / USUAL_LINES, 1.0))),
        "small": page_only * np.maximum(0.0, np.log(0.014) - relative),
        "large": page_only * np.maximum(0.0, relative - np.log(0.055)),
        "crop": np.full(len(places), crop),
        "crop_small": crop * np.maximum(0.0, np.log(0.45 * raster.height / height)),
        "crop_aside": crop * np.abs(down - 0.5),
        "everything": crop * (count <= 1),
    }
    return np.column_stack([columns[name] for name in CUES])


def _shapes(places: list[Place], height: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Of each place's pieces, but for the small ones: count, share of narrow ones, how uneven.

    That is the spread of the logs of their heights, and of their widths. ``height`` is that of the
    places' lines.
    """
    sizes = np.concatenate([place.line.boxes[:, 2:] for place in places])
    of = np.repeat(np.arange(len(places)), [len(place.line.boxes) for place in places])
    tall = sizes[:, 1] > 0.5 * height[of]
    sizes, of = sizes[tall], of[tall]
    count = np.bincount(of, minlength=len(places))

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(of, values, len(places)) / np.maximum(count, 1)

    narrow = mean((sizes[:, 0] < 1.15 * height[of]).astype(float))
    logs = np.log(sizes)
    even, uneven_width = (
        np.sqrt(mean((own - mean(own)[of]) ** 2)) for own in (logs[:, 1], logs[:, 0])
    )
    return count.astype(float), narrow, even, uneven_width


def _skew(lines: list[TextLine]) -> float:
    """The angle (radians, clockwise) that the page's writing runs at: the median of long lines."""
    slopes = [line.slope for line in lines if len(line.boxes) >= SHOWS_SKEW]
    return math.atan(middle_of(np.array(slopes))) if slopes else 0.0


def _spans(lines: list[TextLine], skew: float, raster: Raster) -> NDArray[np.float64]:
    """(lines, 4): left, right, middle height, height, on the page turned about its middle upright.

    A return address is above all else on a page that lies aslant as well.
    """
    measured = [(line.right - line.left, *line.middle, line.height) for line in lines]
    width, x, y, height = np.array(measured, float).reshape(-1, 4).T
    middle_x, middle_y = raster.width / 2, raster.height / 2
    x, y = x - middle_x, y - middle_y
    along, down = math.cos(skew), math.sin(skew)
    x, y = middle_x + along * x + down * y, middle_y + along * y - down * x
    return np.column_stack([x - width / 2, x + width / 2, y, height])


def _block(
    spans: NDArray[np.float64], others: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """How many lines of its block stand below and above each place, and if one goes on behind it.

    ``spans`` are the places', ``others`` those of the lines.
    """
    if not len(others):
        return np.zeros(len(spans)), np.zeros(len(spans)), np.zeros(len(spans))
    left, right, y, height = (column[:, None] for column in spans.T)
    o_left, o_right, o_y, o_height = others.T
    beside = np.minimum(right, o_right) - np.maximum(left, o_left)
    drop = o_y - y
    near = (np.abs(drop) < NEAR * np.maximum(height, o_height)) & (beside > -4 * height)
    below = np.count_nonzero(near & (drop > 0.8 * height), axis=1)
    above = np.count_nonzero(near & (drop < -0.8 * height), axis=1)
    gap = o_left - right
    behind = (np.abs(drop) < ON[0] * height) & (gap > -ON[0] * height) & (gap < ON[1] * height)
    return below.astype(float), above.astype(float), behind.any(axis=1).astype(float)
