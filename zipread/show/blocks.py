"""Pictures made of characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from rich.color import Color
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHADES = " ░▒▓█"
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def form_blocks(forms: NDArray[np.float64], gap: int = 2) -> str:
    """(n, 8, 8) Digits forms side by side, ink dense: 16 characters and the gap each."""
    levels = np.rint(np.asarray(forms) * (len(_SHADES) - 1) / 16).astype(int)
    lines = (
        (" " * gap).join("".join(_SHADES[level] * 2 for level in row) for row in rows)
        for rows in levels.transpose(1, 0, 2)
    )
    return "\n".join(line.rstrip() for line in lines)


def picture_blocks(pixels: NDArray[np.uint8], columns: int, *, colour: bool) -> Text:
    """A grey or RGB picture, ``columns`` characters wide, two pixels in each.

    Without ``colour`` what is dark is drawn as ink.
    """
    height, width = pixels.shape[:2]
    columns = min(columns, width)
    rows = max(1, round(height * columns / width / 2))
    small = cv2.resize(pixels, (columns, 2 * rows), interpolation=cv2.INTER_AREA)
    return _in_colour(small) if colour else _in_ink(small)


def _in_colour(pixels: NDArray[np.uint8]) -> Text:
    rgb = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    text = Text()
    for upper, lower in zip(rgb[::2].tolist(), rgb[1::2].tolist(), strict=True):
        for above, below in zip(upper, lower, strict=True):
            text.append("▀", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below)))
        text.append("\n")
    text.rstrip()
    return text


def _in_ink(pixels: NDArray[np.uint8]) -> Text:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if pixels.ndim == 3 else pixels
    _, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    ink = dark.astype(bool).tolist()
    lines = (
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)).rstrip()
        for upper, lower in zip(ink[::2], ink[1::2], strict=True)
    )
    return Text("\n".join(lines))
