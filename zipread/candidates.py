"""One place of the page read as a code: strip, hypotheses, readings, and the evidence for it.

The evidence is a vector of named numbers. What they are worth is not decided here but learned, from
composed envelopes (:mod:`zipread.training.confidence`), by :mod:`zipread.decide`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.boxes import BoxRow
from zipread.cells import segment_cells
from zipread.decode import Prior, Reading, build_lattice, decode
from zipread.digit_model import DigitModel
from zipread.fields import Boxes, Raster, TextLine
from zipread.ink import Ink, find_ink, to_grey
from zipread.normalise import glyph_forms
from zipread.rules import without_rules
from zipread.segment import Segmentation, segment
from zipread.slant import upright
from zipread.strip import STROKE, Strip, cut_strip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code may stand: a text line of the reduced page, or a row of boxes."""

    line: TextLine
    row: BoxRow | None = None


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


def prepare(
    page: NDArray[np.uint8], place: Place, reduction: float, model: DigitModel
) -> tuple[Strip, Ink, Segmentation]:
    """Cut the place out of the page and over-segment its ink."""
    strip = cut_strip(page, place.line, reduction)
    if place.row is not None:
        ink, segmentation = segment_cells(strip, _cells_on(strip, place.row.cells, reduction))
    else:
        strip, ink = upright(
            strip, without_rules(find_ink(to_grey(strip.pixels), STROKE, one_pen=True))
        )
        segmentation = segment(ink, lambda glyphs: model.predict_proba(glyph_forms(glyphs)))
    return strip, ink, segmentation


def read_places(
    page: NDArray[np.uint8],
    places: list[Place],
    reduction: float,
    model: DigitModel,
    lengths: tuple[tuple[int, ...], ...],
    prior: Prior,
    *,
    alone: bool = False,
) -> list[Candidate]:
    """Read all places with one call of the model; those without a reading fall out.

    ``lengths``, ``prior`` and ``alone`` are those of :mod:`zipread.decode`.
    """
    prepared = [prepare(page, place, reduction, model) for place in places]
    glyphs = [h.glyph for _, _, segmentation in prepared for h in segmentation.hypotheses]
    if not glyphs:
        return []
    forms = glyph_forms(glyphs)
    probabilities = model.predict_proba(forms).astype(np.float32)
    found, start = [], 0
    for place, (strip, ink, segmentation) in zip(places, prepared, strict=True):
        end = start + len(segmentation.hypotheses)
        own = probabilities[start:end]
        lattice = build_lattice(segmentation, own, alone=alone) if end > start else None
        readings = decode(lattice, lengths, prior) if lattice else []
        if readings:
            found.append(
                Candidate(place, strip, ink, segmentation, forms[start:end], own, tuple(readings))
            )
        start = end
    return _best_of_each_row(found)


def _best_of_each_row(candidates: list[Candidate]) -> list[Candidate]:
    """Of places that share their ink, a row of boxes first, else the one that reads best."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=_precedence):
        if not any(_shared(candidate.place.line, other.place.line) for other in kept):
            kept.append(candidate)
    return kept


def _precedence(candidate: Candidate) -> tuple[bool, float]:
    return candidate.place.row is None, -candidate.best.score / len(candidate.best.edges)


def _shared(one: TextLine, other: TextLine) -> bool:
    """Whether two lines run through the same place."""
    beside = min(one.right, other.right) - max(one.left, other.left)
    apart = abs(one.middle[1] - other.middle[1])
    narrower = min(one.right - one.left, other.right - other.left)
    return beside > 0.4 * narrower and apart < 0.5 * min(one.height, other.height)


def _cells_on(strip: Strip, cells: Boxes, reduction: float) -> Boxes:
    """Cells of the reduced page in strip pixels."""
    to_strip = cv2.invertAffineTransform(strip.to_page)
    centres = (cells[:, :2] + cells[:, 2:] / 2) * reduction
    on_strip = centres @ to_strip[:, :2].T + to_strip[:, 2]
    size = cells[:, 2:] * reduction * strip.scale
    return np.column_stack([on_strip - size / 2, size]).round().astype(np.int32)


EVIDENCE = (
    "bias",
    "doubt",
    "log_doubt",
    "path",
    "weakest",
    "weakest_low",
    "uneven_height",
    "uneven_middle",
    "uneven_gap",
    "tight",
    "digit_before",
    "digit_behind",
    "gap_before",
    "letters_behind",
    "boxed",
    "plus4",
    "unlisted",
    "lines_below",
    "lines_above",
    "last_of_block",
    "high_on_page",
    "left_on_page",
    "top_left",
    "bottom_edge",
    "crop",
    "small",
    "large",
    "turned",
    "faint",
)


def evidence(
    candidate: Candidate,
    all_lines: list[TextLine],
    raster: Raster,
    listed: bool,
    turned: bool,
) -> NDArray[np.float64]:
    """The numbers of :data:`EVIDENCE` for a candidate, float64.

    ``raster`` is the reduced page that the lines refer to.
    """
    named = {
        **_of_reading(candidate),
        **_of_row(candidate),
        **_of_place(candidate.place, all_lines, raster),
        "bias": 1.0,
        "boxed": float(candidate.place.row is not None),
        "unlisted": float(not listed),
        "turned": float(turned),
    }
    return np.array([named[name] for name in EVIDENCE])


def _of_reading(candidate: Candidate) -> dict[str, float]:
    best = candidate.best
    code, _, _ = best.text.partition("-")
    count = len(code)
    same = sum(r.posterior for r in candidate.readings if r.text.partition("-")[0] == code)
    doubt = min(max(1 - same, 0.0), 1.0)
    chosen = candidate.probabilities[list(best.edges)[:count]]
    digits = [int(c) for c in code]
    sure = np.log(np.maximum(chosen[np.arange(len(digits)), digits], 1e-5))
    return {
        "doubt": doubt,
        "log_doubt": max(math.log(doubt + 1e-4), -9.2) + 9.2,
        "path": max(best.score / count, -5.0),
        "weakest": float(sure.min()),
        "weakest_low": float(min(0.0, sure.min() + 1.0)),
        "plus4": float("-" in best.text),
    }


def _of_row(candidate: Candidate) -> dict[str, float]:
    """How evenly the digits stand, and what stands right beside them."""
    segmentation = candidate.segmentation
    height = segmentation.height
    chosen = [segmentation.hypotheses[edge] for edge in candidate.best.edges]
    boxes = np.array([h.box for h in chosen], float)
    x, y, w, h = boxes[: len(candidate.best.text.partition("-")[0])].T
    middle = y + h / 2
    drift = np.polyfit(x, middle, 1)
    gaps = (x[1:] - (x + w)[:-1]) / height
    before, behind = chosen[0].first - 1, chosen[-1].last + 1
    return {
        "uneven_height": float(np.std(np.log(h))),
        "uneven_middle": float(np.std(middle - np.polyval(drift, x)) / height),
        "uneven_gap": float(np.std(gaps)),
        "tight": float(np.mean(gaps < -0.05)),
        "digit_before": _digit_beside(candidate, before, boxes[0, 0]),
        "digit_behind": _digit_beside(candidate, behind, boxes[-1, 0] + boxes[-1, 2]),
        "gap_before": _gap(segmentation, before, boxes[0, 0]),
        "letters_behind": min(5.0, _tall_behind(segmentation, behind)),
        "faint": float(np.mean([np.percentile(h.glyph, 95) for h in chosen]) < 150),
    }


def _digit_beside(candidate: Candidate, index: int, edge: float) -> float:
    """Probability that the neighbouring slice is a digit, fading with its distance."""
    segmentation = candidate.segmentation
    if not 0 <= index < len(segmentation.slices):
        return 0.0
    best = 0.0
    for hypothesis, probabilities in zip(
        segmentation.hypotheses, candidate.probabilities, strict=True
    ):
        if hypothesis.first <= index <= hypothesis.last:
            left, _, width, _ = hypothesis.box
            gap = max(left - edge, edge - left - width, 0.0) / segmentation.height
            best = max(best, float(probabilities.sum()) * math.exp(-gap))
    return best


def _gap(segmentation: Segmentation, before: int, left: float) -> float:
    """Free room in front of the code in digit heights, at most 3."""
    tall = segmentation.slices[: before + 1]
    tall = tall[tall[:, 3] > 0.35 * segmentation.height]
    if not len(tall):
        return 3.0
    return float(np.clip((left - (tall[:, 0] + tall[:, 2]).max()) / segmentation.height, -0.5, 3))


def _tall_behind(segmentation: Segmentation, behind: int) -> float:
    return float(np.count_nonzero(segmentation.slices[behind:, 3] > 0.45 * segmentation.height))


def _of_place(place: Place, all_lines: list[TextLine], raster: Raster) -> dict[str, float]:
    """Where the line stands: in its address block and on the page."""
    page_height, page_width = raster.height, raster.width
    line = place.line
    x, y = line.middle
    below, above = _neighbours(line, all_lines)
    crop = raster.cropped
    top, left = y / page_height, x / page_width
    relative = line.height / max(page_height, page_width)
    return {
        "lines_below": 0.0 if crop else min(3.0, below),
        "lines_above": 0.0 if crop else min(4.0, above),
        "last_of_block": float(below == 0 or crop),
        "high_on_page": 0.0 if crop else max(0.0, 0.4 - top),
        "left_on_page": 0.0 if crop else max(0.0, 0.4 - left),
        "top_left": float(not crop and top < 0.34 and left < 0.42),
        "bottom_edge": 0.0 if crop else max(0.0, top - 0.85) * 5,
        "crop": float(crop),
        "small": 0.0 if crop else max(0.0, math.log(0.016 / relative)),
        "large": 0.0 if crop else max(0.0, math.log(relative / 0.06)),
    }


def _same_row(line: TextLine, other: TextLine) -> bool:
    """Whether ``line`` is ``other`` or a part of it."""
    (_, y), (_, other_y) = line.middle, other.middle
    return abs(y - other_y) < 0.6 * line.height


def _neighbours(line: TextLine, all_lines: list[TextLine]) -> tuple[int, int]:
    """How many lines of the same block stand below and above."""
    _, y = line.middle
    below = above = 0
    for other in all_lines:
        _, other_y = other.middle
        beside = min(line.right, other.right) - max(line.left, other.left)
        near = abs(other_y - y) < 5 * max(line.height, other.height)
        if _same_row(line, other) or not near or beside < -4 * line.height or len(other.boxes) < 2:
            continue
        below += other_y - y > 0.8 * line.height
        above += y - other_y > 0.8 * line.height
    return below, above
