"""What is no digit: letters, pieces of digits, digits that touch, marks of a form, dirt.

The reject class is trained on these. Each source is a function of the material and a random
generator that gives glyphs, soft ink like the digits; all go through the same scanning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from zipread.training.augment import Augmentation, augmented, enlarged, scanned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Glyph = NDArray[np.uint8]

_NO_LABEL = -1
_MOST_OF_A_HALF = 0.62
_WHOLE_WORDS, _WINDOWS = 0.05, 0.8  # shares of the letters, of the wide components
_BARE_STROKE = 0.45  # width by height: up to so wide a digit may be a marker's 1
_SMALLEST_LETTER = 8  # pixels of a word's component; below are dots and dirt


def letters(words: Sequence[Glyph], count: int, rng: np.random.Generator) -> Iterator[Glyph]:
    """Connected components of words; of the wide ones windows, and some whole; whole words."""
    components = [part for word in words for part in _components(word)]
    for i in range(count):
        part = components[i % len(components)]
        height, width = part.shape
        if rng.random() < _WHOLE_WORDS:
            part = words[i % len(words)]
        elif width > height and rng.random() < _WINDOWS:
            window = round(height * rng.uniform(0.4, 1.1))
            left = int(rng.integers(0, max(1, width - window)))
            part = np.ascontiguousarray(part[:, left : left + window])
        yield part


def _components(word: Glyph) -> Iterator[Glyph]:
    _, mask = cv2.threshold(word, 0, 255, cv2.THRESH_OTSU)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    for i in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[i])
        if height >= _SMALLEST_LETTER and width >= 3:
            ink = np.where(
                labels[y : y + height, x : x + width] == i, word[y : y + height, x : x + width], 0
            )
            yield np.asarray(ink, np.uint8)


def halves(digits: Sequence[Glyph], count: int, rng: np.random.Generator) -> Iterator[Glyph]:
    """Digits cut through: the left or right part, seldom the upper or lower."""
    for _ in range(count):
        ink = enlarged(digits[int(rng.integers(len(digits)))])
        x, y, width, height = _extent(ink)
        if width < max(14, _BARE_STROKE * height):  # cut along itself it is still one
            continue
        across = x + round(width * rng.uniform(0.35, 0.65))
        down = y + round(height * rng.uniform(0.35, 0.65))
        parts = [ink[:, :across], ink[:, across:], ink[:down], ink[down:]]
        part = parts[rng.choice(4, p=(0.35, 0.35, 0.15, 0.15))]
        if part.sum() < _MOST_OF_A_HALF * ink.sum():  # more may well be the digit still
            yield np.ascontiguousarray(part)


def touching(digits: Sequence[Glyph], count: int, rng: np.random.Generator) -> Iterator[Glyph]:
    """Two or three digits that touch, or one with a good part of its neighbour."""
    for _ in range(count):
        pieces = [
            _tight(digits[int(rng.integers(len(digits)))]) for _ in range(2 + (rng.random() < 0.15))
        ]
        joined = pieces[0]
        for piece in pieces[1:]:
            joined = _joined(joined, piece, overlap=round(rng.uniform(-2, 8)))
        if rng.random() < 0.3:  # an end piece cut short, but most of it there
            first, last = pieces[0].shape[1], pieces[-1].shape[1]
            start, stop = 0, joined.shape[1]
            if rng.random() < 0.5:
                start = round(first * rng.uniform(0.1, 0.5))
            else:
                stop -= round(last * rng.uniform(0.1, 0.5))
            joined = joined[:, start:stop]
        yield np.ascontiguousarray(joined)


def _joined(left: Glyph, right: Glyph, overlap: int) -> Glyph:
    overlap = min(overlap, left.shape[1] // 2, right.shape[1] // 2)
    width = left.shape[1] + right.shape[1] - overlap
    canvas = np.zeros((left.shape[0], width), np.uint8)
    canvas[:, : left.shape[1]] = left
    start = width - right.shape[1]
    canvas[:, start:] = np.maximum(canvas[:, start:], right)
    return canvas


def marks(count: int, rng: np.random.Generator) -> Iterator[Glyph]:
    """Dashes, dots, commas, strokes that lie, crosses, corners, frames, postal bars, smudges."""
    draws = (_dash, _dot, _comma, _stroke, _corner, _frame, _bars, _cross, _smudge, _scribble)
    for _ in range(count):
        canvas = np.zeros((80, 80), np.uint8)
        draws[rng.integers(len(draws))](canvas, int(rng.integers(2, 8)), rng)
        yield canvas


def _dash(canvas: Glyph, pen: int, rng: np.random.Generator) -> None:
    half, tilt = int(rng.integers(8, 36)), int(rng.integers(-4, 5))
    cv2.line(canvas, (40 - half, 40 + tilt), (40 + half, 40 - tilt), 255, pen, cv2.LINE_AA)
    if rng.random() < 0.2:  # an equals sign
        cv2.line(canvas, (40 - half, 54 + tilt), (40 + half, 54 - tilt), 255, pen, cv2.LINE_AA)


def _dot(canvas: Glyph, pen: int, rng: np.random.Generator) -> None:
    axes = int(rng.integers(2, 8)), int(rng.integers(2, 8))
    cv2.ellipse(canvas, (40, 40), axes, float(rng.uniform(0, 180)), 0, 360, 255, -1)
    if rng.random() < 0.3:  # a colon, an umlaut
        across = int(rng.integers(14, 30)) * int(rng.random() < 0.5)
        cv2.circle(canvas, (40 + across, 40 + (24 if across == 0 else 0)), pen, 255, -1)


def _stroke(canvas: Glyph, pen: int, rng: np.random.Generator) -> None:
    """A stroke that leans too far to be a 1."""
    angle, half = rng.uniform(-0.55, 0.55), rng.uniform(10, 36)
    dx, dy = round(half * np.cos(angle)), round(half * np.sin(angle))
    cv2.line(canvas, (40 - dx, 40 - dy), (40 + dx, 40 + dy), 255, pen, cv2.LINE_AA)


def _comma(canvas: Glyph, pen: int, rng: np.random.Generator) -> None:
    """A dot with a tail; a straight one is left out, it is the form of a 1."""
    drop, back = int(rng.integers(10, 26)), int(rng.integers(6, 16))
    tail = np.array([(42, 36), (42, 38 + drop // 2), (42 - back, 38 + drop)], np.int32)
    cv2.circle(canvas, (40, 36), pen + int(rng.integers(1, 5)), 255, -1)
    cv2.polylines(canvas, [tail], isClosed=False, color=255, thickness=pen, lineType=cv2.LINE_AA)


def _frame(canvas: Glyph, pen: int, rng: np.random.Generator) -> None:
    """A box of a form with or without one of its sides, and maybe some of its neighbour."""
    left, top = (int(v) for v in rng.integers(4, 24, 2))
    right, bottom = (int(v) for v in rng.integers(52, 76, 2))
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    turn = int(rng.integers(4))
    sides = np.array(corners[turn:] + corners[:turn], np.int32)
    cv2.polylines(canvas, [sides], bool(rng.random() < 0.4), 255, max(2, pen // 2))
    if rng.random() < 0.3:
        cv2.line(canvas, (right, (top + bottom) // 2), (79, (top + bottom) // 2), 255, pen // 2)


def _bars(canvas: Glyph, pen: int, rng: np.random.Generator) -> None:
    """Two to six upright bars of two or more heights, as of a postal barcode."""
    count = int(rng.integers(2, 7))
    apart = int(rng.integers(pen + 3, max(pen + 4, 70 // count)))
    low = int(rng.integers(30, 60))
    for i in range(count):
        top = int(rng.choice((8, low)))
        bottom = 72 if rng.random() < 0.8 else int(rng.integers(50, 72))
        column = 4 + pen // 2 + i * apart
        cv2.line(canvas, (column, top), (column, bottom), 255, pen)


def _corner(canvas: Glyph, pen: int, rng: np.random.Generator) -> None:
    """Two sides of a box, or three; the upper right corner alone is left out, it is a 7."""
    x, y = (int(v) for v in rng.integers(12, 68, 2))
    across, down = ((76, 4), (76, 76), (4, 4))[int(rng.integers(3))]
    cv2.line(canvas, (x, y), (across, y), 255, pen)
    cv2.line(canvas, (x, y), (x, down), 255, pen)
    if rng.random() < 0.4:  # three sides of a box
        cv2.line(canvas, (across, y), (across, down), 255, pen)


def _cross(canvas: Glyph, pen: int, rng: np.random.Generator) -> None:
    x, y = (int(v) for v in rng.integers(25, 55, 2))
    tilt = int(rng.integers(-20, 21))
    cv2.line(canvas, (4, y + tilt // 4), (76, y - tilt // 4), 255, pen, cv2.LINE_AA)
    cv2.line(canvas, (x + tilt, 4), (x - tilt, 76), 255, pen, cv2.LINE_AA)
    if rng.random() < 0.3:
        cv2.line(canvas, (x + tilt + 18, 4), (x - tilt + 18, 76), 255, pen, cv2.LINE_AA)


def _smudge(canvas: Glyph, pen: int, rng: np.random.Generator) -> None:
    field = cv2.GaussianBlur(rng.standard_normal(canvas.shape, np.float32), (0, 0), 1.5 * pen)
    spread = float(field.std()) or 1.0
    blot = np.clip((field / spread - rng.uniform(0.3, 1.2)) * 200, 0, 255).astype(np.uint8)
    canvas[:] = blot


def _scribble(canvas: Glyph, pen: int, rng: np.random.Generator) -> None:
    points = np.cumsum(rng.normal(0, 16, (int(rng.integers(5, 14)), 2)), axis=0)
    points = np.rint(40 + points - points.mean(axis=0)).astype(np.int32)
    cv2.polylines(canvas, [points], isClosed=False, color=255, thickness=pen, lineType=cv2.LINE_AA)


def changed(
    glyphs: Iterator[Glyph], how: Augmentation, rng: np.random.Generator, bend: float = 0.5
) -> Iterator[Glyph]:
    """The glyphs as scanned; a share of them bent, inked and cut like the digits."""
    for glyph in glyphs:
        if glyph.size and glyph.max() > 60:
            if rng.random() < bend:
                yield augmented(glyph, _NO_LABEL, how, rng)
            else:
                yield scanned(enlarged(glyph), how, rng)


def _extent(ink: Glyph) -> tuple[int, int, int, int]:
    x, y, width, height = cv2.boundingRect(np.asarray(ink > 100, np.uint8))
    return x, y, width, height


def _tight(digit: Glyph) -> Glyph:
    ink = enlarged(digit)
    x, y, width, height = _extent(ink)
    return np.asarray(cv2.resize(ink[y : y + height, x : x + width], (max(4, width), 56)), np.uint8)
