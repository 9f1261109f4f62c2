"""The error against the accepted share, and a contact sheet of the misses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from zipread.drawing import (
    BLACK,
    GREEN,
    GREY,
    PALE,
    RED,
    WHITE,
    beside,
    lettered,
    picture_of,
    stacked,
)
from zipread.errors import DocumentError
from zipread.evaluation.causes import cause_of, truth_box
from zipread.names import visible
from zipread.reading import Box, joined
from zipread.shelf import cut, opened, upright
from zipread.training.pictures import new_figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from zipread.drawing import Colour
    from zipread.evaluation.matched import Matched
    from zipread.evaluation.measure import Figures

MOST_MISSES = 60
COLUMNS = 3
_CELL, _PAGE, _TALL = 530, 200, 150  # pixels: width of a cell, of the page in it, height
_AROUND = 0.6  # paper around the ZIP, in heights of it


def draw_curve(figures: Figures, path: Path) -> None:
    """Error against accepted share, with what the options in force accepted; needs matplotlib."""
    figure = new_figure(6.4, 4.4)
    axis = figure.subplots()
    shares, errors = np.array(figures.curve or ((0.0, 0.0),)).T * 100
    axis.step(shares, errors, where="post", color="tab:blue")
    if figures.accepted.count:
        at = (100 * figures.accepted.share, 100 * figures.wrong.share)
        axis.plot(*at, "o", color="tab:orange", label="as scanned")
        axis.legend()
    for error, rate in figures.read_rate.items():
        axis.axhline(100 * error, color="0.8", linewidth=1, zorder=0)
        axis.plot(100 * rate, 100 * error, "|", color="black", markersize=12)
    axis.set(xlabel="accepted, % of all pages", ylabel="wrong, % of the accepted")
    axis.set(xlim=(0, 100), ylim=(0, max(3.0, float(errors[-1]) * 1.05)))
    axis.grid(alpha=0.3)
    rates = ", ".join(f"{100 * r:.1f} % at {100 * e:g} %" for e, r in figures.read_rate.items())
    axis.set_title(f"{figures.pages:,} pages; read rate {rates} error", fontsize=10)
    figure.savefig(path, dpi=100)


def contact_sheet(misses: Sequence[Matched]) -> Image.Image:
    """The misses, the first :data:`MOST_MISSES` of them: what was there and what was read."""
    shown = misses[:MOST_MISSES]
    cells = [_cell(miss) for miss in shown]
    head = f"{len(misses)} misses; green: where the ZIP is, red: what was read"
    if len(misses) > len(shown):
        head += f"; the first {len(shown)}, accepted ones first"
    rows = [cells[start : start + COLUMNS] for start in range(0, len(cells), COLUMNS)]
    rule = Image.new("RGB", (COLUMNS * (_CELL + 10), 1), PALE)
    drawn = [stacked([rule, beside(row)], 4) for row in rows]
    return stacked([lettered([(head, 18, BLACK)], rule.width), *drawn], 8)


def _cell(miss: Matched) -> Image.Image:
    truth = miss.truth
    want = joined(truth.zip, truth.zip4)
    got = joined(miss.guess, miss.plus4)
    page = f" page {truth.page}" if truth.page > 1 else ""
    colour = RED if miss.accepted else BLACK
    words = [
        (f"is {want or 'none'}   read {got or 'none'}   {miss.confidence:.4f}", 18, colour),
        (f"{cause_of(miss)}, {miss.status}: {visible(truth.file)}{page}", 13, GREY),
    ]
    return stacked([lettered(words, _CELL), _pictures(miss)], 2)


def _pictures(miss: Matched) -> Image.Image:
    """The page with both places, and what is there, as large as fits."""
    reading = miss.reading
    document = miss.kept.load() if miss.kept else None
    if reading is None or document is None or miss.kept is None or not reading.width:
        return _note("There is no picture of this page.")
    try:
        with opened(miss.kept.image, document) as image:
            pixels = upright(image, reading)
    except DocumentError as error:
        return _note(str(error))
    places: list[tuple[Box, Colour]] = []
    if (box := truth_box(miss)) is not None:
        places.append((box, GREEN))
    if reading.fields:
        places.append((reading.fields[0].box, RED))
    crops = [_crop(pixels, box, colour) for box, colour in places]
    return beside([_page(pixels, places), stacked(crops, 4) if crops else _note("")], 6)


def _page(pixels: NDArray[np.uint8], places: Sequence[tuple[Box, Colour]]) -> Image.Image:
    height, width = pixels.shape[:2]
    scale = min(_PAGE / width, _TALL / height)
    page = picture_of(pixels).resize(
        (max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BOX
    )
    draw = ImageDraw.Draw(page)
    for box, colour in places:
        left, top = box.x * scale - 2, box.y * scale - 2
        right, bottom = box.right * scale + 2, box.bottom * scale + 2
        draw.rectangle([left, top, right, bottom], outline=colour, width=2)
    return page


def _crop(pixels: NDArray[np.uint8], box: Box, colour: Colour) -> Image.Image:
    by = round(_AROUND * min(box.width, box.height))
    around = Box(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)
    piece = cut(pixels, around)
    room = _CELL - _PAGE - 10
    crop = picture_of(piece, min(room / piece.shape[1], 0.5 * _TALL / piece.shape[0], 4.0))
    ImageDraw.Draw(crop).rectangle([0, 0, crop.width - 1, crop.height - 1], outline=colour, width=2)
    return crop


def _note(text: str) -> Image.Image:
    whole = Image.new("RGB", (_CELL - _PAGE, 20), WHITE)
    whole.paste(lettered([(text, 13, GREY)], whole.width), (0, 0))
    return whole
