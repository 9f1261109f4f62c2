"""Text, outlines and tiles on pictures, and pictures laid one below the other."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Colour = tuple[int, int, int]

BLACK: Colour = (0, 0, 0)
GREY: Colour = (135, 135, 135)
PALE: Colour = (205, 205, 205)
GREEN: Colour = (0, 140, 50)
ORANGE: Colour = (215, 105, 0)
RED: Colour = (215, 0, 30)
BLUE: Colour = (30, 90, 220)
PURPLE: Colour = (150, 40, 190)
WHITE: Colour = (255, 255, 255)


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that everything is lettered in, ``size`` in pixels."""
    return ImageFont.load_default(size)


def write(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, colour: Colour = BLACK
) -> None:
    """One line of text, its upper left corner ``at`` x and y."""
    draw.text(at, text, fill=colour, font=font(size))


def lettered(lines: Sequence[tuple[str, int, Colour]], width: int) -> Image.Image:
    """Lines of text (what, size in pixels, colour), one below the other, ``width`` pixels wide."""
    height = sum(round(1.35 * size) for _, size, _ in lines) + 4
    picture = Image.new("RGB", (width, max(1, height)), WHITE)
    draw, y = ImageDraw.Draw(picture), 0
    for text, size, colour in lines:
        write(draw, (4, y), text, size, colour)
        y += round(1.35 * size)
    return picture


def picture_of(pixels: NDArray[np.uint8], scale: float = 1.0) -> Image.Image:
    """(h, w) grey or (h, w, 3) RGB pixels as an RGB picture, ``scale`` times their size."""
    picture = Image.fromarray(pixels).convert("RGB")
    if scale == 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BILINEAR)


def form_tile(form: NDArray[np.float32], side: int) -> Image.Image:
    """An 8x8 form, 64 values 0 to 16, dark on light, ``side`` pixels wide."""
    grey = (255 - np.clip(form.reshape(8, 8) * (255 / 16), 0, 255)).astype(np.uint8)
    return Image.fromarray(grey).resize((side, side), Image.Resampling.NEAREST).convert("RGB")


def stacked(pictures: Sequence[Image.Image], gap: int = 6) -> Image.Image:
    """Pictures one below the other, on white."""
    width = max(picture.width for picture in pictures)
    height = sum(picture.height for picture in pictures) + gap * (len(pictures) - 1)
    whole, y = Image.new("RGB", (width, height), WHITE), 0
    for picture in pictures:
        whole.paste(picture, (0, y))
        y += picture.height + gap
    return whole


def beside(pictures: Sequence[Image.Image], gap: int = 10) -> Image.Image:
    """Pictures side by side, on white."""
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) - 1)
    height = max(picture.height for picture in pictures)
    whole, x = Image.new("RGB", (width, height), WHITE), 0
    for picture in pictures:
        whole.paste(picture, (x, 0))
        x += picture.width + gap
    return whole
