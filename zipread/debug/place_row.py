"""One place of the page: its strip, its ink with the cuts, the hypotheses, and the words.

The places that matter get a row with everything, the others a card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from zipread.drawing import (
    BLACK,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    RED,
    WHITE,
    beside,
    font,
    form_tile,
    lettered,
    picture_of,
    stacked,
    write,
)
from zipread.slant import upright_pixels

if TYPE_CHECKING:
    from zipread.debug.account import Account

_WORDS = 390  # pixels for the words of a row
_LARGEST_SCALE, _TALLEST = 2.0, 130  # of a strip; pixels
_TILE = 34  # pixels a form of the lattice
_LETTERS = 11
_SURE = 0.5  # a hypothesis that is a digit with this probability is lettered dark
_AROUND = 2.5  # digit heights of a strip shown to both sides of what was read


def place_row(account: Account, width: int, levels: int = 4) -> Image.Image:
    """Everything about a place: words, strip and forms of the path, ink and lattice."""
    gap = 10
    room = (width - _WORDS - 2 * gap) // 2
    left, right = _window(account)
    scale = _scale(account, room)
    seen = picture_of(np.ascontiguousarray(upright_pixels(account.strip)[:, left:right]), scale)
    forms = [_path(account, room, 56)] if account.path else []
    lattice = [_lattice(account, scale, room, levels)] if len(account.forms) else []
    rule = Image.new("RGB", (width, 2), PALE)
    columns = [
        lettered(_words(account, 9), _WORDS),
        _padded(stacked([seen, *forms]), room),
        _padded(stacked([_cuts(account, scale), *lattice]), room),
    ]
    return stacked([rule, beside(columns, gap)], 4)


def place_card(account: Account, width: int) -> Image.Image:
    """The words in brief, the ink, and the forms of the path, or all where there is none."""
    scale = _scale(account, width)
    words = lettered(_words(account, 3)[:8], width)
    if account.path:
        forms = [_path(account, width, 30)]
    else:
        forms = [_lattice(account, scale, width, 2)] if len(account.forms) else []
    return _padded(stacked([words, _cuts(account, scale), *forms], 2), width)


def cards(accounts: list[Account], width: int, columns: int = 4) -> list[Image.Image]:
    """Rows of cards."""
    gap = 10
    each = (width - gap * (columns - 1)) // columns
    drawn = [place_card(account, each) for account in accounts]
    rows = [drawn[start : start + columns] for start in range(0, len(drawn), columns)]
    rule = Image.new("RGB", (width, 2), PALE)
    return [stacked([rule, beside(row, gap)], 4) for row in rows]


def _padded(picture: Image.Image, width: int) -> Image.Image:
    whole = Image.new("RGB", (width, picture.height), WHITE)
    whole.paste(picture, (0, 0))
    return whole


def _window(account: Account) -> tuple[int, int]:
    """The columns of the strip that are shown: around what was read, or all."""
    width = account.ink.mask.shape[1]
    if not account.path:
        return 0, width
    boxes = np.array([account.segmentation.hypotheses[edge].box for edge in account.path])
    room = _AROUND * account.segmentation.height
    left = max(0, int(boxes[:, 0].min() - room))
    return left, min(width, int((boxes[:, 0] + boxes[:, 2]).max() + room))


def _scale(account: Account, room: int) -> float:
    left, right = _window(account)
    height = account.ink.mask.shape[0]
    return min(_LARGEST_SCALE, room / (right - left), _TALLEST / height)


def _words(account: Account, terms: int) -> list[tuple[str, int, tuple[int, int, int]]]:
    colour = GREEN if account.taken else ORANGE
    segmentation = account.segmentation
    boxed = "boxed, " if account.place.row is not None else ""
    cut = (
        f"{boxed}{len(segmentation.slices)} slices, {len(segmentation.hypotheses)} hypotheses, "
        f"digit height {segmentation.height:.0f}"
    )
    lines = [(account.title, 22, colour), (account.why, 13, colour), (cut, 12, GREY)]
    lines += [(f"as a whole: {account.whole}", 12, GREY)] if account.whole else []
    lines += [(reading, 13, BLACK) for reading in account.readings[: max(2, terms - 4)]]
    lines += [
        (f"{value * weight:+.2f}   {name}   ({value:.2f} x {weight:+.2f})", 12, GREY)
        for name, value, weight in account.terms[:terms]
    ]
    return lines


def _cuts(account: Account, scale: float) -> Image.Image:
    """The ink mask; slices framed, cuts through one component red, the path's digits green."""
    left, right = _window(account)
    ink = np.ascontiguousarray(255 - account.ink.mask[:, left:right] // 2, np.uint8)
    picture = picture_of(ink, scale)
    draw = ImageDraw.Draw(picture)
    segmentation = account.segmentation
    slices = segmentation.slices - np.array([left, 0, 0, 0])
    component = segmentation.component
    for x, y, w, h in slices:
        draw.rectangle([x * scale, y * scale, (x + w) * scale, (y + h) * scale], outline=PALE)
    for i in np.flatnonzero(component[1:] == component[:-1]):
        one, other = slices[i], slices[i + 1]
        at = scale * (one[0] + one[2] + other[0]) / 2
        top, bottom = min(one[1], other[1]), max(one[1] + one[3], other[1] + other[3])
        draw.line([at, scale * top - 4, at, scale * bottom + 4], fill=RED, width=2)
    for edge, digit in zip(account.path, account.text, strict=True):
        x, y, w, h = segmentation.hypotheses[edge].box
        x -= left
        frame = [x * scale - 1, y * scale - 1, (x + w) * scale + 1, (y + h) * scale + 1]
        draw.rectangle(frame, outline=GREEN, width=2)
        write(draw, (frame[0] + 2, frame[1] + 1), digit, 14, GREEN)
    return picture


def _path(account: Account, room: int, side: int) -> Image.Image:
    """The forms that the best reading took, each with its likeliest digits."""
    step = side + 62
    per_row = max(1, room // step)
    tall = max(side, 3 * 15) + 4
    rows = -(-len(account.path) // per_row)
    picture = Image.new("RGB", (room, tall * rows), WHITE)
    draw = ImageDraw.Draw(picture)
    for k, (edge, digit) in enumerate(zip(account.path, account.text, strict=True)):
        x, y = (k % per_row) * step, (k // per_row) * tall
        picture.paste(form_tile(account.forms[edge], side), (x, y))
        shares = account.probabilities[edge]
        for row, d in enumerate(np.argsort(-shares, kind="stable")[:2]):
            colour = GREEN if str(d) == digit else BLACK
            write(draw, (x + side + 3, y + 15 * row), f"{d} {shares[d]:.3f}", 12, colour)
        none = 1 - float(shares.sum())
        colour = RED if none > _SURE else GREY
        write(draw, (x + side + 3, y + 30), f"no {none:.3f}", 12, colour)
    return picture


def _lattice(account: Account, scale: float, room: int, levels: int) -> Image.Image:
    """Every hypothesis where it stands, those of the path first, then the surest.

    Under each form its likeliest digit and that digit's probability in percent.
    """
    first, _ = _window(account)
    best = account.probabilities.max(axis=1)
    on_path = np.isin(np.arange(len(best)), account.path)
    taken: list[list[float]] = [[] for _ in range(levels)]
    tall = _TILE + 14
    picture = Image.new("RGB", (room, tall * levels), WHITE)
    draw = ImageDraw.Draw(picture)
    for edge in np.lexsort((-best, ~on_path)):
        x, _, w, _ = account.segmentation.hypotheses[edge].box
        left = round(scale * (x - first + w / 2) - _TILE / 2)
        free = [i for i, row in enumerate(taken) if all(abs(left - at) > _TILE + 2 for at in row)]
        if not free or not -_TILE / 2 < left < room - _TILE / 2:
            continue
        left, top = min(max(left, 0), room - _TILE), free[0] * tall
        taken[free[0]].append(left)
        picture.paste(form_tile(account.forms[edge], _TILE), (left, top))
        colour = GREEN if on_path[edge] else BLACK if best[edge] > _SURE else GREY
        if on_path[edge]:
            draw.rectangle([left, top, left + _TILE, top + _TILE], outline=GREEN, width=2)
        text = f"{account.probabilities[edge].argmax()} {100 * best[edge]:.0f}"
        at = left + (_TILE - draw.textlength(text, font=font(_LETTERS))) / 2
        write(draw, (at, top + _TILE), text, _LETTERS, colour)
    used = sum(bool(row) for row in taken)
    return picture.crop((0, 0, room, max(1, tall * used)))
