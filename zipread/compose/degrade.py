"""Scanners and cameras: what happens to a sheet between the hand and the file."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from zipread.compose.canvas import Canvas, Colour, Pixels, luminance, to_bytes
from zipread.compose.chance import Rng, between, pick, whole
from zipread.compose.composed import Composed
from zipread.compose.paper import shade
from zipread.compose.pens import noise_patch
from zipread.compose.scans import Scan
from zipread.reading import Box

Points = NDArray[np.float64]

LEAST_SEEN = 0.9
"""Share of a ZIP's box that lies on a picture which shows it."""


def _surroundings(rng: Rng, height: int, width: int, around: str, colour: bool) -> Pixels:
    """What is seen beside the sheet."""
    base: Colour = {
        "black": (whole(rng, 4, 45),) * 3,
        "white": (whole(rng, 225, 255),) * 3,
        "sheet": (whole(rng, 235, 255),) * 3,
        "desk": pick(
            rng, ((120, 84, 56), (70, 60, 52), (168, 140, 108), (60, 66, 74), (36, 34, 32))
        ),
    }[around]
    plain = np.empty((height, width, 3) if colour else (height, width), np.uint8)
    plain[...] = base if colour else luminance(base)
    if around == "desk":
        stripes = cv2.resize(noise_patch(rng, 4.0, height, 64), (width, height))
        stripes = stripes if not colour else cv2.merge([stripes] * 3)
        plain = np.asarray(cv2.addWeighted(plain, 0.8, stripes, 0.2, 0), np.uint8)
    if around == "sheet":
        edge = whole(rng, 0, 3)
        cut = round(between(rng, 0.01, 0.06) * min(height, width))
        dark = plain if edge < 2 else plain.swapaxes(0, 1)
        dark[: cut if edge % 2 else -cut] //= 2
    return plain


def _placing(rng: Rng, height: int, width: int, scan: Scan) -> tuple[NDArray[np.float64], int, int]:
    """The 3x3 map from sheet to picture, and the picture's height and width."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    angle = np.deg2rad(scan.skew)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.array([width, height]) / 2
    moved = (corners - centre) @ spin.T + centre
    moved += rng.uniform(-1, 1, (4, 2)) * scan.perspective * min(height, width)
    edge = scan.margin * min(height, width)
    # a scanner crops to the sheet's own size: skew then cuts corners, which hold no ink
    crop = 0.0 if scan.perspective or scan.margin > 0.02 else 1.0
    low = np.minimum(moved.min(axis=0), 0) * (1 - crop) - edge
    high = np.maximum(moved.max(axis=0), [width, height]) * (1 - crop) + crop * np.array(
        [width, height]
    )
    size = np.ceil(high + edge - low).astype(int)
    matrix = cv2.getPerspectiveTransform(
        corners.astype(np.float32), (moved - low).astype(np.float32)
    )
    return np.asarray(matrix, float), int(size[1]), int(size[0])


def _laid(pixels: Pixels, points: Points, scan: Scan, rng: Rng) -> tuple[Pixels, Points]:
    """The sheet on the glass or the desk, a little askew."""
    if abs(scan.skew) < 0.05 and not scan.margin and not scan.perspective:
        return pixels, points
    matrix, height, width = _placing(rng, pixels.shape[0], pixels.shape[1], scan)
    ground = _surroundings(rng, height, width, scan.around, pixels.ndim == 3)
    laid = cv2.warpPerspective(
        pixels, matrix, (width, height), dst=ground, borderMode=cv2.BORDER_TRANSPARENT
    )
    moved = cv2.perspectiveTransform(points[None].astype(np.float64), matrix)[0]
    return np.asarray(laid, np.uint8), np.asarray(moved, float)


def _faded(pixels: Pixels, scan: Scan, rng: Rng) -> Pixels:
    """Low contrast: black is lifted, white is lowered."""
    low, high = 255 * scan.fade * between(rng, 0.3, 0.9), 255 * (1 - 0.15 * scan.fade)
    table = np.rint(np.linspace(low, high, 256)).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table), np.uint8)


def _noisy(pixels: Pixels, scan: Scan, rng: Rng) -> Pixels:
    """Sensor noise; the same in all channels of a grey picture."""
    shape = pixels.shape[:2]
    grain = noise_patch(rng, pick(rng, (0.0, 0.0, 0.7)), *shape)
    if pixels.ndim == 3:
        grain = np.asarray(cv2.merge([grain, grain, noise_patch(rng, 0.0, *shape)]), np.uint8)
    share = scan.noise / 42
    return np.asarray(cv2.addWeighted(pixels, 1, grain, share, -128 * share), np.uint8)


def _salted(pixels: Pixels, scan: Scan, rng: Rng) -> Pixels:
    """Specks of dust, black or white."""
    height, width = pixels.shape[:2]
    count = int(scan.salt * height * width)
    y, x = rng.integers(0, height, count), rng.integers(0, width, count)
    salted = pixels.copy()
    tones = rng.choice(np.array([0, 255], np.uint8), count)
    salted[y, x] = tones if pixels.ndim == 2 else tones[:, None]
    return salted


def _dithered(grey: Pixels) -> Pixels:
    """Ordered dither by an 8x8 Bayer matrix."""
    bayer = np.array([[0]])
    for _ in range(3):
        bayer = np.block([[4 * bayer, 4 * bayer + 2], [4 * bayer + 3, 4 * bayer + 1]])
    height, width = grey.shape
    tiled = np.tile(bayer * 4 + 2, (height // 8 + 1, width // 8 + 1))[:height, :width]
    return np.where(grey > tiled, 255, 0).astype(np.uint8)


def to_bilevel(pixels: Pixels, method: str, rng: Rng) -> Pixels:
    """Black and white, 0 and 255, by otsu, adaptive, fixed or dither."""
    grey = pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    if method == "dither":
        return _dithered(to_bytes(1.25 * grey.astype(np.float32) - 10))
    if method == "adaptive":
        block = 2 * (max(grey.shape) // whole(rng, 30, 90)) + 3
        offset = between(rng, 12, 28)
        return np.asarray(
            cv2.adaptiveThreshold(
                grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, block, offset
            )
        )
    if method == "fixed":
        level = float(np.median(grey)) * between(rng, 0.6, 0.85)
        return np.asarray(cv2.threshold(grey, level, 255, cv2.THRESH_BINARY)[1], np.uint8)
    return np.asarray(cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], np.uint8)


def _bled(pixels: Pixels, scan: Scan) -> Pixels:
    """The other side's ink seen through the paper: the same ink mirrored, soft and faint."""
    back = cv2.GaussianBlur(pixels[:, ::-1], (0, 0), 2.0)
    paper = np.median(pixels[::16, ::16].reshape(-1, *pixels.shape[2:]), axis=0)
    lost = np.clip(np.asarray(paper, np.float32) - back, 0, 255) * scan.bleed
    return to_bytes(pixels - lost)


def _resampled(pixels: Pixels, scan: Scan) -> Pixels:
    """Detail of a lower resolution in the same number of pixels."""
    height, width = pixels.shape[:2]
    small = (max(1, round(width * scan.resolution)), max(1, round(height * scan.resolution)))
    less = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(less, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _recompressed(pixels: Pixels, quality: int) -> Pixels:
    """What JPEG of that quality leaves."""
    _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED), np.uint8)


def _turned(pixels: Pixels, points: Points, turn: int) -> tuple[Pixels, Points]:
    """The picture and its points turned clockwise by 0, 90, 180 or 270 degrees."""
    height, width = pixels.shape[:2]
    x, y = points.T
    moved = {0: (x, y), 90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}[
        turn
    ]
    return np.ascontiguousarray(np.rot90(pixels, -turn // 90)), np.column_stack(moved)


def digitise(pixels: Pixels, points: Points, scan: Scan, rng: Rng) -> tuple[Pixels, Points]:
    """The sheet as scanned, and where ``points`` (n, 2) as x, y lie in it."""
    if scan.bleed:
        pixels = _bled(pixels, scan)
    pixels, points = _laid(pixels, points, scan, rng)
    if scan.shadow:
        pixels = shade(pixels, rng, scan.shadow, scan.shadow_depth)
    if scan.fade:
        pixels = _faded(pixels, scan, rng)
    if scan.resolution < 1:
        pixels = _resampled(pixels, scan)
    if scan.blur > 0.25:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), scan.blur), np.uint8)
    if scan.noise:
        pixels = _noisy(pixels, scan, rng)
    if scan.salt:
        pixels = _salted(pixels, scan, rng)
    if scan.recompressed:
        pixels = _recompressed(pixels, scan.recompressed)
    if scan.bilevel:
        black = to_bilevel(pixels, scan.bilevel, rng)
        # one level for all turns dark paper black: a scanner's driver adapts it then
        pixels = black if black.mean() > 128 else to_bilevel(pixels, "adaptive", rng)
    return _turned(pixels, points, scan.turn)


def bounding_box(points: Points, width: int, height: int) -> Box:
    """The points' box, kept within a picture of that size."""
    low = np.clip(np.floor(points.min(axis=0)), 0, [width - 1, height - 1]).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)), 1, [width, height]).astype(int)
    return Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))


def finish(
    canvas: Canvas,
    ink: tuple[float, float, float, float] | None,
    scan: Scan,
    rng: Rng,
    *,
    code: tuple[str, str],
    dpi: int,
    tags: tuple[str, ...],
) -> Composed:
    """The sheet scanned, with its truth; ``ink`` is the ZIP's left, top, width, height on it.

    A ZIP that the scan cut off is none of the picture's.
    """
    x, y, width, height = ink or (0, 0, 1, 1)
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], float)
    pixels, moved = digitise(canvas.pixels, corners, scan, rng)
    box = bounding_box(moved, pixels.shape[1], pixels.shape[0]) if ink else None
    if box is not None and box.width * box.height < LEAST_SEEN * np.ptp(moved, axis=0).prod():
        box, code = None, ("", "")
    every = tuple(sorted({*tags, *scan.tags()}))
    return Composed(pixels, *code, box, dpi, every, scan.format, scan.quality)
