"""A strip's writing set upright, so that straight cuts part its digits.

Slanted neighbours overlap in their columns though they do not touch. The slant of a line is taken
from the second moments of its tall components, as the normaliser does for a single glyph.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.ink import Ink
from zipread.strip import DIGIT_HEIGHT, Strip

LEAST_SLANT = 0.12
MOST_SLANT = 0.7
SHARE = 0.9
"""How much of the measured slant is taken out: moments overstate that of open digits."""


def upright(strip: Strip, ink: Ink) -> tuple[Strip, Ink]:
    """The strip and its ink sheared so that its writing stands upright; its pixels stay."""
    slant = SHARE * line_slant(ink)
    if abs(slant) < LEAST_SLANT:
        return strip, ink
    turned = Ink(
        _sheared(ink.strength, slant, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT),
        _sheared(ink.mask, slant, cv2.INTER_NEAREST, cv2.BORDER_CONSTANT),
    )
    whole = np.vstack([_to_slanted(slant, len(ink.mask)), [0.0, 0.0, 1.0]])
    return replace(strip, to_page=strip.to_page @ whole, slant=slant), turned


def upright_pixels(strip: Strip) -> NDArray[np.uint8]:
    """The strip's pixels as its ink lies, for people to look at."""
    if not strip.slant:
        return strip.pixels
    return _sheared(strip.pixels, strip.slant, cv2.INTER_NEAREST, cv2.BORDER_REPLICATE)


def to_upright(strip: Strip) -> NDArray[np.float64]:
    """From the strip's pixels, which stay slanted, to its upright ink: affine, (3, 3)."""
    matrix = np.vstack([_to_slanted(strip.slant, strip.pixels.shape[0]), [0.0, 0.0, 1.0]])
    return np.linalg.inv(matrix)


def _sheared(
    picture: NDArray[np.uint8], slant: float, interpolation: int, border: int
) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    size, matrix = (round(width + abs(slant) * height), height), _to_slanted(slant, height)
    flags = interpolation | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=border)
    return np.asarray(moved, dtype=np.uint8)


def _to_slanted(slant: float, height: int) -> NDArray[np.float64]:
    """From upright coordinates to slanted ones."""
    shift = (slant + abs(slant)) * height / 2
    return np.array([[1.0, slant, -shift], [0.0, 1.0, 0.0]])


def line_slant(ink: Ink) -> float:
    """dx/dy of the strokes: negative for writing that leans to the right."""
    labels, stats = ink.components
    along = across = 0.0
    for label, (x, y, w, h, _) in enumerate(stats[1:].tolist(), 1):
        if h < 0.5 * DIGIT_HEIGHT or w > 1.3 * h:
            continue
        own = (labels[y : y + h, x : x + w] == label).view(np.uint8)
        moments = cv2.moments(own, binaryImage=True)
        along += moments["mu11"]
        across += moments["mu02"]
    return float(np.clip(along / across, -MOST_SLANT, MOST_SLANT)) if across else 0.0
