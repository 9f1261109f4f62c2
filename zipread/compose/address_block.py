"""The destination: its lines and its ZIP, written by one hand, as one mask."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zipread.compose.addresses import Address
from zipread.compose.boxes import BoxRow, fill_boxes, random_boxes, rule
from zipread.compose.chance import Rng, between, chance, pick, weighted
from zipread.compose.glyphs import DigitSupply
from zipread.compose.writing import Hand, Piece, ink_box, write_code, write_text


@dataclass(frozen=True, slots=True)
class BlockStyle:
    """How the lines stand.

    ``zip_place`` is inline (after city and state), own-line, leading (before the city), boxed (in
    boxes below or beside the block) or boxed-left (in boxes before the city); ``layout`` flush,
    stepped, centred or ragged; lengths are shares of the capitals' height. ``boxes`` names a form
    of :class:`BoxRow` ("" any), ``roomy`` gives their digits space.
    """

    zip_place: str = "inline"
    layout: str = "flush"
    pitch: float = 2.0
    zip_gap: float = 0.8
    zip_scale: float = 1.0
    guides: bool = False
    underline: bool = False
    country: str = ""
    tail: str = ""
    dash: str = "-"
    boxes: str = ""
    roomy: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """The written lines as one mask.

    ``ink`` is the ZIP's box in it (left, top, width, height), ``baselines`` are the lines' heights,
    ``boxes`` a row of boxes with its place, or None.
    """

    mask: NDArray[np.uint8]
    ink: tuple[int, int, int, int]
    zip: str
    zip4: str
    baselines: tuple[float, ...]
    boxes: tuple[BoxRow, float, float] | None = None

    @property
    def width(self) -> int:
        """Columns of the mask."""
        return int(self.mask.shape[1])

    @property
    def height(self) -> int:
        """Rows of the mask."""
        return int(self.mask.shape[0])


def random_block_style(rng: Rng, *, french: bool = False) -> BlockStyle:
    """Any way to set out an address."""
    us = {"inline": 0.58, "own-line": 0.18, "boxed": 0.19, "leading": 0.05}
    place = "boxed-left" if french else weighted(rng, us)
    gap = weighted(rng, {"near": 0.55, "usual": 0.3, "far": 0.15})
    low, high = {"near": (0.5, 1.0), "usual": (1.0, 2.2), "far": (2.2, 6.0)}[gap]
    return BlockStyle(
        zip_place=place,
        layout=weighted(rng, {"flush": 0.55, "ragged": 0.25, "stepped": 0.12, "centred": 0.08}),
        pitch=between(rng, 1.45, 2.9),
        zip_gap=between(rng, low, high),
        zip_scale=between(rng, 1.0, 1.5) if chance(rng, 0.2) else 1.0,
        guides=chance(rng, 0.5 if french else 0.12),
        underline=place in ("inline", "own-line") and chance(rng, 0.12),
        country=pick(rng, ("USA", "U.S.A.", "United States")) if chance(rng, 0.08) else "",
        tail=pick(rng, (".", ",")) if chance(rng, 0.05) else "",
        dash=weighted(rng, {"-": 0.9, " - ": 0.06, " ": 0.04}),
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """A piece with its left edge and baseline."""

    piece: Piece
    x: float
    y: float
    is_zip: bool = False


def _code_text(to: Address, style: BlockStyle) -> str:
    code = to.place.zip + (style.dash + to.zip4 if to.zip4 else "")
    return code + style.tail


def _zip_piece(hand: Hand, supply: DigitSupply, to: Address, style: BlockStyle, rng: Rng) -> Piece:
    """The ZIP without boxes."""
    # a ZIP that leaves its line stays below the feet of the line above
    scale = min(hand.digit_scale * style.zip_scale, 0.85 * style.pitch)
    hand = replace(hand, digit_scale=scale)
    return write_code(hand, supply, _code_text(to, style), rng, ligatures=chance(rng, 0.04))


def _indent(style: BlockStyle, hand: Hand, number: int, width: int, widest: int, rng: Rng) -> float:
    """Where a line begins."""
    if style.layout == "centred":
        return (widest - width) / 2
    if style.layout == "stepped":
        return number * hand.size * 1.6
    spread = 0.7 if style.layout == "ragged" and not hand.printed else 0.08
    return abs(float(rng.normal(0, spread))) * hand.size


def _last_line(
    pieces: tuple[Piece, Piece], hand: Hand, style: BlockStyle, y: float, x: float
) -> list[_Placed]:
    """City and ZIP on one line, or the ZIP below."""
    city, code = pieces
    gap = style.zip_gap * hand.size
    if style.zip_place == "leading":
        return [_Placed(code, x, y, is_zip=True), _Placed(city, x + code.width + gap, y)]
    if style.zip_place == "own-line":
        after = x + (style.zip_gap - 0.5) * hand.size
        return [_Placed(city, x, y), _Placed(code, after, y + style.pitch * hand.size, is_zip=True)]
    return [_Placed(city, x, y), _Placed(code, x + city.width + gap, y, is_zip=True)]


def _boxed(
    hand: Hand, supply: DigitSupply, to: Address, style: BlockStyle, rng: Rng
) -> tuple[BoxRow, Piece, str]:
    """The ZIP in boxes: the row, the digits, and the four that it holds of a ZIP+4."""
    zip4 = to.zip4 if chance(rng, 0.7) else ""
    groups = (5, 4) if zip4 else (5,)
    tall = hand.size * hand.digit_scale
    row = random_boxes(rng, tall, groups, style.boxes, roomy=style.roomy)
    return row, fill_boxes(hand, supply, row, to.place.zip + zip4, rng), zip4


def _boxed_lines(
    row: BoxRow, digits: Piece, city: Piece, hand: Hand, style: BlockStyle, y: float, rng: Rng
) -> tuple[list[_Placed], tuple[BoxRow, float, float]]:
    """City and boxes in their places; the boxes' top left corner."""
    margin = round(row.cell_height / 2)
    base = y + 0.25 * hand.size
    if style.zip_place == "boxed-left":
        left, city_x = 0.0, row.width + hand.size * between(rng, 0.6, 1.5)
    else:
        beside = chance(rng, 0.4)
        left = (
            city.width + style.zip_gap * hand.size
            if beside
            else max(0.0, between(rng, -2, 6)) * hand.size
        )
        city_x = 0.0
        base = base if beside else y + row.cell_height + hand.size * between(rng, 0.5, 1.4)
    if style.zip_place == "boxed-left" or base == y + 0.25 * hand.size:
        base = max(base, y + row.cell_height - 0.75 * style.pitch * hand.size)
    top = base - row.cell_height
    placed = [
        _Placed(city, city_x, y),
        _Placed(digits, left - margin, base + margin, is_zip=True),
    ]
    return placed, (row, left, top)


def _tail_lines(
    hand: Hand, supply: DigitSupply, style: BlockStyle, y: float, rng: Rng
) -> list[_Placed]:
    """The country below everything."""
    if not style.country:
        return []
    piece = write_text(replace(hand, words=()), supply, style.country, rng)
    return [_Placed(piece, abs(float(rng.normal(0, 0.5))) * hand.size, y)]


def _underline(code: _Placed, hand: Hand, rng: Rng) -> _Placed:
    """A line drawn below the ZIP, sometimes through its feet."""
    length = code.piece.width * between(rng, 0.9, 1.25)
    mask = rule(length, max(1.0, hand.pen * hand.size), rng, by_hand=True)
    below = hand.size * between(rng, -0.02, 0.35)
    x = code.x + (code.piece.width - length) / 2
    return _Placed(Piece(mask, mask.shape[0] // 2), x, code.y + below)


def _assembled(
    placed: list[_Placed], to: Address, zip4: str, boxes: tuple[BoxRow, float, float] | None
) -> Block:
    """All pieces on one mask whose top left corner is the block's."""
    left = min([p.x for p in placed] + ([boxes[1]] if boxes else []))
    top = min([p.y - p.piece.ascent for p in placed] + ([boxes[2]] if boxes else []))
    right = max(
        [p.x + p.piece.width for p in placed] + ([boxes[1] + boxes[0].width] if boxes else [])
    )
    bottom = max(p.y + p.piece.descent for p in placed)
    mask = np.zeros((round(bottom - top) + 2, round(right - left) + 2), np.uint8)
    ink = (0, 0, 1, 1)
    for p in placed:
        x, y = round(p.x - left), round(p.y - p.piece.ascent - top)
        rows, columns = p.piece.mask.shape
        part = mask[y : y + rows, x : x + columns]
        np.maximum(part, p.piece.mask[: part.shape[0], : part.shape[1]], out=part)
        if p.is_zip:
            dx, dy, width, height = ink_box(p.piece.mask)
            ink = (x + dx, y + dy, width, height)
    moved = (boxes[0], boxes[1] - left, boxes[2] - top) if boxes else None
    lines = tuple(sorted({p.y - top for p in placed if not p.is_zip or not boxes}))
    return Block(mask, ink, to.place.zip, zip4, lines, moved)


def write_block(hand: Hand, supply: DigitSupply, to: Address, style: BlockStyle, rng: Rng) -> Block:
    """The destination's address in the hand and the style given."""
    texts = [write_text(hand, supply, line, rng) for line in to.lines]
    between_them = pick(rng, (", ", " ", ",")) if to.place.state else ""
    plain = hand if chance(rng, 0.5) else replace(hand, words=())
    city = write_text(plain, supply, f"{to.place.city}{between_them}{to.place.state}", rng)
    widest = max(piece.width for piece in [*texts, city])
    pitch = style.pitch * hand.size
    placed = [
        _Placed(piece, _indent(style, hand, n, piece.width, widest, rng), n * pitch)
        for n, piece in enumerate(texts)
    ]
    y = len(texts) * pitch
    boxes, zip4 = None, to.zip4
    if style.zip_place in ("boxed", "boxed-left"):
        row, digits, zip4 = _boxed(hand, supply, to, style, rng)
        last, boxes = _boxed_lines(row, digits, city, hand, style, y, rng)
    else:
        x = _indent(style, hand, len(texts), city.width, widest, rng)
        code = _zip_piece(hand, supply, to, style, rng)
        last = _last_line((city, code), hand, style, y, x)
    if style.underline:
        last.append(_underline(next(p for p in last if p.is_zip), hand, rng))
    lowest = max(p.y for p in last) + pitch
    return _assembled(
        [*placed, *last, *_tail_lines(hand, supply, style, lowest, rng)], to, zip4, boxes
    )
