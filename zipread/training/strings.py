"""Pictures of codes and what they say, to learn to read whole (:mod:`zipread.training.whole`).

They are composed from the digits that the digit model is trained on too, so that the confidence can
be learned on mail of digits that neither has seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from zipread.compose import (
    Composed,
    DigitSupply,
    MixedSupply,
    WordSupply,
    compose_envelope,
    compose_field,
)
from zipread.compose.chance import Rng, chance, drawn, pick, weighted
from zipread.compose.glyphs import BitmapSupply
from zipread.ink import Grey, to_grey
from zipread.network import Picture
from zipread.reading import Box
from zipread.training.data_sets import load_digits_set
from zipread.training.typed import TypefaceSupply, typefaces
from zipread.whole import HEIGHT, STEP, WIDEST, framed, inked

INK_HEIGHT = 40
"""The ink of a code is so many pixels high."""
ROOM_ABOVE, ROOM_BESIDE = 40, 48
"""What is kept around it, in pixels."""
SUPPLIES = {"mnist": 0.7, "usps": 0.15, "semeion": 0.15}
TYPED = 0.08
"""The share of codes that are in a shipped typeface."""
KINDS = {"field": 0.3, "closed": 0.07, "boxed": 0.29, "envelope": 0.27, "no code": 0.07}
"""Crops of strings, those among signs, in boxes, cut out of envelopes, words and signs alone."""
WITH_PLUS4 = 0.17
WITH_NEIGHBOURS = 0.5
NEIGHBOURS = (6.0, 4.0)
"""Of envelopes that share show what stands to the left and right, to so many heights: words, and
signs, which are not to be taken for digits."""
INK = (18, 26)
"""The ink of a code is so many rows high, evenly; a reader is not always right about it."""
FREE = (4, 20)
"""Columns free on either side."""
STRETCH, SHEAR, TURN = 0.08, 0.12, 0.015
"""Standard deviations: of the log of the width, of columns a row, of rows a column."""
BENT, KNOTS = 1.0, 8
"""Every other picture is bent: at knots so many pixels apart by up to so much, one deviation."""
BATCH = 64
SORTED = 16
"""Pictures of so many batches are sorted by width, so that few columns of a batch are empty."""


@dataclass(frozen=True, slots=True)
class CodePicture:
    """A code cut out of a composed picture: its ink, ``INK_HEIGHT`` high, has its room around it.

    ``pixels`` is uint8, (height, width); ``text`` the digits in it, "" where there are none.
    """

    pixels: Grey
    text: str


def code_pictures(
    count: int, seed: int, supply: DigitSupply, words: WordSupply | None = None
) -> Iterator[CodePicture]:
    """``count`` pictures of the digits of a supply; the same ``seed`` gives the same."""
    return drawn(count, seed, lambda rng: _composed(rng, supply, words))


def training_supply(data: Path) -> DigitSupply:
    """The digits of the public sets in ``data`` that are trained on."""
    supplies = []
    for name in SUPPLIES:
        glyphs, labels = load_digits_set(name, data).training()
        supplies.append(BitmapSupply.of(np.stack(glyphs), labels.astype(np.uint8)))
    faces = [TypefaceSupply(face) for face in typefaces()]
    shares = [share * (1 - TYPED) for share in SUPPLIES.values()]
    return MixedSupply((*supplies, *faces), (*shares, *([TYPED / len(faces)] * len(faces))))


def _composed(rng: Rng, supply: DigitSupply, words: WordSupply | None) -> CodePicture | None:
    """A picture, or None where an envelope has no code, lies turned or its code is too small."""
    kind = weighted(rng, KINDS)
    length = 9 if chance(rng, WITH_PLUS4) else 5
    if kind == "no code":
        composed = compose_field(rng, supply, kind=pick(rng, ("words", "signs")), words=words)
        height, width = composed.pixels.shape[:2]
        return _cut_out(composed, Box(0, 0, width, height))
    if kind == "envelope":
        composed = compose_envelope(rng, supply, words=words)
    elif kind == "closed":
        composed = compose_field(rng, supply, form=kind, boxed=False, words=words)
    else:
        composed = compose_field(rng, supply, length, boxed=kind == "boxed" or None, words=words)
    box = composed.box
    if box is None or "turned" in composed.tags or not 6 <= box.height <= box.width / 1.5:
        return None
    if kind == "envelope" and chance(rng, WITH_NEIGHBOURS):
        box = _widened(box, rng, composed.pixels.shape[1])
    return _cut_out(composed, box)


def _widened(box: Box, rng: Rng, columns: int) -> Box:
    """The box with some of what stands beside it, within the picture's columns."""
    left, right = (round(rng.uniform(0, most) * box.height) for most in NEIGHBOURS)
    x = max(0, box.x - left)
    return Box(x, box.y, min(columns, box.right + right) - x, box.height)


def _cut_out(composed: Composed, box: Box) -> CodePicture:
    """The code with its room; beyond the picture's edge there is what stands at its edge."""
    grey, scale = to_grey(composed.pixels), INK_HEIGHT / box.height
    above, beside = round(ROOM_ABOVE / scale), round(ROOM_BESIDE / scale)
    padded = cv2.copyMakeBorder(grey, above, above, beside, beside, cv2.BORDER_REPLICATE)
    part = padded[box.y : box.bottom + 2 * above, box.x : box.right + 2 * beside]
    size = round(box.width * scale) + 2 * ROOM_BESIDE, INK_HEIGHT + 2 * ROOM_ABOVE
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return CodePicture(
        np.asarray(cv2.resize(part, size, interpolation=way)), composed.zip + composed.zip4
    )


def varied(code: CodePicture, rng: Rng) -> Picture:
    """The code as a reader may cut it out: (HEIGHT, columns), the columns a multiple of STEP."""
    height, width = code.pixels.shape
    down = rng.uniform(*INK) / INK_HEIGHT
    along = down * float(np.exp(rng.normal(0, STRETCH)))
    free = 2 * rng.uniform(*FREE)
    columns = (width - 2 * ROOM_BESIDE) * along + free
    if columns > WIDEST:
        along, columns = along * WIDEST / columns, WIDEST
    columns = STEP * int(np.ceil(columns / STEP))
    matrix = np.array([[along, -rng.normal(0, SHEAR) * down], [rng.normal(0, TURN) * along, down]])
    middle = np.array([columns / 2 + rng.uniform(-3, 3), HEIGHT / 2 + rng.uniform(-2, 2)])
    offset = middle - matrix @ np.array([width / 2, height / 2])
    picture = framed(code.pixels, np.column_stack([matrix, offset]), columns)
    if chance(rng, 0.5):
        picture = bent(picture, rng)
    if chance(rng, 0.15):
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.9)))
    picture = inked(picture)
    if chance(rng, 0.3):
        picture += rng.normal(0, rng.uniform(0.01, 0.08), picture.shape).astype(np.float32)
    return picture


def bent(picture: Picture, rng: Rng) -> Picture:
    """The picture as if of rubber, pulled here and there: strokes as another hand has them.

    After Simard, Steinkraus and Platt, Best practices for convolutional neural networks, ICDAR
    2003.
    """
    rows, columns = picture.shape
    knots = rng.normal(0, rng.uniform(0, BENT), (2, rows // KNOTS, columns // KNOTS))
    across, down = (
        cv2.resize(of.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
        for of in knots
    )
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    bent = cv2.remap(
        picture, x + across, y + down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(bent, np.float32)


def batches(
    codes: list[CodePicture], count: int, rng: Rng
) -> Iterator[tuple[Picture, list[list[int]]]]:
    """``count`` batches: pictures (BATCH, 1, HEIGHT, columns), and the digits of each.

    Raises ValueError for fewer pictures than SORTED batches have.
    """
    if len(codes) < SORTED * BATCH:
        raise ValueError(f"{len(codes)} pictures are too few: it takes {SORTED * BATCH}")
    made = 0
    while made < count:
        order = rng.permutation(len(codes))
        for start in range(0, len(order) - SORTED * BATCH + 1, SORTED * BATCH):
            group = [codes[k] for k in order[start : start + SORTED * BATCH]]
            group.sort(key=lambda code: code.pixels.shape[1])
            for k in rng.permutation(SORTED)[: count - made]:
                chosen = group[k * BATCH : (k + 1) * BATCH]
                made += 1
                pictures = _together([varied(code, rng) for code in chosen])
                yield pictures, [[int(digit) for digit in code.text] for code in chosen]


def _together(pictures: list[Picture]) -> Picture:
    """Pictures of one size, each in the middle: (n, 1, HEIGHT, columns)."""
    widest = max(picture.shape[1] for picture in pictures)
    rooms = [widest - picture.shape[1] for picture in pictures]
    wide = [
        np.pad(picture, ((0, 0), (room // 2, room - room // 2)), mode="edge")
        for picture, room in zip(pictures, rooms, strict=True)
    ]
    return np.stack(wide)[:, None]
