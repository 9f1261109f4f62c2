"""Filled-in forms whose layout is known: what a person would scan, and what is written there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zipread.compose.boxes import BoxRow, draw_boxes, fill_boxes
from zipread.compose.canvas import Canvas
from zipread.compose.chance import digits, pick
from zipread.compose.degrade import finish
from zipread.compose.glyphs import for_string
from zipread.compose.paper import make_paper
from zipread.compose.pens import printer, random_pen
from zipread.compose.scans import Scan
from zipread.compose.writing import neat, printed_hand, random_hand, write_code, write_text

LAYOUT = """
unit = "mm"
page = [148, 210]

[fields.member]
x = 42
y = 40
width = 62
height = 10
digits = "6..9"

[fields.zip]
x = 42
y = 60
width = 40
height = 8
boxes = 5
us_zip = true

[fields.postcode]
x = 42
y = 80
width = 28
height = 8
boxes = 4

[fields.account]
x = 42
y = 100
width = 70
height = 10
digits = [4, 8]

[fields.ref]
x = 42
y = 120
width = 49
height = 8
boxes = 7
optional = true
"""
DPI = 200
_MM = DPI / 25.4
_LEFT = 42
_ROWS = {"member": 40, "zip": 60, "postcode": 80, "account": 100, "ref": 120}
_BOXES = {"zip": 5, "postcode": 4, "ref": 7}


@dataclass(frozen=True)
class Filled:
    """The scanned form, (height, width, 3) or grey, and what is in its fields."""

    pixels: np.ndarray
    codes: dict[str, str]


def codes(rng):
    """What to write: a real ZIP, numbers of the lengths that the layout allows."""
    return {
        "member": digits(rng, int(rng.integers(6, 10))),
        "zip": pick(rng, ("02134", "10027", "60614", "94110", "73301", "37203")),
        "postcode": digits(rng, 4),
        "account": digits(rng, pick(rng, (4, 8))),
        "ref": digits(rng, 7) if rng.random() < 0.7 else "",
    }


def filled(rng, supply, scan: Scan, written=None, *, legible=True) -> Filled:
    """A form filled in by a random person, scanned."""
    written = codes(rng) if written is None else written
    canvas = make_paper(rng, round(210 * _MM), round(148 * _MM), "white", colour=True)
    supply = for_string(supply, rng)
    hand = random_hand(rng, 3.6 * _MM)
    hand = neat(hand) if legible else hand
    pen, label = random_pen(rng, legible=legible), printed_hand(rng, 2.2 * _MM)
    _print(canvas, rng, supply, printed_hand(rng, 4 * _MM), "Change of Address", 10, 18)
    for name, top in _ROWS.items():
        _print(canvas, rng, supply, label, f"Your {name}", 10, top + 6)
        _entry(canvas, rng, supply, hand, pen, name, top, written[name])
    _print(canvas, rng, supply, label, "Please write clearly and in capital letters", 10, 160)
    ink = (0.0, 0.0, 1.0, 1.0)
    made = finish(canvas, ink, scan, rng, code=(written["zip"], ""), dpi=DPI, tags=())
    return Filled(made.pixels, written)


def _print(canvas: Canvas, rng, supply, hand, text, x, y):
    ink = printer(rng)
    piece = write_text(hand, supply, text, rng)
    canvas.ink(ink.lay(piece.mask, rng), round(x * _MM), round(y * _MM) - piece.ascent, ink.colour)


def _entry(canvas: Canvas, rng, supply, hand, pen, name, top, text):
    if name in _BOXES:
        count = _BOXES[name]
        width = (8.0 if name == "zip" else 7.0) * _MM
        colour = pick(rng, ((240, 130, 50), (140, 140, 140), (25, 25, 25), (70, 120, 200)))
        row = BoxRow(width, 8 * _MM, "joined", 0.25 * _MM, colour, 0.0, (count,), 0.0)
        x, y = _LEFT * _MM, top * _MM
        draw_boxes(canvas, rng, row, x, y)
        if text:
            piece = fill_boxes(hand, supply, row, text, rng)
            margin = round(row.cell_height / 2)
            at = (round(x) - margin, round(y) - margin)
            canvas.ink(pen.lay(piece.mask, rng), *at, pen.colour)
        return
    line = np.full((max(1, round(0.2 * _MM)), round(60 * _MM)), 210, np.uint8)
    canvas.ink(line, round(_LEFT * _MM), round((top + 8.5) * _MM), (70, 70, 70))
    if not text:
        return
    piece = write_code(hand, supply, text, rng)
    at = (round((_LEFT + 3) * _MM), round((top + 7.6) * _MM) - piece.ascent)
    canvas.ink(pen.lay(piece.mask, rng), *at, pen.colour)
