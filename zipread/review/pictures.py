"""The two pictures of a page under review: the field large, and the page with the field marked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2

from zipread.errors import DocumentError
from zipread.reading import Box, joined
from zipread.report.crops import as_webp
from zipread.shelf import cut, opened, upright
from zipread.verdicts import machine_reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zipread.review.queue import Item

_FIELD_SIDE, _PAGE_SIDE = 1400, 1200  # pixels
_KEPT = 24  # items whose pictures are kept: those on screens and those that come next
_AROUND = 0.9  # paper around the field, as a share of its height


@dataclass(frozen=True, slots=True)
class Picture:
    """A WebP file, its size, and the field on it (x, y, w, h in its pixels), if there is one."""

    content: bytes
    width: int
    height: int
    box: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to see of an item: the machine's guess and the pictures, or why none."""

    guess: str
    confidence: float
    digits: tuple[tuple[int, float], ...] = ()
    alternatives: tuple[str, ...] = ()
    field: Picture | None = None
    page: Picture | None = None
    problem: str = ""

    @property
    def pictures(self) -> dict[str, Picture]:
        """The large picture, which is the page where no field was found, and the page."""
        kinds = {"field": self.field or self.page, "page": self.page}
        return {kind: picture for kind, picture in kinds.items() if picture}


@lru_cache(_KEPT)
def shown(item: Item) -> Shown:
    """An item's guess and pictures."""
    reading = item.kept.load()
    pages = [] if reading is None else [p for p in reading.pages if p.page == item.page]
    if reading is None or not pages or reading.source.sha256 != item.sha256:
        return Shown("", 0.0, problem="The image was scanned anew meanwhile. Skip it for now.")
    page = machine_reading(pages[0])
    guess = joined(page.zip, page.zip4)
    found = page.fields[0] if page.fields else None
    digits = tuple((d.digit, d.confidence) for d in found.digits) if found else ()
    others = tuple(joined(a.zip, a.zip4) for a in found.alternatives) if found else ()
    try:
        with opened(item.kept.image, reading) as document:
            pixels = upright(document, page)
    except DocumentError as error:
        return Shown(guess, page.confidence, digits, others, problem=str(error))
    field = _field(pixels, found.box) if found else None
    whole = _page(pixels, found.box if found else None)
    return Shown(guess, page.confidence, digits, others, field, whole)


def _field(pixels: NDArray[np.uint8], box: Box) -> Picture:
    by = round(_AROUND * box.height)
    around = Box(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)
    origin = (max(around.x, 0), max(around.y, 0))
    return _picture(cut(pixels, around), box, origin, _FIELD_SIDE, 80)


def _page(pixels: NDArray[np.uint8], box: Box | None) -> Picture:
    return _picture(pixels, box, (0, 0), _PAGE_SIDE, 70)


def _picture(
    pixels: NDArray[np.uint8], box: Box | None, origin: tuple[int, int], side: int, quality: int
) -> Picture:
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    marked = None
    if box:
        x, y = (box.x - origin[0]) * scale, (box.y - origin[1]) * scale
        marked = (
            round(x, 1),
            round(y, 1),
            round(box.width * scale, 1),
            round(box.height * scale, 1),
        )
    return Picture(as_webp(small, quality), *size, marked)
