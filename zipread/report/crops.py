"""The ZIP field cut out of the page, small enough that ten thousand fit in one file."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2

from zipread.reading import Box
from zipread.shelf import cut

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

MARGIN = 0.45
"""Paper shown around the field, as a share of its height."""
_TALLEST, _WIDEST = 88, 520  # pixels: twice what it is shown at
_PAGE_TALLEST = 110
_QUALITY = 62


@dataclass(frozen=True, slots=True)
class Crop:
    """A picture as a data URI, its size in its own pixels, and boxes on it (x, y, w, h)."""

    uri: str
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...]


def crop_of(
    pixels: NDArray[np.uint8], box: Box, inner: Iterable[Box] = (), tallest: int = _TALLEST
) -> Crop:
    """The box of a page with some paper around it; ``inner`` boxes are told in its pixels."""
    around = _grown(box, round(MARGIN * box.height))
    piece, left, top = cut(pixels, around), max(around.x, 0), max(around.y, 0)
    height, width = piece.shape[:2]
    scale = min(1.0, tallest / height, _WIDEST * tallest / _TALLEST / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(piece, size, interpolation=cv2.INTER_AREA)
    boxes = tuple(
        tuple(round(v * scale, 1) for v in (b.x - left, b.y - top, b.width, b.height))
        for b in inner
    )
    return Crop(data_uri(small), *size, boxes)


def thumbnail(pixels: NDArray[np.uint8]) -> Crop:
    """A whole page, to be known again by."""
    height, width = pixels.shape[:2]
    return crop_of(pixels, Box(0, 0, width, height), tallest=_PAGE_TALLEST)


def data_uri(pixels: NDArray[np.uint8], quality: int = _QUALITY) -> str:
    """A grey or RGB picture as a WebP data URI."""
    return "data:image/webp;base64," + base64.b64encode(as_webp(pixels, quality)).decode()


def as_webp(pixels: NDArray[np.uint8], quality: int) -> bytes:
    """A grey or RGB picture as WebP."""
    coloured = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".webp", coloured, [cv2.IMWRITE_WEBP_QUALITY, quality])
    return encoded.tobytes()


def _grown(box: Box, by: int) -> Box:
    return Box(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)
