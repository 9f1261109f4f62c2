"""A page with fixed places: each field cut out where the layout says, and read like a crop.

The layout's places are those of the upright page. So the page is turned until its fields are read,
and its skew, which its own lines of text tell, is taken out of every place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from zipread.decide import accepted_from, plus4_is_unsure
from zipread.fields import LEAST_HEIGHT, find_lines
from zipread.ink import find_mask
from zipread.look import FINDING_SIDE, FINDING_STROKE, Wanted, reduced
from zipread.pipeline import SURE_ENOUGH, Seen, see_page
from zipread.prepared import prepare
from zipread.reading import Box, Field, Page, PageReading, Status
from zipread.recognise import Recogniser
from zipread.strip import Sheet, Strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zipread.layout import FieldLayout, Layout, Region
    from zipread.look import Reader
    from zipread.options import Options

MARGIN = 0.3
"""Paper cut out around a field, as a share of its height: a scan is never quite in place."""
LEAST_SIDE = 12
"""Pixels that a field is taken to have at least, however small the layout makes it."""
LONG_LINE, MANY_LETTERS = 5.0, 5
"""From so many heights and letters on, a line tells the skew of the page."""
MOST_SKEW, SAME_SLOPE = 0.18, 0.012
FLAT_RULE = 0.1
"""Ink lower than this share of its width is a rule to write on."""


@dataclass(frozen=True, slots=True)
class SeenField:
    """A field with its cut-out from the upright page, and all that its reading came from.

    ``blank`` says that there is no writing in it.
    """

    layout: FieldLayout
    cutout: Strip
    seen: Seen
    field: Field
    blank: bool

    @property
    def confidence(self) -> float:
        """The probability that it is read right."""
        return self.field.confidence


@dataclass(frozen=True, slots=True)
class SeenForm:
    """A page read by a layout: its fields as they were seen, and the reading made of them."""

    fields: tuple[SeenField, ...]
    reading: PageReading


def see_form(page: Page, layout: Layout, reader: Reader, options: Options) -> SeenForm:
    """Read the fields of a page that has a layout; pure, like :func:`zipread.pipeline.read_page`.

    Raises
    ------
    DocumentError
        If the layout needs the page's resolution and the file does not say it.
    """
    ways = [_seen(page, 0, layout, reader, options)]
    if not _is_read(ways[0]):
        ways += [_seen(page, turns, layout, reader, options) for turns in (1, 2, 3)]
    return max(ways, key=lambda way: sum(field.confidence for field in way.fields))


def _is_read(form: SeenForm) -> bool:
    """Whether the fields say that the page stands upright: most of those with writing are read."""
    written = [field for field in form.fields if not field.blank]
    read = sum(field.confidence >= SURE_ENOUGH for field in written)
    return 2 * read > len(written)


def _seen(page: Page, turns: int, layout: Layout, reader: Reader, options: Options) -> SeenForm:
    """The page turned clockwise ``turns`` times by 90 degrees, read by its layout."""
    upright = np.ascontiguousarray(np.rot90(page.pixels, -turns))
    slope = page_slope(upright)
    height, width = upright.shape[:2]
    fields = tuple(
        _seen_field(
            upright, field, layout.region(field, width, height, page.dpi), slope, turns, reader,
            options,
        )
        for field in layout.fields
    )  # fmt: skip
    reading = replace(
        _page_reading(page.number, fields, accepted_from(reader.confidence, options)),
        rotation=90 * turns,
        skew=round(float(np.degrees(np.arctan(slope))), 2),
        width=width,
        height=height,
    )
    return SeenForm(fields, reading)


def page_slope(upright: NDArray[np.uint8]) -> float:
    """dy/dx of a page, by its lines of text; 0 where there are too few.

    It is the slope that most of them, by letters, agree on: labels chained to slanted rules, and
    lines written by hand, differ from it each in its own way.
    """
    small, raster = reduced(upright)
    mask = find_mask(small, FINDING_STROKE)
    lines = [line for line in find_lines(mask, raster) if len(line.boxes) >= MANY_LETTERS]
    long = [line for line in lines if line.right - line.left > LONG_LINE * line.height]
    if len(long) < 2:
        return 0.0
    slopes = np.array([line.slope for line in long])
    weights = np.array([len(line.boxes) for line in long])
    agreeing = np.abs(slopes[:, None] - slopes[None, :]) < SAME_SLOPE
    of_most = agreeing[int((agreeing @ weights).argmax())]
    middle = float(np.average(slopes[of_most], weights=weights[of_most]))
    return float(np.clip(middle, -MOST_SKEW, MOST_SKEW))


def _seen_field(
    upright: NDArray[np.uint8],
    layout: FieldLayout,
    region: Region,
    slope: float,
    turns: int,
    reader: Reader,
    options: Options,
) -> SeenField:
    cutout, inner = cut_out(upright, region, slope)
    wanted = Wanted(
        lengths=layout.lengths,
        listed=layout.us_zip,
        within=inner,
        turned=turns != 0,
        cells=_cells(inner, layout.boxes),
        coarsest=max(upright.shape[:2]) / FINDING_SIDE,
    )
    seen = see_page(Page(1, cutout.pixels), reader, options, wanted)
    found = seen.reading.fields
    read = _placed(found[0], cutout, layout) if found else _unread(cutout, inner, layout)
    blank = not seen.ranked and _is_blank(seen, cutout, inner, reader)
    return SeenField(layout, cutout, seen, read, blank)


def cut_out(upright: NDArray[np.uint8], region: Region, slope: float) -> tuple[Strip, Box]:
    """A region of the page with some paper around it, level, and where the region lies in that.

    ``slope`` is dy/dx of the page's lines; the region is that of the page without it, turned about
    its middle.
    """
    angle = np.arctan(slope)
    along = np.array([np.cos(angle), np.sin(angle)])
    down = np.array([-along[1], along[0]])
    height, width = upright.shape[:2]
    middle = np.array([width, height]) / 2
    margin = round(MARGIN * region.height)
    x, y = round(region.x) - margin - middle[0], round(region.y) - margin - middle[1]
    origin = middle + along * x + down * y
    to_page = np.column_stack([along, down, origin])
    inner = Box(
        margin, margin, max(LEAST_SIDE, round(region.width)), max(LEAST_SIDE, round(region.height))
    )
    size = (inner.width + 2 * margin, inner.height + 2 * margin)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(upright, to_page, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Strip(np.asarray(pixels, np.uint8), to_page, 1.0), inner


def _cells(inner: Box, boxes: int) -> tuple[Box, ...]:
    """The boxes of a field that is all boxes, side by side."""
    stops = np.linspace(inner.x, inner.right, boxes + 1).round().astype(int).tolist()
    return tuple(Box(left, inner.y, right - left, inner.height) for left, right in pairwise(stops))


def _placed(field: Field, cutout: Strip, layout: FieldLayout) -> Field:
    """A field read in a cut-out, on the page."""

    def on_page(box: Box) -> Box:
        return cutout.page_box(box.x, box.y, box.width, box.height)

    return replace(
        field,
        name=layout.name,
        box=on_page(field.box),
        digits=tuple(replace(digit, box=on_page(digit.box)) for digit in field.digits),
        in_directory=field.in_directory if layout.us_zip else None,
    )


def _unread(cutout: Strip, inner: Box, layout: FieldLayout) -> Field:
    """The place of a field that reads as nothing."""
    box = cutout.page_box(inner.x, inner.y, inner.width, inner.height)
    listed = False if layout.us_zip else None
    return Field(layout.name, box, "", "", 0.0, (), boxed=layout.boxes > 0, in_directory=listed)


def _is_blank(seen: Seen, cutout: Strip, inner: Box, reader: Reader) -> bool:
    """Whether there is no writing: in boxes nothing that may be a digit, else no stroke."""
    (look,) = seen.looks
    boxed = [place for place in look.places if place.row is not None]
    reduction = look.raster.reduction
    if boxed:
        recognise = Recogniser(reader.model)
        readable = prepare(Sheet(cutout.pixels, reduction), boxed, recognise)
        return all(ways.plain and not ways.plain[0].segmentation.hypotheses for ways in readable)
    _, _, stats, centres = cv2.connectedComponentsWithStats(look.mask, connectivity=8)
    x, y = (centres[1:] * reduction).T
    inside = (x > inner.x) & (x < inner.right) & (y > inner.y) & (y < inner.bottom)
    width, height, area = stats[1:, 2:].T
    is_rule = height < FLAT_RULE * width
    return not (inside & ~is_rule & (height >= LEAST_HEIGHT) & (area >= 2 * LEAST_HEIGHT)).any()


def _page_reading(number: int, fields: Sequence[SeenField], least: float) -> PageReading:
    """What becomes of the page: accepted if every field is that is not blank and may be."""
    main = fields[0].field
    unsure = [
        field.layout.name
        for field in fields
        if (field.confidence < least or not field.field.zip)
        and not (field.blank and field.layout.optional)
    ]
    if all(field.blank for field in fields):
        status, message = Status.NO_ZIP, "No field is filled in."
    elif unsure:
        names = ", ".join(unsure)
        status, message = Status.REVIEW, f"The reading is not sure enough: {names}."
    else:
        status, message = Status.ACCEPTED, _of_plus4(fields, least)
    return PageReading(
        number,
        status,
        zip=main.zip,
        zip4=main.zip4,
        confidence=main.confidence,
        fields=tuple(field.field for field in fields),
        message=message,
    )


def _of_plus4(fields: Sequence[SeenField], least: float) -> str:
    """What a person should know of the +4 of fields whose ZIP is accepted."""
    unsure = [each.layout.name for each in fields if plus4_is_unsure(each.field, least)]
    return f"The +4 is not sure enough: {', '.join(unsure)}." if unsure else ""
