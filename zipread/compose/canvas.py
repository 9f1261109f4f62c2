"""A sheet to draw on: ink darkens what is below it, paint covers it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]


def luminance(colour: Colour) -> int:
    """The grey of a colour (ITU-R BT.601)."""
    red, green, blue = colour
    return round(0.299 * red + 0.587 * green + 0.114 * blue)


def to_bytes(values: ArrayLike) -> Pixels:
    """Numbers rounded and kept within 0..255, as uint8."""
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


@dataclass(frozen=True, slots=True)
class Canvas:
    """Pixels (height, width) grey or (height, width, 3) RGB, drawn on in place."""

    pixels: Pixels

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    def _channels(self, colour: Colour) -> tuple[int, ...]:
        return colour if self.pixels.ndim == 3 else (luminance(colour),)

    def _overlap(self, mask: Pixels, x: int, y: int) -> tuple[Pixels, Pixels]:
        """The part of the sheet under ``mask`` at (x, y) and the part of the mask on the sheet."""
        left, top = max(0, x), max(0, y)
        right = max(left, min(self.width, x + mask.shape[1]))
        bottom = max(top, min(self.height, y + mask.shape[0]))
        return self.pixels[top:bottom, left:right], mask[top - y : bottom - y, left - x : right - x]

    def ink(self, mask: Pixels, x: int, y: int, colour: Colour) -> None:
        """Darken by ``mask`` (0 nothing .. 255 full ink) towards ``colour``, as dyes do."""
        below, part = self._overlap(mask, x, y)
        if not part.size:
            return
        cover = np.arange(256, dtype=np.float32)
        tables = [255 - cover * (255 - channel) / 255 for channel in self._channels(colour)]
        factors = cv2.merge([cv2.LUT(part, np.rint(t).astype(np.uint8)) for t in tables])
        below[...] = cv2.multiply(below, factors, scale=1 / 255).reshape(below.shape)

    def paint(self, mask: Pixels, x: int, y: int, colour: Colour) -> None:
        """Cover by ``mask`` with ``colour``, as labels and correction fluid do."""
        below, part = self._overlap(mask, x, y)
        if not part.size:
            return
        share = part.astype(np.float32) / 255
        share = share if below.ndim == 2 else share[..., None]
        colours = np.asarray(self._channels(colour), np.float32)
        below[...] = np.rint(below * (1 - share) + colours * share).astype(np.uint8)

    def paste(self, picture: Pixels, x: int, y: int) -> None:
        """Lay an RGB picture on the sheet."""
        if self.pixels.ndim == 2:
            picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        below, part = self._overlap(picture, x, y)
        below[...] = part
