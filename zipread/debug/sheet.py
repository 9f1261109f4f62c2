"""The picture of a page: what it came to, the page and its ink, then a row for every place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zipread.debug.account import accounts_of, chosen_look, summary_of
from zipread.debug.overview import overview, places_of
from zipread.debug.place_row import cards, place_row
from zipread.drawing import BLACK, GREEN, GREY, ORANGE, RED, lettered, stacked
from zipread.names import visible
from zipread.reading import Status, joined

if TYPE_CHECKING:
    from PIL import Image

    from zipread.forms import SeenForm
    from zipread.look import Reader
    from zipread.options import Options
    from zipread.pipeline import Seen
    from zipread.reading import Page, PageReading

WIDTH = 1600
IN_FULL = 2
"""Places that get a row with everything; the others a card. So the whole fits a screen."""
_COLOURS = {
    Status.ACCEPTED: GREEN,
    Status.REVIEW: ORANGE,
    Status.NO_ZIP: RED,
    Status.ERROR: RED,
}


def draw_form(
    seen: SeenForm, page: Page, reader: Reader, options: Options, document: str
) -> Image.Image:
    """A page read by a layout: where its fields are, then a row for each."""
    reading = seen.reading
    upright = np.ascontiguousarray(np.rot90(page.pixels, -(reading.rotation // 90)))
    height, width = upright.shape[:2]
    words = [
        (_head(reading, document), 26, _COLOURS[reading.status]),
        (f"{width} x {height} pixels, turned {reading.rotation}, skew {reading.skew}", 14, GREY),
        (reading.message, 14, BLACK),
    ]
    parts = [lettered(words, WIDTH), places_of(seen, upright, WIDTH)]
    for field in seen.fields:
        name, code, confidence = field.layout.name, field.field.zip, field.confidence
        text = f"{name}:  {code or ('blank' if field.blank else 'not read')}  {confidence:.4f}"
        parts.append(lettered([(text, 22, BLACK)], WIDTH))
        accounts = accounts_of(field.seen, field.cutout.pixels, reader, options)
        parts += [place_row(account, WIDTH) for account in accounts[:1]]
    return stacked(parts)


def _head(reading: PageReading, document: str) -> str:
    code = joined(reading.zip, reading.zip4)
    head = f"{visible(document)}, page {reading.page}:  {reading.status}  {code}"
    return f"{head}  {reading.confidence:.4f}"


def draw_sheet(
    seen: Seen, page: Page, reader: Reader, options: Options, document: str
) -> Image.Image:
    """Everything that was seen of a page, as one picture :data:`WIDTH` pixels wide.

    A page that gave no candidate gets one as well: lines, boxes and ink show why.
    """
    reading = seen.reading
    turns = reading.rotation // 90
    upright = np.ascontiguousarray(np.rot90(page.pixels, -turns))
    look = chosen_look(seen)
    accounts = accounts_of(seen, upright, reader, options)
    height, width = upright.shape[:2]
    crop = ", taken for a cropped field" if look.raster.cropped else ""
    size = (
        f"{width} x {height} pixels, turned {reading.rotation}, skew {reading.skew}, "
        f"found on it reduced {look.raster.reduction:.1f} times{crop}"
    )
    words = [
        (_head(reading, document), 26, _COLOURS[reading.status]),
        (size, 14, GREY),
        *((line, 14, BLACK) for line in summary_of(seen)),
    ]
    parts = [lettered(words, WIDTH), overview(upright, look, accounts, WIDTH)]
    parts += [place_row(account, WIDTH) for account in accounts[:IN_FULL]]
    return stacked([*parts, *cards(accounts[IN_FULL:], WIDTH)])
