"""Pixels of any kind to 8-bit grey or RGB on white paper, the right way up."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

Pixels = NDArray[np.uint8]

DEEP_MODES = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
"""Pillow's modes of more than 8 bits, all of one channel."""

BAND_PIXELS = 1 << 22

_GREY_MODES = {"1", "L", "LA", "La"}
_USUAL_DEPTHS = (8, 10, 12, 14, 16)


def from_pillow(image: Image.Image) -> Pixels:
    """A Pillow picture of any mode as uint8, (h, w) grey or (h, w, 3) RGB, alpha laid on white.

    Large ones go band by band: Pillow has 4 bytes to a colour pixel, and converts by copies.
    """
    if image.mode in DEEP_MODES:
        return _from_deep(image)
    opaque = not image.has_transparency_data or _alpha_was_never_set(image)
    rows = BAND_PIXELS // image.width
    if image.height <= rows:
        return np.asarray(_plain(image, opaque))
    first = np.asarray(_plain(_band(image, 0, rows), opaque))
    pixels = np.empty((image.height, *first.shape[1:]), np.uint8)
    for top in range(0, image.height, rows):
        pixels[top : top + rows] = np.asarray(_plain(_band(image, top, rows), opaque))
    return pixels


def _band(image: Image.Image, top: int, rows: int) -> Image.Image:
    return image.crop((0, top, image.width, min(top + rows, image.height)))


def _alpha_was_never_set(image: Image.Image) -> bool:
    """Whether there is an alpha channel that is zero all over, as 32-bit BMP is known for.

    Taken at its word it would leave an empty page.
    """
    return "A" in image.getbands() and image.getchannel("A").getextrema() == (0, 0)


def _plain(image: Image.Image, opaque: bool) -> Image.Image:
    """The picture in mode L or RGB, laid on white paper unless it is opaque."""
    mode = "L" if image.mode in _GREY_MODES else "RGB"
    if image.mode == "LAB":
        return image.getchannel("L")
    if opaque:
        return image if image.mode == mode else image.convert(mode)
    cover = image if image.mode == "RGBA" else image.convert("RGBA")
    paper = Image.new(mode, image.size, "white")
    paper.paste(cover.convert(mode), mask=cover.getchannel("A"))
    return paper


def _from_deep(image: Image.Image) -> Pixels:
    """More than 8 bits to 8, by the depth that the values show rather than the one they lie in.

    Scanners of 10, 12 or 14 bits store 16 without scaling; read as 16 they would be all but black.
    """
    values = np.asarray(image)
    values = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        values = np.where(values == clear, values.max(), values)
    if values.dtype.kind != "u":
        values = np.nan_to_num(values.astype(np.float32), posinf=0, neginf=0).clip(0)
    full = _full_scale(float(values.max()), values.dtype.kind == "f" and image.mode == "F")
    return cast("Pixels", cv2.convertScaleAbs(values, alpha=255.0 / full))


def _full_scale(largest: float, fractions: bool) -> float:
    """The value of white, given the largest value there is."""
    if fractions and largest <= 1:
        return 1.0
    for depth in _USUAL_DEPTHS:
        if largest < 1 << depth:
            return float((1 << depth) - 1)
    return largest


def without_needless_colour(pixels: Pixels) -> Pixels:
    """RGB whose channels are equal as grey; anything else as it is.

    Looked at on a grid of 4 pixels: a page with no colour on any grid point has none to tell
    anything by, and its luminance keeps whatever was between them.
    """
    if pixels.ndim == 2:
        return pixels
    if _is_coloured(pixels[::32, ::32]) or _is_coloured(pixels[::4, ::4]):  # most show it at once
        return pixels
    return cast("Pixels", cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def _is_coloured(pixels: Pixels) -> bool:
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return not (np.array_equal(red, green) and np.array_equal(green, blue))


def lies_across(orientation: int) -> bool:
    """Whether a page of this orientation has width for height."""
    return orientation in (5, 6, 7, 8)


def turned_upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undo the orientation of EXIF tag 274 (Exif 2.32, 4.6.4): 1..8, others count as upright."""
    turns: dict[int, Callable[[Pixels], object]] = {
        2: lambda p: cv2.flip(p, 1),
        3: lambda p: cv2.rotate(p, cv2.ROTATE_180),
        4: lambda p: cv2.flip(p, 0),
        5: cv2.transpose,
        6: lambda p: cv2.rotate(p, cv2.ROTATE_90_CLOCKWISE),
        7: lambda p: cv2.rotate(cv2.transpose(p), cv2.ROTATE_180),
        8: lambda p: cv2.rotate(p, cv2.ROTATE_90_COUNTERCLOCKWISE),
    }
    turn = turns.get(orientation)
    return pixels if turn is None else cast("Pixels", turn(pixels))
