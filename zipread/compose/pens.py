"""Pens: colour, opacity, and the ways in which ink lies unevenly on paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.compose.canvas import Colour, to_bytes
from zipread.compose.chance import Rng, between, chance, weighted

Mask = NDArray[np.uint8]

_TILE = 1024


@cache
def noise_tile(grain: float) -> NDArray[np.uint8]:
    """Smooth noise of mean 128 whose grains are ``grain`` pixels wide; it tiles."""
    tile = np.random.default_rng(round(1000 * grain)).normal(size=(_TILE, _TILE)).astype(np.float32)
    if grain > 0.3:
        margin = min(_TILE, int(6 * grain) + 1)
        wrapped = np.pad(tile, margin, mode="wrap")
        soft = cv2.GaussianBlur(wrapped, (0, 0), grain)
        tile = np.asarray(soft[margin:-margin, margin:-margin], np.float32)
    return to_bytes(128 + 42 * tile / tile.std())


def noise_patch(rng: Rng, grain: float, height: int, width: int) -> NDArray[np.uint8]:
    """A random part of the tile, (height, width), repeated where it is too small."""
    tile = noise_tile(grain)
    y, x = int(rng.integers(_TILE)), int(rng.integers(_TILE))
    if y + height <= _TILE and x + width <= _TILE:
        return tile[y : y + height, x : x + width]
    rows = np.tile(np.roll(tile, (-y, -x), (0, 1)), (height // _TILE + 1, width // _TILE + 1))
    return rows[:height, :width]


@dataclass(frozen=True, slots=True)
class Pen:
    """A pen: ``opacity`` 0..1, ``streaks`` (uneven ink) and ``skips`` (missing ink) 0..1."""

    kind: str
    colour: Colour
    opacity: float
    streaks: float
    skips: float = 0.0

    def lay(self, mask: Mask, rng: Rng) -> Mask:
        """The mask as this pen's ink: grain, streaks and gaps."""
        height, width = mask.shape
        ink = np.full((height, width), 255 * self.opacity, np.float32)
        if self.streaks > 0:
            fine = noise_patch(rng, 0.7, height, width).astype(np.float32) - 128
            broad = noise_patch(rng, 5.0, height, width).astype(np.float32) - 128
            ink += self.streaks * (1.3 * fine + 0.8 * broad)
        if self.skips > 0:
            gaps = noise_patch(rng, 2.0, height, width).astype(np.float32)
            floor = 128 - 110 * (1 - self.skips)
            ink *= np.clip((gaps - floor) / 24 + 0.5, 0, 1)
        laid = cv2.multiply(mask, np.clip(ink, 0, 255).astype(np.uint8), scale=1 / 255)
        return np.asarray(laid, np.uint8)


def _jittered(rng: Rng, colour: Colour, spread: int = 14) -> Colour:
    """The colour a little off."""
    red, green, blue = (int(np.clip(c + rng.integers(-spread, spread + 1), 0, 255)) for c in colour)
    return red, green, blue


_COLOURS: dict[str, Colour] = {
    "black": (28, 28, 32),
    "blue": (36, 52, 140),
    "navy": (28, 32, 84),
    "red": (176, 34, 40),
    "green": (24, 108, 64),
    "purple": (96, 40, 128),
    "graphite": (92, 92, 96),
    "brown": (88, 56, 36),
}
_KINDS = {
    "ballpoint": 0.45,
    "gel": 0.2,
    "felt": 0.12,
    "marker": 0.06,
    "pencil": 0.1,
    "fountain": 0.07,
}


def random_pen(rng: Rng, kind: str = "", *, legible: bool = False) -> Pen:
    """A pen of the kind, or of any; ``legible`` leaves out faint and skipping ones."""
    kind = kind or weighted(rng, _KINDS)
    name = weighted(
        rng,
        {
            "black": 0.42,
            "blue": 0.34,
            "navy": 0.1,
            "red": 0.05,
            "green": 0.04,
            "purple": 0.03,
            "brown": 0.02,
        },
    )
    if kind == "pencil":
        faint = between(rng, 0.6, 0.9) if legible else between(rng, 0.3, 0.85)
        return Pen(kind, _jittered(rng, _COLOURS["graphite"]), faint, between(rng, 0.5, 0.9))
    opacity = {"ballpoint": 0.85, "gel": 0.95, "felt": 0.92, "marker": 0.97, "fountain": 0.85}[kind]
    streaks = {"ballpoint": 0.5, "gel": 0.15, "felt": 0.25, "marker": 0.1, "fountain": 0.45}[kind]
    skips = 0.0
    if kind in ("ballpoint", "felt") and not legible and chance(rng, 0.15):
        skips = between(rng, 0.1, 0.5)
    if not legible and chance(rng, 0.1):
        opacity *= between(rng, 0.5, 0.85)
    return Pen(
        kind, _jittered(rng, _COLOURS[name]), opacity, streaks * between(rng, 0.4, 1.2), skips
    )


def printer(rng: Rng) -> Pen:
    """Toner or printing ink: black or grey, even."""
    grey = int(rng.integers(10, 90))
    return Pen("printer", (grey, grey, grey), 0.97, 0.05)
