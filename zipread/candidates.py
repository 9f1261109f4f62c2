"""Places of the page read as codes: strip, hypotheses, readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.bars import without_bars
from zipread.boxes import BoxRow, find_row
from zipread.cells import segment_cells
from zipread.decode import Prior, Reading, build_lattice, decode
from zipread.fields import TextLine
from zipread.ink import Ink, find_ink, to_grey
from zipread.prospects import Place
from zipread.recognise import Recogniser
from zipread.rules import without_rules
from zipread.segment import Segmentation, segment
from zipread.slant import upright
from zipread.strip import STROKE, Strip, cut_strip

OFF_SEEN, OFF_GIVEN = 5.0, 8.0
"""Lines of boxes run so many strip pixels from where they were seen, or are said to be."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that was read. ``forms`` is (hypotheses, 64), ``probabilities`` (hypotheses, 10)."""

    place: Place
    strip: Strip
    ink: Ink
    segmentation: Segmentation
    forms: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    readings: tuple[Reading, ...]

    @property
    def best(self) -> Reading:
        """The likeliest reading."""
        return self.readings[0]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A place cut out of the page and its ink over-segmented; boxes seen there are its row."""

    place: Place
    strip: Strip
    ink: Ink
    segmentation: Segmentation


def prepare(
    page: NDArray[np.uint8], place: Place, reduction: float, recognise: Recogniser
) -> list[Prepared]:
    """Cut the place out of the page and over-segment its ink; boxes seen there come beside it.

    What looks like boxes may be none, and strokes may run through several cells: then a row reads
    better as if it had none. Of boxes that are known to be there only those.
    """
    strip = cut_strip(page, place.line, reduction)
    seen = _row_seen(strip, place, reduction)
    if place.row:
        row, off = (seen, OFF_SEEN) if seen else (place.row, OFF_GIVEN)
        return [_by_cells(page, place, row, reduction, off)]
    by_cells = [_by_cells(page, place, seen, reduction, OFF_SEEN)] if seen else []
    return [*by_cells, _by_ink(strip, place, recognise)]


def _by_cells(
    page: NDArray[np.uint8], place: Place, row: BoxRow, reduction: float, off: float
) -> Prepared:
    strip = cut_strip(page, row.line, reduction)
    ink, segmentation = segment_cells(strip, _row_on(strip, row, reduction), off)
    return Prepared(replace(place, line=row.line, row=row), strip, ink, segmentation)


def _by_ink(strip: Strip, place: Place, recognise: Recogniser) -> Prepared:
    ink = find_ink(to_grey(strip.pixels), STROKE, one_pen=True)
    ink = without_bars(without_rules(ink))
    strip, ink = upright(strip, _whole_pieces(ink, strip.goes_on))
    segmentation = segment(ink, lambda glyphs: recognise(glyphs)[1])
    return Prepared(place, strip, ink, segmentation)


def _row_seen(strip: Strip, place: Place, reduction: float) -> BoxRow | None:
    """The boxes seen on a place's strip, as many as it is known to have."""
    row = find_row(strip.pixels, len(place.row.cells) if place.row else None)
    if row is None:
        return None
    cells = row.cells
    centres = (cells[:, :2] + cells[:, 2:] / 2) @ strip.to_page[:, :2].T + strip.to_page[:, 2]
    size = cells[:, 2:] / strip.scale
    on_page = np.column_stack([centres - size / 2, size]) / reduction
    return BoxRow(on_page, row.is_open)


def _whole_pieces(ink: Ink, goes_on: tuple[bool, bool]) -> Ink:
    """The ink without what the strip's ends cut through: half a digit looks like another one."""
    mask = ink.mask.copy()
    for column, beyond in zip((0, mask.shape[1] - 1), goes_on, strict=True):
        for row in np.flatnonzero(mask[:, column]) if beyond else ():
            if mask[row, column]:
                cv2.floodFill(mask, None, (column, int(row)), 0, flags=8)
    gone = cv2.bitwise_xor(mask, ink.mask)
    if not cv2.countNonZero(gone):
        return ink
    gone = cv2.dilate(gone, np.ones((3, 3), np.uint8))
    return Ink(cv2.subtract(ink.strength, gone), mask)


def read_places(
    page: NDArray[np.uint8],
    places: list[Place],
    reduction: float,
    recognise: Recogniser,
    lengths: tuple[tuple[int, ...], ...],
    prior_at: Callable[[Place], Prior],
    *,
    alone: bool = False,
) -> list[Candidate]:
    """Read all places with one call of the model; those without a reading fall out.

    ``prior_at`` gives what is expected of a code at a place before it is read; ``lengths`` and
    ``alone`` are those of :mod:`zipread.decode`.
    """
    prepared = [each for place in places for each in prepare(page, place, reduction, recognise)]
    glyphs = [h.glyph for each in prepared for h in each.segmentation.hypotheses]
    if not glyphs:
        return []
    forms, probabilities = recognise(glyphs)
    found, start = [], 0
    for each in prepared:
        mine = slice(start, start + len(each.segmentation.hypotheses))
        start = mine.stop
        if not each.segmentation.hypotheses:
            continue
        lattice = build_lattice(each.segmentation, probabilities[mine], alone=alone)
        readings = tuple(decode(lattice, lengths, prior_at(each.place)))
        if readings:
            own = forms[mine], probabilities[mine], readings
            found.append(Candidate(each.place, each.strip, each.ink, each.segmentation, *own))
    return found


def longer_place(candidate: Candidate, reduction: float) -> Place | None:
    """The candidate's place with a first digit that stands before its line; None if none does."""
    place, strip = candidate.place, candidate.strip
    if place.row is not None or not strip.goes_on[0]:
        return None
    first = candidate.segmentation.hypotheses[candidate.best.edges[0]]
    box = strip.page_box(*first.box)
    if (box.x + box.width / 2) / reduction >= place.line.left:
        return None
    own = np.array([[box.x, box.y, box.width, box.height]]) / reduction
    boxes = np.vstack([own.round().astype(np.int32), place.line.boxes])
    return replace(place, line=replace(place.line, boxes=boxes))


def shared(one: TextLine, other: TextLine) -> bool:
    """Whether two lines run through the same place."""
    beside = min(one.right, other.right) - max(one.left, other.left)
    narrower, wider = sorted((one, other), key=lambda line: line.right - line.left)
    (x, y), (wide_x, wide_y) = narrower.middle, wider.middle
    apart = abs(wide_y + wider.slope * (x - wide_x) - y)
    near = apart < 0.5 * min(one.height, other.height)
    return near and beside > 0.4 * (narrower.right - narrower.left)


def _row_on(strip: Strip, row: BoxRow, reduction: float) -> BoxRow:
    """A row of the reduced page in strip pixels."""
    cells = row.cells
    to_strip = cv2.invertAffineTransform(strip.to_page)
    centres = (cells[:, :2] + cells[:, 2:] / 2) * reduction
    on_strip = centres @ to_strip[:, :2].T + to_strip[:, 2]
    size = cells[:, 2:] * reduction * strip.scale
    on_strip = np.column_stack([on_strip - size / 2, size])
    return BoxRow(on_strip, row.is_open)
