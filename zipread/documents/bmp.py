"""BMP through Pillow, which checks for missing data."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

from PIL.BmpImagePlugin import BmpImageFile

from zipread.documents.limits import check_size
from zipread.documents.pixels import from_pillow
from zipread.documents.source import Raster, SinglePage, believable_dpi

if TYPE_CHECKING:
    from zipread.options import Options


def open_bmp(content: bytes, options: Options) -> SinglePage:
    """A BMP file, checked to be within the limits."""
    image = BmpImageFile(io.BytesIO(content))
    check_size(*image.size, options)
    return SinglePage(partial(_decode, image))


def _decode(image: BmpImageFile) -> Raster:
    image.load()
    return Raster(from_pillow(image), believable_dpi(*image.info.get("dpi", (0, 0))))
