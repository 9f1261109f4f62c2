"""The page with everything that was found on it, beside its ink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from zipread.debug.account import Account, priors
from zipread.drawing import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    WHITE,
    beside,
    font,
    picture_of,
    write,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zipread.drawing import Colour
    from zipread.fields import TextLine
    from zipread.forms import SeenForm
    from zipread.look import Look

_TALLEST = 620  # pixels of the page's picture
LEGEND = (
    ("taken", GREEN),
    ("candidate, left", ORANGE),
    ("read, no candidate", BLUE),
    ("line (its prior)", GREY),
    ("box", PURPLE),
)


def overview(
    upright: NDArray[np.uint8], look: Look, accounts: list[Account], width: int
) -> Image.Image:
    """The page with outlines, and its ink, side by side in ``width`` pixels.

    Outlines and numbers are those of ``accounts``; all lines have a thin grey one with their prior.
    """
    gap = 10
    raster = look.raster
    scale = min((width - gap) / 2 / raster.width, _TALLEST / raster.height)
    size = (max(1, round(raster.width * scale)), max(1, round(raster.height * scale)))
    page = picture_of(upright).resize(size, Image.Resampling.BOX)
    ink = Image.fromarray(255 - look.mask).convert("RGB").resize(size, Image.Resampling.BOX)
    draw = ImageDraw.Draw(page)
    for line, prior in zip(look.lines, priors(look), strict=True):
        _outline(draw, line, scale, GREY, f"{prior:.1f}", thick=1)
    for found in look.found:
        row = found.candidate.place.row
        for x, y, w, h in row.cells if row else ():
            draw.rectangle([x * scale, y * scale, (x + w) * scale, (y + h) * scale], outline=PURPLE)
    for account in reversed(accounts):
        if account.turns == look.turns:
            colour = GREEN if account.taken else ORANGE if account.number else BLUE
            _outline(draw, account.place.line, scale, colour, account.number, thick=3)
    _legend(draw, page.height)
    return beside([page, ink], gap)


def places_of(seen: SeenForm, upright: NDArray[np.uint8], width: int) -> Image.Image:
    """The page with the fields of its layout where they were looked for, by name."""
    scale = min(width / upright.shape[1], _TALLEST / upright.shape[0])
    page = picture_of(upright, scale)
    draw = ImageDraw.Draw(page)
    for field in seen.fields:
        height, across = field.cutout.pixels.shape[:2]
        corners = np.array([[0, 0], [across, 0], [across, height], [0, height], [0, 0]])
        matrix = field.cutout.to_page
        frame = [tuple(point) for point in (corners @ matrix[:, :2].T + matrix[:, 2]) * scale]
        colour = GREEN if field.field.zip else GREY if field.blank else ORANGE
        draw.line(frame, fill=colour, width=2)
        write(draw, (frame[0][0] + 3, frame[0][1] - 18), field.layout.name, 15, colour)
    return page


def _outline(
    draw: ImageDraw.ImageDraw,
    line: TextLine,
    scale: float,
    colour: Colour,
    mark: str,
    *,
    thick: int,
) -> None:
    """The slanted frame around a line, its mark at the upper left."""
    x, y = line.middle
    half = (line.right - line.left) / 2
    tall = 0.65 * line.height
    dy = line.slope * half
    corners = [
        (x - half, y - dy - tall),
        (x + half, y + dy - tall),
        (x + half, y + dy + tall),
        (x - half, y - dy + tall),
    ]
    frame = [(cx * scale, cy * scale) for cx, cy in corners]
    draw.line([*frame, frame[0]], fill=colour, width=thick)
    if not mark:
        return
    size = 20 if thick > 1 else 11
    left, top = frame[0][0] - (0.7 * size if thick > 1 else 0), frame[0][1] - 1.2 * size
    if thick > 1:
        room = draw.textlength(mark, font=font(size))
        draw.rectangle([left - 2, top, left + room + 2, top + 1.2 * size], fill=WHITE)
    write(draw, (left, top), mark, size, colour)


def _legend(draw: ImageDraw.ImageDraw, height: int) -> None:
    x = 6.0
    for text, colour in LEGEND:
        room = draw.textlength(text, font=font(13))
        draw.rectangle([x - 3, height - 20, x + room + 3, height - 2], fill=WHITE)
        write(draw, (x, height - 19), text, 13, colour)
        x += room + 14
