"""Pictures of the ends of addresses, to learn to read the state (:mod:`zipread.training.states`).

They are found on composed lines as a reader finds them, by the place of the code behind them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from zipread.compose import Composed, DigitSupply, WordSupply
from zipread.compose.addresses import french_address, person, places, street
from zipread.compose.chance import Rng, between, chance, digits, drawn, pick, weighted
from zipread.compose.glyphs import for_string
from zipread.compose.pens import printer, random_pen
from zipread.compose.strings import scanned_field
from zipread.compose.writing import (
    Hand,
    Piece,
    ink_box,
    join,
    printed_hand,
    random_hand,
    stacked,
    write_code,
    write_text,
)
from zipread.ending import ending, picture_of_ending
from zipread.fields import find_lines
from zipread.ink import find_mask
from zipread.look import FINDING_STROKE, reduced
from zipread.network import Picture
from zipread.state_model import NONE, TRAINED_WITHOUT
from zipread.states import NAMES, STATES

WAYS = {"short": 0.86, "dotted": 0.05, "long": 0.09}
"""How a state is written: IL, I.L., Illinois."""
TALL = (20, 60)
"""Capitals are so many pixels high."""
TYPED, BELOW, WITH_PLUS4 = 0.06, 0.3, 0.15
"""The shares of what is typed, of codes below the line with the state, and of ZIP+4."""
FIRST_WIDE, OFF = 0.6, 0.12
"""The first digit's width, and how far a reader sees it from where it is, one deviation: in its
height."""
LEAST_HIGH = 8
"""A code less high in pixels is not learned from."""


@dataclass(frozen=True, slots=True)
class EndPicture:
    """A picture of the end of a text (HEIGHT, COLUMNS), and which state it names, or NONE."""

    picture: Picture
    state: int


def end_pictures(
    count: int, seed: int, supply: DigitSupply, words: WordSupply | None = None
) -> Iterator[EndPicture]:
    """``count`` pictures; the same ``seed`` gives the same."""
    return drawn(count, seed, lambda rng: _seen(rng, supply, words))


def _text(rng: Rng) -> tuple[str, int]:
    """A line that ends with a state, or does not, and with which."""
    city = pick(rng, places()).city
    if not chance(rng, TRAINED_WITHOUT):
        state = pick(rng, STATES)
        way = weighted(rng, WAYS)
        name = NAMES.get(state, state) if way == "long" else state
        written = f"{state[0]}.{state[1]}." if way == "dotted" else name
        return f"{city}{pick(rng, (', ', ' ', ','))}{written}", STATES.index(state)
    french = french_address(rng).place.city
    text = pick(rng, (street(rng), person(rng), city, french))
    text = text if chance(rng, 0.9) else pick(rng, ("USA", "United States"))
    return (text.upper() if chance(rng, 0.1) else text), NONE


def _seen(rng: Rng, supply: DigitSupply, words: WordSupply | None) -> EndPicture | None:
    """A picture, or None where nothing is found before the code."""
    supply, tall, text = for_string(supply, rng), between(rng, *TALL), _text(rng)
    hand, pen = random_hand(rng, tall), random_pen(rng)
    if chance(rng, TYPED):
        hand, pen = printed_hand(rng, tall), printer(rng)
    own = words.writer(rng) if words and text[1] == NONE and chance(rng, 0.5) else ()
    line = write_text(replace(hand, words=own), supply, text[0], rng)
    code = digits(rng, 5) + (f"-{digits(rng, 4)}" if chance(rng, WITH_PLUS4) else "")
    piece, place = _with_code(line, write_code(hand, supply, code, rng), hand, rng)
    colour = chance(rng, 0.3)
    composed = scanned_field(rng, supply, piece, None, hand, pen, code[:5], "", colour=colour)
    picture = _picture(composed, piece, place, rng)
    return None if picture is None else EndPicture(picture, text[1])


def _with_code(
    line: Piece, code: Piece, hand: Hand, rng: Rng
) -> tuple[Piece, tuple[float, float, float]]:
    """The line with a code behind it or below, and the code's left, top and height in that."""
    size, high = hand.size, code.mask.shape[0]
    if chance(rng, BELOW):
        across = max(0, round(size * between(rng, -1, 4)))
        down = round(size * between(rng, 1.5, 2.8))
        top = max(0, line.ascent + down - code.ascent)
        return stacked(line, code, across, down), (across, top, high)
    gap = round(size * between(rng, 0.5, 1.2 if chance(rng, 0.6) else 4.0))
    piece = join([(line, 0), (code, gap)])
    return piece, (line.width + gap, piece.ascent - code.ascent, high)


def _picture(
    composed: Composed, piece: Piece, place: tuple[float, float, float], rng: Rng
) -> Picture | None:
    """What is seen before the code that stands at a place of the piece."""
    seen, (left, top, width, _) = composed.box, ink_box(piece.mask)
    if seen is None or seen.height < LEAST_HIGH:
        return None
    x, y, height = place
    scale = seen.width / width
    first = np.array([x - left, y - top, FIRST_WIDE * height, height]) * scale
    first[:2] += np.array([seen.x, seen.y]) + rng.normal(0, OFF * first[3], 2)
    small, raster = reduced(composed.pixels)
    lines = find_lines(find_mask(small, FINDING_STROKE), raster)
    longest = max(lines, key=lambda line: line.right - line.left, default=None)
    first /= raster.reduction
    end = ending(lines, first, longest.slope) if longest else None
    return None if end is None else picture_of_ending(composed.pixels, end, raster.reduction)
