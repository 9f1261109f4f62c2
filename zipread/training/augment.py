"""One digit as other writers, pens and scanners would give it.

A glyph is drawn large, bent (affine and elastic [1]_), thickened or thinned, given what a crop
from a form brings along (remains of a box or an underline, a neighbour's edge, a side cut short),
and then scanned: reduced to a scan's height, blurred, with noise, sometimes bilevel.

.. [1] P. Simard, D. Steinkraus, J. Platt, Best practices for convolutional neural networks applied
   to visual document analysis, ICDAR 2003 (elastic distortions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Glyph = NDArray[np.uint8]

_TALL = 56  # rows that a glyph is drawn at before it is bent
_WIDE = 112  # and its most columns
_MARGIN = 14
_MID = 128
_FORM = (8, 8)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far digits are changed; the keys of a recipe's [augmentation].

    ``rotation`` in radians, ``shear``, ``stretch`` (log of the scale, each axis) and ``elastic``
    (pixels of 56) are standard deviations; ``heights`` the range in pixels that a digit is scanned
    at; ``pen`` to ``european`` are shares of all digits. ``crisp`` draws what is given as Digits
    forms with a bitmap's edge.
    """

    rotation: float = 0.08
    shear: float = 0.12
    stretch: float = 0.10
    elastic: float = 2.0
    pen: float = 0.4
    remains: float = 0.12
    cut: float = 0.05
    bilevel: float = 0.25
    noise: float = 0.25
    european: float = 0.15
    heights: tuple[int, int] = (14, 80)
    crisp: bool = False


def augmented(glyph: Glyph, label: int, how: Augmentation, rng: np.random.Generator) -> Glyph:
    """A changed copy of a glyph, soft ink again, of another size."""
    large = drawn(glyph, how)
    if rng.random() < how.european:
        large = _european(large, label, rng)
    bent = _bent(large, how, rng)
    if rng.random() < how.pen:
        bent = _other_pen(bent, rng)
    if rng.random() < how.remains:
        bent = _with_remains(bent, rng)
    if rng.random() < how.cut:
        bent = _cut_short(bent, rng)
    return scanned(bent, how, rng)


def drawn(glyph: Glyph, how: Augmentation) -> Glyph:
    """The glyph as it is, large; a Digits form with a bitmap's edge where the recipe says so."""
    large = enlarged(glyph)
    if how.crisp and glyph.shape == _FORM:
        return np.asarray(np.clip((large.astype(np.float32) - 70) * (255 / 120), 0, 255), np.uint8)
    return large


def enlarged(glyph: Glyph) -> Glyph:
    """The glyph cropped to its ink and drawn smoothly at about 56 rows, with a margin."""
    x, y, width, height = cv2.boundingRect(np.asarray(glyph > _MID // 3, np.uint8))
    if width == 0:
        return np.zeros((_TALL, _TALL), np.uint8)
    cropped = np.pad(glyph[y : y + height, x : x + width], 1)
    scale = min(_TALL / cropped.shape[0], _WIDE / cropped.shape[1])
    size = (max(3, round(cropped.shape[1] * scale)), max(3, round(cropped.shape[0] * scale)))
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(np.pad(cv2.resize(cropped, size, interpolation=method), _MARGIN), np.uint8)


def _bent(glyph: Glyph, how: Augmentation, rng: np.random.Generator) -> Glyph:
    """Turned, sheared, stretched and elastically displaced, in one resampling."""
    height, width = glyph.shape
    turn, shear = rng.normal(0, how.rotation), rng.normal(0, how.shear)
    stretch_x, stretch_y = np.exp(rng.normal(0, how.stretch, 2))
    to_source = np.array(
        [[stretch_x * np.cos(turn), shear - np.sin(turn)], [np.sin(turn), stretch_y]], np.float32
    )
    middle = np.array([(width - 1) / 2, (height - 1) / 2], np.float32)
    columns, rows = np.arange(width) - middle[0], np.arange(height) - middle[1]
    coarse = rng.standard_normal((2, 5, 4), np.float32) * np.float32(how.elastic)
    dx, dy = (cv2.resize(c, (width, height), interpolation=cv2.INTER_CUBIC) for c in coarse)
    dx += np.add.outer(to_source[0, 1] * rows, to_source[0, 0] * columns + middle[0])
    dy += np.add.outer(to_source[1, 1] * rows + middle[1], to_source[1, 0] * columns)
    return np.asarray(cv2.remap(glyph, dx, dy, cv2.INTER_LINEAR), np.uint8)


def _other_pen(glyph: Glyph, rng: np.random.Generator) -> Glyph:
    """Thicker or thinner strokes; thinner ones may break, but not vanish."""
    size = int(rng.integers(2, 7))
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    if rng.random() < 0.5:
        return np.asarray(cv2.dilate(glyph, pen), np.uint8)
    thin = np.asarray(cv2.erode(glyph, pen), np.uint8)
    return thin if thin.sum() > 0.3 * glyph.sum() else glyph


def _european(glyph: Glyph, label: int, rng: np.random.Generator) -> Glyph:
    """A 1 with an upstroke, a 7 with a bar: how most of Europe writes them."""
    if label not in (1, 7):
        return glyph
    _, _, width, height = cv2.boundingRect(np.asarray(glyph > _MID, np.uint8))
    if width == 0 or (label == 1 and width > height / 2):
        return glyph
    pen = max(2, round(float(glyph.sum()) / 255 / (height * (1.0 if label == 1 else 1.5))))
    return _barred(glyph, pen, rng) if label == 7 else _with_upstroke(glyph, pen, rng)


def _barred(seven: Glyph, pen: int, rng: np.random.Generator) -> Glyph:
    x, y, width, height = cv2.boundingRect(np.asarray(seven > _MID, np.uint8))
    row = y + round(height * rng.uniform(0.4, 0.65))
    inked = np.flatnonzero(seven[row] > _MID)
    middle = int(inked.mean()) if len(inked) else x + width // 2
    reach, rise = round(height * rng.uniform(0.14, 0.3)), round(height * rng.uniform(-0.08, 0.08))
    canvas = seven.copy()
    cv2.line(canvas, (middle - reach, row + rise), (middle + reach, row - rise), 255, pen)
    return canvas


def _with_upstroke(one: Glyph, pen: int, rng: np.random.Generator) -> Glyph:
    _, y, _, height = cv2.boundingRect(np.asarray(one > _MID, np.uint8))
    top = int(np.flatnonzero(one[y + 1] > _MID // 2).mean()) if one[y + 1].any() else 0
    reach, drop = height * rng.uniform(0.2, 0.6), height * rng.uniform(0.2, 0.8)
    room = round(reach)
    canvas = np.pad(one, ((0, 0), (room, 0)))
    end = (round(top + room - reach), round(y + drop))
    cv2.line(canvas, (top + room, y + pen // 2), end, 255, pen, cv2.LINE_AA)
    return canvas


def _with_remains(glyph: Glyph, rng: np.random.Generator) -> Glyph:
    """What is left of a box, an underline or a neighbour, at one side of the ink."""
    x, y, width, height = cv2.boundingRect(np.asarray(glyph > _MID, np.uint8))
    if width == 0:
        return glyph
    canvas = glyph.copy()
    thick, depth = int(rng.integers(1, 4)), round(height * rng.uniform(-0.02, 0.1))
    start, length = rng.uniform(0, 0.7), rng.uniform(0.15, 0.6)
    side = rng.integers(4)
    if side < 2:  # below, above
        row = y + height + depth if side == 0 else y - depth
        ends = round(x + width * start), round(x + width * (start + length))
        cv2.line(canvas, (ends[0], row), (ends[1], row), 255, thick)
    else:
        column = x + width + depth if side == 2 else x - depth
        ends = round(y + height * start), round(y + height * (start + length / 2))
        cv2.line(canvas, (column, ends[0]), (column, ends[1]), 255, thick)
    return canvas


def _cut_short(glyph: Glyph, rng: np.random.Generator) -> Glyph:
    """A side of the ink cut off by up to 8 %."""
    x, y, width, height = cv2.boundingRect(np.asarray(glyph > _MID, np.uint8))
    share = rng.uniform(0.02, 0.08)
    across, down = round(width * share), round(height * share)
    side = rng.integers(4)
    left, right = x + across * (side == 0), x + width - across * (side == 1)
    top, bottom = y + down * (side == 2), y + height - down * (side == 3)
    return glyph[top : max(top + 1, bottom), left : max(left + 1, right)]


def scanned(glyph: Glyph, how: Augmentation, rng: np.random.Generator) -> Glyph:
    """The glyph as a scan gives it: reduced, blurred, noisy, grey or bilevel."""
    low, high = np.log(how.heights)
    scale = float(np.exp(rng.uniform(low, high))) / _TALL
    size = (max(3, round(glyph.shape[1] * scale)), max(3, round(glyph.shape[0] * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    ink = np.asarray(cv2.resize(np.pad(glyph, 2), size, interpolation=method), np.float32)
    if rng.random() < 0.5:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 1.0)), np.float32)
    if rng.random() < how.noise:
        ink = ink + _noise(ink, rng)
    if rng.random() < how.bilevel:
        return np.where(ink > rng.uniform(0.25, 0.6) * float(ink.max()), 255, 0).astype(np.uint8)
    ink = ink * np.float32(rng.uniform(0.6, 1.4))
    return np.asarray(np.clip(ink, 0, 255), np.uint8)


def _noise(ink: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Grain on the ink and its edge; grain on bare paper is not part of a glyph when reading."""
    near = cv2.dilate(np.asarray(ink > 30, np.float32), np.ones((3, 3), np.uint8))
    grain: NDArray[np.float32] = rng.standard_normal(ink.shape, np.float32) * near
    return grain * np.float32(rng.uniform(4, 35))
