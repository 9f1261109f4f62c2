"""The boxes of a field painted over: the picture as if they had not been printed.

Their lines are found again on the strip, near where the cells say that they run. Of a coloured
picture that channel is taken in which the boxes are palest beside the pen: orange ones are next to
white in the red.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from zipread.boxes import COMB_SHARE
from zipread.fields import Boxes
from zipread.fits import level_below
from zipread.ink import Grey, to_grey
from zipread.inpaint import Course, Dark, darkness_on, find_course, paint_course

EDGE = 6
"""How far from a cell's measured edge its printed line may run, in strip pixels."""
LEAST_SEEN = 0.45
"""Lines of a row that stand out in less of their length, on the median, are not there."""
CLEARLY_PALER = 0.7
SHARE_OF_USUAL = 0.6
"""One line of a row is there if it is seen in so much of what its like are."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a row's boxes: upright ones, and level ones on the picture laid on its side."""

    upright: list[Course]
    level: list[Course]

    def darkness(self, dark: Dark) -> float:
        """How dark the lines are over the paper, on the median."""
        found = [darkness_on(dark, course) for course in self.upright]
        found += [darkness_on(dark.T, course) for course in self.level]
        return float(np.median(found)) if found else 0.0


def without_boxes(pixels: NDArray[np.uint8], cells: Boxes, off: float, *, is_open: bool) -> Grey:
    """A strip in grey, the boxes of its ``cells`` (strip pixels) painted over.

    Their lines run up to ``off`` pixels from where the cells say; ``is_open`` says that the boxes
    have no line above.
    """
    dark = _darkness(to_grey(pixels))
    lines = _find_lines(dark, cells, off, is_open=is_open)
    if not lines.upright and not lines.level:
        return to_grey(pixels)
    pen = _pen(dark, cells)
    if pixels.ndim == 3:
        dark, pen = _clearest_channel(pixels, cells, lines, dark, pen)
    line = lines.darkness(dark)  # of all: a stroke may run along one of them
    for course in lines.upright:
        paint_course(dark, course, pen, line)
    on_its_side = np.ascontiguousarray(dark.T)
    for course in lines.level:
        paint_course(on_its_side, course, pen, line)
    return (255 - np.clip(on_its_side.T, 0, 255)).astype(np.uint8)


def _clearest_channel(
    pixels: NDArray[np.uint8], cells: Boxes, lines: _Lines, grey: Dark, pen: float
) -> tuple[Dark, float]:
    """Darkness where the boxes are palest beside the pen, and the pen's there.

    Grey, which is least noisy, unless a channel is clearly better.
    """
    best, best_pen, least = grey, pen, CLEARLY_PALER * lines.darkness(grey) / max(pen, 1.0)
    for index in range(3):
        channel = _darkness(np.ascontiguousarray(pixels[..., index]))
        own = _pen(channel, cells)
        share = lines.darkness(channel) / max(own, 1.0)
        if own > 0.6 * pen and share < least:
            best, best_pen, least = channel, own, share
    return best, best_pen


def _darkness(grey: Grey) -> Dark:
    return np.subtract(255, grey, dtype=np.float32)


def _pen(dark: Dark, cells: Boxes) -> float:
    """How dark the strokes within the cells are over the paper."""
    inner = [
        dark[max(0, y + EDGE) : max(0, y + h - EDGE), max(0, x + EDGE) : max(0, x + w - EDGE)]
        for x, y, w, h in cells.tolist()
    ]
    levels = np.concatenate([part.ravel() for part in inner]).astype(np.uint8)
    if not len(levels):
        return 0.0
    return level_below(levels, 0.95) - level_below(levels, 0.3)


def _find_lines(dark: Dark, cells: Boxes, off: float, *, is_open: bool) -> _Lines:
    """The lines that there are of walls, tops and bases of the cells."""
    on_its_side = np.ascontiguousarray(dark.T)
    x, y, w, h = cells.T
    edges = np.unique(np.concatenate([x, x + w]))
    edges = edges[np.diff(edges, prepend=-10) > 4]
    room = np.minimum(np.diff(edges, prepend=-99), np.diff(edges, append=edges[-1] + 99))
    reach = np.clip(0.5 * room, 2, off)
    nearest = np.argmin(np.abs(edges[:, None] - (x + w / 2)[None, :]), axis=1)
    foot = (y + h)[nearest] + EDGE
    top = (y + (1 - COMB_SHARE if is_open else 0.0) * h)[nearest] - EDGE
    args = zip(edges, top, foot, reach, strict=True)
    upright = _there([find_course(dark, *each) for each in args])
    level = []
    for side in (y + h,) if is_open else (y, y + h):
        level += _there(
            [
                find_course(on_its_side, *args)
                for args in zip(side, x - EDGE, x + w + EDGE, repeat(off, len(x)), strict=True)
            ]
        )
    return _Lines(upright, level)


def _there(courses: list[Course | None]) -> list[Course]:
    """Of lines that are alike those that stand out, or none if most do not."""
    found = [course for course in courses if course is not None]
    if not found:
        return []
    usual = float(np.median([course.seen for course in found]))
    return [c for c in found if usual >= LEAST_SEEN and c.seen >= SHARE_OF_USUAL * usual]
