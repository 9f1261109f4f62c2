"""Pictures of less than an envelope: a part cut out around its ZIP, or all of it but small."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from zipread.compose.chance import Rng, between, chance, whole
from zipread.compose.composed import Composed
from zipread.compose.envelope import compose_envelope
from zipread.compose.envelope_style import random_style
from zipread.compose.glyphs import DigitSupply
from zipread.compose.letters import WordSupply
from zipread.compose.nothing import compose_nothing

Room = tuple[float, float, float, float]
"""Most that is left before a code, above, behind and below it, in heights of it."""

CLOSE: Room = (1.5, 0.9, 1.5, 0.9)
BLOCK: Room = (16.0, 6.0, 4.0, 2.0)
LEAST_ROOM = 0.05
WITHOUT_CODE = 0.2
SMALL = (420, 900)
"""Pixels of a small picture's longer side: digits of an envelope are 6 to 20 pixels tall there."""


def crop_of_envelope(
    rng: Rng,
    supply: DigitSupply,
    words: WordSupply | None,
    most: Room = CLOSE,
    *,
    french: bool = False,
) -> Composed:
    """The surroundings of the ZIP cut out of an envelope, as a person or another program would."""
    style = random_style(rng)
    style = replace(style, french=style.french and french, scan=replace(style.scan, turn=0))
    page = compose_envelope(rng, supply, style, words)
    box = page.box
    if box is None:
        return page
    before, above, behind, below = (round(r) for r in box.height * rng.uniform(LEAST_ROOM, most))
    left, top = box.x - before, box.y - above
    return page.cropped(left, top, box.right + behind, box.bottom + below, "crop")


def compose_block(rng: Rng, supply: DigitSupply, words: WordSupply | None = None) -> Composed:
    """A part of an envelope: its ZIP with lines of the address around it, perhaps all."""
    return crop_of_envelope(rng, supply, words, BLOCK, french=True)


def compose_small(rng: Rng, supply: DigitSupply, words: WordSupply | None = None) -> Composed:
    """An envelope, or a page without a code, as a small picture."""
    if chance(rng, WITHOUT_CODE):
        page = compose_nothing(rng, supply, words=words)
    else:
        page = compose_envelope(rng, supply, words=words)
    scale = whole(rng, *SMALL) / max(page.pixels.shape[:2])
    if scale >= 1:
        return page
    pixels = cv2.resize(page.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return replace(
        page,
        pixels=np.asarray(pixels, np.uint8),
        box=page.box and page.box.enlarged(scale),
        dpi=max(1, round(page.dpi * scale)),
        tags=tuple(sorted({*page.tags, "small"})),
        format="jpg",
        quality=round(between(rng, 65, 95)),
    )
