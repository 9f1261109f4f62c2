"""A filled-in form with a ZIP field among others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zipread.compose.addresses import Address, address, phone
from zipread.compose.boxes import draw_boxes, fill_boxes, random_boxes
from zipread.compose.canvas import Canvas
from zipread.compose.chance import Rng, between, chance, digits, pick, weighted, whole
from zipread.compose.composed import Composed
from zipread.compose.degrade import finish
from zipread.compose.glyphs import DigitSupply, for_string
from zipread.compose.paper import make_paper
from zipread.compose.pens import Pen, printer, random_pen
from zipread.compose.scans import Scan, random_scan
from zipread.compose.writing import (
    Hand,
    ink_box,
    neat,
    printed_hand,
    random_hand,
    write_code,
    write_text,
)

Ink = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Form:
    """The sheet with what its parts share; ``mm`` is pixels a millimetre."""

    canvas: Canvas
    mm: float
    rng: Rng
    supply: DigitSupply
    label: Hand
    hand: Hand
    pen: Pen

    def print(self, text: str, x: float, y: float, hand: Hand | None = None) -> int:
        """Printed text with its baseline at y; its width."""
        ink = printer(self.rng)
        piece = write_text(hand or self.label, self.supply, text, self.rng)
        self.canvas.ink(
            ink.lay(piece.mask, self.rng), round(x), round(y) - piece.ascent, ink.colour
        )
        return piece.width

    def line(self, x: float, y: float, length: float) -> None:
        """A printed line to write on."""
        bar = np.full((max(1, round(0.2 * self.mm)), round(length)), 210, np.uint8)
        self.canvas.ink(bar, round(x), round(y), (70, 70, 70))

    def entry(self, text: str, x: float, y: float) -> None:
        """A handwritten entry standing on a line."""
        piece = write_text(self.hand, self.supply, text, self.rng)
        ink = self.pen.lay(piece.mask, self.rng)
        self.canvas.ink(ink, round(x), round(y) - piece.ascent, self.pen.colour)


def _row(form: _Form, name: str, text: str, y: float) -> None:
    """A label, a line, an entry."""
    left = 42 * form.mm
    form.print(name, 10 * form.mm, y)
    form.line(left, y + 0.8 * form.mm, form.canvas.width - left - 10 * form.mm)
    form.entry(text, left + 2 * form.mm, y)


def _zip_row(form: _Form, code: str, y: float, *, boxed: bool, roomy: bool) -> Ink:
    """The ZIP field; where its ink lies."""
    left = 42 * form.mm
    form.print(pick(form.rng, ("ZIP code", "ZIP", "Zip Code", "ZIP CODE")), 10 * form.mm, y)
    if boxed:
        tall = form.hand.size * form.hand.digit_scale
        row = random_boxes(form.rng, tall, (len(code),), roomy=roomy)
        top = y - row.cell_height + form.mm
        draw_boxes(form.canvas, form.rng, row, left, top)
        piece = fill_boxes(form.hand, form.supply, row, code, form.rng)
        margin = round(row.cell_height / 2)
        x, above = round(left) - margin, round(top) - margin
    else:
        form.line(left, y + 0.8 * form.mm, 40 * form.mm)
        piece = write_code(form.hand, form.supply, code, form.rng)
        x, above = round(left + 2 * form.mm), round(y) - piece.ascent
    form.canvas.ink(form.pen.lay(piece.mask, form.rng), x, above, form.pen.colour)
    dx, dy, width, height = ink_box(piece.mask)
    return x + dx, above + dy, width, height


def _rows(rng: Rng, to: Address) -> list[tuple[str, str]]:
    """Labels and entries; an empty label stands for the ZIP."""
    rows = [
        ("Name", to.lines[0]),
        ("Date", f"{whole(rng, 1, 12)}/{whole(rng, 1, 28)}/{whole(rng, 2001, 2029)}"),
        ("Street", to.lines[-1]),
        ("City", to.place.city),
        ("State", to.place.state),
        ("", to.place.zip),
        ("Telephone", phone(rng)),
        ("Member no.", digits(rng, whole(rng, 6, 9))),
    ]
    return [row for row in rows if row[0] in ("", "Name", "City") or chance(rng, 0.7)]


def compose_form(
    rng: Rng,
    supply: DigitSupply,
    scan: Scan | None = None,
    *,
    boxed: bool | None = None,
    legible: bool = False,
) -> Composed:
    """A form page with a ZIP field, boxed or on a line, in a random person's hand."""
    supply = for_string(supply, rng)
    dpi = weighted(rng, {150: 0.3, 200: 0.5, 300: 0.2})
    mm = dpi / 25.4
    canvas = make_paper(rng, round(148 * mm), round(210 * mm), "white", colour=chance(rng, 0.5))
    hand = random_hand(rng, between(rng, 2.8, 4.2) * mm)
    hand = neat(hand) if legible else hand
    pen = random_pen(rng, legible=legible)
    form = _Form(canvas, mm, rng, supply, printed_hand(rng, 2.2 * mm), hand, pen)
    form.print(
        pick(rng, ("Change of Address", "Registration", "Application Form")),
        10 * mm,
        14 * mm,
        printed_hand(rng, 4 * mm),
    )
    boxed = chance(rng, 0.7) if boxed is None else boxed
    y, ink = 30 * mm, (0.0, 0.0, 1.0, 1.0)
    to = address(rng)
    for name, text in _rows(rng, to):
        if name:
            _row(form, name, text, y)
        else:
            ink = _zip_row(form, text, y, boxed=boxed, roomy=legible)
        y += between(rng, 12.5, 14.5) * mm
    tags = ("form", "boxed") if boxed else ("form",)
    code = (to.place.zip, "")
    return finish(canvas, ink, scan or random_scan(rng), rng, code=code, dpi=dpi, tags=tags)
