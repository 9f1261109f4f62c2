"""A look at a page as it lies, or turned: where may a code stand, and what is read there."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.boxes import BoxRow
from zipread.candidates import Candidate, How, longer_place, read_places
from zipread.decide import Confidence
from zipread.decode import Prior
from zipread.digit_model import DigitModel
from zipread.directory import NOT_LISTED_ELSEWHERE, NOT_LISTED_IN_MAIL, Directory
from zipread.ending import ending, picture_of_ending
from zipread.evidence import Setting, evidence, left_unread
from zipread.fields import Raster, TextLine, find_lines, may_be_cropped
from zipread.ink import Grey, find_mask, to_grey
from zipread.opinion import see
from zipread.options import Options
from zipread.prospects import Place, list_places, weighed
from zipread.reading import Box
from zipread.recognise import Recogniser
from zipread.rivals import Found, apart
from zipread.search import read_likeliest
from zipread.state_model import NOTHING, Before, StateModel, before
from zipread.strip import Sheet
from zipread.whole import WholeModel, is_pressed

FINDING_SIDE = 1100
"""Fields are found on a page reduced to about this many pixels along its longer side."""
FINDING_HEIGHT_OF_CROP = 96
FINDING_STROKE = 2.0
ZIP = (5, 4)
NAMED_PLACE = math.log(20)
"""Prior (logit) of a place that a layout names: its code stands there, 20 to 1."""
FEWEST_SEEN = 2
"""A place where the network sees fewer digits than this holds no code."""
FEWEST_AGAIN = 4
"""The same on a page that was looked at before: what may lie otherwise must show more clearly."""
WELL_READ = 0.85
"""A place read with this probability to be right, if it holds a code, need not be read again."""


@dataclass(frozen=True, slots=True)
class Reader:
    """All that is learned: models of digits, whole codes and states, confidence, ZIP directory."""

    model: DigitModel
    whole: WholeModel
    states: StateModel
    confidence: Confidence
    directory: Directory


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: a ZIP anywhere on a page, or a code in a picture cut out of one.

    ``lengths`` are the counts of digits it may have, (5, 4) for five with or without four more;
    ``listed`` says that the ZIP directory knows all such codes. A picture with a field ``within``
    stands upright, and the field holds the code alone, as one line; ``turned`` says that the page
    did not stand upright. ``cells`` are where its boxes must be, where as many are not found.
    ``coarsest`` is how far a cut-out may be reduced: no further than its page.
    """

    lengths: tuple[tuple[int, ...], ...] = (ZIP,)
    listed: bool = True
    within: Box | None = None
    turned: bool = False
    cells: tuple[Box, ...] = ()
    coarsest: float = math.inf


ZIP_ON_A_PAGE = Wanted()


@dataclass(frozen=True, slots=True)
class Look:
    """All that was found on a page turned clockwise ``turns`` times by 90 degrees.

    ``upright`` is the page so turned; ``mask``, of its ink, and ``lines`` are of the reduced page,
    ``raster``; ``places`` are all that may hold a code, ``found`` what was read in the likely ones.
    """

    upright: NDArray[np.uint8]
    turns: int
    raster: Raster
    mask: Grey
    lines: list[TextLine]
    places: list[Place]
    found: list[Found] = field(default_factory=list)

    @property
    def may_be_cropped(self) -> bool:
        """Whether it may be a cut-out field, whatever it was taken for: no address is around it."""
        return self.raster.cropped or any(may_be_cropped(*self.upright.shape[:2]))


def find_places(
    pixels: NDArray[np.uint8],
    reader: Reader,
    turns: int,
    wanted: Wanted = ZIP_ON_A_PAGE,
    *,
    cropped: bool | None = None,
) -> Look:
    """Find where a code may stand on a page turned clockwise ``turns`` times.

    ``cropped`` says whether it is a cut-out field, None that its size is to tell.
    """
    upright = np.rot90(pixels, -turns) if turns else pixels  # a view: pages are large
    small, raster = reduced(pixels, turns, cropped=cropped, coarsest=wanted.coarsest)
    mask = find_mask(small, FINDING_STROKE)
    lines = find_lines(mask, raster)
    if wanted.within:
        lines = _field_line(lines, wanted.within, raster)
        places = _in_field(lines, wanted, raster)
    else:
        listed = list_places(lines, raster)
        places = weighed(listed, lines, raster, reader.confidence.prior)
    return Look(upright, turns, raster, mask, lines, places)


def lines_across(look: Look) -> list[TextLine]:
    """The text lines of the page turned clockwise once more, on a raster like the look's own."""
    mask = np.ascontiguousarray(np.rot90(look.mask, -1))
    height, width = look.raster.width, look.raster.height
    return find_lines(mask, replace(look.raster, height=height, width=width))


def read_found(
    look: Look,
    reader: Reader,
    options: Options,
    wanted: Wanted = ZIP_ON_A_PAGE,
    *,
    again: bool = False,
) -> Look:
    """The look with what its likely places read.

    ``again`` says that the page was looked at before, and only the likeliest are worth the while.
    """
    sheet = Sheet(look.upright, look.raster.reduction)
    eye = _Eye(look, sheet, reader, wanted, listing=options.directory and wanted.listed)
    return replace(look, found=eye.read(again=again))


@dataclass(frozen=True, slots=True)
class _Eye:
    """What reads the places of a look; ``listing`` says that the ZIP directory has a say."""

    look: Look
    sheet: Sheet
    reader: Reader
    wanted: Wanted
    listing: bool
    _said: dict[bytes, Before] = field(default_factory=dict)

    def read(self, *, again: bool) -> list[Found]:
        """What the places read, best first of those that share their ink."""
        shows_digits = partial(self._shows_digits, least=FEWEST_AGAIN if again else FEWEST_SEEN)
        found, unread = read_likeliest(
            self.look.places, self._read, self._settled, shows_digits, again=again
        )
        return [replace(each, evidence=left_unread(each.evidence, unread)) for each in apart(found)]

    def _read(self, places: list[Place], before: list[Found]) -> list[Found]:
        """Read places; again on a longer line where the code takes a digit from beside its own.

        That digit had no room to show what stands before it.
        """
        found, again = [], []
        done = [each.place for each in before]
        for candidate in self._read_once(places, done):
            longer = longer_place(candidate, self.sheet.reduction)
            if longer is None:
                found.append(candidate)
            else:
                again.append(longer)
        done += [candidate.place for candidate in found]
        found += self._read_once(again, done) if again else []
        return [self._found(candidate) for candidate in found]

    def _read_once(self, places: list[Place], done: list[Place]) -> list[Candidate]:
        """Read places; rows of boxes on those that are done were read."""
        how = How(
            Recogniser(self.reader.model),
            self.reader.whole,
            self.wanted.lengths,
            self._prior_at,
            self._before,
            alone=self.wanted.within is not None,
        )
        known = [place.row for place in done if place.row]
        return read_places(self.sheet, places, how, known)

    def _shows_digits(self, place: Place, least: int) -> bool:
        """Whether the network sees so many digits at a place, at a glance; most places hold none.

        Of a line too long for its picture it cannot tell.
        """
        if place.row is not None:
            return True
        strip = self.sheet.strip(place.line)
        box = strip.line_box(place.line, self.sheet.reduction)
        if is_pressed(box):
            return True
        return len(see(strip, box, self.reader.whole).text) >= least

    def _found(self, candidate: Candidate) -> Found:
        listed = candidate.best.code in self.reader.directory if self.listing else None
        turned = self.look.turns != 0 or self.wanted.turned
        setting = Setting(candidate.place.prior, listed, self.look.may_be_cropped, turned)
        return Found(candidate, evidence(candidate, setting), self.look.turns)

    def _settled(self, found: Found) -> float:
        learned = self.reader.confidence
        if self._well_read(found) < WELL_READ:
            return 0.0
        return math.exp(min(30.0, float(found.evidence @ learned.place)))

    def _well_read(self, found: Found) -> float:
        return float(self.reader.confidence.well_read(found.evidence[None])[0])

    def _prior_at(self, place: Place) -> Prior:
        if not self.listing:
            return _no_prior
        elsewhere = self.look.may_be_cropped or place.row is not None
        not_listed = NOT_LISTED_ELSEWHERE if elsewhere else NOT_LISTED_IN_MAIL
        return self.reader.directory.prior(not_listed)

    def _before(self, first: Box, slope: float) -> Before:
        """What is written before a code's first digit."""
        if not self.listing:
            return NOTHING
        reduction = self.sheet.reduction
        box = np.array([first.x, first.y, first.width, first.height]) / reduction
        end = ending(self.look.lines, box, slope)
        if end is None:
            return NOTHING
        key = end.boxes.tobytes()
        if key not in self._said:
            picture = picture_of_ending(self.sheet.pixels, end, reduction)
            self._said[key] = before(self.reader.states.likely(picture))
        return self._said[key]


def _no_prior(_code: str) -> float:
    return 0.0


def _field_line(lines: list[TextLine], within: Box, raster: Raster) -> list[TextLine]:
    """All writing in a field as one line from end to end; none where there is no writing.

    The lines that were found tell its slope and height only: digits that touch a rule are missing
    from them.
    """
    left, right = within.x / raster.reduction, within.right / raster.reduction
    top, bottom = within.y / raster.reduction, within.bottom / raster.reduction
    middles = [(line, *line.middle) for line in lines]
    inside = [line for line, x, y in middles if left <= x < right and top <= y < bottom]
    if not inside:
        return []
    longest = max(inside, key=lambda line: line.right - line.left)
    middle, slope = longest.middle, longest.slope
    level = [line for line in inside if abs(line.middle[1] - middle[1]) < longest.height]
    boxes = np.concatenate([line.boxes for line in level])
    height = float(np.percentile(boxes[:, 3], 70))
    x = np.array([left, right - height])
    y = middle[1] + slope * (x - middle[0]) - height / 2
    ends = np.column_stack([x, y, np.full((2, 2), height)]).round().astype(np.int32)
    return [TextLine(np.concatenate([boxes, ends]), height, slope)]


def _in_field(lines: list[TextLine], wanted: Wanted, raster: Raster) -> list[Place]:
    """The places of a field: its boxes if it has any, else its line."""
    if not wanted.cells:
        return [Place(line, prior=NAMED_PLACE) for line in lines]
    cells = np.array([(c.x, c.y, c.width, c.height) for c in wanted.cells], float)
    row = BoxRow(cells / raster.reduction)
    return [Place(row.line, row, prior=NAMED_PLACE)]


def reduced(
    pixels: NDArray[np.uint8],
    turns: int = 0,
    *,
    cropped: bool | None = None,
    coarsest: float = math.inf,
) -> tuple[NDArray[np.uint8], Raster]:
    """The page turned clockwise ``turns`` times, grey, at the size that fields are found on.

    Reduced by a whole number, which OpenCV is several times faster at; what is left over at the
    right and at the foot is dropped. It is reduced as it lies in memory, and only then turned.
    """
    upright = np.rot90(to_grey(pixels), -turns)
    height, width = upright.shape
    if cropped is None:
        cropped = may_be_cropped(height, width)[0]
    over = height / FINDING_HEIGHT_OF_CROP if cropped else max(height, width) / FINDING_SIDE
    factor = max(1, round(min(over, coarsest)) if cropped else math.ceil(over - 0.25))
    factor = min(factor, height, width)
    size = height // factor, width // factor
    lying = np.rot90(upright[: size[0] * factor, : size[1] * factor], turns)
    turned = np.ascontiguousarray(np.rot90(_averaged(lying, factor), -turns), np.uint8)
    return turned, Raster(*size, float(factor), cropped)


def _averaged(grey: Grey, factor: int) -> Grey:
    """The mean of each ``factor`` x ``factor`` pixels.

    By an odd factor OpenCV reduces slowly; a blurred pixel amid its block is the same mean.
    """
    if factor % 2:
        amid = slice(factor // 2, None, factor)
        return cv2.blur(grey, (factor, factor))[amid, amid] if factor > 1 else grey
    size = grey.shape[1] // factor, grey.shape[0] // factor
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
