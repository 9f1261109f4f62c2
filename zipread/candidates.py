"""Places of the page read as codes: strip, hypotheses, readings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zipread.boxes import PLUS4, BoxRow
from zipread.decode import Prior, Reading, decode
from zipread.ink import Ink
from zipread.lattice import MIDDLING, build_lattice, dashes
from zipread.prepared import prepare
from zipread.prospects import Place
from zipread.recognise import Recogniser
from zipread.segment import Segmentation
from zipread.strip import Strip

ASTRAY = 0.5
"""A digit has its middle no further from that of its cell, in widths of a cell."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that was read. ``forms`` is (hypotheses, 64), ``probabilities`` (hypotheses, 10).

    ``straying`` says that it is a row of boxes read without regard to what stands in which.
    """

    place: Place
    strip: Strip
    ink: Ink
    segmentation: Segmentation
    forms: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    readings: tuple[Reading, ...]
    straying: bool = False

    @property
    def best(self) -> Reading:
        """The likeliest reading."""
        return self.readings[0]


def read_places(
    page: NDArray[np.uint8],
    places: list[Place],
    reduction: float,
    recognise: Recogniser,
    lengths: tuple[tuple[int, ...], ...],
    prior_at: Callable[[Place], Prior],
    *,
    known: Iterable[BoxRow] = (),
    alone: bool = False,
) -> list[Candidate]:
    """Read all places with one call of the model; those without a reading fall out.

    ``prior_at`` gives what is expected of a code at a place before it is read; ``lengths`` and
    ``alone`` are those of :mod:`zipread.decode` and :mod:`zipread.lattice`; ``known`` are rows of
    boxes that were read.
    """
    prepared = list(prepare(page, places, reduction, recognise, known))
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
        readings = tuple(
            reading
            for reading in decode(lattice, lengths, prior_at(each.place))
            if each.cells is None or _keeps_to(each.cells, reading, each.segmentation)
        )
        if readings:
            own = forms[mine], probabilities[mine], readings
            cut_out = each.place, each.strip, each.ink, each.segmentation
            found.append(Candidate(*cut_out, *own, straying=each.cells is not None))
    return found


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
    return replace(place, line=replace(place.line, boxes=longer))


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
