"""A page's reading together with what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zipread.errors import DocumentError
from zipread.names import visible
from zipread.reading import Box, Status
from zipread.shelf import cut, opened, upright

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from zipread.reading import DocumentReading, PageReading
    from zipread.shelf import Kept

MARGIN = 0.45
"""Paper around the field, as a share of its height."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page: its reading, and the field with some paper around it, or the page if there is none.

    ``crop`` is grey or RGB, ``origin`` its upper left corner on the upright page; None where the
    image cannot be shown, for which ``problem`` is the reason.
    """

    title: str
    page: PageReading
    crop: NDArray[np.uint8] | None = None
    origin: tuple[int, int] = (0, 0)
    problem: str = ""


def seen_of(kept: Kept, reading: DocumentReading) -> Iterator[Seen]:
    """All pages of a document."""
    name, several = visible(reading.source.document), len(reading.pages) > 1
    for page in reading.pages:
        title = f"{name}, page {page.page}" if several else name
        if page.status is Status.ERROR:
            yield Seen(title, page)
            continue
        try:
            with opened(kept.image, reading) as document:
                pixels = upright(document, page)
        except DocumentError as error:
            yield Seen(title, page, problem=str(error))
        else:
            around = _around(page)
            origin = (max(0, around.x), max(0, around.y))
            yield Seen(title, page, cut(pixels, around), origin)


def _around(page: PageReading) -> Box:
    if not page.fields:
        return Box(0, 0, page.width, page.height)
    box = page.fields[0].box
    by = round(MARGIN * box.height)
    return Box(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)
