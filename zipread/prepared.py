"""Places of the page made ready to be read: cut out, freed of printed lines, over-segmented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from zipread.bars import without_bars
from zipread.boxes import CELLS, BoxRow, find_row, stand_elsewhere
from zipread.cells import segment_cells
from zipread.fields import TextLine, shared
from zipread.ink import Grey, Ink, find_ink, to_grey
from zipread.prospects import Place
from zipread.recognise import Recogniser
from zipread.rules import without_rules
from zipread.segment import Segmentation, segment
from zipread.slant import upright
from zipread.strip import STROKE, Sheet, Strip

OVER = (0.25, 0.3)
"""Digits of a row have their middle at most so far beyond its ends, and above or below it, in
widths and heights of a cell."""
ROW_ENDS = 3
"""With room for so many cells more at its end a row is seen to end there."""
AMISS = 0.4
"""Boxes whose base is so far from where it is said to be, in their heights, are not in sight."""
CUT_OFF, MORE_ROOM = 1, 0.25
"""A digit within so many pixels of its strip's edge is cut off; room is made for it, in heights of
a cell."""
OFF_SEEN, OFF_GIVEN = 5.0, 8.0
"""Lines of boxes run so many strip pixels from where they were seen, or are said to be."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A place cut out of the page and its ink over-segmented; boxes seen there are its row.

    ``cells`` is the row on the strip if the digits may stray from its boxes, else None.
    """

    place: Place
    strip: Strip
    ink: Ink
    segmentation: Segmentation
    cells: BoxRow | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to take a place: ``plain`` ones, and a row of boxes as if it had no cells.

    The latter is made when it is asked for: most people keep to the boxes.
    """

    plain: tuple[Prepared, ...]
    straying: Iterable[Prepared] = ()


@dataclass(frozen=True, slots=True)
class _View:
    """A place on its strip, and the row of boxes seen there, on the reduced page."""

    place: Place
    strip: Strip
    row: BoxRow | None


def prepare(
    sheet: Sheet,
    places: list[Place],
    recognise: Recogniser,
    known: Iterable[BoxRow] = (),
) -> Iterator[Ways]:
    """Cut the places out of a page and over-segment their ink, each in all ways it may be taken.

    By boxes that are seen there and as plain ink, and as what is left without the boxes: what looks
    like boxes may be none, and strokes may run through several cells. Of boxes that are said to be
    there only those, and nothing where they stand elsewhere. A row that shows from several places
    is read once, as the place shows it that shows most of it; rows that are ``known`` were read
    before.
    """
    views = [_view(sheet, place) for place in places]
    fresh = _fresh_rows([view.row for view in views], list(known))
    for view in views:
        yield _ways(sheet, view, any(view.row is row for row in fresh), recognise)


def _ways(sheet: Sheet, view: _View, is_fresh: bool, recognise: Recogniser) -> Ways:
    if given := view.place.row:
        found = _in_place(view, given, sheet.reduction)
        return _in_row(sheet, view.place, *found, recognise) if found else Ways(())
    by_ink = _by_ink(view.strip, view.place, recognise)
    if view.row is None or not is_fresh:
        return Ways((by_ink,))
    in_row = _in_row(sheet, view.place, view.row, OFF_SEEN, recognise)
    return replace(in_row, plain=(*in_row.plain, by_ink))


def _view(sheet: Sheet, place: Place) -> _View:
    strip = sheet.strip(place.line)
    row = _row_seen(strip, place, sheet.reduction)
    if row and not place.row:
        row = _whole_row(sheet, place, row, strip)
    return _View(place, strip, row)


def _whole_row(sheet: Sheet, place: Place, row: BoxRow, strip: Strip) -> BoxRow:
    """The row, or the longer or clearer one that it shares cells with where its strip ends in it.

    Of a row that goes on beyond the strip the part seen there may seem to begin a box too early.
    """
    height, width = strip.pixels.shape[:2]
    span = strip.page_box(0, height / 2, width, 0)
    left, right = span.x / sheet.reduction, span.right / sheet.reduction
    first, last = row.cells[0], row.cells[-1]
    pitch = (last[0] - first[0]) / (len(row.cells) - 1)
    beyond = np.array([CELLS * pitch, 0.0, 0.0, 0.0])
    room = ROW_ENDS * pitch
    more = [first - beyond] if strip.goes_on[0] and first[0] - room < left else []
    more += [last + beyond] if strip.goes_on[1] and last[0] + last[2] + room > right else []
    if not more:
        return row
    boxes = np.vstack([place.line.boxes, np.round(more).astype(np.int32)])
    longer = sheet.strip(place.line.of(boxes))
    seen = _row_seen(longer, place, sheet.reduction)
    return seen if seen and _shows_more(seen, row) else row


def _shows_more(longer: BoxRow, row: BoxRow) -> bool:
    """Whether a row seen on a longer strip has more cells, or as many that are drawn better."""
    more = len(longer.cells) - len(row.cells)
    alike = longer.is_open == row.is_open and not more
    return more > 0 or (alike and longer.is_clearer_than(row))


def _in_place(view: _View, given: BoxRow, reduction: float) -> tuple[BoxRow, float] | None:
    """The row of a place that is said to have one, and how far its lines may be off.

    None if the boxes stand elsewhere: what is seen there is a part of them, or of others.
    """
    if view.row is None:
        on_strip = replace(given, cells=view.strip.boxes_of(given.cells, reduction))
        if stand_elsewhere(view.strip.pixels, on_strip, OFF_GIVEN):
            return None
        return given, OFF_GIVEN
    seen, said = (np.median(row.cells[:, 1] + row.cells[:, 3]) for row in (view.row, given))
    amiss = abs(seen - said) > AMISS * np.median(given.cells[:, 3])
    return None if amiss else (view.row, OFF_SEEN)


def _fresh_rows(seen: list[BoxRow | None], known: list[BoxRow]) -> list[BoxRow]:
    """Of rows in one place the one that is drawn best, if it is not as good as known."""
    fresh: list[BoxRow] = []
    for row in sorted((row for row in seen if row), key=lambda row: row.rank, reverse=True):
        if not any(
            shared(row.line, other.line) and not row.is_clearer_than(other)
            for other in [*known, *fresh]
        ):
            fresh.append(row)
    return fresh


def _in_row(sheet: Sheet, place: Place, row: BoxRow, off: float, recognise: Recogniser) -> Ways:
    """A row with its boxes taken off: by its cells, and as the ink that is left of it.

    Not everybody keeps to the boxes.
    """
    place = replace(place, line=row.line, row=row)
    strip, on_strip = _row_on_strip(sheet, row, row.line)
    ink, by_cells = segment_cells(strip, on_strip, off)
    above, below = _cut_off(by_cells, strip)
    if above or below:
        row = replace(row, is_open=row.is_open or above >= len(row.cells) / 2)
        strip, on_strip = _row_on_strip(sheet, row, _roomier(row.line, above > 0, below > 0))
        ink, by_cells = segment_cells(strip, on_strip, off)
    in_cells = Prepared(place, strip, ink, by_cells)
    return Ways((in_cells,), _straying(in_cells, on_strip, recognise))


def _straying(in_cells: Prepared, on_strip: BoxRow, recognise: Recogniser) -> Iterator[Prepared]:
    """A row whose cells stand together, as if it had none."""
    groups = in_cells.segmentation.groups
    if len(groups) == 1:
        ink = _within(in_cells.ink, on_strip)
        freed = segment(ink, lambda glyphs: recognise(glyphs)[1])
        freed = replace(freed, groups=groups)
        yield replace(in_cells, ink=ink, segmentation=freed, cells=on_strip)


def _row_on_strip(sheet: Sheet, row: BoxRow, line: TextLine) -> tuple[Strip, BoxRow]:
    """The strip of a line, and a row of the reduced page as it stands there."""
    strip = sheet.strip(line)
    return strip, replace(row, cells=strip.boxes_of(row.cells, sheet.reduction))


def _cut_off(by_cells: Segmentation, strip: Strip) -> tuple[int, int]:
    """How many digits of a row its strip cuts off above, and below.

    People write over the edge of boxes, and what seems to be the upper one may run through them.
    """
    boxes = np.array([each.box for each in by_cells.hypotheses]).reshape(-1, 4)
    above = boxes[:, 1] <= CUT_OFF
    below = boxes[:, 1] + boxes[:, 3] >= len(strip.pixels) - CUT_OFF
    return int(above.sum()), int(below.sum())


def _roomier(line: TextLine, above: bool, below: bool) -> TextLine:
    """A row's line with more room around it."""
    boxes = line.boxes.copy()
    more = (MORE_ROOM * boxes[:, 3]).astype(np.int32)
    boxes[:, 1] -= more * above
    boxes[:, 3] += more * (above + below)
    return line.of(boxes)


def _within(ink: Ink, row: BoxRow) -> Ink:
    """The ink of a row: the components that have their middle in it, or a little above or below."""
    labels, stats = ink.components
    middle = stats[:, :2] + stats[:, 2:4] / 2
    cells = row.cells
    width, height = np.median(cells[:, 2:], axis=0)
    over = np.array([OVER[0] * width, OVER[1] * height])
    low = cells[:, :2].min(axis=0) - over
    high = (cells[:, :2] + cells[:, 2:]).max(axis=0) + over
    inside = ((middle > low) & (middle < high)).all(axis=1)
    inside[0] = False
    return _left_of(ink, np.where(inside[labels], 255, 0).astype(np.uint8))


def _left_of(ink: Ink, mask: Grey) -> Ink:
    """The ink of which only what is in ``mask`` is left."""
    gone = cv2.bitwise_xor(mask, ink.mask)
    if not cv2.countNonZero(gone):
        return ink
    gone = cv2.dilate(gone, np.ones((3, 3), np.uint8))
    return Ink(cv2.subtract(ink.strength, gone), mask)


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
    return replace(row, cells=on_page)


def _whole_pieces(ink: Ink, goes_on: tuple[bool, bool]) -> Ink:
    """The ink without what the strip's ends cut through: half a digit looks like another one."""
    mask = ink.mask.copy()
    for column, beyond in zip((0, mask.shape[1] - 1), goes_on, strict=True):
        for row in np.flatnonzero(mask[:, column]) if beyond else ():
            if mask[row, column]:
                cv2.floodFill(mask, None, (column, int(row)), 0, flags=8)
    return _left_of(ink, mask)
