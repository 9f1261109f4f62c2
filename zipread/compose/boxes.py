"""Pre-printed guides: rows of boxes and combs for digits, ruled lines, underlines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.compose.canvas import Canvas, Colour
from zipread.compose.chance import Rng, between, chance, pick, weighted
from zipread.compose.glyphs import DigitSupply
from zipread.compose.writing import Hand, Piece, write_digit

_INKS: dict[str, Colour] = {
    "orange": (240, 130, 50),
    "salmon": (244, 160, 120),
    "red": (208, 50, 50),
    "blue": (70, 120, 200),
    "cyan": (120, 190, 220),
    "grey": (140, 140, 140),
    "black": (25, 25, 25),
    "green": (70, 150, 90),
}
_SHARES = {
    "orange": 0.24,
    "salmon": 0.1,
    "red": 0.12,
    "blue": 0.12,
    "cyan": 0.06,
    "grey": 0.14,
    "black": 0.17,
    "green": 0.05,
}


@dataclass(frozen=True, slots=True)
class BoxRow:
    """A row of cells, lengths in pixels.

    ``form`` is joined, separate, comb (open above) or dotted; ``groups`` are the numbers of cells
    that stand together, as (5, 4) for a ZIP+4.
    """

    cell_width: float
    cell_height: float
    form: str
    line: float
    colour: Colour
    gap: float
    groups: tuple[int, ...]
    group_gap: float

    def lefts(self) -> list[float]:
        """The left edge of each cell."""
        x, lefts = 0.0, []
        for group in self.groups:
            for _ in range(group):
                lefts.append(x)
                x += self.cell_width + self.gap
            x += self.group_gap
        return lefts

    @property
    def width(self) -> float:
        """From the first cell's left to the last one's right edge."""
        return self.lefts()[-1] + self.cell_width


def random_boxes(
    rng: Rng, digit_height: float, groups: tuple[int, ...], form: str = "", *, roomy: bool = False
) -> BoxRow:
    """A row for digits about ``digit_height`` pixels tall; ``roomy`` leaves space around them."""
    form = form or weighted(rng, {"joined": 0.38, "separate": 0.37, "comb": 0.17, "dotted": 0.08})
    height = digit_height * between(rng, 1.5 if roomy else 0.9, 1.8)
    return BoxRow(
        cell_width=max(height * between(rng, 0.8 if roomy else 0.6, 1.0), 0.75 * digit_height),
        cell_height=height,
        form=form,
        line=max(1.0, digit_height * between(rng, 0.015, 0.06)),
        colour=_INKS[weighted(rng, _SHARES)],
        gap=height * between(rng, 0.06, 0.4) if form in ("separate", "dotted") else 0.0,
        groups=groups,
        group_gap=height * between(rng, 0.2, 0.8),
    )


def _lines(row: BoxRow) -> list[list[list[float]]]:
    """The row's lines as pairs of points, the first cell's top left corner at (0, 0)."""
    lines = []
    for left in row.lefts():
        right, low = left + row.cell_width, row.cell_height
        top = 0.6 * low if row.form == "comb" else 0.0
        lines += [[[left, top], [left, low]], [[right, top], [right, low]]]
        lines.append([[left, low], [right, low]])
        if row.form != "comb":
            lines.append([[left, 0.0], [right, 0.0]])
    return lines


def _dashed(line: list[list[float]], step: float) -> list[list[list[float]]]:
    """A line as dashes."""
    start, end = np.array(line)
    count = max(1, round(float(np.hypot(*(end - start))) / step))
    stops = np.linspace(0, 1, 2 * count)
    return [
        [list(start + (end - start) * a), list(start + (end - start) * b)]
        for a, b in zip(stops[::2], stops[1::2], strict=True)
    ]


def draw_boxes(canvas: Canvas, rng: Rng, row: BoxRow, x: float, y: float) -> None:
    """Print the row, its first cell's top left corner at (x, y)."""
    margin = int(row.line) + 3
    size = (round(row.cell_height) + 2 * margin, round(row.width) + 2 * margin)
    mask = np.zeros(size, np.uint8)
    lines = _lines(row)
    if row.form == "dotted":
        lines = [dash for line in lines for dash in _dashed(line, 4 * row.line)]
    points = [np.rint((np.array(line) + margin) * 16).astype(np.int32) for line in lines]
    cv2.polylines(mask, points, False, 255, max(1, round(row.line)), cv2.LINE_AA, 4)
    opacity = between(rng, 0.6, 1.0)
    canvas.ink((mask * opacity).astype(np.uint8), round(x) - margin, round(y) - margin, row.colour)


def fill_boxes(hand: Hand, supply: DigitSupply, row: BoxRow, text: str, rng: Rng) -> Piece:
    """A digit in each cell, some reaching over its lines; the piece's baseline is its bottom.

    The mask reaches half a cell's height beyond the row on all sides.
    """
    margin = round(row.cell_height / 2)
    size = (round(row.cell_height) + 2 * margin, round(row.width) + 2 * margin)
    mask = np.zeros(size, np.uint8)
    loose = between(rng, 0.02, 0.16)
    for left, sign in zip(row.lefts(), text, strict=True):
        piece = write_digit(hand, supply, int(sign), rng).mask
        room = (row.cell_width - piece.shape[1], row.cell_height - piece.shape[0])
        off = np.clip(rng.normal(0, loose, 2), -0.4, 0.4) * (row.cell_width, row.cell_height)
        x = int(np.clip(margin + left + room[0] / 2 + off[0], 0, size[1] - piece.shape[1]))
        y = int(np.clip(margin + room[1] / 2 + off[1], 0, max(0, size[0] - piece.shape[0])))
        part = mask[y : y + piece.shape[0], x : x + piece.shape[1]]
        np.maximum(part, piece[: part.shape[0], : part.shape[1]], out=part)
    return Piece(mask, mask.shape[0])


def rule(length: float, thickness: float, rng: Rng, *, by_hand: bool) -> NDArray[np.uint8]:
    """A line as a mask: straight as printed, or slightly bent as drawn."""
    columns, swing = max(2, round(length)), (thickness * 3 if by_hand else 0.0)
    height = int(2 * swing + thickness + 6)
    xs = np.linspace(1, columns - 2, 24)
    slope = between(rng, -1, 1) * swing
    bend = between(rng, -1, 1) * swing
    share = np.linspace(-1, 1, 24)
    ys = height / 2 + slope * share / 2 + bend * (share**2 - 0.5) / 2
    mask = np.zeros((height, columns), np.uint8)
    points = np.rint(np.column_stack([xs, ys]) * 16).astype(np.int32)
    cv2.polylines(mask, [points], False, 255, max(1, round(thickness)), cv2.LINE_AA, 4)
    return mask


def random_rule_ink(rng: Rng) -> Colour:
    """The colour of ruled lines."""
    return pick(
        rng, ((170, 170, 175), (120, 150, 200), (90, 90, 90), (200, 150, 120), (220, 140, 70))
    )


def add_guides(
    canvas: Canvas, rng: Rng, rows: list[float], left: float, right: float, line: float
) -> None:
    """Ruled lines at the given heights from ``left`` to ``right``."""
    colour = random_rule_ink(rng)
    dotted = chance(rng, 0.25)
    opacity = between(rng, 0.4, 1.0)
    for y in rows:
        mask = rule(right - left, line, rng, by_hand=False)
        if dotted:
            step = max(2, round(3 * line))
            mask = mask.copy()
            mask[:, (np.arange(mask.shape[1]) // step) % 2 == 1] = 0
        canvas.ink(
            (mask * opacity).astype(np.uint8), round(left), round(y - mask.shape[0] / 2), colour
        )
