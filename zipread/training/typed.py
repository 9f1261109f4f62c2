"""Digits and letters of open typefaces, typed and lettered by hand: the fonts that are shipped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from zipread.compose.glyphs import crop
from zipread.compose.letters import Typeface, handwriting, printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# Not those that many hands and fonts write like a digit: I l O o Q D S Z z B b g q G A
LETTERS = "ACEFHJKLMNPRTUVWXYadefhkmnprtuvwxyÄÖÜäöüß&?%#$()*+"
_CAPITALS = 48


@cache
def typefaces() -> tuple[Typeface, ...]:
    """All shipped typefaces, printed ones three times as often."""
    return (*handwriting(), *(3 * printed()))


def typed(
    characters: str, count: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """Glyphs of characters drawn at random, and which they are."""
    faces = typefaces()
    for _ in range(count):
        character = characters[rng.integers(len(characters))]
        yield faces[rng.integers(len(faces))].draw(character, _CAPITALS), character


@dataclass(frozen=True, slots=True)
class TypefaceSupply:
    """The digits of one typeface, as a :class:`zipread.compose.DigitSupply`."""

    face: Typeface

    def digit(self, value: int, _rng: np.random.Generator) -> NDArray[np.uint8]:
        """The glyph of a digit, always the same."""
        return crop(self.face.draw(str(value), _CAPITALS))
