"""Papers: their colour, fibres and specks, printed patterns, and how light falls on them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.compose.canvas import Canvas, Colour, Pixels, luminance, to_bytes
from zipread.compose.chance import Rng, between, chance, pick, weighted, whole
from zipread.compose.pens import noise_patch

Tone = NDArray[np.floating[Any]]

_PAPERS: dict[str, Colour] = {
    "white": (250, 250, 248),
    "cream": (244, 236, 214),
    "grey": (222, 222, 222),
    "blue": (208, 220, 236),
    "pink": (244, 214, 214),
    "green": (212, 230, 210),
    "yellow": (246, 226, 150),
    "kraft": (201, 166, 120),
    "manila": (226, 196, 146),
    "red": (196, 92, 84),
    "recycled": (226, 222, 210),
}
_SHARES = {
    "white": 0.42,
    "cream": 0.14,
    "grey": 0.06,
    "blue": 0.06,
    "pink": 0.03,
    "green": 0.03,
    "yellow": 0.03,
    "kraft": 0.08,
    "manila": 0.06,
    "red": 0.01,
    "recycled": 0.08,
}
PATTERNS = ("guilloche", "lines", "waves", "dots", "microtext", "cross", "clouds", "scenic")


def random_paper(rng: Rng) -> str:
    """The name of a paper."""
    return weighted(rng, _SHARES)


def make_paper(rng: Rng, height: int, width: int, name: str, *, colour: bool) -> Canvas:
    """An empty sheet, RGB or grey."""
    base = np.array(_PAPERS[name], float) + rng.normal(0, 3) + rng.normal(0, 1.5, 3)
    rough = {"kraft": 2.2, "manila": 1.5, "recycled": 1.8}.get(name, 1.0)
    clouds = noise_patch(rng, 24.0, height, width)
    grain = noise_patch(rng, pick(rng, (0.5, 0.9, 1.6)), height, width)
    share = between(rng, 0.0, 0.4)
    tone = np.asarray(cv2.addWeighted(clouds, share, grain, 1 - share, 0), np.uint8)
    depth = rough * between(rng, 0.4, 4.0) / 42
    if not colour:
        base = np.array([luminance((int(base[0]), int(base[1]), int(base[2])))], float)
    levels = (np.arange(256) - 128) * depth
    tables = [to_bytes(level + levels) for level in base]
    canvas = Canvas(np.asarray(cv2.merge([cv2.LUT(tone, table) for table in tables]), np.uint8))
    if name in ("kraft", "recycled") or chance(rng, 0.12):
        _fibres(canvas, rng, name)
    return canvas


def _fibres(canvas: Canvas, rng: Rng, name: str) -> None:
    """Short fibres and specks, as recycled paper and kraft have."""
    unit = max(canvas.width, canvas.height) / 1500
    count = whole(rng, 30, 260 if name == "recycled" else 150)
    for _ in range(count):
        length = between(rng, 1, 14) * unit
        angle = between(rng, 0, 2 * np.pi)
        side = int(length) + 3
        mask = np.zeros((side, side), np.uint8)
        centre = side / 2
        reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
        ends = np.rint(np.array([centre - reach, centre + reach]) * 16).astype(np.int32)
        cv2.polylines(mask, [ends], False, whole(rng, 50, 170), 1, cv2.LINE_AA, 4)
        x, y = whole(rng, 0, canvas.width), whole(rng, 0, canvas.height)
        canvas.ink(mask, x, y, (90, 80, 70))


def _waves(rng: Rng, height: int, width: int, pitch: float) -> Tone:
    """A phase field whose level lines are wavy lines ``pitch`` pixels apart."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = between(rng, 0, np.pi)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    swing = between(rng, 0.5, 2.5) * pitch
    bent = across + swing * np.sin(along / (pitch * between(rng, 2, 6)) + between(rng, 0, 6))
    return np.asarray(bent * (2 * np.pi / pitch), np.float32)


def _thin_lines(phase: Tone, share: float) -> Tone:
    """Soft lines where the phase passes through multiples of 2 pi; 0..1."""
    edge = np.cos(np.pi * share)
    return np.asarray(np.clip((np.cos(phase) - edge) / (1 - edge + 1e-3) * 1.6, 0, 1))


def _microtext(rng: Rng, height: int, width: int, pitch: float) -> Tone:
    """Rows of text too small to read."""
    mask = np.zeros((height, width), np.uint8)
    text = pick(rng, ("SECURE ", "ORIGINAL ", "VALID ", "CHECK ", "DOCUMENT ")) * 60
    size = pitch / 34
    for row in range(round(pitch * 0.6), height + int(pitch), max(4, round(pitch))):
        start = -whole(rng, 0, int(3 * pitch))
        cv2.putText(
            mask, text, (start, row), cv2.FONT_HERSHEY_PLAIN, size * 1.6, 255, 1, cv2.LINE_AA
        )
    return mask.astype(np.float32) / 255


def _pattern(rng: Rng, name: str, height: int, width: int, pitch: float) -> Tone:
    """The pattern as ink, 0..1."""
    share = between(rng, 0.12, 0.4)
    if name == "microtext":
        return _microtext(rng, height, width, pitch)
    if name == "guilloche":
        pair = [_thin_lines(_waves(rng, height, width, pitch), share) for _ in range(2)]
        return np.maximum(pair[0], pair[1])
    if name == "cross":
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) * (2 * np.pi / pitch)
        return np.maximum(_thin_lines(x + y, share), _thin_lines(x - y, share))
    if name == "dots":
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) * (2 * np.pi / pitch)
        return np.asarray(np.clip((np.cos(x) + np.cos(y) - 1.1) * 1.4, 0, 1))
    if name in ("clouds", "scenic"):
        grain = pitch * (1.0 if name == "clouds" else 3.0)
        steps = {4.0: 4.0, 9.0: 9.0, 18.0: 18.0}
        nearest = min(steps, key=lambda step: abs(step - grain))
        soft = noise_patch(rng, nearest, height, width).astype(np.float32)
        return np.asarray(np.clip((soft - 90) / 100, 0, 1))
    phase = _waves(rng, height, width, pitch)
    if name == "lines":
        y = np.arange(height, dtype=np.float32)[:, None] * (2 * np.pi / pitch)
        phase = np.broadcast_to(y, (height, width)).astype(np.float32)
    return _thin_lines(phase, share)


_PATTERN_INKS: tuple[Colour, ...] = (
    (150, 180, 210),
    (170, 200, 170),
    (214, 180, 160),
    (190, 170, 205),
    (190, 190, 190),
    (220, 200, 140),
    (150, 195, 195),
    (226, 170, 170),
)


def add_pattern(canvas: Canvas, rng: Rng, pitch: float, name: str = "", depth: float = 0.0) -> str:
    """Print a security pattern over the whole sheet, lines ``pitch`` pixels apart; its name."""
    name = name or pick(rng, PATTERNS)
    depth = depth or between(rng, 0.25, 1.0)
    mask = _pattern(rng, name, canvas.height, canvas.width, max(3.0, pitch)) * (255 * depth)
    canvas.ink(mask.astype(np.uint8), 0, 0, pick(rng, _PATTERN_INKS))
    return name


def _field(rng: Rng, kind: str) -> Tone:
    """How light falls on the sheet, coarse, 0..1."""
    y, x = np.mgrid[0:24, 0:32].astype(np.float32)
    y, x = y / 23, x / 31
    if kind == "corner":
        cy, cx = float(rng.integers(2)), float(rng.integers(2))
        return np.asarray(np.clip(np.hypot(y - cy, x - cx) / between(rng, 0.5, 1.2), 0, 1))
    angle = between(rng, 0, 2 * np.pi)
    along = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
    if kind == "edge":
        where, width = between(rng, -0.3, 0.3), between(rng, 0.02, 0.25)
        return np.asarray(1 / (1 + np.exp(-(along - where) / width)))
    if kind == "window":
        where, width, bar = (
            between(rng, -0.2, 0.2),
            between(rng, 0.02, 0.08),
            between(rng, 0.1, 0.3),
        )
        return np.asarray(1 - np.exp(-np.abs(along - where) / width * bar * 3))
    return np.asarray(along + 0.5)


def shade(pixels: Pixels, rng: Rng, kind: str = "", depth: float = 0.0) -> Pixels:
    """Uneven light or a shadow over the picture; ``depth`` is the share of light lost."""
    kind = kind or pick(rng, ("gradient", "corner", "edge", "window"))
    depth = depth or between(rng, 0.05, 0.45)
    coarse = np.clip(1 - depth * (1 - _field(rng, kind)), 0, 1).astype(np.float32) * 255
    size = (pixels.shape[1], pixels.shape[0])
    light = cv2.resize(coarse.astype(np.uint8), size, interpolation=cv2.INTER_LINEAR)
    light = light if pixels.ndim == 2 else cv2.merge([light] * 3)
    return np.asarray(cv2.multiply(pixels, light, scale=1 / 255), np.uint8)


def add_fold(canvas: Canvas, rng: Rng, thickness: float) -> None:
    """A crease: a dark and a light line side by side across the sheet."""
    length = int(np.hypot(canvas.width, canvas.height))
    upright = chance(rng, 0.5)
    span = canvas.width if upright else canvas.height
    place, lean = between(rng, 0.1, 0.9) * span, between(rng, -0.03, 0.03) * length
    ends = [[place, 0], [place + lean, canvas.height]]
    ends = ends if upright else [[0, place], [canvas.width, place + lean]]
    mask = np.zeros((canvas.height, canvas.width), np.uint8)
    points = np.rint(np.array(ends) * 16).astype(np.int32)
    cv2.polylines(
        mask, [points], False, whole(rng, 20, 70), max(1, round(thickness)), cv2.LINE_AA, 4
    )
    canvas.ink(mask, 0, 0, (60, 60, 60))
    canvas.paint(mask, round(thickness), round(thickness), (255, 255, 255))
