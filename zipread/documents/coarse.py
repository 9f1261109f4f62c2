"""Pages finer than reading needs, at a part of their size.

The digits of a page that is a few thousand pixels wide are tall enough to read; twice as many
pixels cost four times the memory and tell no more. JPEG decodes at a half at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2

if TYPE_CHECKING:
    from zipread.documents.pixels import Pixels

LARGE = (1500, 4400)
"""Shorter and longer side from which on a page is read at half its size, and at a quarter from
twice that on: however large its paper, its digits stay as tall as on a usual scan."""
FINE_DPI = 500.0
LEAST_OF_FINE = (1500, 3000)
"""The same where the file claims that resolution or more: claims may be wrong."""
_SMALLEST_PART = 8


def part_to_read(height: int, width: int, dpi: float | None) -> int:
    """By how much a page is to be reduced for reading: 1, 2, 4 or 8."""
    part = 1
    while part < _SMALLEST_PART and _is_fine(height // part, width // part, (dpi or 0.0) / part):
        part *= 2
    return part


def _is_fine(height: int, width: int, dpi: float) -> bool:
    shorter, longer = LEAST_OF_FINE if dpi >= FINE_DPI else LARGE
    return min(height, width) >= shorter and max(height, width) >= longer


def reduced(pixels: Pixels, dpi: float | None) -> Pixels:
    """A page as it is read; what is left over at the right and at the foot is dropped."""
    height, width = pixels.shape[:2]
    part = part_to_read(height, width, dpi)
    if part == 1:
        return pixels
    size = (width // part, height // part)
    whole = pixels[: size[1] * part, : size[0] * part]
    return cast("Pixels", cv2.resize(whole, size, interpolation=cv2.INTER_AREA))
