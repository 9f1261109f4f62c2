"""Pages that hold no ZIP: what an unattended scanner also meets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from zipread.compose import post
from zipread.compose.addresses import address, firm, person, phone, street
from zipread.compose.canvas import Canvas
from zipread.compose.chance import Rng, between, chance, digits, pick, weighted, whole
from zipread.compose.composed import Composed
from zipread.compose.degrade import finish
from zipread.compose.glyphs import DigitSupply, for_string
from zipread.compose.letters import WordSupply
from zipread.compose.paper import add_fold, add_pattern, make_paper, random_paper
from zipread.compose.patterns import draw_row
from zipread.compose.pens import noise_patch, printer, random_pen
from zipread.compose.scans import Scan, random_scan
from zipread.compose.writing import Hand, printed_hand, random_hand, write_text


@dataclass(frozen=True, slots=True)
class _Page:
    """What a painter works with; ``mm`` is pixels a millimetre."""

    canvas: Canvas
    rng: Rng
    mm: float
    supply: DigitSupply
    words: WordSupply | None


# 1-4 and 6-8 digits: numbers that are no code of five
_LENGTHS = {1: 0.1, 2: 0.2, 3: 0.2, 4: 0.2, 6: 0.1, 7: 0.1, 8: 0.1}


def _number(rng: Rng) -> str:
    """A number without five digits in a row."""
    return digits(rng, weighted(rng, _LENGTHS))


def _prose(rng: Rng, words: int) -> str:
    """Words enough for a line."""
    parts: list[str] = []
    while len(parts) < words:
        parts += pick(
            rng, (person(rng), firm(rng), "please find enclosed the", "we are pleased to")
        ).split()
    if chance(rng, 0.2):
        parts[whole(rng, 0, words - 1)] = _number(rng)
    return " ".join(parts[:words])


def _lines(
    canvas: Canvas,
    rng: Rng,
    supply: DigitSupply,
    hand: Hand,
    texts: list[str],
    left: float,
    top: float,
) -> None:
    """Lines of text below each other."""
    pen = printer(rng) if hand.printed else random_pen(rng)
    pitch, y = hand.size * between(rng, 1.6, 2.6), top
    for text in texts:
        y += pitch
        if y > canvas.height:
            return
        piece = write_text(hand, supply, text, rng)
        canvas.ink(pen.lay(piece.mask, rng), round(left), round(y) - piece.ascent, pen.colour)


def _blank(page: _Page) -> None:
    """Nothing, or a fold, a stain, a flap."""
    canvas, rng, mm = page.canvas, page.rng, page.mm
    if chance(rng, 0.4):
        add_fold(canvas, rng, max(1.0, 0.3 * mm))
    if chance(rng, 0.4):
        post.add_stain(canvas, rng, mm)
    if chance(rng, 0.2):
        post.add_flap(canvas, rng, mm)


def _letters(page: _Page) -> None:
    """A handwritten note without numbers."""
    canvas, rng, mm = page.canvas, page.rng, page.mm
    own = page.words.writer(rng) if page.words and chance(rng, 0.6) else ()
    hand = replace(random_hand(rng, between(rng, 2.5, 6) * mm), words=own)
    texts = [
        pick(rng, (person(rng), firm(rng), "Thank you", "To whom")) for _ in range(whole(rng, 1, 9))
    ]
    left, top = between(rng, 0.03, 0.4) * canvas.width, between(rng, 0.02, 0.4) * canvas.height
    _lines(canvas, rng, page.supply, hand, texts, left, top)


def _text(page: _Page) -> None:
    """Printed paragraphs."""
    canvas, rng, mm = page.canvas, page.rng, page.mm
    hand = printed_hand(rng, between(rng, 1.6, 3.4) * mm)
    per_line = max(2, round(canvas.width / (hand.size * 8)))
    texts = [_prose(rng, per_line) for _ in range(whole(rng, 3, 40))]
    _lines(canvas, rng, page.supply, hand, texts, 6 * mm, between(rng, 2, 30) * mm)


def _table(page: _Page) -> None:
    """Columns of printed or written numbers, ruled or not; none of five digits."""
    canvas, rng, mm = page.canvas, page.rng, page.mm
    size = between(rng, 1.8, 3.5) * mm
    hand = printed_hand(rng, size) if chance(rng, 0.6) else random_hand(rng, size)
    pen = printer(rng) if hand.printed else random_pen(rng)
    pitch, across = size * between(rng, 1.9, 3), size * between(rng, 8, 14)
    for y in np.arange(10 * mm, canvas.height - pitch, pitch):
        for x in np.arange(6 * mm, canvas.width - across, across):
            if chance(rng, 0.85):
                text = pick(
                    rng, (_number(rng), f"{_number(rng)}.{digits(rng, 2)}", person(rng).split()[-1])
                )
                piece = write_text(hand, page.supply, text, rng)
                canvas.ink(pen.lay(piece.mask, rng), round(x), round(y) - piece.ascent, pen.colour)
        if chance(rng, 0.9):
            bar = np.full((1, canvas.width), 150, np.uint8)
            canvas.ink(bar, 0, round(y + 0.3 * pitch), (90, 90, 90))


def _picture(page: _Page) -> None:
    """A photograph's like: clouds of tone, shapes, textures."""
    canvas, rng = page.canvas, page.rng
    height, width = canvas.height, canvas.width
    coarse = rng.integers(0, 256, (whole(rng, 2, 9), whole(rng, 2, 12), 3)).astype(np.uint8)
    soft = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = cv2.merge([noise_patch(rng, pick(rng, (2.0, 5.0, 9.0, 24.0)), height, width)] * 3)
    canvas.paste(np.asarray(cv2.addWeighted(soft, 0.6, grain, 0.4, 0), np.uint8), 0, 0)
    for _ in range(whole(rng, 0, 8)):
        side = round(between(rng, 4, 40) * page.mm)
        shape = np.zeros((2 * side, 2 * side), np.uint8)
        axes, angle = (side // 2, whole(rng, 2, side)), whole(rng, 0, 180)
        cv2.ellipse(shape, (side, side), axes, angle, 0, 360, 255, -1)
        tone = (whole(rng, 0, 255), whole(rng, 0, 255), whole(rng, 0, 255))
        canvas.paint(shape, whole(rng, -side, width), whole(rng, -side, height), tone)


def _codes(page: _Page) -> None:
    """Barcodes only."""
    canvas, rng, mm = page.canvas, page.rng, page.mm
    for _ in range(whole(rng, 1, 5)):
        x = between(rng, 0, 0.6) * canvas.width
        post.add_barcode(canvas, rng, x, between(rng, 0.02, 0.95) * canvas.height, mm)


def _postal(page: _Page) -> None:
    """A stamp, a postmark, a notice; the back or an unaddressed front."""
    canvas, rng, mm = page.canvas, page.rng, page.mm
    right, top = canvas.width - 6 * mm, 6 * mm
    x, y = post.add_stamp(canvas, rng, right, top, mm)
    if chance(rng, 0.8):
        post.add_postmark(canvas, rng, x, y, mm)
    if chance(rng, 0.4):
        post.add_scribble(canvas, rng, 0.3 * canvas.width, 0.5 * canvas.height, mm, (40, 40, 120))


def _no_zip_address(page: _Page) -> None:
    """A hand-addressed envelope whose writer forgot the ZIP, or wrote too few or many digits."""
    canvas, rng, mm = page.canvas, page.rng, page.mm
    hand = random_hand(rng, between(rng, 2.6, 5) * mm)
    hand = replace(hand, words=page.words.writer(rng)) if page.words and chance(rng, 0.3) else hand
    to = address(rng)
    wrong = "" if chance(rng, 0.6) else _number(rng)
    where = f"{whole(rng, 1, 9999)} {street(rng).split(' ', 1)[1]}"
    where = "PO Box 12" if "Box" in where else where
    texts = [to.lines[0], where, f"{to.place.city}, {to.place.state} {wrong}"]
    left, top = between(rng, 0.2, 0.4) * canvas.width, between(rng, 0.3, 0.5) * canvas.height
    _lines(canvas, rng, page.supply, hand, texts, left, top)
    _postal(page)


def _form(page: _Page) -> None:
    """A form with labels, lines, and some entries: dates, amounts, telephone numbers."""
    canvas, rng, mm = page.canvas, page.rng, page.mm
    label, hand = printed_hand(rng, 2.2 * mm), random_hand(rng, between(rng, 2.5, 4) * mm)
    ink, pen = printer(rng), random_pen(rng)
    names = ("Name", "Date", "Telephone", "Amount", "Signature", "Account", "Member no.", "Remarks")
    y = 12 * mm
    while y < canvas.height - 8 * mm:
        name = pick(rng, names)
        piece = write_text(label, page.supply, name, rng)
        canvas.ink(ink.lay(piece.mask, rng), round(5 * mm), round(y) - piece.ascent, ink.colour)
        bar = np.full((max(1, round(0.2 * mm)), round(0.6 * canvas.width)), 200, np.uint8)
        canvas.ink(bar, round(0.25 * canvas.width), round(y + mm), (60, 60, 60))
        if chance(rng, 0.7):
            date = f"{whole(rng, 1, 12)}/{whole(rng, 1, 28)}/{whole(rng, 1980, 2029)}"
            text = {"Date": date, "Telephone": phone(rng), "Amount": _number(rng)}.get(
                name, person(rng)
            )
            entry = write_text(hand, page.supply, text, rng)
            canvas.ink(
                pen.lay(entry.mask, rng),
                round(0.27 * canvas.width),
                round(y) - entry.ascent,
                pen.colour,
            )
        y += between(rng, 9, 14) * mm


def _signs(page: _Page) -> None:
    """Rows of like signs: what is to be filled in, or was crossed out."""
    tallest = min(9 * page.mm, 0.8 * page.canvas.height)
    is_cut_out = page.canvas.height < 20 * page.mm
    for _ in range(1 if is_cut_out else whole(page.rng, 1, 2)):
        draw_row(page.canvas, page.rng, between(page.rng, 0.35, 1.0) * tallest)


Painter = Callable[[_Page], None]
KINDS: dict[str, tuple[Painter, float]] = {
    "blank": (_blank, 0.1),
    "letters": (_letters, 0.2),
    "text": (_text, 0.12),
    "table": (_table, 0.1),
    "picture": (_picture, 0.1),
    "barcodes": (_codes, 0.08),
    "postal": (_postal, 0.08),
    "no-zip-address": (_no_zip_address, 0.12),
    "form": (_form, 0.1),
    "signs": (_signs, 0.15),
}
_CUT_OUT = 0.6
"""Share of the rows of signs that are cut out of their page."""


def compose_nothing(
    rng: Rng,
    supply: DigitSupply,
    kind: str = "",
    words: WordSupply | None = None,
    scan: Scan | None = None,
) -> Composed:
    """A page without a ZIP; ``kind`` is one of :data:`KINDS`, or "" for any."""
    kind = kind or weighted(rng, {name: share for name, (_, share) in KINDS.items()})
    supply = for_string(supply, rng)
    dpi = pick(rng, (150, 200, 200, 300))
    mm = dpi / 25.4
    wide, tall = pick(rng, ((241, 105), (146, 111), (162, 114), (184, 133), (152, 102)))
    if kind == "signs" and chance(rng, _CUT_OUT):
        wide, tall = whole(rng, 40, 90), whole(rng, 9, 18)
    canvas = make_paper(
        rng, round(tall * mm), round(wide * mm), random_paper(rng), colour=chance(rng, 0.5)
    )
    if chance(rng, 0.1):
        add_pattern(canvas, rng, between(rng, 1, 5) * mm)
    KINDS[kind][0](_Page(canvas, rng, mm, supply, words))
    return finish(
        canvas, None, scan or random_scan(rng), rng, code=("", ""), dpi=dpi, tags=("nothing", kind)
    )
