"""A document's reading as a picture: each page's ZIP large, every digit outlined, and its form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from zipread.drawing import (
    BLACK,
    GREEN,
    GREY,
    ORANGE,
    RED,
    WHITE,
    Colour,
    form_tile,
    lettered,
    picture_of,
    stacked,
    write,
)
from zipread.names import visible
from zipread.reading import Status, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zipread.reading import Digit
    from zipread.show.seen import Seen

WIDTH = 900
_TALLEST, _LARGEST = 320, 6.0  # pixels of a crop, and times its size
_TILE, _STEP = 64, 96  # pixels of a form, and from one to the next
_COLOURS = {Status.ACCEPTED: GREEN, Status.REVIEW: ORANGE, Status.ERROR: RED}


def portrait(pages: Sequence[Seen]) -> Image.Image:
    """All pages, one below the other, :data:`WIDTH` pixels wide; at least one."""
    return stacked([_page(seen) for seen in pages], gap=24)


def _page(seen: Seen) -> Image.Image:
    page = seen.page
    code = joined(page.zip, page.zip4)
    head = f"{code}  {page.status}" + (f"  {page.confidence:.1%}" if code else "")
    words: list[tuple[str, int, Colour]] = [
        (seen.title, 18, BLACK),
        (head, 26, _COLOURS.get(page.status, GREY)),
    ]
    words += [(visible(text), 14, GREY) for text in (page.message, seen.problem) if text]
    parts = [lettered(words, WIDTH)]
    if seen.crop is not None:
        parts.append(_outlined(seen.crop, seen))
    if page.fields:
        parts.append(_forms(page.fields[0].digits))
        others = ", ".join(
            f"{joined(o.zip, o.zip4)} {o.probability:.1%}" for o in page.fields[0].alternatives
        )
        if others:
            parts.append(lettered([(f"or {others}", 14, GREY)], WIDTH))
    for field in page.fields[1:]:
        code = joined(field.zip, field.zip4) or "nothing"
        text = f"{visible(field.name)}: {code}  {field.confidence:.1%}"
        parts.append(lettered([(text, 18, BLACK)], WIDTH))
    return stacked(parts, gap=8)


def _outlined(crop: NDArray[np.uint8], seen: Seen) -> Image.Image:
    height, width = crop.shape[:2]
    scale = min(WIDTH / width, _TALLEST / height, _LARGEST)
    picture = picture_of(crop, scale)
    draw = ImageDraw.Draw(picture)
    for digit in seen.page.fields[0].digits if seen.page.fields else ():
        x, y = (digit.box.x - seen.origin[0]) * scale, (digit.box.y - seen.origin[1]) * scale
        corner = (x + digit.box.width * scale, y + digit.box.height * scale)
        draw.rectangle((x, y, *corner), outline=_colour(digit), width=2)
    return picture


def _forms(digits: tuple[Digit, ...]) -> Image.Image:
    strip = Image.new("RGB", (WIDTH, _TILE + 46), WHITE)
    draw = ImageDraw.Draw(strip)
    for place, digit in enumerate(digits):
        x = 4 + place * _STEP
        strip.paste(form_tile(np.array(digit.form, np.float32), _TILE), (x, 0))
        write(draw, (x, _TILE + 2), f"{digit.digit}  {digit.confidence:.1%}", 16, _colour(digit))
        other = f"{digit.runner_up}  {digit.runner_up_confidence:.1%}"
        write(draw, (x, _TILE + 24), other, 14, GREY)
    return strip


def _colour(digit: Digit) -> Colour:
    """As in the report: 98 % and more, 90 % and more, less."""
    return GREEN if digit.confidence >= 0.98 else ORANGE if digit.confidence >= 0.9 else RED
