"""Where a miss went wrong: found, found rightly, cut rightly, or read rightly."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from zipread.reading import Status

if TYPE_CHECKING:
    from zipread.evaluation.matched import Matched
    from zipread.reading import Box

LEAST_SHARED = 0.3
"""Share of the smaller box that must lie in the other for both to be one place."""
MOST_MISREAD = 2
"""More digits than this are not misread one by one: something is wrong with their cuts."""


class Cause(StrEnum):
    """The first stage that went wrong."""

    MISSING = "not scanned"
    FAILED = "could not be opened or read"
    NOTHING_THERE = "no ZIP there"
    NOT_FOUND = "not found"
    WRONG_FIELD = "wrong field"
    WRONG_CUT = "wrong cut"
    WRONG_DIGIT = "wrong digit"


def cause_of(matched: Matched) -> Cause:
    """Why a page that was not read right was not.

    Whether the right field was read is told by the truth's box where it has one, else by the
    digits: more than two wrong ones, and no shift that explains them, are another field's. In the
    right field, digits that are right but shifted, or many wrong ones, tell of a wrong cut; one or
    two wrong ones were misread.
    """
    truth, reading = matched.truth, matched.reading
    if reading is None:
        return Cause.MISSING
    if reading.status is Status.ERROR:
        return Cause.FAILED
    if not truth.zip:
        return Cause.NOTHING_THERE
    if not reading.zip:
        return Cause.NOT_FOUND
    replaced, edits = _replaced(truth.zip, reading.zip), _edits(truth.zip, reading.zip)
    place = truth_box(matched)
    if place is not None and reading.fields:
        if shared(place, reading.fields[0].box) < LEAST_SHARED:
            return Cause.WRONG_FIELD
        is_cut = edits < replaced or replaced > MOST_MISREAD
        return Cause.WRONG_CUT if is_cut else Cause.WRONG_DIGIT
    if replaced <= MOST_MISREAD:
        return Cause.WRONG_DIGIT
    return Cause.WRONG_CUT if edits < replaced else Cause.WRONG_FIELD


def truth_box(matched: Matched) -> Box | None:
    """The truth's box in pixels of the page as it was read, turned upright."""
    box, reading = matched.truth.box, matched.reading
    if box is None or reading is None:
        return None
    for turn in range(reading.rotation // 90):
        # Turned clockwise, the row below becomes the column to the left.
        tall = reading.width if (reading.rotation // 90 - turn) % 2 else reading.height
        box = box.turned(tall)
    return box


def shared(one: Box, other: Box) -> float:
    """Share of the smaller box that lies in the other."""
    wide = min(one.right, other.right) - max(one.x, other.x)
    tall = min(one.bottom, other.bottom) - max(one.y, other.y)
    smaller = min(one.width * one.height, other.width * other.height)
    return max(0, wide) * max(0, tall) / max(1, smaller)


def _replaced(one: str, other: str) -> int:
    """How many digits differ, place by place."""
    pairs = zip(one, other, strict=False)
    return abs(len(one) - len(other)) + sum(a != b for a, b in pairs)


def _edits(one: str, other: str) -> int:
    """Levenshtein's (1966) distance: digits put in, left out or replaced."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
