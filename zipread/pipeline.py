"""One page through all stages. Read :func:`read_page` to understand the product."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.boxes import BoxRow, find_box_rows
from zipread.candidates import Candidate, Place, evidence, read_places
from zipread.decide import Confidence, accepted_from, load_confidence, status_of
from zipread.digit_model import DigitModel, load_model, models_folder
from zipread.directory import Directory, load_directory
from zipread.fields import Raster, TextLine, cuts, find_lines, implausible, is_crop, whole_crop
from zipread.ink import Ink, find_ink, to_grey
from zipread.options import Options
from zipread.outcome import to_field
from zipread.reading import Box, Page, PageReading, Status

FINDING_SIDE = 1100
"""Fields are found on a page reduced to about this many pixels along its longer side."""
FINDING_HEIGHT_OF_CROP = 96
FINDING_STROKE = 2.0
ZIP = (5, 4)
MOST_PLACES = 8
SURE_ENOUGH = 0.5
"""A page read with this confidence stands upright: other orientations are not tried."""


@dataclass(frozen=True, slots=True)
class Reader:
    """All that is learned: the digit model, the confidence weights, the ZIP directory."""

    model: DigitModel
    confidence: Confidence
    directory: Directory
    identity: str


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate with its evidence (features,), on the page turned clockwise ``turns`` times."""

    candidate: Candidate
    evidence: NDArray[np.float64]
    turns: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: a ZIP anywhere on a page, or a code in a picture cut out of one.

    ``lengths`` are the counts of digits it may have, (5, 4) for five with or without four more;
    ``listed`` says that the ZIP directory knows all such codes. A picture with a field ``within``
    stands upright, and the field holds the code alone, as one line; ``turned`` says that the page
    did not stand upright. ``cells`` are where its boxes must be, where as many are not found.
    """

    lengths: tuple[tuple[int, ...], ...] = (ZIP,)
    listed: bool = True
    within: Box | None = None
    turned: bool = False
    cells: tuple[Box, ...] = ()


ZIP_ON_A_PAGE = Wanted()


@dataclass(frozen=True, slots=True)
class Look:
    """All that was found on a page turned clockwise ``turns`` times by 90 degrees.

    ``ink``, ``lines`` and ``rows`` are of the reduced page, ``raster``; ``places`` are those that
    were read, ``found`` what was read in them.
    """

    turns: int
    raster: Raster
    ink: Ink
    lines: list[TextLine]
    rows: list[BoxRow]
    places: list[Place]
    found: list[Found]


@dataclass(frozen=True, slots=True)
class Seen:
    """A page's reading with all that it was decided from: what ``--debug`` draws.

    ``ranked`` are the candidates of all looks, likeliest first, with their ``probabilities`` (n,).
    """

    looks: tuple[Look, ...]
    ranked: list[Found]
    probabilities: NDArray[np.float64]
    reading: PageReading


def load_reader(options: Options) -> Reader:
    """Load what reading needs.

    Raises
    ------
    ModelRefused
        If the model or what belongs to it cannot be loaded.
    """
    folder = models_folder()
    model = load_model(Path(options.model) if options.model else None)
    confidence_file = folder / "confidence.json"
    confidence = load_confidence(confidence_file)
    directory = load_directory(folder / "directory.bits")
    both = model.identity.encode() + confidence_file.read_bytes()
    return Reader(model, confidence, directory, hashlib.sha256(both).hexdigest())


def read_page(page: Page, reader: Reader, options: Options) -> PageReading:
    """Find and read the ZIP of a page; pure: no disk, clock or environment.

    A page that is not read well as it lies is tried in the other three orientations as well, and
    all that is found competes.
    """
    return see_page(page, reader, options).reading


def see_page(page: Page, reader: Reader, options: Options, wanted: Wanted = ZIP_ON_A_PAGE) -> Seen:
    """As :func:`read_page`, with what the reading was decided from."""
    looks = [look_at(page.pixels, reader, options, 0, wanted)]
    probabilities = _weigh(looks[0].found, reader)
    if probabilities.max(initial=0.0) < SURE_ENOUGH and not wanted.within:
        looks += [look_at(page.pixels, reader, options, turns) for turns in (1, 2, 3)]
    found = [each for look in looks for each in look.found]
    probabilities = _weigh(found, reader)
    order = np.argsort(-probabilities, kind="stable")
    ranked, probabilities = [found[i] for i in order], probabilities[order]
    reading = _page_reading(page, ranked, probabilities, reader, options)
    return Seen(tuple(looks), ranked, probabilities, reading)


def find_codes(
    pixels: NDArray[np.uint8], reader: Reader, options: Options, turns: int
) -> list[Found]:
    """All candidates of a page turned clockwise ``turns`` times by 90 degrees, in no order."""
    return look_at(pixels, reader, options, turns).found


def look_at(
    pixels: NDArray[np.uint8],
    reader: Reader,
    options: Options,
    turns: int,
    wanted: Wanted = ZIP_ON_A_PAGE,
) -> Look:
    """Find what may be a code on a page turned clockwise ``turns`` times, and read it."""
    upright = np.ascontiguousarray(np.rot90(pixels, -turns)) if turns else pixels
    small, raster = reduced(to_grey(upright), wanted.within is not None)
    ink = find_ink(small, FINDING_STROKE)
    rows = _with_given_row(find_box_rows(ink.trace), wanted, raster)
    lines = find_lines(ink.mask, raster)
    boxed = [Place(row.line, row) for row in rows]
    if wanted.within:
        lines = _field_line(lines, wanted.within, raster)
        places = boxed if wanted.cells else [Place(line) for line in lines]
    else:
        places = _places(lines, boxed, raster)
    listing = options.directory and wanted.listed
    prior = reader.directory.log_prior if listing else _no_prior
    turned = turns != 0 or wanted.turned
    lengths, alone = wanted.lengths, wanted.within is not None
    reduction, model = raster.reduction, reader.model
    candidates = read_places(upright, places, reduction, model, lengths, prior, alone=alone)
    found = [
        Found(c, evidence(c, lines, raster, not listing or _is_listed(c, reader), turned), turns)
        for c in candidates
    ]
    return Look(turns, raster, ink, lines, rows, places, found)


def _with_given_row(rows: list[BoxRow], wanted: Wanted, raster: Raster) -> list[BoxRow]:
    """The rows of boxes; where it is known how many there are, one of as many, found or given."""
    if not wanted.cells:
        return rows
    matching = [row for row in rows if len(row.cells) == len(wanted.cells)]
    cells = np.array([(c.x, c.y, c.width, c.height) for c in wanted.cells], float)
    return matching or [BoxRow((cells / raster.reduction).round().astype(np.int32))]


def _field_line(lines: list[TextLine], within: Box, raster: Raster) -> list[TextLine]:
    """All writing in a field as one line from end to end; none where there is no writing.

    The lines that were found tell its slope and height only: digits that touch the rule below
    them are missing from them.
    """
    left, right = within.x / raster.reduction, within.right / raster.reduction
    top, bottom = within.y / raster.reduction, within.bottom / raster.reduction
    middles = [(line, *line.middle) for line in lines]
    inside = [line for line, x, y in middles if left <= x < right and top <= y < bottom]
    if not inside:
        return []
    longest = max(inside, key=lambda line: line.right - line.left)
    level = [line for line in inside if abs(line.middle[1] - longest.middle[1]) < longest.height]
    boxes = np.concatenate([line.boxes for line in level])
    height = float(np.percentile(boxes[:, 3], 70))
    ends = np.array([(left, right - height), (0, 0), (height, height), (height, height)]).T
    middle = longest.middle[1] + longest.slope * (ends[:, 0] - longest.middle[0])
    ends[:, 1] = middle - height / 2
    spanned = np.concatenate([boxes, ends.round().astype(np.int32)])
    return [TextLine(spanned[np.argsort(spanned[:, 0], kind="stable")], longest.slope, height)]


def _is_listed(candidate: Candidate, reader: Reader) -> bool:
    return candidate.best.text[:5] in reader.directory


def _no_prior(_code: str) -> float:
    return 0.0


def _weigh(found: list[Found], reader: Reader) -> NDArray[np.float64]:
    """Probability of each to be the page's code, rightly read: (n,)."""
    if not found:
        return np.zeros(0)
    return reader.confidence.probabilities(np.stack([f.evidence for f in found]))


def reduced(grey: NDArray[np.uint8], cut_out: bool = False) -> tuple[NDArray[np.uint8], Raster]:
    """The page at the size that fields are found on."""
    height, width = grey.shape
    cropped = cut_out or is_crop(height, width)
    over = height / FINDING_HEIGHT_OF_CROP if cropped else max(height, width) / FINDING_SIDE
    factor = max(1, round(over) if cropped else math.ceil(over - 0.25))
    size = (max(1, width // factor), max(1, height // factor))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) if factor > 1 else grey
    return np.asarray(small, np.uint8), Raster(size[1], size[0], width / size[0], cropped)


def _places(lines: list[TextLine], boxed: list[Place], raster: Raster) -> list[Place]:
    """Places worth reading: rows of boxes, then the lines that look most like an address line."""
    doubts = [(implausible(line, raster), -line.middle[1], line.left, line) for line in lines]
    likely = sorted(doubts, key=lambda doubt: doubt[:3])
    chosen = [line for *_, line in likely[: max(0, MOST_PLACES - len(boxed))]]
    places = boxed + [Place(part) for line in chosen for part in cuts(line)]
    return [*places, Place(whole_crop(raster))] if raster.cropped else places


def _page_reading(
    page: Page,
    ranked: list[Found],
    probabilities: NDArray[np.float64],
    reader: Reader,
    options: Options,
) -> PageReading:
    """The decision about a page; ``ranked`` and ``probabilities`` (n,) are likeliest first."""
    confidence = round(float(probabilities.max(initial=0.0)), 4)
    status = status_of(confidence, accepted_from(reader.confidence, options))
    turns = ranked[0].turns if status is not Status.NO_ZIP else 0
    height, width = np.rot90(page.pixels, -turns).shape[:2]
    if status is Status.NO_ZIP:
        nothing = "No ZIP was found."
        return PageReading(page.number, status, message=nothing, width=width, height=height)
    same_way = [i for i, f in enumerate(ranked) if f.turns == turns]
    candidates = tuple(ranked[i].candidate for i in same_way)
    field = to_field(candidates, probabilities[same_way], reader.directory)
    return PageReading(
        page.number,
        status,
        zip=field.zip,
        zip4=field.zip4,
        confidence=confidence,
        fields=(field,),
        message="" if status is Status.ACCEPTED else "The reading is not sure enough.",
        rotation=90 * turns,
        skew=round(float(np.degrees(np.arctan(candidates[0].place.line.slope))), 2),
        width=width,
        height=height,
    )
