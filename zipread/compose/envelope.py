"""A whole addressed envelope, card or parcel label, as a scanner gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zipread.compose import post
from zipread.compose.address_block import Block, write_block
from zipread.compose.addresses import Address, address, french_address, person, phone
from zipread.compose.boxes import add_guides, draw_boxes
from zipread.compose.canvas import Canvas
from zipread.compose.chance import Rng, between, chance, pick, weighted, whole
from zipread.compose.composed import Composed
from zipread.compose.degrade import finish
from zipread.compose.envelope_style import FORMATS, EnvelopeStyle, random_style
from zipread.compose.glyphs import DigitSupply, for_string
from zipread.compose.letters import WordSupply
from zipread.compose.paper import add_fold, add_pattern, make_paper
from zipread.compose.pens import Pen, printer, random_pen
from zipread.compose.writing import Hand, join, neat, printed_hand, random_hand, write_text


@dataclass(slots=True)
class _Desk:
    """What the parts of one envelope share: the sheet, its scale, and where is no room any more."""

    canvas: Canvas
    mm: float
    style: EnvelopeStyle
    rng: Rng
    taken: list[tuple[float, float, float, float]]

    def free(self, x: float, y: float, width: float, height: float) -> bool:
        """Whether nothing lies in the rectangle yet."""
        return all(
            x + width < left or left + w < x or y + height < top or top + h < y
            for left, top, w, h in self.taken
        )

    def take(self, x: float, y: float, width: float, height: float) -> None:
        """Reserve the rectangle."""
        self.taken.append((x, y, width, height))


def _written(desk: _Desk, supply: DigitSupply, words: WordSupply | None, to: Address) -> Block:
    """The address block, small enough for the sheet."""
    rng, style, sheet = desk.rng, desk.style, desk.canvas
    base = between(rng, 2.6, 5.2) * (sheet.width / desk.mm / 200) ** 0.5
    size = float(np.clip(base, 2.4, 7.0)) * desk.mm
    own = words.writer(rng) if words and chance(rng, 0.5) else ()
    hand = printed_hand(rng, size * 0.75) if style.typed else random_hand(rng, size, own)
    hand = neat(hand) if style.legible and not style.typed else hand
    room = (0.5 if style.form == "postcard" else 0.8) * sheet.width, 0.66 * sheet.height
    block = write_block(hand, supply, to, style.block, rng)
    for _ in range(4):
        factor = min(room[0] / block.width, room[1] / block.height)
        if factor >= 1:
            break
        hand = hand.sized(max(0.4, 0.97 * factor))
        block = write_block(hand, supply, to, style.block, rng)
    return block


def _place(desk: _Desk, block: Block) -> tuple[float, float]:
    """Where the block's top left corner goes."""
    rng, sheet = desk.rng, desk.canvas
    spare = max(1.0, sheet.width - block.width - 4 * desk.mm)
    kind = weighted(rng, {"centre": 0.5, "right": 0.25, "left": 0.1, "any": 0.15})
    kind = "right" if desk.style.form == "postcard" else kind
    share = {
        "centre": float(rng.normal(0.5, 0.08)),
        "right": between(rng, 0.75, 1.0),
        "left": between(rng, 0.0, 0.25),
        "any": between(rng, 0, 1),
    }[kind]
    x = 2 * desk.mm + float(np.clip(share, 0, 1)) * spare
    lowest = max(1.0, sheet.height - block.height - 2 * desk.mm)
    top = min(lowest, between(rng, 0.3, 0.5) * sheet.height)
    return x, between(rng, top, lowest) if chance(rng, 0.4) else top


def _lay_block(desk: _Desk, block: Block, pen: Pen, x: float, y: float) -> None:
    """Print the guides and boxes, then write the block."""
    rng, style = desk.rng, desk.style.block
    if style.guides:
        line = max(1.0, between(rng, 0.1, 0.35) * desk.mm)
        right = min(desk.canvas.width - 1.0, x + block.width * between(rng, 1.0, 1.3))
        drop = 0.3 * desk.mm
        add_guides(desk.canvas, rng, [y + row + drop for row in block.baselines], x, right, line)
    if block.boxes:
        row, left, top = block.boxes
        draw_boxes(desk.canvas, rng, row, x + left, y + top)
    desk.canvas.ink(pen.lay(block.mask, rng), round(x), round(y), pen.colour)
    desk.take(x, y, block.width, block.height)


def _sender(desk: _Desk, supply: DigitSupply, pen: Pen) -> None:
    """A return address, with a ZIP of its own."""
    rng, mm, kind = desk.rng, desk.mm, desk.style.sender
    who = address(rng, zip4=chance(rng, 0.2))
    ending = f"{who.place.city}, {who.place.state} {who.place.zip}"
    ending += f"-{who.zip4}" if who.zip4 else ""
    lines = [*who.lines[:3], ending]
    if kind == "flap":
        lines = [", ".join(lines[:2]), ending]
    if chance(rng, 0.1):
        lines.append(phone(rng))
    by_hand = kind == "hand"
    size = between(rng, 1.8, 2.9) * mm
    hand: Hand = random_hand(rng, size) if by_hand else printed_hand(rng, 0.75 * size)
    left, y = between(rng, 3, 12) * mm, between(rng, 4, 10) * mm
    pitch = size * between(rng, 1.5, 2.1)
    ink = pen if by_hand else printer(rng)
    for line in lines:
        piece = write_text(hand, supply, line, rng)
        x = (desk.canvas.width - piece.width) / 2 if kind == "flap" else left
        y += pitch
        if x + piece.width < 0.7 * desk.canvas.width or kind == "flap":
            desk.canvas.ink(ink.lay(piece.mask, rng), round(x), round(y) - piece.ascent, ink.colour)
            desk.take(x, y - piece.ascent, piece.width, piece.mask.shape[0])


def _postage(desk: _Desk) -> None:
    """Stamps or a meter's imprint, and a postmark."""
    rng, mm, style = desk.rng, desk.mm, desk.style
    right = desk.canvas.width - between(rng, 4, 10) * mm
    top = between(rng, 4, 9) * mm
    if style.meter:
        post.add_meter(desk.canvas, rng, right, top, mm)
        return
    if not style.stamp:
        return
    x, y = post.add_stamp(desk.canvas, rng, right, top, mm)
    if chance(rng, 0.12):
        post.add_stamp(desk.canvas, rng, right - between(rng, 27, 42) * mm, top, mm)
    if style.postmark:
        post.add_postmark(desk.canvas, rng, x, y + between(rng, -4, 6) * mm, mm)


def _barcode(desk: _Desk, block: Block, x: float, y: float) -> None:
    """A barcode at the lower edge, or right above or below the address."""
    rng, mm, sheet = desk.rng, desk.mm, desk.canvas
    near = chance(rng, 0.3)
    for _ in range(6):
        left = x if near else sheet.width - between(rng, 70, 105) * mm
        top = sheet.height - between(rng, 5, 11) * mm
        if near:
            top = pick(rng, (y - 6 * mm, y + block.height + between(rng, 0.6, 3) * mm))
        if desk.free(left, top - 0.5 * mm, 80 * mm, 4.5 * mm) and top < sheet.height - 2 * mm:
            label = chance(rng, 0.2) and desk.free(left - 3 * mm, top - 3 * mm, 86 * mm, 10 * mm)
            post.add_barcode(sheet, rng, left, top, mm, label=label)
            desk.take(left, top, 80 * mm, 5 * mm)
            return


def _clutter(desk: _Desk, pen: Pen, supply: DigitSupply) -> None:
    """Notices, scribbles, stains, folds, and a line written elsewhere."""
    rng, mm, sheet, much = desk.rng, desk.mm, desk.canvas, desk.style.clutter

    def somewhere(width: float, height: float, draw: Callable[[float, float], None]) -> None:
        for _ in range(5):
            x = between(rng, 2 * mm, max(3 * mm, sheet.width - width))
            y = between(rng, 2 * mm, max(3 * mm, sheet.height - height))
            if desk.free(x, y, width, height):
                draw(x, y)
                desk.take(x, y, width, height)
                return

    if chance(rng, 0.45 * much):
        somewhere(75 * mm, 8 * mm, lambda x, y: post.add_notice(sheet, rng, x, y, mm))
    if chance(rng, 0.25 * much):
        somewhere(
            40 * mm, 20 * mm, lambda x, y: post.add_scribble(sheet, rng, x, y, mm, pen.colour)
        )
    if chance(rng, 0.3 * much):
        text = pick(
            rng, (phone(rng), f"Att: {person(rng)}", f"No. {whole(rng, 10, 99999)}", "Thank you!")
        )
        piece = write_text(random_hand(rng, 3 * mm), supply, text, rng)
        ink = pen.lay(piece.mask, rng)
        somewhere(
            piece.width,
            piece.mask.shape[0],
            lambda x, y: sheet.ink(ink, round(x), round(y), pen.colour),
        )
    if chance(rng, 0.25 * much):
        post.add_stain(sheet, rng, mm)
    if chance(rng, 0.2 * much):
        add_fold(sheet, rng, max(1.0, 0.3 * mm))


def _message(desk: _Desk, supply: DigitSupply, pen: Pen) -> None:
    """A postcard's left half: a dividing line and some written lines."""
    rng, mm, sheet = desk.rng, desk.mm, desk.canvas
    middle = round(0.46 * sheet.width)
    bar = np.full((round(0.7 * sheet.height), max(1, round(0.3 * mm))), 200, np.uint8)
    sheet.ink(bar, middle, round(0.15 * sheet.height), (90, 90, 90))
    hand, y = random_hand(rng, between(rng, 2.2, 3.2) * mm), 0.2 * sheet.height
    while y < 0.85 * sheet.height:
        pieces = [write_text(hand, supply, person(rng), rng) for _ in range(3)]
        piece = join([(piece, round(hand.size * 0.6)) for piece in pieces])
        mask = piece.mask[:, : middle - round(5 * mm)]
        sheet.ink(pen.lay(mask, rng), round(3 * mm), round(y) - piece.ascent, pen.colour)
        y += 2.1 * hand.size
    desk.take(0, 0, middle, sheet.height)


def _tags(style: EnvelopeStyle, block: Block, to: Address) -> tuple[str, ...]:
    found = {
        style.form: True,
        "zip4": bool(block.zip4),
        "typed": style.typed,
        "french": style.french,
        "no-us-zip": style.french,
        f"return-{style.sender}": bool(style.sender),
        "barcode": style.barcode,
        "postmark": style.postmark,
        "pattern": style.pattern,
        "ruled": style.block.guides,
        "underlined": style.block.underline,
        style.block.zip_place: True,
        "military": to.place.state in ("AE", "AP", "AA"),
    }
    return tuple(tag for tag, present in found.items() if present)


def _sheet(style: EnvelopeStyle, rng: Rng) -> tuple[Canvas, float]:
    """The empty envelope and its pixels a millimetre."""
    mm = style.dpi / 25.4
    wide, tall, _ = FORMATS[style.form]
    canvas = make_paper(rng, round(tall * mm), round(wide * mm), style.paper, colour=style.colour)
    if style.pattern:
        add_pattern(canvas, rng, between(rng, 1, 4) * mm, depth=between(rng, 0.1, 0.5))
    if chance(rng, 0.12):
        post.add_flap(canvas, rng, mm)
    return canvas, mm


def compose_envelope(
    rng: Rng,
    supply: DigitSupply,
    style: EnvelopeStyle | None = None,
    words: WordSupply | None = None,
    to: Address | None = None,
) -> Composed:
    """An envelope with its truth: style, address and every detail are drawn from ``rng``.

    ``words`` gives pictures of real words that stand in for names and streets on half of them.
    """
    style = style or random_style(rng)
    supply = for_string(supply, rng)
    canvas, mm = _sheet(style, rng)
    desk = _Desk(canvas, mm, style, rng, [])
    pen = printer(rng) if style.typed else random_pen(rng, style.pen, legible=style.legible)
    to = to or (french_address(rng) if style.french else address(rng, zip4=chance(rng, 0.2)))
    block = _written(desk, supply, words, to)
    x, y = _place(desk, block)
    if style.form == "postcard":
        _message(desk, supply, pen)
    if style.sender and style.form != "postcard":
        _sender(desk, supply, pen)
    _postage(desk)
    _lay_block(desk, block, pen, x, y)
    if style.barcode:
        _barcode(desk, block, x, y)
    _clutter(desk, pen, supply)
    left, top, width, height = block.ink
    return finish(
        canvas,
        (x + left, y + top, width, height),
        style.scan,
        rng,
        code=(block.zip, block.zip4),
        dpi=style.dpi,
        tags=_tags(style, block, to),
    )
