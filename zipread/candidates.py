"""Places of the page read as codes: strip, hypotheses, readings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from zipread.boxes import PLUS4, BoxRow
from zipread.decode import Prior, Reading, decode
from zipread.ink import Ink
from zipread.lattice import MIDDLING, build_lattice, dashes
from zipread.opinion import Opinion, Sight, around, beside, see, weighed
from zipread.prepared import Prepared, prepare
from zipread.prospects import Place
from zipread.reading import Box
from zipread.recognise import Recogniser
from zipread.segment import Segmentation, segment
from zipread.state_model import NOTHING, Before
from zipread.strip import Sheet, Strip
from zipread.whole import WholeModel

ASTRAY = 0.5
"""A digit has its middle no further from that of its cell, in widths of a cell."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that was read. ``forms`` is (hypotheses, 64), ``probabilities`` (hypotheses, 10).

    ``before`` is what is written before it; ``straying`` says that it is a row of boxes read
    without regard to what stands in which.
    """

    place: Place
    strip: Strip
    ink: Ink
    segmentation: Segmentation
    forms: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    readings: tuple[Reading, ...]
    opinion: Opinion
    before: Before = NOTHING
    straying: bool = False

    @property
    def best(self) -> Reading:
        """The likeliest reading."""
        return self.readings[0]


@dataclass(frozen=True, slots=True)
class How:
    """What places are read with, and what for.

    ``lengths`` and ``alone`` are those of :mod:`zipread.decode` and :mod:`zipread.lattice`;
    ``prior_at`` gives what is expected of a code at a place before it is read, ``before`` what is
    written before its first digit, a box on the page, on a line of such a slope.
    """

    recognise: Recogniser
    whole: WholeModel
    lengths: tuple[tuple[int, ...], ...]
    prior_at: Callable[[Place], Prior]
    before: Callable[[Box, float], Before]
    alone: bool = False

    @property
    def counts(self) -> set[int]:
        """How many digits a code may have."""
        return {total for counts in self.lengths for total in accumulate(counts)}


@dataclass(frozen=True, slots=True)
class _Cut:
    """A segmentation and what its hypotheses read as: see :class:`Candidate`."""

    segmentation: Segmentation
    forms: NDArray[np.float32]
    probabilities: NDArray[np.float32]


def read_places(
    sheet: Sheet,
    places: list[Place],
    how: How,
    known: Iterable[BoxRow] = (),
) -> list[Candidate]:
    """Read all places, each in the ways that it may be taken; what gives no reading falls out.

    ``known`` are rows of boxes that were read.
    """
    read: list[Candidate] = []
    for ways in prepare(sheet, places, how.recognise, known):
        own = _candidates(ways.plain, sheet.reduction, how)
        if not any(map(_is_seen_alike, own)):
            own += _candidates(ways.straying, sheet.reduction, how)
        read += own
    return read


def _candidates(prepared: Iterable[Prepared], reduction: float, how: How) -> list[Candidate]:
    candidates = (_candidate(each, reduction, how) for each in prepared)
    return [candidate for candidate in candidates if candidate]


def _is_seen_alike(candidate: Candidate) -> bool:
    """Whether a row of boxes reads by its cells as the picture does, which knows of none.

    Then nobody strayed from them.
    """
    return candidate.place.row is not None and candidate.opinion.text == candidate.best.digits


def _candidate(prepared: Prepared, reduction: float, how: How) -> Candidate | None:
    """A place read digit by digit and as a whole; None without a reading.

    Where the picture as a whole spells a code that is none of the readings, it shows where to cut.
    """
    if not prepared.segmentation.hypotheses:
        return None
    cut = _read_cut(prepared.segmentation, how)
    readings = _readings(prepared, cut, how)
    sight = _sight(prepared, cut, readings, reduction, how)
    if len(sight.text) in how.counts and sight.text not in (reading.digits for reading in readings):
        shown = _cut_as_shown(prepared, cut, sight, how)
        if more := _readings(prepared, shown, how, sight.text):
            cut, readings = shown, more
    if not readings:
        return None
    before = _before_reading(prepared, cut, readings[0], how)
    ordered, opinion = weighed(readings, sight, before)
    return Candidate(
        prepared.place,
        prepared.strip,
        prepared.ink,
        cut.segmentation,
        cut.forms,
        cut.probabilities,
        ordered,
        opinion,
        before,
        straying=prepared.cells is not None,
    )


def _before_reading(prepared: Prepared, cut: _Cut, reading: Reading, how: How) -> Before:
    """What is written before a reading."""
    first = cut.segmentation.hypotheses[reading.edges[0]].box
    return how.before(prepared.strip.page_box(*first), prepared.place.line.slope)


def _sight(
    prepared: Prepared, cut: _Cut, readings: list[Reading], reduction: float, how: How
) -> Sight:
    """What the picture spells around the best reading, or in the line where the former is no code.

    What has more digits than the reading, and all of those, is seen well: it may be no code, but
    for what the line makes a code of.
    """
    strip, place = prepared.strip, prepared.place
    line = strip.line_box(place.line, reduction)
    if not readings:
        return see(strip, line, how.whole)
    best = readings[0].digits
    # the line of a row ends with its boxes, and a digit more may stand beyond them
    within = (0, 0, *strip.pixels.shape[1::-1]) if place.row else line
    around_best = beside(around(readings[0], cut.segmentation), len(best), within)
    near = see(strip, around_best, how.whole)
    if len(near.text) in how.counts or around_best == line:
        return near
    along = see(strip, line, how.whole)
    is_code = len(along.text) in how.counts
    if best in near.text:
        return along if is_code and near.text in along.text else near
    return along if is_code or best in along.text else near


def _cut_as_shown(prepared: Prepared, cut: _Cut, sight: Sight, how: How) -> _Cut:
    """The ink cut where the picture has one digit end and another begin; cells stay as they are."""
    if cut.segmentation.groups and prepared.cells is None:
        return cut
    parted = sight.parted(prepared.ink.mask)
    shown = segment(prepared.ink, lambda glyphs: how.recognise(glyphs)[1], parted)
    shown = replace(shown, groups=cut.segmentation.groups)
    return _read_cut(shown, how)


def _read_cut(segmentation: Segmentation, how: How) -> _Cut:
    return _Cut(segmentation, *how.recognise([h.glyph for h in segmentation.hypotheses]))


def _readings(prepared: Prepared, cut: _Cut, how: How, spelled: str = "") -> list[Reading]:
    """The lattice's readings; where something is ``spelled`` with that first, none if it cannot be.

    Of a row read without regard to its cells those that keep to them.
    """
    alone, prior = how.alone, how.prior_at(prepared.place)
    lattice = build_lattice(cut.segmentation, cut.probabilities, alone=alone, wanted=spelled)
    readings = decode(lattice, how.lengths, prior)
    if spelled:
        own = [r for r in decode(lattice, how.lengths, prior, spelled) if r.digits == spelled]
        readings = own and [*own, *(r for r in readings if r.digits != spelled)]
    cells = prepared.cells
    if cells is None:
        return readings
    return [reading for reading in readings if _keeps_to(cells, reading, cut.segmentation)]


def _keeps_to(row: BoxRow, reading: Reading, segmentation: Segmentation) -> bool:
    """Whether the digits of a reading stand where the cells of a row do, one near each."""
    digits = np.array([segmentation.hypotheses[edge].box for edge in reading.edges], float)
    if len(digits) != len(row.cells):
        return False
    off = digits[:, 0] + digits[:, 2] / 2 - row.cells[:, 0] - row.cells[:, 2] / 2
    return bool((np.abs(off) < ASTRAY * row.cells[:, 2]).all())


def longer_place(candidate: Candidate, reduction: float) -> Place | None:
    """The candidate's place with what goes on beside its line; None if nothing does.

    That is a first digit that stands before it, or what must stand behind a dash at its end.
    """
    place, strip = candidate.place, candidate.strip
    if place.row is not None:
        return None
    beside = [strip.page_box(*box) for box in (*_before(candidate), *_behind(candidate))]
    boxes = np.array([(b.x, b.y, b.width, b.height) for b in beside]).reshape(-1, 4) / reduction
    middle = boxes[:, 0] + boxes[:, 2] / 2
    outside = boxes[(middle < place.line.left) | (middle > place.line.right)]
    if not len(outside):
        return None
    longer = np.vstack([outside.round().astype(np.int32), place.line.boxes])
    return replace(place, line=place.line.of(longer))


def _before(candidate: Candidate) -> list[tuple[int, int, int, int]]:
    """The first digit, if the page goes on before it."""
    first = candidate.segmentation.hypotheses[candidate.best.edges[0]]
    return [first.box] if candidate.strip.goes_on[0] else []


def _behind(candidate: Candidate) -> list[tuple[int, int, int, int]]:
    """The last of the four digits that a dash behind five announces, if the strip is too short."""
    segmentation, best = candidate.segmentation, candidate.best
    if "-" in best.text or not candidate.strip.goes_on[1]:
        return []
    first, last = (segmentation.hypotheses[best.edges[k]] for k in (0, -1))
    behind = slice(last.last + 1, last.last + 2)
    if not (dashes(segmentation)[behind] > MIDDLING).any():
        return []
    x, y, width, height = last.box
    pitch = (x + width - first.box[0]) / len(best.edges)
    ((left, _, dash, _),) = segmentation.slices[behind].tolist()
    end = left + dash + (PLUS4 + 1) * pitch  # people leave room behind a dash
    if end < candidate.strip.pixels.shape[1]:
        return []
    return [(round(end - width), y, width, height)]
