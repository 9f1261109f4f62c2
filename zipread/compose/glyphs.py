"""Where digits come from, and how a small bitmap becomes a pen stroke of any size.

A glyph is soft ink: 2-D uint8, 0 paper .. 255 full ink, cropped to its ink.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from zipread.compose.canvas import to_bytes
from zipread.compose.chance import Rng, chance, pick, weighted

Glyph = NDArray[np.uint8]

_LEVEL = 100  # where grey turns to stroke in an upsampled bitmap
_WORKING_HEIGHT = 64  # strokes are redrawn at least this tall, then reduced


class DigitSupply(Protocol):
    """Gives glyphs of digits."""

    def digit(self, value: int, rng: Rng) -> Glyph:
        """A glyph of the digit ``value`` (0..9) in the supply's own size."""
        ...


def crop(glyph: Glyph) -> Glyph:
    """The glyph without its empty margins."""
    x, y, width, height = cv2.boundingRect(np.asarray(glyph > 24, np.uint8))
    return glyph[y : y + height, x : x + width] if width else glyph


def _lean(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How far (n, height, width) images lean to the right: columns a row, by second moments."""
    ink = images.astype(np.float32)
    mass = ink.sum(axis=(1, 2)) + 1e-6
    y, x = np.mgrid[: images.shape[1], : images.shape[2]].astype(np.float32)
    mean_y = (ink * y).sum(axis=(1, 2)) / mass
    mean_x = (ink * x).sum(axis=(1, 2)) / mass
    mixed = (ink * y * x).sum(axis=(1, 2)) / mass - mean_y * mean_x
    tall = (ink * y * y).sum(axis=(1, 2)) / mass - mean_y**2
    return np.asarray(-mixed / (tall + 1e-6), float)


@dataclass(frozen=True, slots=True)
class BitmapSupply:
    """Digits from labelled bitmaps, by class and from the left-leaning to the right-leaning.

    ``classes[d]`` is (n, height, width) uint8, ``leans[d]`` its n leans, ascending.
    """

    classes: tuple[NDArray[np.uint8], ...]
    leans: tuple[NDArray[np.float64], ...]

    @classmethod
    def of(cls, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> BitmapSupply:
        """A supply of (n, height, width) images, ink high, and their n labels 0..9."""
        return cls.by_class([images[labels == value] for value in range(10)])

    @classmethod
    def by_class(cls, classes: Sequence[NDArray[np.uint8]]) -> BitmapSupply:
        """A supply of each digit's images."""
        leans = [_lean(images) for images in classes]
        order = [np.argsort(lean, kind="stable") for lean in leans]
        images = tuple(c[o] for c, o in zip(classes, order, strict=True))
        return cls(images, tuple(lean[o] for lean, o in zip(leans, order, strict=True)))

    def writer(self, rng: Rng) -> LeaningSupply:
        """Digits that lean alike, as one person's do: as a random digit of the supply does."""
        leans = pick(rng, self.leans)
        return LeaningSupply(self, float(pick(rng, leans.tolist())))

    def digit(self, value: int, rng: Rng) -> Glyph:
        """A random one of the class."""
        images = self.classes[value]
        return crop(images[int(rng.integers(len(images)))])


@dataclass(frozen=True, slots=True)
class LeaningSupply:
    """The digits of a supply whose lean is near ``lean``: about one in eight of each class."""

    supply: BitmapSupply
    lean: float

    def digit(self, value: int, rng: Rng) -> Glyph:
        """A random one of the class that leans so."""
        images, leans = self.supply.classes[value], self.supply.leans[value]
        reach = max(4, len(images) // 16)
        middle = int(np.searchsorted(leans, self.lean))
        middle = int(np.clip(middle, reach, max(reach, len(images) - reach)))
        low, high = max(0, middle - reach), min(len(images), middle + reach)
        return crop(images[int(rng.integers(low, high))])


def _idx(path: Path) -> NDArray[np.uint8]:
    """An IDX file of unsigned bytes, gzipped or not (format: LeCun's MNIST page)."""
    content = path.read_bytes()
    content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def mnist(folder: Path, first: int = 50_000, last: int = 60_000) -> BitmapSupply:
    """MNIST's training digits ``first`` <= index < ``last`` from IDX files in ``folder``.

    The default block is the one that the shipped model was not trained on.
    """
    images, labels = (
        _idx(next(iter(sorted(folder.glob(f"train-{kind}*")))))[first:last]
        for kind in ("images", "labels")
    )
    return BitmapSupply.of(images, labels)


def sklearn_digits() -> BitmapSupply:
    """scikit-learn's Digits, 8x8 upsampled to 32x32: needs no download."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    forms = np.asarray(bunch.images, np.float32) * (255 / 16)
    padded = np.pad(forms, ((0, 0), (1, 1), (1, 1)))
    large = [cv2.resize(form, (40, 40), interpolation=cv2.INTER_CUBIC) for form in padded]
    sharp = np.clip((np.stack(large) - 90) * 1.7 + 90, 0, 255).astype(np.uint8)
    return BitmapSupply.of(sharp, np.asarray(bunch.target, np.uint8))


def clear(supply: BitmapSupply, share: float = 0.25) -> BitmapSupply:
    """The digits of each class that nobody mistakes.

    Those whose neighbours in pixel space (Euclidean, blurred a little) are nearer among their own
    class than among the others, the best ``share`` of each class.
    """
    flat = [
        np.stack([cv2.GaussianBlur(image, (0, 0), 1.0) for image in images]).reshape(
            len(images), -1
        )
        for images in supply.classes
    ]
    every = np.concatenate(flat).astype(np.float32) / 255
    owner = np.repeat(np.arange(10), [len(images) for images in flat])
    squares = (every**2).sum(axis=1)
    kept = []
    for value, images in enumerate(supply.classes):
        own = every[owner == value]
        distance = squares - 2 * own @ every.T  # the digit's own square is the same for all
        near = np.partition(distance[:, owner == value], 5, axis=1)[:, 1:6].mean(axis=1)
        far = np.partition(distance[:, owner != value], 5, axis=1)[:, :5].mean(axis=1)
        best = np.argsort(near - far, kind="stable")[: max(1, round(share * len(images)))]
        kept.append(images[np.sort(best)])
    return BitmapSupply.by_class(kept)


@dataclass(frozen=True, slots=True)
class MixedSupply:
    """Several supplies; :func:`for_string` takes one of them for a whole string."""

    supplies: tuple[DigitSupply, ...]
    weights: tuple[float, ...]

    def digit(self, value: int, rng: Rng) -> Glyph:
        """A digit of any of the supplies."""
        return for_string(self, rng).digit(value, rng)


def for_string(supply: DigitSupply, rng: Rng) -> DigitSupply:
    """The supply that one writer's string comes from: mixtures and leans are settled here."""
    if isinstance(supply, BitmapSupply):
        return supply.writer(rng) if chance(rng, 0.85) else supply
    if not isinstance(supply, MixedSupply):
        return supply
    shares = dict(enumerate(supply.weights))
    return for_string(supply.supplies[weighted(rng, shares)], rng)


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a glyph is redrawn: height and pen width in pixels, slant and turn in radians."""

    height: float
    pen: float
    slant: float = 0.0
    turn: float = 0.0
    aspect: float = 1.0


def _placed(raw: Glyph, stroke: Stroke, height: float, margin: int) -> NDArray[np.float32]:
    """The bitmap brought to ``height`` with slant, turn and aspect: smooth, blurred, unsharp."""
    rows, columns = raw.shape
    scale = height / rows
    across = min(scale * stroke.aspect, 1.3 * height / columns)
    shear = np.array([[across, -np.tan(stroke.slant) * scale], [0, scale]])
    cos, sin = np.cos(stroke.turn), np.sin(stroke.turn)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ shear
    corners = matrix @ np.array([[0, columns, 0, columns], [0, 0, rows, rows]], float)
    low = corners.min(axis=1)
    size = np.ceil(corners.max(axis=1) - low).astype(int) + 2 * margin
    shift = margin - low
    affine = np.column_stack([matrix, shift + matrix @ [0.5, 0.5] - 0.5])
    placed = cv2.warpAffine(
        raw.astype(np.float32), affine, (int(size[0]), int(size[1])), flags=cv2.INTER_CUBIC
    )
    return np.asarray(cv2.GaussianBlur(placed, (0, 0), max(0.4, 0.45 * scale)), np.float32)


def _inked(solid: NDArray[np.uint8], pen: float, height: float) -> NDArray[np.float32]:
    """Signed distance in pixels to the edge of the same strokes drawn by a pen of that width."""
    inner = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    outer = cv2.distanceTransform(1 - solid, cv2.DIST_L2, 5)
    spine = np.asarray(skeletonize(solid > 0), np.bool_)  # type: ignore[no-untyped-call]
    width = 2 * float(np.median(inner[spine])) if spine.any() else pen
    grow = float(np.clip((pen - width) / 2, -0.5 * width, 0.035 * height))
    to_spine = cv2.distanceTransform(1 - spine.astype(np.uint8), cv2.DIST_L2, 5)
    field = np.maximum(inner - outer + grow, 0.42 * min(pen, width) - to_spine)
    return np.asarray(cv2.GaussianBlur(field, (0, 0), 0.02 * height), np.float32)


def redraw(raw: Glyph, stroke: Stroke) -> Glyph:
    """The glyph as a pen stroke with a crisp edge, cropped; its height is about the stroke's.

    A 28x28 bitmap is brought to size, its strokes' middle lines found, and inked anew: so that 100
    pixels tall it looks like pen and not like a blurred bitmap.
    """
    work = max(stroke.height, _WORKING_HEIGHT)
    pen = stroke.pen * work / stroke.height
    placed = _placed(raw, stroke, work, margin=int(pen) + 4)
    field = _inked((placed > _LEVEL).astype(np.uint8), pen, work)
    mask = to_bytes(128 + field * (255 / 1.6))
    if work > stroke.height:
        size = np.maximum(1, np.rint(np.array(mask.shape[::-1]) * stroke.height / work))
        shrunk = cv2.resize(mask, size.astype(int).tolist(), interpolation=cv2.INTER_AREA)
        mask = np.asarray(shrunk, np.uint8)
    return crop(mask)
