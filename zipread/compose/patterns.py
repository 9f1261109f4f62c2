"""Rows of like signs that are no digits: bubbles to fill in, empty boxes, strokes, hooks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.compose.canvas import Canvas
from zipread.compose.chance import Rng, between, chance, pick
from zipread.compose.pens import random_pen

Outline = NDArray[np.float64]
"""Points (n, 2) of a sign one high and about as wide, around its middle."""

_ROUND = np.linspace(0, 2 * np.pi, 33)
_COUNTS = (4, 5, 5, 5, 6, 7, 9, 10)
_UNEVEN = (0.0, 0.0, 0.03, 0.08)
"""Standard deviation of a sign's place, in its heights: printed ones have none."""


def _outline(rng: Rng) -> Outline:
    """A sign, of any width and slant."""
    bubble = np.column_stack([np.cos(_ROUND), np.sin(_ROUND)]) / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) / 2
    signs = {
        "bubble": bubble,
        "box": corners,
        "diamond": np.array([[0, -1], [1, 0], [0, 1], [-1, 0], [0, -1]]) / 2,
        "stroke": np.array([[0, -1], [0, 1]]) / 2,
        "hook": np.array([[-1, -1], [1, -1], [0, 1]]) / 2,
        "corner": np.array([[-1, -1], [-1, 1], [1, 1]]) / 2,
        "tick": np.array([[-1, 0], [-0.3, 1], [1, -1]]) / 2,
        "zigzag": np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]]) / 2,
    }
    outline = signs[pick(rng, tuple(signs))]
    shape = np.array([[between(rng, 0.5, 1.1), between(rng, -0.35, 0.35)], [0.0, 1.0]])
    return np.asarray(outline @ shape.T, np.float64)


def draw_row(canvas: Canvas, rng: Rng, size: float) -> None:
    """A row of like signs ``size`` pixels high, often five, somewhere on the canvas."""
    count, outline, uneven = pick(rng, _COUNTS), _outline(rng), pick(rng, _UNEVEN)
    pitch = size * between(rng, 1.0, 1.9)
    room = max(1.0, canvas.width - count * pitch)
    start = between(rng, 0, 0.8) * room + pitch / 2
    level = between(rng, min(size, canvas.height / 2), max(size, canvas.height - size))
    mask = np.zeros((canvas.height, canvas.width), np.uint8)
    thick = max(1, round(size * between(rng, 0.04, 0.16)))
    for k in range(count):
        at = np.array([start + k * pitch, level]) + uneven * size * rng.normal(size=2)
        points = np.rint(at + size * outline).astype(np.int32)
        cv2.polylines(mask, [points], isClosed=False, color=255, thickness=thick)
    pen = random_pen(rng)
    canvas.ink(pen.lay(mask, rng) if chance(rng, 0.5) else mask, 0, 0, pen.colour)
