"""One writer's hand: letters and digits of one line by the same pen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.compose.chance import Rng, between, chance, pick, weighted
from zipread.compose.glyphs import DigitSupply, Stroke, redraw
from zipread.compose.letters import Typeface, handwriting, printed, repen, word_mask

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Piece:
    """A written mask; its baseline is ``ascent`` rows below its top."""

    mask: Mask
    ascent: int

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.mask.shape[1])

    @property
    def descent(self) -> int:
        """Rows below the baseline."""
        return int(self.mask.shape[0]) - self.ascent


@dataclass(frozen=True, slots=True)
class Hand:
    """How a person writes; lengths are shares of the capitals' height ``size`` in pixels.

    ``words`` are pictures of real words by one writer that stand in for names and streets.
    """

    size: float
    pen: float
    typeface: Typeface
    slant: float = 0.0
    aspect: float = 1.0
    digit_scale: float = 1.1
    gap: float = 0.15
    gap_spread: float = 0.05
    drift: float = 0.03
    unrest: float = 0.05
    capitals: bool = False
    printed: bool = False
    words: tuple[str, ...] = field(default=(), repr=False)

    def sized(self, factor: float) -> Hand:
        """The same hand writing larger or smaller."""
        return replace(self, size=self.size * factor)


# nobody writes whole words in these capitals
_CURSIVE = {"cedarville-cursive", "homemade-apple", "la-belle-aurore"}


def random_hand(rng: Rng, size: float, words: tuple[str, ...] = ()) -> Hand:
    """A writer whose capitals are ``size`` pixels tall."""
    spacing = weighted(rng, {"tight": 0.2, "usual": 0.55, "wide": 0.25})
    low, high = {"tight": (-0.1, 0.05), "usual": (0.08, 0.25), "wide": (0.25, 0.7)}[spacing]
    face = pick(rng, handwriting())
    return Hand(
        size=size,
        pen=float(np.clip(rng.lognormal(np.log(0.105), 0.28), 0.055, 0.21)),
        typeface=face,
        slant=float(np.clip(rng.normal(0.0, 0.12), -0.3, 0.35)),
        aspect=between(rng, 0.8, 1.2),
        digit_scale=float(np.clip(rng.lognormal(0.1, 0.16), 0.8, 1.7)),
        gap=between(rng, low, high),
        gap_spread=between(rng, 0.02, 0.1),
        drift=between(rng, 0.0, 0.05),
        unrest=between(rng, 0.02, 0.1),
        capitals=face.name not in _CURSIVE and chance(rng, 0.4),
        words=words,
    )


def neat(hand: Hand) -> Hand:
    """The same hand, tidy: digits apart, even, and of a middling stroke."""
    return replace(
        hand,
        pen=min(max(hand.pen, 0.08), 0.14),
        digit_scale=max(hand.digit_scale, 1.05),
        gap=min(max(hand.gap, 0.12), 0.3),
        gap_spread=0.03,
        unrest=min(hand.unrest, 0.05),
    )


def printed_hand(rng: Rng, size: float) -> Hand:
    """A typewriter or printer: even, upright."""
    face = pick(rng, printed())
    return Hand(size, 0.13, face, digit_scale=1.0, drift=0.0, unrest=0.0, printed=True)


def join(pieces: list[tuple[Piece, int]]) -> Piece:
    """Pieces, each with the gap in pixels before it (negative overlaps), on one baseline."""
    ascent = max(piece.ascent for piece, _ in pieces)
    descent = max(piece.descent for piece, _ in pieces)
    starts, x = [], 0
    for piece, gap in pieces:
        x = max(0, x + gap)
        starts.append(x)
        x += piece.width
    width = max(start + piece.width for start, (piece, _) in zip(starts, pieces, strict=True))
    mask = np.zeros((ascent + descent, width), np.uint8)
    for start, (piece, _) in zip(starts, pieces, strict=True):
        top = ascent - piece.ascent
        part = mask[top : top + piece.mask.shape[0], start : start + piece.width]
        np.maximum(part, piece.mask, out=part)
    return Piece(mask, ascent)


def stacked(piece: Piece, below: Piece, across: int, down: int) -> Piece:
    """A piece, and another one whose baseline is ``down`` pixels below its own, ``across`` right.

    No part of the other one stands above the first.
    """
    top = max(0, piece.ascent + down - below.ascent)
    rows, columns = below.mask.shape
    size = max(piece.mask.shape[0], top + rows), max(piece.width, across + columns)
    mask = np.zeros(size, np.uint8)
    mask[: piece.mask.shape[0], : piece.width] = piece.mask
    part = mask[top : top + rows, across : across + columns]
    np.maximum(part, below.mask, out=part)
    return Piece(mask, piece.ascent)


def _mark(hand: Hand, sign: str, rng: Rng) -> Piece:
    """A sign beside the digits: a stroke for dashes, otherwise the typeface's."""
    size = hand.size * hand.digit_scale
    if sign not in "-=":
        return write_word(hand, sign, rng)
    length = max(3, round(size * between(rng, 0.25, 0.7)))
    thick = max(1.0, hand.pen * hand.size)
    rise = between(rng, -0.12, 0.12) * length
    mask = np.zeros((round(size), length + 4), np.uint8)
    heights = (0.5,) if sign == "-" else (0.38, 0.62)
    for share in heights:
        y = size * (share + between(rng, -0.05, 0.05))
        points = np.array([[2, y + rise / 2], [length, y - rise / 2]]) * 16
        cv2.polylines(
            mask,
            [np.rint(points).astype(np.int32)],
            False,
            255,
            max(1, round(thick)),
            cv2.LINE_AA,
            4,
        )
    return Piece(mask, mask.shape[0])


def write_digit(hand: Hand, supply: DigitSupply, value: int, rng: Rng) -> Piece:
    """One digit standing on the baseline, give or take the hand's unrest."""
    height = hand.size * hand.digit_scale
    if hand.printed:
        return write_word(hand, str(value), rng)
    tall = max(6.0, height * float(np.clip(1 + hand.unrest * rng.normal(), 0.7, 1.35)))
    stroke = Stroke(
        tall,
        hand.pen * hand.size * float(np.clip(1 + 0.06 * rng.normal(), 0.8, 1.2)),
        hand.slant + 0.04 * float(rng.normal()),
        0.03 * float(rng.normal()),
        hand.aspect * (1 + 0.05 * float(rng.normal())),
    )
    mask = redraw(supply.digit(value, rng), stroke)
    below = round(height * hand.unrest * float(rng.normal()))
    return Piece(mask, int(np.clip(mask.shape[0] - below, 1, 2 * mask.shape[0])))


def _ligature(pieces: list[tuple[Piece, int]], hand: Hand, rng: Rng) -> list[tuple[Piece, int]]:
    """Two neighbours tied by a thin stroke at a random height."""
    if len(pieces) < 2:
        return pieces
    index = int(rng.integers(1, len(pieces)))
    length = round(hand.size * 0.3) + max(0, pieces[index][1])
    tie = np.zeros((round(hand.size), length), np.uint8)
    level = round(hand.size * pick(rng, (0.08, 0.5, 0.92)))
    thick = max(1, round(0.7 * hand.pen * hand.size))
    bend = round(between(rng, -0.1, 0.1) * hand.size)
    cv2.line(tie, (0, level), (length - 1, level + bend), 255, thick, cv2.LINE_AA)
    before = -round(hand.size * 0.15)
    piece, _ = pieces[index]
    return [
        *pieces[:index],
        (Piece(tie, tie.shape[0]), before),
        (piece, before),
        *pieces[index + 1 :],
    ]


def write_code(
    hand: Hand, supply: DigitSupply, text: str, rng: Rng, *, ligatures: bool = False
) -> Piece:
    """Digits and the signs among them (``95030-1279``, ``#12034=``, ``75.-``) as one string."""
    size = hand.size * hand.digit_scale
    pieces: list[tuple[Piece, int]] = []
    slope = hand.drift * float(rng.normal())
    for place, sign in enumerate(text):
        if sign == " ":
            pieces.append((Piece(np.zeros((1, round(0.4 * size)), np.uint8), 1), 0))
            continue
        piece = (
            write_digit(hand, supply, int(sign), rng) if sign.isdigit() else _mark(hand, sign, rng)
        )
        piece = Piece(piece.mask, max(1, piece.ascent + round(slope * place * size)))
        gap = 0.08 * size if hand.printed else (hand.gap + hand.gap_spread * rng.normal()) * size
        pieces.append((piece, round(max(gap, -0.18 * size)) if pieces else 0))
    return join(_ligature(pieces, hand, rng) if ligatures else pieces)


def _leaned(mask: Mask, ascent: int, slant: float, turn: float) -> Mask:
    """The word slanted and turned about its baseline's start."""
    rows, columns = mask.shape
    affine = np.array([[1, -slant, slant * ascent], [turn, 1, -turn * columns / 2]], np.float32)
    margin = int(abs(slant) * rows) + 1
    affine[0, 2] += margin
    leaned = cv2.warpAffine(mask, affine, (columns + 2 * margin, rows), flags=cv2.INTER_LINEAR)
    return np.asarray(leaned, np.uint8)


def _trimmed(mask: Mask, ascent: int) -> Piece:
    """The mask without empty margins, its baseline kept."""
    x, y, width, height = cv2.boundingRect((mask > 24).astype(np.uint8))
    if not width:
        return Piece(np.zeros((1, max(1, mask.shape[1] // 2)), np.uint8), 1)
    return Piece(mask[y : y + height, x : x + width], ascent - y)


def write_word(hand: Hand, text: str, rng: Rng) -> Piece:
    """A word in the hand's typeface with the hand's pen."""
    text = text.upper() if hand.capitals else text
    mask = hand.typeface.draw(text, hand.size)
    ascent = hand.typeface.ascent(hand.size)
    if hand.printed:
        return _trimmed(mask, ascent)
    mask = repen(mask, hand.typeface.stroke(hand.size), hand.pen * hand.size)
    leaned = _leaned(mask, ascent, 0.4 * hand.slant, 0.012 * float(rng.normal()))
    shift = round(0.3 * hand.unrest * hand.size * float(rng.normal()))
    piece = _trimmed(leaned, ascent)
    return Piece(piece.mask, piece.ascent + shift)


def write_real_word(hand: Hand, rng: Rng) -> Piece:
    """One of the hand's pictures of real words, on the baseline."""
    mask = word_mask(pick(rng, hand.words), 1.35 * hand.size)
    return Piece(mask, round(0.78 * mask.shape[0]))


def is_code(token: str) -> bool:
    """Whether a token is written with the digits' supply: it has as many digits as letters."""
    count = sum(sign.isdigit() for sign in token)
    return count > 0 and 2 * count >= len(token) and all(ord(sign) < 127 for sign in token)


def write_text(hand: Hand, supply: DigitSupply, text: str, rng: Rng) -> Piece:
    """Words and numbers of one line, blanks between."""
    blank = hand.size * between(rng, 0.4, 0.7)
    pieces: list[tuple[Piece, int]] = []
    tokens = text.split()
    if hand.words and not any(is_code(token) for token in tokens):
        return write_real_word(hand, rng)
    for token in tokens:
        if is_code(token) and not hand.printed:
            piece = write_code(hand, supply, token, rng)
        else:
            piece = write_word(hand, token, rng)
        pieces.append((piece, round(blank * between(rng, 0.8, 1.3)) if pieces else 0))
    return join(pieces) if pieces else Piece(np.zeros((1, 1), np.uint8), 1)


def ink_box(mask: Mask) -> tuple[int, int, int, int]:
    """Left, top, width and height of the ink of a mask."""
    left, top, width, height = cv2.boundingRect((mask > 24).astype(np.uint8))
    return int(left), int(top), int(width), int(height)
