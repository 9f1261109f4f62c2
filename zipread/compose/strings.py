"""Cropped fields: number strings as on cheques and forms, boxed rows, last lines of addresses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from zipread.compose.addresses import person, phone, places
from zipread.compose.boxes import (
    BoxRow,
    draw_boxes,
    fill_boxes,
    random_boxes,
    random_rule_ink,
    rule,
)
from zipread.compose.canvas import Canvas
from zipread.compose.chance import Rng, between, chance, digits, pick, weighted, whole
from zipread.compose.composed import Composed
from zipread.compose.degrade import finish
from zipread.compose.glyphs import DigitSupply, for_string
from zipread.compose.letters import WordSupply
from zipread.compose.paper import add_pattern, make_paper, random_paper
from zipread.compose.parts import crop_of_envelope
from zipread.compose.pens import Pen, printer, random_pen
from zipread.compose.post import barcode
from zipread.compose.scans import Scan, random_scan
from zipread.compose.writing import Hand, Piece, ink_box, random_hand, write_code, write_text

FORMS = {"plain": 0.5, "thousands": 0.12, "closed": 0.26, "currency": 0.12}
"""What stands around the digits of a crop: nothing, a point or comma, signs, a currency."""
NO_CODE = ("4-digits", "6-digits", "7-digits", "words", "phone", "nothing", "signs")


def field_scan(rng: Rng, tall: float) -> Scan:
    """A scan of a crop: next to no skew; digits ``tall`` pixels high are not blurred away."""
    scan = random_scan(rng)
    skew = float(np.clip(rng.normal(0, 1.5), -6, 6))
    small = replace(scan, skew=skew, turn=0, perspective=0.0, margin=0.0, bleed=0.0, around="sheet")
    method = small.bilevel if small.bilevel != "dither" else "otsu"
    sharp = max(small.resolution, min(1.0, 25 / tall))
    blur = min(small.blur, tall / 32)
    return replace(small, bilevel=method, blur=blur, resolution=sharp, salt=0.0)


def _decorated(code: str, rng: Rng, form: str = "") -> str:
    """The digits with what people write around an amount so that nothing can be added."""
    form = form or weighted(rng, FORMS)
    if form == "thousands":
        return (
            f"{code[:-3]}{pick(rng, ('.', ','))}{code[-3:]}{pick(rng, ('', '.-', ',-', '=', ''))}"
        )
    if form == "closed":
        ends = pick(
            rng,
            (
                ("#", "#"),
                ("#", "="),
                ("=", "="),
                ("", ",-"),
                ("", ".-"),
                ("-", "-"),
                ("", "="),
                ("", "."),
                ("", "//"),
                ("*", "*"),
                ("(", ")"),
            ),
        )
        return ends[0] + code + ends[1]
    if form == "currency":
        return f"{pick(rng, ('$', 'Fr.', 'EUR', 'Rs', 'USD', 'U$'))}{pick(rng, ('', ' '))}{code}"
    return code


def _plain_text(kind: str, rng: Rng) -> str:
    """What stands in a field that holds no five-digit code."""
    if kind == "words":
        return pick(rng, (person(rng), pick(rng, places()).city, person(rng).split()[-1]))
    if kind == "phone":
        return phone(rng)
    if kind == "signs":
        return pick(rng, ("//", "----", "= =", "#####", "$ -", "---//---", "n/a"))
    return _decorated(digits(rng, int(kind[0])), rng)


def _ground(rng: Rng, height: int, width: int, tall: float, *, colour: bool) -> tuple[Canvas, bool]:
    """Paper for a field whose digits are ``tall`` pixels, and whether it bears a pattern."""
    canvas = make_paper(rng, height, width, random_paper(rng), colour=colour)
    patterned = chance(rng, 0.55)
    if patterned:
        for _ in range(whole(rng, 1, 2)):
            add_pattern(canvas, rng, tall * between(rng, 0.08, 0.6))
    return canvas, patterned


def _frame(canvas: Canvas, rng: Rng, tall: float, base: float) -> bool:
    """A ruled line below the digits, a form's frame, or neither."""
    kind = weighted(rng, {"": 0.55, "line": 0.3, "frame": 0.15})
    if not kind:
        return False
    thick = max(1.0, tall * between(rng, 0.02, 0.07))
    colour = random_rule_ink(rng)
    heights = [base + tall * between(rng, -0.05, 0.3)]
    heights += [base - tall * between(rng, 1.15, 1.4)] if kind == "frame" else []
    for y in heights:
        mask = rule(canvas.width, thick, rng, by_hand=False)
        canvas.ink(mask, 0, round(y - mask.shape[0] / 2), colour)
    if kind == "frame":
        upright = np.full((canvas.height, max(1, round(thick))), 230, np.uint8)
        for x in (whole(rng, 4, 8), canvas.width - whole(rng, 6, 12)):
            canvas.ink(upright, x, 0, colour)
    return True


def _neighbours(
    canvas: Canvas, rng: Rng, hand: Hand, pen: Pen, supply: DigitSupply, spare: int
) -> None:
    """Feet of the line above or heads of the line below that the crop did not cut off."""
    piece = write_text(hand, supply, person(rng), rng)
    x = whole(rng, -piece.width // 2, canvas.width // 2)
    seen = round(hand.size * between(rng, 0.1, 0.4))
    seen += spare
    y = seen - piece.mask.shape[0] if chance(rng, 0.5) else canvas.height - seen
    canvas.ink(pen.lay(piece.mask, rng), x, y, pen.colour)


def _printed_beside(canvas: Canvas, rng: Rng, tall: float, spare: int) -> None:
    """A printed bar code or line at the edge."""
    mask = barcode(rng, max(0.8, tall / 12))
    canvas.ink(
        mask, whole(rng, 0, canvas.width), canvas.height - spare - whole(rng, 1, 5), (40, 40, 40)
    )


def _written(
    text: str, hand: Hand, supply: DigitSupply, rng: Rng, *, boxed: bool, words: WordSupply | None
) -> tuple[Piece, BoxRow | None]:
    """The field's writing; for a boxed one with its row."""
    if boxed:
        groups = (5, 4) if len(text) == 9 else (len(text),)
        row = random_boxes(rng, hand.size * hand.digit_scale, groups)
        return fill_boxes(hand, supply, row, text, rng), row
    if any(sign.isdigit() for sign in text):
        return write_code(hand, supply, text, rng, ligatures=chance(rng, 0.06)), None
    own = words.writer(rng) if words and chance(rng, 0.6) else ()
    return write_text(replace(hand, words=own), supply, text or " ", rng), None


def _margins(rng: Rng, tall: float) -> tuple[int, int, int, int]:
    """Left, top, right and bottom room around the ink: mostly little."""
    loose = weighted(rng, {0.12: 0.4, 0.4: 0.35, 1.2: 0.25})
    left, top, right, bottom = (round(tall * between(rng, 0.0, loose)) + 1 for _ in range(4))
    return left, min(top, round(tall)), right, min(bottom, round(tall))


def _code(rng: Rng, length: int) -> str:
    """Half the five-digit codes are real ZIPs, the rest any digits."""
    if length == 5 and chance(rng, 0.5):
        return pick(rng, places()).zip
    return digits(rng, length)


def compose_field(
    rng: Rng,
    supply: DigitSupply,
    length: int = 5,
    *,
    kind: str = "",
    form: str = "",
    boxed: bool | None = None,
    words: WordSupply | None = None,
) -> Composed:
    """A cropped field that holds one string of digits 20 to 80 pixels tall.

    ``length`` 5 gives a ZIP (9: ZIP+4); others have the truth "". ``kind`` is one of
    :data:`NO_CODE` for a field without a code (it overrules ``length``), ``form`` one of
    :data:`FORMS`; what is not said is left to chance.
    """
    supply = for_string(supply, rng)
    if not kind and length == 5 and boxed is None and chance(rng, 0.15):
        return crop_of_envelope(rng, supply, words)
    tall = between(rng, 20, 80)
    hand, pen = random_hand(rng, tall), random_pen(rng)
    hand = replace(hand, digit_scale=1.0)
    boxed = chance(rng, 0.2) if boxed is None else boxed
    boxed = boxed and kind in ("", "4-digits", "6-digits", "7-digits", "nothing")
    code = "" if kind else _code(rng, length)
    text = _field_text(rng, kind, code, form, boxed=boxed)
    if not kind and not boxed and chance(rng, 0.03):
        hand, pen = replace(hand, printed=True), printer(rng)
    piece, row = _written(text, hand, supply, rng, boxed=boxed and bool(text), words=words)
    colour = chance(rng, 0.4)
    return scanned_field(rng, supply, piece, row, hand, pen, code, kind, colour=colour)


def _field_text(rng: Rng, kind: str, code: str, form: str, *, boxed: bool) -> str:
    """What is written in the field."""
    if kind == "nothing":
        return ""
    if boxed:
        return code or digits(rng, int(kind[0]))
    if len(code) == 9:
        return f"{code[:5]}-{code[5:]}"
    return _plain_text(kind, rng) if kind else _decorated(code, rng, form)


def scanned_field(
    rng: Rng,
    supply: DigitSupply,
    piece: Piece,
    row: BoxRow | None,
    hand: Hand,
    pen: Pen,
    code: str,
    kind: str,
    *,
    colour: bool,
) -> Composed:
    """The writing on its ground, scanned."""
    tall = hand.size
    scan = field_scan(rng, tall)
    margins = _margins(rng, tall)
    dx, dy, wide, high = ink_box(piece.mask)
    if not wide:
        wide, high = round(4 * tall), round(tall)
    # the sheet is larger than the crop, so that a skewed one is filled to its corners
    spare = round(abs(np.sin(np.deg2rad(scan.skew))) * max(wide, high)) + 4
    left, top, right, bottom = (margin + spare for margin in margins)
    canvas, patterned = _ground(rng, high + top + bottom, wide + left + right, tall, colour=colour)
    if row:
        margin = round(row.cell_height / 2)
        draw_boxes(canvas, rng, row, left - dx + margin, top - dy + margin)
    ruled = not row and _frame(canvas, rng, tall, top + high)
    if chance(rng, 0.12):
        _neighbours(canvas, rng, hand, pen, supply, spare)
    if chance(rng, 0.03):
        _printed_beside(canvas, rng, tall, spare)
    canvas.ink(pen.lay(piece.mask, rng), left - dx, top - dy, pen.colour)
    found = {"patterned": patterned, "ruled": ruled, "boxed": bool(row), kind: bool(kind)}
    has_zip = len(code) in (5, 9)
    found[f"{len(code)}-digits"] = not has_zip and not kind
    tags = ("field", *(tag for tag, present in found.items() if present))
    truth = (code[:5], code[5:]) if has_zip else ("", "")
    ink = (left, top, wide, high)
    made = finish(canvas, ink, scan, rng, code=truth, dpi=200, tags=tags)
    return _trimmed(made, margins, has_zip=has_zip)


def _trimmed(made: Composed, margins: tuple[int, int, int, int], *, has_zip: bool) -> Composed:
    """The picture cut to its ink and the margins around."""
    box = made.box
    if box is None:
        return made
    left, top, right, bottom = margins
    cut = made.cropped(box.x - left, box.y - top, box.right + right, box.bottom + bottom)
    return cut if has_zip else replace(cut, box=None)
